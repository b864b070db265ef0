"""Everything that is known of one run, as read from its files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import xarray as xr

from kondoflow.autoencoder.contract import HISTORY, LATENTS
from kondoflow.discovery.contract import JOINT, PREDICTIONS
from kondoflow.files.atomic import read_json
from kondoflow.files.contract import unit_of
from kondoflow.files.engine_files import read_engines
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset
from kondoflow.files.results import SCORES, VERDICT, read_result
from kondoflow.files.spectra import read_spectra, sample_variables
from kondoflow.formulas.descriptors import evaluate_descriptors
from kondoflow.report.labels import Labels, colours_of

DECADE = 10.0  # least span of a logarithmic axis


@dataclass(frozen=True)
class Results:
    """Files of one run, read when they are asked for.

    Attributes:
        files: Path by name: `spectra`, `history`, `latents`, `model`, `weights`, `scores`,
            `verdict`, `predictions`; those that are not needed may be missing.
        system: What the configuration says of the samples.
        settings: Settings of the autoencoder.
        ensemble: Name of the set of spectra.
        run: Name of the training run.
        engine_files: Equations of each engine.
        law_files: `law.json` and `confirmation.json` of the ensemble; none without a law.
        joint_files: `joint.nc` of the run; none without joint quantities.
    """

    files: Mapping[str, Path]
    system: Mapping[str, Any]
    settings: Mapping[str, Any]
    ensemble: str = ""
    run: str = ""
    engine_files: Sequence[Path] = ()
    law_files: Sequence[Path] = ()
    joint_files: Sequence[Path] = ()

    def __getstate__(self) -> dict[str, Any]:
        """Go to another process as files, which it reads itself."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    def read(self) -> Self:
        """Read all files now, so that a file at fault is named before work begins.

        Raises:
            InputError: If a file is missing or breaks its contract.
        """
        for name in (*self.files, *(["engines"] if self.engine_files else [])):
            getattr(self, name)
        return self

    @cached_property
    def spectra(self) -> xr.Dataset:
        """The set of spectra, (sample, omega) or (sample, channel, omega)."""
        return read_spectra(self._path("spectra"))

    @cached_property
    def history(self) -> xr.Dataset:
        """Training curves over (epoch,), see `autoencoder.contract.HISTORY`."""
        return read_dataset(self._path("history"), HISTORY)

    @cached_property
    def latents(self) -> xr.Dataset:
        """Latents of the samples, (sample, latent), see `autoencoder.contract.LATENTS`."""
        return read_dataset(self._path("latents"), LATENTS)

    @cached_property
    def predictions(self) -> xr.Dataset:
        """Targets with their equations and references, (target, sample)."""
        return read_dataset(self._path("predictions"), PREDICTIONS)

    @cached_property
    def model(self) -> Mapping[str, Any]:
        """The network and how it was chosen."""
        return read_result(self._path("model"), {"settings": dict, "architecture": dict})

    @property
    def weights(self) -> Path:
        """File of its weights, which only the explorer needs."""
        return self._path("weights")

    @cached_property
    def scores(self) -> Mapping[str, Any]:
        """Active latents and what they know."""
        return read_result(self._path("scores"), SCORES)

    @cached_property
    def verdict(self) -> Mapping[str, Any]:
        """Chosen equations and their judgement."""
        return read_result(self._path("verdict"), VERDICT)

    @cached_property
    def engines(self) -> Sequence[Mapping[str, Any]]:
        """Equations of each engine."""
        return read_engines(self.engine_files)

    @cached_property
    def law(self) -> Mapping[str, Any] | None:
        """The law over the whole box as it was composed; None if none was sought."""
        return self._of_law("law")

    @cached_property
    def confirmation(self) -> Mapping[str, Any] | None:
        """The test of the law on new points; None without one."""
        return self._of_law("confirmation")

    @property
    def own_law(self) -> Mapping[str, Any] | None:
        """The law, unless it is sought for what the latents of another run say of a quantity."""
        run = None if self.law is None else self.law.get("run")
        return self.law if run in (None, self.run) else None

    @cached_property
    def joint(self) -> xr.Dataset | None:
        """What the latents together say of the joint quantities, (quantity, sample).

        None if there are no joint quantities.
        """
        return read_dataset(self.joint_files[0], JOINT) if self.joint_files else None

    def _of_law(self, name: str) -> Mapping[str, Any] | None:
        for path in self.law_files:
            if path.stem == name:
                return read_json(path)
        return None

    def _path(self, name: str) -> Path:
        if name not in self.files:
            raise InputError("report", f"file of {name}", None, f"one of {', '.join(self.files)}")
        return self.files[name]

    @cached_property
    def variables(self) -> Mapping[str, np.ndarray]:
        """Every per-sample number of the set of spectra, (sample,)."""
        return sample_variables(self.spectra)

    @cached_property
    def descriptors(self) -> Mapping[str, np.ndarray]:
        """Values of the system's descriptors, (sample,)."""
        return evaluate_descriptors(self.system.get("descriptors", {}), self.variables)

    @cached_property
    def inputs(self) -> Mapping[str, np.ndarray]:
        """Values of the inputs of the regression, (sample,)."""
        given = self.system.get("inputs") or {name: name for name in self.system["parameters"]}
        return evaluate_descriptors(given, self.variables, "inputs")

    @cached_property
    def labels(self) -> Labels:
        """Symbols and units."""
        return Labels(self.system, self.spectra)

    @property
    def scale(self) -> str | None:
        """Descriptor of the physical scale, if the system names one."""
        return self.system.get("scale")

    @property
    def kl_weight(self) -> float:
        """Weight of the KL term, that of the model where a scan has found it."""
        weight = self.settings["kl_weight"]
        return float(self.model["settings"]["kl_weight"] if weight == "scan" else weight)

    @property
    def spacing(self) -> str:
        """How frequencies are drawn: auto (as the grid is spaced), linear or log."""
        return str(self.system.get("axis", "auto"))

    @property
    def energy(self) -> str | None:
        """Per-sample energy in whose units frequencies may be shown, see `energy_of`."""
        return energy_of(self.system, self.spectra)

    @property
    def colours(self) -> list[str]:
        """Descriptors that colour the latent plane."""
        return colours_of(self.system)

    @property
    def active(self) -> list[int]:
        """Indices of the active latents, the latent with the largest KL first."""
        return [int(latent) for latent in self.scores["active_latents"]]

    @property
    def chosen(self) -> list[Mapping[str, Any]]:
        """Entries of the verdict that hold an equation."""
        return [entry for entry in self.verdict["targets"] if entry.get("equation")]

    @property
    def found(self) -> list[Mapping[str, Any]]:
        """Entries of the verdict whose equation explains enough to be called found."""
        return [entry for entry in self.chosen if entry["found"]]

    def score(self, descriptor: str, latent: int) -> Mapping[str, float | None]:
        """Pearson, Spearman and isotonic R^2 of a descriptor with a latent."""
        return self.scores["descriptors"].get(descriptor, {}).get(str(latent), {})

    def best_latent(self, descriptor: str) -> int | None:
        """The active latent that follows a descriptor best, as stored with the scores."""
        return self.scores["best_latent"].get(descriptor)

    def best_descriptor(self, latent: int) -> str | None:
        """The descriptor that a latent follows best, as stored with the scores."""
        return self.scores["best_descriptor"].get(str(latent))


