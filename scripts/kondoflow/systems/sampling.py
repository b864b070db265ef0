r"""Parameter sets of an ensemble.

Points are drawn from the unit cube of the axes that vary by a scrambled Sobol sequence, mapped to
the axes' ranges, and kept if they pass the acceptance windows. The sequence is continued until
enough points have passed, so that a larger ensemble begins with the points of a smaller one.

Furthest-point sampling is the alternative. It draws a larger Sobol pool and picks points from it in
turn, each as far as possible from those already picked (Eldar et al., IEEE Trans. Image Process. 6,
1305 (1997)). The pool, and with it every point, depends on the size of the ensemble.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.stats import qmc

from kondoflow.files.errors import InputError
from kondoflow.systems.registry import find_computation, find_system

_POOL_FACTOR = 8  # candidates a sample in furthest-point sampling
_LEAST_ACCEPTANCE = 1e-3


def sample_ensemble(
    ensemble: Mapping[str, Any], seed: int, stop: int | None = None
) -> dict[str, np.ndarray]:
    """Draw the parameter sets of an ensemble.

    Args:
        ensemble: Section of the configuration with `system`, `axes`, `sampling`, `accept` and
            `n_samples`; the last may be missing where `sampling` is sobol and `stop` is given.
        seed: Seed of the scrambling.
        stop: Number of parameter sets to draw, from the first on; all by default.

    Returns:
        Arrays (stop,) by parameter.

    Raises:
        InputError: If fewer than one in 1000 points of the box pass the acceptance windows.
    """
    stop = ensemble["n_samples"] if stop is None else stop
    if ensemble["sampling"] == "sobol":
        cube = _accepted(ensemble, stop, seed)
    else:
        pool = _accepted(ensemble, _POOL_FACTOR * ensemble["n_samples"], seed)
        cube = pool[furthest_points(pool, stop)]
    return _parameters(ensemble, cube)


def furthest_points(points: np.ndarray, n: int) -> np.ndarray:
    """Indices of n points, each the furthest from those before it; the first is point 0.

    Args:
        points: Candidates, (m, dimension), m >= n.
        n: Number to pick.
    """
    picked = np.zeros(n, dtype=np.int64)
    distance = np.sum((points - points[0]) ** 2, axis=1)
    for k in range(1, n):
        picked[k] = np.argmax(distance)
        np.minimum(distance, np.sum((points - points[picked[k]]) ** 2, axis=1), out=distance)
    return picked


def _axes(ensemble: Mapping[str, Any]) -> dict[str, Any]:
    """The axes in the order of the system, on which the columns of the unit cube depend."""
    system = find_system(ensemble["system"])
    given = system.meaning.defaults(ensemble.get("solver", {}))
    axes = {name: value() for name, value in given.items()} | dict(ensemble["axes"])
    return {name: axes[name] for name in system.using(axes).axes}


def _accepted(ensemble: Mapping[str, Any], n: int, seed: int) -> np.ndarray:
    """The first n points of the Sobol sequence that pass, (n, varying axes)."""
    varying = [axis for axis in _axes(ensemble).values() if isinstance(axis, Mapping)]
    if not varying:
        return np.zeros((n, 0))
    sequence = qmc.Sobol(len(varying), scramble=True, rng=np.random.default_rng(seed))
    batch = 1 << max(10, (n - 1).bit_length())
    found: list[np.ndarray] = []
    drawn = accepted = 0
    while accepted < n:
        cube = sequence.random(batch)
        passed = cube[_passes(ensemble, _parameters(ensemble, cube))]
        found.append(passed)
        drawn, accepted = drawn + batch, accepted + len(passed)
        if accepted < _LEAST_ACCEPTANCE * drawn and drawn >= 8192:
            allowed = f"met by some of the box (it was met by {accepted} of {drawn} points)"
            raise InputError("ensemble", "accept", dict(ensemble["accept"]), allowed)
    return np.concatenate(found)[:n]


def _parameters(ensemble: Mapping[str, Any], cube: np.ndarray) -> dict[str, np.ndarray]:
    columns = iter(cube.T)
    on_axes = {
        name: _on_axis(axis, next(columns))
        if isinstance(axis, Mapping)
        else np.full(len(cube), float(axis))
        for name, axis in _axes(ensemble).items()
    }
    values = find_computation(ensemble["system"]).parameters_of(on_axes)
    return {name: values[name] for name in find_system(ensemble["system"]).using(values).parameters}


def _on_axis(axis: Mapping[str, Any], u: np.ndarray) -> np.ndarray:
    low, high = (float(value) for value in axis["range"])
    if axis["scale"] == "linear":
        return low + u * (high - low)
    if axis["scale"] == "log":
        return low * (high / low) ** u
    magnitude = low * (high / low) ** np.abs(2 * u - 1)
    return np.where(u < 0.5, -magnitude, magnitude)


def _passes(ensemble: Mapping[str, Any], parameters: Mapping[str, np.ndarray]) -> np.ndarray:
    windows = ensemble.get("accept", {})
    passes = np.ones(len(next(iter(parameters.values()))), dtype=bool)
    if not windows:
        return passes
    values = find_computation(ensemble["system"]).windows_of(parameters)
    for name, (low, high) in windows.items():
        passes &= (values[name] >= low) & (values[name] <= high)
    return passes
