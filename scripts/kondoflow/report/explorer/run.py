"""One run as the page takes it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from kondoflow.files.spectra import chosen_channels
from kondoflow.report.explorer.decoder import Decoder
from kondoflow.report.explorer.sampling import Part, choose_part

LEAST_AXES = 2  # latents on the page, where the network has as many


@dataclass(frozen=True)
class Run:
    """What is read of one run.

    Attributes:
        ensemble, name: Of the run.
        system: What the configuration says of the samples.
        spectra: The set of spectra, (sample, omega) or (sample, channel, omega).
        latents: Latents of the same samples, (sample, latent).
        scores, verdict: Their JSON files.
        engines: The JSON file of each regression engine.
        channel: Channel or channels that the network takes, as the setting names them.
        decoder: Its decoder, from all latents.
        measured: Of each target `objective` and, by the text of each formula, `scores` and `map`.
        joint: What the latents together say of joint quantities, (quantity, sample); None without.
        joint_errors: How exactly, by quantity; see `discovery.latents.joint_errors`.
        law: The law over the whole box, if it is one of a target or joint quantity of this run.
        confirmation: The same law on new points, if there is one.
    """

    ensemble: str
    name: str
    system: Mapping[str, Any]
    spectra: xr.Dataset
    latents: xr.Dataset
    scores: Mapping[str, Any]
    verdict: Mapping[str, Any]
    engines: Sequence[Mapping[str, Any]]
    channel: str | Sequence[str]
    decoder: Decoder
    measured: Mapping[str, Any]
    joint: xr.Dataset | None = None
    joint_errors: Mapping[str, Any] = field(default_factory=dict)
    law: Mapping[str, Any] | None = None
    confirmation: Mapping[str, Any] | None = None

    @property
    def key(self) -> str:
        """Name of the set of spectra that the run is shown on."""
        channels = self.channels or self.channel
        shown = f"{channels} {self.spectra['omega'].to_numpy()[[0, -1]].tolist()}"
        shown += " in decades" if self.sees_logarithms else ""
        return f"{self.ensemble}.{hashlib.sha256(shown.encode()).hexdigest()[:8]}"

    @property
    def sees_logarithms(self) -> bool:
        """Whether the network sees logarithms of the spectra, which are then stored."""
        return self.decoder.transform == "log"

    @property
    def channels(self) -> list[str]:
        """Labels of the channels, each of which the page shows; none if there is one spectrum."""
        return chosen_channels(self.spectra, self.channel)

    @property
    def part(self) -> Part:
        """Samples and spectra that the page holds."""
        values = max(1, len(self.channels)) * self.spectra.sizes["omega"]
        return choose_part(self.spectra.sizes["sample"], values)

    @property
    def shown_latents(self) -> list[int]:
        """The active latents, then others until there are two."""
        active = np.flatnonzero(self.latents["active"].to_numpy())
        others = np.flatnonzero(self.latents["active"].to_numpy() == 0)
        return [int(k) for k in (*active, *others[: max(0, LEAST_AXES - len(active))])]
