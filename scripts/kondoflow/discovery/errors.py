"""Where an equation holds: its errors on each part of the data, and over the box.

Errors are differences between the target and the equation after the map of the target's objective,
which is fitted on the training samples of the region and carried unchanged to all other samples.
They are given as R^2, as root mean square and as largest, in the target's own unit. If the target
is the logarithm of a quantity, exp of an error is the factor by which that quantity is missed.

============== ================================================================
part           samples
============== ================================================================
train          of the region; the constants were fitted on them
validation     of the region; the equation was chosen by them
test           of the region; they took no part
outside        all samples outside the region, whatever their split
test_outside   the test samples among them
============== ================================================================
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from kondoflow.discovery.monotone import MIN_SAMPLES, unexplained
from kondoflow.discovery.predictions import mapped
from kondoflow.discovery.residuals import finite
from kondoflow.discovery.targets import Samples, Target

CELLS = 8  # of the map of errors along each axis, fewer where samples are few
RESAMPLES = 400
MIN_IN_CELL = 5  # samples below which a cell says nothing


def masks_of(target: Target, samples: Samples) -> dict[str, np.ndarray]:
    """Samples of each part, (sample,), on which target and inputs are finite; see the module."""
    known = [np.isfinite(values) for values in (target.values, *samples.inputs.values())]
    defined = np.logical_and.reduce(known)
    inside, outside = defined & samples.region, defined & ~samples.region
    parts = {name: inside & samples.parts[name] for name in ("train", "validation", "test")}
    return {**parts, "outside": outside, "test_outside": outside & samples.parts["test"]}


def errors_by_part(
    formula: np.ndarray,
    target: Target,
    samples: Samples,
    *,
    logarithmic: bool,
    seed: int | None = None,
) -> dict[str, dict[str, Any]]:
    """Errors of a formula, (sample,), on each part of the data.

    Args:
        formula: Its values.
        target: The target.
        samples: The samples.
        logarithmic: Whether the target is a logarithm.
        seed: Of the resamples for the interval of R^2; None for no interval.

    Returns:
        By part: `n`, the number of samples on which the formula has a value; `undefined`, on which
        it has none; `r2`, `rms` and `largest`, None without samples; for a logarithm also
        `rms_factor` and `largest_factor`; for the test samples of the region `r2_interval`, the
        interval that holds 95 % of the values of R^2 over resamples.
    """
    errors = target.values - mapped(formula, target, samples)
    found = {}
    for part, mask in masks_of(target, samples).items():
        chosen = mask & np.isfinite(errors)
        left, y = errors[chosen], target.values[chosen]
        rms = float(np.sqrt(np.mean(left**2))) if left.size else None
        largest = float(np.abs(left).max()) if left.size else None
        entry: dict[str, Any] = {
            "n": int(chosen.sum()),
            "undefined": int((mask & ~chosen).sum()),
            "r2": finite(1.0 - unexplained(y, y - left)) if left.size else None,
            "rms": rms,
            "largest": largest,
        }
        if logarithmic:
            entry["rms_factor"] = _factor(rms)
            entry["largest_factor"] = _factor(largest)
        if part == "test" and seed is not None:
            entry["r2_interval"] = _interval(y, left, seed)
        found[part] = entry
    return found


def _interval(y: np.ndarray, left: np.ndarray, seed: int) -> list[float] | None:
    """The central 95 % of R^2 over resamples of values, (n,), and errors, (n,); None if too few."""
    if y.size < MIN_SAMPLES:
        return None
    generator = np.random.default_rng(seed)
    values = []
    for _ in range(RESAMPLES):
        chosen = generator.integers(y.size, size=y.size)
        values.append(1.0 - unexplained(y[chosen], y[chosen] - left[chosen]))
    if not np.isfinite(values).all():
        return None
    low, high = np.quantile(values, [0.025, 0.975])
    return [float(low), float(high)]


def _factor(error: float | None) -> float | None:
    return None if error is None else finite(np.exp(min(error, 700.0)))


def error_map(
    formula: np.ndarray, target: Target, samples: Samples, n_cells: int | None = None
) -> dict[str, Any] | None:
    """Root mean square error of a formula, (sample,), over all samples.

    Of all pairs of quantities (variables of the inputs' definitions, and the inputs) those two are
    taken whose cells explain most of the variance of log abs(error). Cells hold equal numbers of
    samples along each axis; by default there are `CELLS` or so many that a cell has twice the
    samples that it needs in the mean.

    Returns:
        Names `x` and `y`, the edges `x_edges` and `y_edges`, and by cell (y, x) `rms` (None with
        few samples), `n`, and `inside`, the share of the cell's samples in the region; None where
        there are too few samples or quantities.
    """
    errors = target.values - mapped(formula, target, samples)
    known = np.isfinite(errors)
    axes = {
        name: values[known]
        for name, values in (samples.bare() | dict(samples.inputs)).items()
        if np.isfinite(values[known]).all() and len(np.unique(values[known])) > CELLS
    }
    if known.sum() < CELLS**2 or len(axes) < 2:
        return None
    n_cells = n_cells or int(np.clip(np.sqrt(known.sum() / (2 * MIN_IN_CELL)), 2, CELLS))
    size = np.log(np.abs(errors[known]) + 1e-12 * (float(np.std(target.values[known])) or 1.0))
    bins = {name: _bins(values, n_cells) for name, values in axes.items()}
    x, y = max(
        combinations(axes, 2),
        key=lambda pair: _explained(size, bins[pair[0]][0], bins[pair[1]][0], n_cells),
    )
    (columns, x_edges), (rows, y_edges) = bins[x], bins[y]
    cell = rows * n_cells + columns
    n = np.bincount(cell, minlength=n_cells**2)
    inside = np.bincount(cell, weights=samples.region[known], minlength=n_cells**2)
    squares = np.bincount(cell, weights=errors[known] ** 2, minlength=n_cells**2)
    shares = [i / k if k else None for i, k in zip(inside, n, strict=True)]
    rms = [np.sqrt(s / k) if k >= MIN_IN_CELL else None for s, k in zip(squares, n, strict=True)]
    shape = n_cells, n_cells
    return {
        "x": x,
        "y": y,
        "x_edges": x_edges.tolist(),
        "y_edges": y_edges.tolist(),
        "rms": np.array(rms).reshape(shape).tolist(),
        "n": n.reshape(shape).tolist(),
        "inside": np.array(shares).reshape(shape).tolist(),
    }


def _bins(values: np.ndarray, n_cells: int) -> tuple[np.ndarray, np.ndarray]:
    """Bin of each value, (n,), and the edges of bins with equal numbers of values."""
    edges = np.quantile(values, np.linspace(0, 1, n_cells + 1))
    return np.clip(np.searchsorted(edges, values, side="right") - 1, 0, n_cells - 1), edges


def _explained(size: np.ndarray, columns: np.ndarray, rows: np.ndarray, n_cells: int) -> float:
    """Share of the variance of `size`, (n,), between cells, less what chance would give."""
    cell = rows * n_cells + columns
    n = np.bincount(cell, minlength=n_cells**2)
    means = np.bincount(cell, weights=size, minlength=n_cells**2) / np.maximum(n, 1)
    within = float(np.sum((size - means[cell]) ** 2)) / max(1, size.size - int((n > 0).sum()))
    return 1.0 - within / (float(np.var(size)) or 1.0)
