"""Axes: which are logarithmic, and which values they label."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import (
    FixedLocator,
    LogFormatterSciNotation,
    MaxNLocator,
    NullFormatter,
    NullLocator,
)

MIN_STEPS = 3  # below, the spacing of a grid says nothing
DECADE = 10.0  # least span of a logarithmic axis
MIDDLE = 0.4  # decades that either half of its linear middle takes
FACTOR = 4.0  # of an axis in equal steps, whose middle half spans a factor of 3 at most
ROUNDING = 1e-9  # of the largest step: magnitudes below are 0 but for rounding
EQUAL = 1e-3  # unevenness below which steps are equal; grids may be stored in single precision


def frequency_axis(
    ax: Axes, omega: np.ndarray, label: str, *, ticks: int = 3, spacing: str = "auto"
) -> None:
    """Scale the x axis to a grid of frequencies.

    With the spacing `auto` the axis follows the grid (`is_geometric`): points in equal steps are
    drawn on a linear axis, points in equal ratios on a logarithmic axis. A logarithmic axis of both
    signs has a linear middle, whose half-width is the smallest magnitude that is not 0 but for
    rounding. Its label says that it is such an axis.

    Args:
        ax: The panel.
        omega: Frequencies in their own unit, (omega,), increasing.
        label: Label of the axis, with the unit.
        ticks: Largest number of labels on either side of 0.
        spacing: auto, or linear or log whatever the grid.
    """
    ax.set_xlabel(label)
    if omega.size > 1:
        ax.set_xlim(omega[0], omega[-1])
    geometric = is_geometric(omega) if spacing == "auto" else spacing == "log"
    if not geometric or omega.size < 2:
        ax.xaxis.set_major_locator(MaxNLocator(2 * ticks))
        return
    magnitude = np.abs(omega)
    magnitude = magnitude[magnitude > ROUNDING * np.diff(omega).max()]
    low, high = np.ceil(np.log10(magnitude.min())), np.floor(np.log10(magnitude.max()))
    step = max(1, int(np.ceil((high - low) / ticks)))
    powers = 10.0 ** np.arange(high, low - 1, -step)
    if omega[0] > 0:
        ax.set_xscale("log")
    else:
        ax.set_xscale("symlog", linthresh=magnitude.min(), linscale=MIDDLE)
        ax.set_xlabel(f"{label}, signed log scale")
        # The lowest power can stand too near to 0 for both to be labelled.
        powers = powers[np.log10(powers / magnitude.min()) > step / 2 - MIDDLE]
        ax.xaxis.set_major_locator(FixedLocator([*-powers, 0.0, *powers]))
        ax.xaxis.set_minor_locator(NullLocator())
    label_powers(ax.xaxis)


def is_geometric(omega: np.ndarray) -> bool:
    """Whether the points of a grid (omega,) stand in equal ratios rather than in equal steps.

    On either side of 0 the steps of the magnitudes are compared with those of their logarithms. The
    grid is geometric if the logarithms are more evenly spaced and span a factor of 10 at least:
    over less, a logarithmic axis has nothing to label. A grid in equal steps that misses 0 by
    rounding is not geometric, whatever its smallest magnitude.
    """
    steps = np.diff(omega)
    if steps.size < MIN_STEPS or _unevenness(steps) < EQUAL:
        return False
    sides = [side[side > 0] for side in (omega, -omega[::-1])]
    long = [side for side in sides if side.size > MIN_STEPS]
    return bool(long) and all(
        side[-1] >= DECADE * side[0]
        and _unevenness(np.diff(np.log(side))) < _unevenness(np.diff(side))
        for side in long
    )


def spreads_over_decades(values: np.ndarray) -> bool:
    """Whether a logarithmic axis shows values (n,) better than a linear one.

    All must be positive, NaN aside, and their middle half must span more than a factor of `FACTOR`.
    A few values near 0 thus don't make the axis of evenly spread values logarithmic.
    """
    low, high = np.nanquantile(values, [0.25, 0.75])
    return bool(np.nanmin(values) > 0 and high > FACTOR * low)


def _unevenness(steps: np.ndarray) -> float:
    """Standard deviation of some steps in units of their mean."""
    return float(np.std(steps) / abs(np.mean(steps)))


def label_powers(axis: Axis) -> None:
    """Label the powers of ten of a logarithmic axis and nothing between them."""
    axis.set_major_formatter(LogFormatterSciNotation())
    axis.set_minor_formatter(NullFormatter())


def log_heights(axes: Iterable[Axes], values: np.ndarray) -> None:
    """Make the y axes of panels logarithmic, over the powers of ten that hold positive values.

    Args:
        axes: The panels.
        values: What they show together, of any shape, NaN aside.
    """
    low, high = np.log10([np.nanmin(values), np.nanmax(values)])
    for ax in axes:
        ax.set_yscale("log")
        label_powers(ax.yaxis)
        ax.set_ylim(10.0 ** np.floor(low - 0.05), 10.0 ** np.ceil(high + 0.02))


def log_axis(ax: Axes) -> None:
    """Make the y axis logarithmic, from one power of ten to another, a decade at least."""
    ax.set_yscale("log")
    label_powers(ax.yaxis)
    parts = [np.asarray(line.get_ydata(), dtype=float).ravel() for line in ax.lines]
    drawn = np.concatenate([*parts, np.empty(0)])
    drawn = drawn[np.isfinite(drawn) & (drawn > 0)]
    if drawn.size:
        log_heights([ax], drawn)
