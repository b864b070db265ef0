"""Ensembles of the configuration: shares, grids, and the box that parameter sets are drawn from."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from kondoflow.files.errors import InputError
from kondoflow.files.splits import split_counts
from kondoflow.stage.checks.schema import check_axes, check_settings
from kondoflow.stage.ensembles import is_computed
from kondoflow.systems.interface import Bounds, System
from kondoflow.systems.registry import find_system

BESIDE_POINTS = ("n_samples", "sampling", "axes", "accept")  # refused where `points` is given


def check_ensembles(config: Mapping[str, Any]) -> None:
    """Check all ensembles, as far as no file need be read.

    Raises:
        InputError: Names the first key that is not usable.
    """
    ensembles, systems = config["ensembles"], config["systems"]
    _check_names(ensembles)
    for name, ensemble in ensembles.items():
        key = f"ensembles.{name}"
        if ensemble["system"] not in systems:
            allowed = f"one of {sorted(systems)}"
            raise InputError("config", f"{key}.system", ensemble["system"], allowed)
        if not math.isclose(sum(ensemble["split"].values()), 1.0, abs_tol=1e-9):
            allowed = "three shares that sum to 1"
            raise InputError("config", f"{key}.split", ensemble["split"], allowed)
        if is_computed(ensemble):
            _check_computed(key, ensemble)
        else:
            _check_grid(f"{key}.resample", ensemble.get("resample", {}))


def _check_names(ensembles: Mapping[str, Any]) -> None:
    """Refuse names that differ in capitals alone: some file systems take them for one."""
    folded = Counter(name.casefold() for name in ensembles)
    for name in ensembles:
        if folded[name.casefold()] > 1:
            allowed = "a name that differs from the others in more than capitals"
            raise InputError("config", "ensembles", name, allowed)


def _check_computed(key: str, ensemble: Mapping[str, Any]) -> None:
    """Check what is calculated, and from which parameter sets."""
    if "points" in ensemble:
        for name in BESIDE_POINTS:
            if name in ensemble:
                allowed = "left out beside points (an ensemble of another name inherits nothing)"
                raise InputError("config", f"{key}.{name}", ensemble[name], allowed)
    system = find_system(ensemble["system"])
    check_settings(ensemble, system, key)
    _check_grid(f"{key}.omega", ensemble["omega"])
    if "points" not in ensemble:
        _check_box(key, ensemble, system)


def _check_grid(key: str, grid: Mapping[str, Any]) -> None:
    if {"min", "max"} <= grid.keys() and not grid["min"] < grid["max"]:
        part = key.rpartition(".")[2]
        raise InputError("config", f"{key}.max", grid["max"], f"above {part}.min")


def _check_box(key: str, ensemble: Mapping[str, Any], system: System) -> None:
    """Check the box that parameter sets are drawn from, and the windows that accept them."""
    check_split(key, ensemble["n_samples"], ensemble["split"])
    axes = ensemble["axes"]
    given = system.meaning.defaults(ensemble["solver"])
    check_axes(axes, system, given, f"{key}.axes")
    for name in axes:
        _check_axis(f"{key}.axes.{name}", axes[name], system.using(axes).axes[name])
    if not any(isinstance(axis, Mapping) for axis in axes.values()):
        raise InputError("config", f"{key}.axes", axes, "a range for at least one axis")
    for name, window in ensemble.get("accept", {}).items():
        if not window[0] < window[1]:
            raise InputError("config", f"{key}.accept.{name}", window, "[low, high], low < high")


def _check_axis(key: str, axis: Any, bounds: Bounds) -> None:
    """Check an axis, a value or a range with its scale, against the bounds of its system."""
    low, high = bounds
    if not isinstance(axis, Mapping):
        if not low <= axis <= high:
            raise InputError("config", key, axis, f"between {low:g} and {high:g}")
        return
    start, stop = axis["range"]
    if not start < stop:
        raise InputError("config", f"{key}.range", axis["range"], "[low, high] with low < high")
    if axis["scale"] != "linear" and start <= 0:
        raise InputError("config", f"{key}.range", axis["range"], "positive on a logarithmic scale")
    smallest = -stop if axis["scale"] == "signed_log" else start
    if not (low <= smallest and stop <= high):
        raise InputError("config", f"{key}.range", axis["range"], f"within {low:g} and {high:g}")


def check_split(key: str, n_samples: int, split: Mapping[str, float]) -> None:
    """Refuse a number of samples of which training, validation or test would get none.

    Args:
        key: Where the ensemble stands in the configuration.
        n_samples: Number of samples of the ensemble.
        split: Shares of training, validation and test samples.

    Raises:
        InputError: Names the ensemble.
    """
    counts = split_counts(n_samples, split)
    if min(counts.values()) < 1:
        parts = ", ".join(f"{part} {number}" for part, number in counts.items())
        allowed = f"larger, as the split of these leaves {parts}"
        raise InputError("config", f"{key}, number of samples", n_samples, allowed)
