"""Spectra on a common grid and without gaps, by linear interpolation.

Where each spectrum has a grid of its own, the common grid spans what all of them cover, with as
many points as they have in the median. It has equal ratios if the grids are closer to equal ratios
than to equal steps, and equal steps otherwise. Grids of equally many points that have neither, such
as those that are dense about a line, are averaged point by point: equal steps would lose the line.
Of the average a narrower range that is wanted keeps the points inside, between its own two ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from kondoflow.files.errors import InputError

LEAST = 2  # points
UNEVEN = 0.1  # standard deviation of steps, or of ratios, over their mean, from which they differ


def resample(
    dataset: xr.Dataset, wanted: Mapping[str, Any] | None, source: object, remarks: list[str]
) -> xr.Dataset:
    """Put spectra on a common grid, if their grids differ or another grid is wanted.

    Args:
        dataset: `spectral_function` (sample[, channel], omega), `omega` (omega), or (sample, omega)
            with NaN where a spectrum has fewer points than others.
        wanted: `min`, `max`, `points` and `spacing` (linear or log), each of which may be missing.
        source: The file, named in errors.
        remarks: Liberties taken so far, to which another may be added.

    Raises:
        InputError: If there is no common range, or the wanted range is not covered.
    """
    grid = dataset["omega"].to_numpy()
    if grid.ndim == 1 and not wanted:
        return dataset
    old = dataset["spectral_function"]
    given = old.to_numpy()
    rows = given.reshape(len(given), -1, given.shape[-1])
    n_channels = rows.shape[1]
    errors = dataset.get("uncertainty")
    usable = errors is not None and errors.dims in (old.dims, old.dims[1:], ("omega",))
    if errors is not None and usable:
        same = np.broadcast_to(errors.to_numpy(), given.shape).reshape(rows.shape)
        rows = np.concatenate([rows, same], axis=1)
    grids = np.broadcast_to(grid, (len(rows), grid.shape[-1])).astype(np.float64)
    cleaned = [_clean(grids[k], rows[k], k, source) for k in range(len(rows))]
    common = _common_grid([row[0] for row in cleaned], wanted or {}, source)
    values = np.stack([_interpolated(common, *row) for row in cleaned])
    if grid.ndim == 2:
        remarks.append(f"grids differ; all spectra are interpolated to {len(common)} points")
    rest = dataset.drop_dims("omega").drop_vars("omega", errors="ignore")
    shape = (*given.shape[:-1], len(common))
    if usable:
        remarks.append("the uncertainty is interpolated as the spectra are")
        weighing = values[:, n_channels:].reshape(shape)
        # Beside a point of no weight there is no weight either.
        rest["uncertainty"] = (old.dims, np.where(np.isnan(weighing), np.inf, weighing))
    return rest.assign(
        spectral_function=(old.dims, values[:, :n_channels].reshape(shape), old.attrs),
        omega=("omega", common, dataset["omega"].attrs),
    )


def without_gaps(dataset: xr.Dataset, remarks: list[str]) -> xr.Dataset:
    """Fill missing values of spectra linearly between the points beside them.

    Before the first and after the last known point they take its value. They have no weight where
    the points have an uncertainty.

    Args:
        dataset: `spectral_function` (sample[, channel], omega) and `omega`.
        remarks: Liberties taken so far, to which another may be added.
    """
    spectra = dataset["spectral_function"]
    values = spectra.to_numpy()
    grid = np.broadcast_to(dataset["omega"].to_numpy(), (len(values), values.shape[-1]))
    rows = values.reshape(len(values), -1, values.shape[-1]).astype(np.float64)
    filled = rows.copy()
    n_outer = 0
    for row, omega in zip(filled, grid, strict=True):
        order = np.argsort(omega)
        for channel in row:
            known = order[np.isfinite(channel[order]) & np.isfinite(omega[order])]
            gap = ~np.isfinite(channel) & np.isfinite(omega)
            if len(known) >= LEAST and gap.any():
                inner = (omega[gap] > omega[known[0]]) & (omega[gap] < omega[known[-1]])
                n_outer += int((~inner).sum())
                channel[gap] = np.interp(omega[gap], omega[known], channel[known])
    found = np.isfinite(filled) & ~np.isfinite(rows)
    if not found.any():
        return dataset
    n, n_spectra = int(found.sum()), int(found.any(axis=(1, 2)).sum())
    outer = f", {n_outer} of them at an end, by the nearest" if n_outer else ""
    remarks.append(f"missing values are interpolated: {n} in {n_spectra} spectra{outer}")
    dataset = dataset.assign(
        spectral_function=(spectra.dims, filled.reshape(values.shape), spectra.attrs)
    )
    errors = dataset.get("uncertainty")
    if errors is not None and errors.dims in (spectra.dims, spectra.dims[1:], ("omega",)):
        same = np.broadcast_to(errors.to_numpy(), values.shape)
        weighing = np.where(found.reshape(values.shape), np.inf, same)
        dataset = dataset.assign(uncertainty=(spectra.dims, weighing))
    return dataset


def _clean(
    omega: np.ndarray, spectrum: np.ndarray, sample: int, source: object
) -> tuple[np.ndarray, np.ndarray]:
    """One spectrum on its own points, ascending."""
    known = np.isfinite(omega)
    lost = ~known & np.isfinite(spectrum).reshape(-1, len(omega)).any(axis=0)
    if lost.any():
        value = f"{omega[int(np.argmax(lost))]:g}"
        allowed = "finite wherever the spectrum has a value"
        raise InputError(source, f"omega of sample {sample}", value, allowed)
    omega, spectrum = omega[known], spectrum[..., known]
    if len(omega) > 1 and (np.diff(omega) < 0).all():
        omega, spectrum = omega[::-1], spectrum[..., ::-1]
    if len(omega) < LEAST or not (np.diff(omega) > 0).all():
        key = f"omega of sample {sample}"
        allowed = "a grid that rises throughout, or falls throughout"
        raise InputError(source, key, "neither rising nor falling", allowed)
    return omega, spectrum


def _common_grid(grids: list[np.ndarray], wanted: Mapping[str, Any], source: object) -> np.ndarray:
    low, high = max(grid[0] for grid in grids), min(grid[-1] for grid in grids)
    if not low < high:
        found = f"grids that begin at up to {low:g} and end from {high:g} on"
        raise InputError(source, "omega", found, "grids that have a range in common")
    slack = 1e-9 * abs(high - low)
    start, stop = wanted.get("min", low), wanted.get("max", high)
    if not low - slack <= start < stop <= high + slack:
        allowed = f"within {low:g} .. {high:g}, which all spectra cover"
        raise InputError(source, "range of the common grid", f"{start:g} .. {stop:g}", allowed)
    if not {"points", "spacing"} & wanted.keys() and _alike_and_uneven(grids):
        shapes = [(grid - grid[0]) / (grid[-1] - grid[0]) for grid in grids]
        inner = low + (high - low) * np.mean(shapes, axis=0)[1:-1]
        kept = inner[(inner > start + slack) & (inner < stop - slack)]
        return np.array([start, *kept, stop])
    n = wanted.get("points", int(np.median([len(grid) for grid in grids])))
    spacing = wanted.get("spacing") or ("log" if _is_geometric(grids[0]) else "linear")
    if spacing == "log":
        if start <= 0:
            allowed = "above 0 for a grid in equal ratios (spacing: linear)"
            raise InputError(source, "range of the common grid", start, allowed)
        return np.geomspace(start, stop, n)
    return np.linspace(start, stop, n)


def _alike_and_uneven(grids: list[np.ndarray]) -> bool:
    """Whether grids have equally many points, and neither equal steps nor equal ratios."""
    if len({len(grid) for grid in grids}) > 1 or len(grids[0]) <= LEAST:
        return False
    even = _unevenness(np.diff(grids[0]))
    if grids[0][0] > 0:
        even = min(even, _unevenness(np.diff(np.log(grids[0]))))
    return even > UNEVEN


def _unevenness(steps: np.ndarray) -> float:
    return float(np.std(steps) / np.mean(steps))


def _is_geometric(grid: np.ndarray) -> bool:
    """Whether a grid above 0 is closer to equal ratios than to equal steps."""
    if grid[0] <= 0 or len(grid) <= LEAST:
        return False
    return _unevenness(np.diff(np.log(grid))) < _unevenness(np.diff(grid))


def _interpolated(common: np.ndarray, omega: np.ndarray, spectrum: np.ndarray) -> np.ndarray:
    rows = spectrum.reshape(-1, len(omega))
    values = np.stack([np.interp(common, omega, row) for row in rows])
    return values.reshape(*spectrum.shape[:-1], len(common))
