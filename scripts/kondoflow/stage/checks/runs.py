"""Runs of the configuration: their names, what their networks see, and the run of a law."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kondoflow.files.channels import channels_allowed, channels_exist
from kondoflow.files.engine_files import TARGETS
from kondoflow.files.errors import InputError
from kondoflow.stage.ensembles import is_computed
from kondoflow.stage.paths import ROOT
from kondoflow.stage.yaml_files import read_mapping
from kondoflow.systems.registry import find_system

LEAST_FREQUENCIES = 2  # that a network sees, see `files.spectra`, which needs numpy
MARGIN = 1e-9  # by which rounding may move a frequency, relative


def check_runs(config: Mapping[str, Any]) -> None:
    """Check all runs, with the settings that they take from the section `autoencoder`.

    Raises:
        InputError: Names the first run, ensemble or law that is not usable.
    """
    seen: set[tuple[str, str]] = set()
    for index, run in enumerate(config["runs"]):
        if run["ensemble"] not in config["ensembles"]:
            allowed = f"one of {sorted(config['ensembles'])}{_elsewhere(run['ensemble'])}"
            raise InputError("config", f"runs.{index}.ensemble", run["ensemble"], allowed)
        # Some file systems take names that differ in capitals alone for one.
        identity = (run["ensemble"].casefold(), run["name"].casefold())
        if identity in seen:
            raise InputError("config", f"runs.{index}.name", run["name"], "unique in its ensemble")
        if run["name"].casefold() == TARGETS:
            allowed = f"another name: {TARGETS} is the folder of what all runs of an ensemble share"
            raise InputError("config", f"runs.{index}.name", run["name"], allowed)
        seen.add(identity)
        _check_view(f"runs.{index}", {**config["autoencoder"], **run}, config)
    _check_run_of_law(config)
    _check_latents(config)


def _elsewhere(ensemble: str) -> str:
    """The preset that has an ensemble, in words that end a sentence; nothing if none has it."""
    for path in sorted((ROOT / "workflow" / "presets").glob("*.yaml")):
        if ensemble in (read_mapping(path).get("ensembles") or {}):
            name = path.relative_to(ROOT)
            return f"; {ensemble} is one of {name}, which stands first: --configfile {name} FILE"
    return ""


def _check_view(key: str, run: Mapping[str, Any], config: Mapping[str, Any]) -> None:
    """Check what a run's network sees and fits, as far as the data need not be known."""
    if run["window"] is not None and not run["window"][0] < run["window"][1]:
        raise InputError("config", f"{key}, window", run["window"], "[low, high] with low < high")
    if run["output"] == "softplus" and (run["transform"], run["scaling"]) != ("none", "common"):
        allowed = "linear or auto with a transform or with scaling by point"
        raise InputError("config", f"{key}, output", run["output"], allowed)
    if run["loss"] == "sum" and run["kl_weight"] == "scan":
        raise InputError("config", f"{key}, loss", run["loss"], "relative with kl_weight: scan")
    if run["loss"] == "sum" and (run["transform"], run["scaling"]) != ("none", "common"):
        allowed = "relative with a transform or with scaling by point"
        raise InputError("config", f"{key}, loss", run["loss"], allowed)
    ensemble = config["ensembles"][run["ensemble"]]
    if is_computed(ensemble):
        system = find_system(ensemble["system"])
        _check_window(key, run["window"], system.meaning.grid(ensemble["omega"]))
        labels = system.coordinates.get("spin", ())
        if labels and not channels_exist(run["channel"], labels):
            allowed = channels_allowed(labels)
            raise InputError("config", f"{key}, channel", run["channel"], allowed)


def _check_window(key: str, window: Sequence[float] | None, grid: Sequence[float]) -> None:
    """Refuse a window with too few frequencies. A frequency at its border counts."""
    if window is None or not grid:
        return
    low, high = (
        value + sign * MARGIN * abs(value) for value, sign in zip(window, (-1, 1), strict=True)
    )
    if sum(low <= omega <= high for omega in grid) < LEAST_FREQUENCIES:
        allowed = (
            f"a window with at least {LEAST_FREQUENCIES} points of the grid "
            f"{grid[0]:g} .. {grid[-1]:g}"
        )
        raise InputError("config", f"{key}, window", list(window), allowed)


def _check_run_of_law(config: Mapping[str, Any]) -> None:
    """Refuse a law of joint quantities of a run that an ensemble lacks."""
    runs: dict[str, set[str]] = {}
    for run in config["runs"]:
        runs.setdefault(run["ensemble"], set()).add(run["name"])
    for ensemble, names in runs.items():
        system = config["ensembles"][ensemble]["system"]
        wanted = config["systems"][system].get("law", {}).get("run")
        if wanted is not None and wanted not in names:
            allowed = f"a run on the ensemble {ensemble}: one of {sorted(names)}"
            raise InputError("config", f"systems.{system}.law.run", wanted, allowed)


def _check_latents(config: Mapping[str, Any]) -> None:
    """Refuse numbers of latents that no network has."""
    wanted = config["equations"]["latents"]
    most = max({**config["autoencoder"], **run}["n_latents"] for run in config["runs"])
    for index, latent in enumerate(() if wanted == "active" else wanted):
        if latent >= most:
            allowed = f"the number of a latent, 0 to {most - 1} with n_latents: {most}"
            raise InputError("config", f"equations.latents.{index}", latent, allowed)
