"""What a latent does to a spectrum, in words: the same on the page and in the explorer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup, escape

from kondoflow.report.labels import Labels
from kondoflow.report.numbers import GAP, fixed, significant
from kondoflow.report.typeset import rich_text

WIDTHS = {1: "wider", -1: "narrower"}
HEIGHTS = {"peak": {1: "higher", -1: "lower"}, "dip": {1: "deeper", -1: "shallower"}}
DIGITS = 2  # of a width, and of a place on a grid about 0
ORDINARY = (0.1, 100.0)  # sizes of spectra that are told with two decimals
NAMES = {"peak": "largest peak", "dip": "deepest dip"}


def effect_in_words(
    effect: Mapping[str, Any] | None,
    steps: Sequence[float] | np.ndarray,
    labels: Labels,
    grid: np.ndarray,
) -> Markup:
    """What follows "As the latent rises,": a whole sentence, with a full stop.

    Args:
        effect: Entry of `traversal_effects` in the scores; None for a latent that is not active.
        steps: Quantiles of the latent, (step,).
        labels: Of the data set.
        grid: Its frequencies, (omega,), which decide with how many digits a place is told.
    """
    if effect is None:
        return Markup("the spectrum hardly changes.")
    if "omega" not in effect:
        return Markup("it leaves the data at once: nothing is known of what it does.")
    unit = labels.unit("omega")
    digits = digits_of(grid)

    def at(omega: float, digits: int = digits) -> Markup:
        return significant(omega, digits) + (f"{GAP}{unit}" if unit and omega else "")

    low, high = (f"{100 * steps[step]:.3g}{GAP}%" for step in effect["steps"])
    channel = Markup(" ({})").format(effect["channel"]) if effect.get("channel") else ""
    first, last = heights(effect["first"], effect["last"])
    peak = _peak_in_words(effect["peak"], at)
    most = Markup(
        "{height}{channel} changes most at {axis} = {omega}, where it goes from {first} to {last} "
        "(between the {low} and the {high} quantile of the latent)."
    ).format(
        height=rich_text(labels.symbol("spectral_function")),
        channel=channel,
        axis=rich_text(labels.symbol("omega")),
        omega=at(effect["omega"]),
        first=first,
        last=last,
        low=low,
        high=high,
    )
    return Markup("{}; {}").format(peak, most) if peak else most


def digits_of(grid: np.ndarray) -> int:
    """Significant digits of a place on a grid (omega,): more where it is narrow and far from 0."""
    span = float(grid[-1] - grid[0])
    far = float(np.abs(grid).max()) / span if span > 0 else 1.0
    return DIGITS + max(0, int(np.ceil(np.log10(far) - 0.5)))


def heights(first: float, last: float) -> tuple[Markup, Markup]:
    """Two values of a spectrum, with two decimals where these are of use."""
    if ORDINARY[0] <= max(abs(first), abs(last)) < ORDINARY[1]:
        return fixed(first, 2), fixed(last, 2)
    return significant(first), significant(last)


def _peak_in_words(peak: Mapping[str, Any] | None, at: Any) -> Markup | str:
    """What the largest peak or deepest dip does; empty without either, or where it stays."""
    if peak is None:
        return ""
    first, last, parts = peak["first"], peak["last"], []
    if peak["moves"]:
        parts.append(Markup("moves from {} to {}").format(at(first["omega"]), at(last["omega"])))
    if peak["width"]:
        widths = [at(each["half_width"], DIGITS) for each in (first, last)]
        word = WIDTHS[peak["width"]]
        parts.append(Markup("gets {} (half-width from {} to {})").format(word, *widths))
    if peak["height"]:
        word = HEIGHTS[peak["kind"]][peak["height"]]
        ends = heights(first["height"], last["height"])
        parts.append(Markup("gets {} (from {} to {})").format(word, *ends))
    if not parts:
        return ""
    listed = Markup(", ").join(parts[:-1]) + (" and " if parts[:-1] else "") + parts[-1]
    stays = not peak["moves"] and at(first["omega"]) == at(last["omega"])
    place = Markup(" at {}").format(at(first["omega"])) if stays else ""
    return Markup("the {}{} {}").format(NAMES[peak["kind"]], place, escape(listed))