def epochs_of(history: xr.Dataset) -> np.ndarray:
    """Epochs done at each record of the history, (epoch,)."""
    if "epoch" in history.coords:
        return history["epoch"].to_numpy()
    return np.arange(1, history.sizes["epoch"] + 1)


def energy_of(system: Mapping[str, Any], spectra: xr.Dataset) -> str | None:
    """Name of the per-sample energy whose logarithm is the scale descriptor.

    None if the scale is no logarithm of a variable, or if the variable does not have the unit of
    the frequencies, so that their ratio means nothing.
    """
    expression = system.get("descriptors", {}).get(system.get("scale"), "")
    match = re.fullmatch(r"\s*(?:log10|log)\(\s*(\w+)\s*\)\s*", expression)
    if match is None or match[1] not in spectra:
        return None
    energy, axis = spectra[match[1]].attrs, spectra["omega"].attrs
    alike = "units" in energy and "units" in axis and unit_of(energy) == unit_of(axis)
    return match[1] if alike else None


def in_decades(values: np.ndarray) -> bool:
    """Whether values of any shape, NaN aside, are positive and span a factor of 10 at least."""
    known = finite(values)
    return bool(known.size and known.min() > 0 and known.max() >= DECADE * known.min())


def finite(values: np.ndarray) -> np.ndarray:
    """The finite among some values, (n,) of any array, in their order."""
    return values[np.isfinite(values)]
