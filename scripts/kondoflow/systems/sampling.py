r"""Parameter sets of an ensemble.

Points are drawn from the unit cube of the axes that vary by a scrambled Sobol sequence, mapped to
the axes' ranges, and kept if they pass the acceptance windows; since the sequence is continued
until enough points have passed, a larger ensemble begins with the points of a smaller one. The
alternative, furthest-point sampling, draws a larger Sobol pool and picks from it one point after
the other, each as far as possible from those already picked (Eldar et al., IEEE Trans. Image
Process. 6, 1305 (1997)); the pool, and with it every point, depends on the ensemble's size.

The windows are on log10 of Haldane's Kondo scale (`log10_T_K`) and on log10 of the largest
low-energy scale, max(T_K, T, |B|) (`log10_scale`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.stats import qmc

from kondoflow.files.errors import InputError
from kondoflow.systems.anderson.model import log_kondo_scale

AXES = ("U", "Gamma", "eps_d_over_U", "B", "T")
_POOL_FACTOR = 8  # candidates a sample in furthest-point sampling
_LEAST_ACCEPTANCE = 1e-3


def sample_ensemble(
    ensemble: Mapping[str, Any], seed: int, stop: int | None = None
) -> dict[str, np.ndarray]:
    """Draw the parameter sets of an ensemble.

    Args:
        ensemble: Section of the configuration with the axes, `sampling`, `accept` and `n_samples`;
            the last may be missing where `sampling` is sobol and `stop` is given.
        seed: Seed of the scrambling.
        stop: Draw the first so many alone; all by default.

    Returns:
        Arrays (stop,) of U, Gamma, eps_d, B and T.

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


def _accepted(ensemble: Mapping[str, Any], n: int, seed: int) -> np.ndarray:
    """The first n points of the Sobol sequence that pass, (n, varying axes)."""
    varying = [name for name in AXES if isinstance(ensemble[name], Mapping)]
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
    values = {
        name: _on_axis(ensemble[name], next(columns))
        if isinstance(ensemble[name], Mapping)
        else np.full(len(cube), float(ensemble[name]))
        for name in AXES
    }
    eps_d = values.pop("eps_d_over_U") * values["U"]
    return {
        "U": values["U"],
        "Gamma": values["Gamma"],
        "eps_d": eps_d,
        "B": values["B"],
        "T": values["T"],
    }


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
    passes = np.ones(len(parameters["U"]), dtype=bool)
    if not windows:
        return passes
    U, Gamma, eps_d = (parameters[name] for name in ("U", "Gamma", "eps_d"))
    log10_T_K = log_kondo_scale(U, Gamma, eps_d) / np.log(10)
    largest = np.maximum(parameters["T"], np.abs(parameters["B"]))
    scales = {"log10_T_K": log10_T_K, "log10_scale": np.maximum(log10_T_K, np.log10(largest))}
    for name, (low, high) in windows.items():
        passes &= (scales[name] >= low) & (scales[name] <= high)
    return passes
