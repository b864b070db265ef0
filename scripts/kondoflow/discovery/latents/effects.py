r"""What a latent does to a spectrum, measured on the decoded spectra along it.

Of the steps of a traversal those count that are near to data (`files.support`). The spectra of the
first and the last of them are compared: at the frequency where they differ most, and by their
largest peak. The peak of a spectrum A is the interval about its maximum in which A is nearer to it
than a tenth of the distance from maximum to minimum; the middle of the interval is its place. A
maximum does not count if A does not fall that far on both sides: a spectrum that saturates has no
peak. Where several maxima are nearly as high, as in a symmetric spectrum, the peak is that nearest
to the other spectrum's. Its half-width is half of the interval in which A is above half of the
maximum, and undefined where that reaches the end of the grid.

Where a spectrum is mostly negative, or has no peak (an absorption line), the deepest dip is taken.
In the second case the dip is measured from the maximum of the spectrum.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

TOP = 0.1  # of the distance from maximum to minimum: where a peak ends
NEARLY = 0.95  # share of a maximum from which another one counts as high as it
CENTRED = 0.1  # share of a peak within which its middle counts as 0
MOVED = 0.25  # share of the wider peak's width from which one has moved
WIDER, HIGHER = 1.25, 1.1  # factors from which a width or a height has changed


def traversal_effects(
    omega: np.ndarray,
    traversal: np.ndarray,
    near: np.ndarray,
    active: Sequence[int],
    channels: Sequence[str] = (),
) -> dict[str, dict[str, Any]]:
    """What each latent changes.

    Args:
        omega: Frequencies, (omega,), in the unit of the data set.
        traversal: Decoded spectra, (latent, step, omega), or (latent, step, channel, omega).
        near: Whether a step is near to data, (latent, step).
        active: Indices of the active latents.
        channels: Labels of the channels, if there are several.

    Returns:
        By latent index as text: `near` of each step and, with two or more such steps, `steps` (the
        indices of the first and the last), the frequency `omega` at which their spectra differ
        most, the values there, `first` and `last`, and of several channels the `channel`; `peak`,
        see `compare_peaks`.
    """
    effects = {}
    for latent in active:
        known = np.flatnonzero(near[latent])
        effect: dict[str, Any] = {"near": [bool(step) for step in near[latent]]}
        effects[str(latent)] = effect
        if len(known) < 2:
            continue
        first, last = (
            traversal[latent, step].astype(np.float64).reshape(-1, len(omega))
            for step in (known[0], known[-1])
        )
        channel, place = divmod(int(np.argmax(np.abs(last - first))), len(omega))
        effect |= {
            "steps": [int(known[0]), int(known[-1])],
            "omega": float(omega[place]),
            "first": float(first[channel, place]),
            "last": float(last[channel, place]),
            "peak": compare_peaks(omega, first[channel], last[channel]),
        }
        if channels:
            effect["channel"] = channels[channel]
    return effects


def compare_peaks(omega: np.ndarray, first: np.ndarray, last: np.ndarray) -> dict[str, Any] | None:
    """The largest peak of two spectra, or else the deepest dip, and what of it has changed.

    Args:
        omega: Frequencies, (omega,).
        first: Spectrum at the low end of the latent, (omega,).
        last: Spectrum at its high end, (omega,).

    Returns:
        `kind`, peak or dip; `first` and `last`: `omega`, `height` (the value of the spectrum there)
        and `half_width` (None where undefined); `moves`, `width` and `height`: 1 where place, width
        or size have risen, -1 where they have fallen, else 0. None where a spectrum has neither.
    """
    sign = float(np.sign(first[np.argmax(np.abs(first))]))
    ways = ((sign, (0.0, 0.0)), (-sign, (float((sign * first).max()), float((sign * last).max()))))
    for upward, bases in ways:
        before, after = upward * first + bases[0], upward * last + bases[1]
        if before.max() > 0 and after.max() > 0:
            found = _compare(omega, before, after)
            if found is not None:
                for name, base in zip(("first", "last"), bases, strict=True):
                    found[name]["height"] = upward * (found[name]["height"] - base)
                return {"kind": "peak" if upward > 0 else "dip", **found}
    return None


def _compare(omega: np.ndarray, before: np.ndarray, after: np.ndarray) -> dict[str, Any] | None:
    """The largest peaks of two spectra; None where one of them has none."""
    one = _peak(omega, before, int(np.argmax(before)))
    high = np.flatnonzero(after >= NEARLY * after.max())
    groups = np.split(high, np.flatnonzero(np.diff(high) > 1) + 1)
    found = [_peak(omega, after, int(group[np.argmax(after[group])])) for group in groups]
    peaks = [peak for peak in found if peak is not None]
    if one is None or not peaks:
        return None
    other = min(peaks, key=lambda peak: abs(float(peak["omega"] - one["omega"])))
    moved = other["omega"] - one["omega"]
    width = None
    if one["half_width"] and other["half_width"]:
        width = other["half_width"] / one["half_width"]
    return {
        "moves": int(np.sign(moved)) if abs(moved) > MOVED * max(one["top"], other["top"]) else 0,
        "width": 0 if width is None else _changed(width, WIDER),
        "height": _changed(other["height"] / one["height"], HIGHER),
        **{
            name: {key: peak[key] for key in ("omega", "height", "half_width")}
            for name, peak in (("first", one), ("last", other))
        },
    }


def _changed(ratio: float, factor: float) -> int:
    return int(ratio > factor) - int(ratio < 1 / factor)


def _peak(omega: np.ndarray, values: np.ndarray, place: int) -> dict[str, Any] | None:
    """The peak that a frequency belongs to; None where it reaches an end of the grid."""
    height = float(values[place])
    low, high = _interval(omega, values, place, height - TOP * (height - float(values.min())))
    if low == omega[0] or high == omega[-1]:
        return None
    wide = _interval(omega, values, place, 0.5 * height)
    open_end = wide[0] == omega[0] or wide[1] == omega[-1]
    middle = 0.5 * (low + high)
    return {
        "omega": middle if abs(middle) > CENTRED * (high - low) else 0.0,
        "top": high - low,
        "height": height,
        "half_width": None if open_end else 0.5 * (wide[1] - wide[0]),
    }


def _interval(
    omega: np.ndarray, values: np.ndarray, place: int, level: float
) -> tuple[float, float]:
    """Where a spectrum crosses a level on either side of a point, else the ends of the grid."""
    below = np.flatnonzero(values < level)
    left, right = below[below < place], below[below > place]
    low, high = float(omega[0]), float(omega[-1])
    if left.size:
        low = _crossing(omega, values, int(left[-1]), int(left[-1]) + 1, level)
    if right.size:
        high = _crossing(omega, values, int(right[0]), int(right[0]) - 1, level)
    return low, high


def _crossing(
    omega: np.ndarray, values: np.ndarray, outside: int, inside: int, level: float
) -> float:
    share = (level - values[outside]) / (values[inside] - values[outside])
    return float(omega[outside] + share * (omega[inside] - omega[outside]))
