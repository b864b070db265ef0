"""Everything that is known of one run, as read from its files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import xarray as xr

from kondoflow.files.splits import SPLITS
from kondoflow.report.labels import Labels

Item = TypeVar("Item")


@dataclass(frozen=True)
class Results:
    """Files of one run.

    Attributes:
        ensemble: Name of the set of spectra.
        run: Name of the training run.
        system: What the config says of the samples.
        settings: Settings of the autoencoder.
        spectra, history, latents: The data sets.
        model, scores, verdict: The JSON files.
        engines: The JSON file of each regression engine.
        descriptors: Values of the system's descriptors, (sample,).
        labels: Symbols and units.
        files: Path of each file by its name here.
    """

    ensemble: str
    run: str
    system: Mapping[str, Any]
    settings: Mapping[str, Any]
    spectra: xr.Dataset
    history: xr.Dataset
    latents: xr.Dataset
    model: Mapping[str, Any]
    scores: Mapping[str, Any]
    verdict: Mapping[str, Any]
    engines: Sequence[Mapping[str, Any]]
    descriptors: Mapping[str, np.ndarray]
    labels: Labels
    files: Mapping[str, Path]

    @property
    def energy(self) -> str | None:
        """The per-sample energy whose logarithm is the scale descriptor, if it is one."""
        return energy_of(self.system)

    @property
    def colours(self) -> list[str]:
        """Descriptors that colour the latent plane."""
        return colours_of(self.system)

    @property
    def chosen(self) -> list[Mapping[str, Any]]:
        """Entries of the verdict that hold an equation."""
        return [entry for entry in self.verdict["targets"] if entry.get("equation")]

    def absolute_error(self, part: str) -> float | None:
        """Mean over a part's spectra of the mean absolute error of the decoded mean."""
        chosen = self.latents["split"].to_numpy() == SPLITS.index(part)
        errors = self.latents["absolute_error"].to_numpy()[chosen]
        return float(errors.mean()) if errors.size else None

    @property
    def active(self) -> list[int]:
        """Indices of the active latents, the one with the largest KL first."""
        return [int(latent) for latent in self.scores["active_latents"]]

    def score(self, descriptor: str, latent: int) -> Mapping[str, float | None]:
        """Pearson, Spearman and isotonic R^2 of a descriptor with a latent."""
        return self.scores["descriptors"].get(descriptor, {}).get(str(latent), {})

    def best_latent(self, descriptor: str, measure: str = "spearman") -> int | None:
        """The active latent that knows a descriptor best."""
        return _best(self.active, lambda latent: self.score(descriptor, latent).get(measure))

    def best_descriptor(self, latent: int, measure: str = "spearman") -> str | None:
        """The descriptor that a latent knows best."""
        names = list(self.scores["descriptors"])
        return _best(names, lambda name: self.score(name, latent).get(measure))


def _best(candidates: Iterable[Item], score: Callable[[Item], float | None]) -> Item | None:
    """The first candidate with the largest abs(score); None if none has a score."""
    scored = [(abs(value), item) for item in candidates if (value := score(item)) is not None]
    return max(scored, key=lambda pair: pair[0])[1] if scored else None


def epochs_of(history: xr.Dataset) -> np.ndarray:
    """Epochs done at each record of the history."""
    if "epoch" in history.coords:
        return history["epoch"].to_numpy()
    return np.arange(1, history.sizes["epoch"] + 1)


def energy_of(system: Mapping[str, Any]) -> str | None:
    """Name of the energy whose decimal logarithm is a system's scale descriptor, if it is one."""
    expression = system["descriptors"].get(system.get("scale"), "")
    match = re.fullmatch(r"\s*log10\(\s*(\w+)\s*\)\s*", expression)
    return match[1] if match else None


def colours_of(system: Mapping[str, Any]) -> list[str]:
    """Descriptors that colour the latent plane: those named in the config, else the first."""
    return list(system.get("colours", list(system["descriptors"])[:1]))


def finite(values: np.ndarray) -> np.ndarray:
    """The finite ones of some values."""
    return values[np.isfinite(values)]
