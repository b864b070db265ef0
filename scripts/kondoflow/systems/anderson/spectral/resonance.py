r"""Position, height and width of the resonance at the Fermi energy, for one spin.

The resonance is the maximum of A that is reached uphill from omega = 0. Ripples are no maxima: A
must fall by `RIPPLE` of the maximum on both sides before it rises above it. Where A rises to both
sides of 0 there is no resonance at the Fermi energy, as between the Hubbard peaks at high
temperature. The position is the middle of the interval around the maximum that A takes to fall by
`RIPPLE`, which ripples on a flat top do not move. The width is counted from there to the nearest
frequency with half the height, on either side; it is NaN on a side where A does not fall to half,
or rises above the maximum before it does. A Lorentzian has both half-widths equal to its HWHM.

All is found on a grid that resolves the resonance, not on the one that is stored.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

RIPPLE = 0.02


@dataclass(frozen=True)
class Resonance:
    """The resonance of one spin; NaN where there is none.

    Attributes:
        position: Frequency of the maximum.
        height: Its value.
        width_below: Distance to half the height on the side of lower frequencies.
        width_above: The same for higher frequencies.
    """

    position: float
    height: float
    width_below: float
    width_above: float

    @property
    def width(self) -> float:
        """Half-width at half-maximum, the mean of both sides."""
        return (self.width_below + self.width_above) / 2


NO_RESONANCE = Resonance(math.nan, math.nan, math.nan, math.nan)


def find_resonance(omega: np.ndarray, spectrum: np.ndarray) -> Resonance:
    """Find the resonance at the Fermi energy.

    Args:
        omega: Ascending frequencies with 0 among them, (n,).
        spectrum: A in any unit, (n,).
    """
    peak = int(np.searchsorted(omega, 0.0))
    sides = spectrum[list(_uphill(spectrum, peak))]
    if sides.min() > spectrum[peak] / (1 - RIPPLE):
        return NO_RESONANCE
    while True:
        highest = max(_uphill(spectrum, peak), key=lambda k: float(spectrum[k]))
        if spectrum[highest] <= spectrum[peak]:
            break
        peak = highest
    if spectrum[peak] <= 0:
        return NO_RESONANCE
    down, up = (omega[peak::-1], spectrum[peak::-1]), (omega[peak:], spectrum[peak:])
    position = (_falls_to(*down, 1 - RIPPLE) + _falls_to(*up, 1 - RIPPLE)) / 2
    return Resonance(
        position=position,
        height=float(spectrum[peak]),
        width_below=position - _falls_to(*down, 0.5),
        width_above=_falls_to(*up, 0.5) - position,
    )


def distances_to_half(omega: np.ndarray, spectrum: np.ndarray) -> tuple[float, float]:
    """Distances from omega = 0 at which a spectrum has fallen to half its value at 0.

    Args:
        omega: Ascending frequencies with 0 among them, (n,).
        spectrum: Values, (n,).

    Returns:
        The first crossing below and above 0, by linear interpolation; NaN where the spectrum does
        not fall that low on a side, or vanishes at 0.
    """
    zero = int(np.searchsorted(omega, 0.0))
    below = _first_at(-omega[zero::-1], spectrum[zero::-1], spectrum[zero] / 2)
    return below, _first_at(omega[zero:], spectrum[zero:], spectrum[zero] / 2)


def _uphill(values: np.ndarray, start: int) -> tuple[int, int]:
    """On each side, the highest point before the values fall by the size of a ripple."""
    above = start + _before_fall(values[start:])
    return start - _before_fall(values[start::-1]), above


def _before_fall(values: np.ndarray) -> int:
    highest = np.maximum.accumulate(values)
    falls = np.flatnonzero(values < (1 - RIPPLE) * highest)
    stop = falls[0] if len(falls) else len(values)
    return int(np.argmax(values[:stop]))


def _falls_to(x: np.ndarray, values: np.ndarray, share: float) -> float:
    """Where values, (n,), have fallen to a share of the first; NaN if they rise above it before."""
    before = values[: int(np.argmax(values <= share * values[0])) + 1]
    if before.max() > values[0] / (1 - RIPPLE):
        return math.nan
    return _first_at(x, values, share * float(values[0]))


def _first_at(x: np.ndarray, values: np.ndarray, level: float) -> float:
    """The first x at which values, (n,), have fallen to a level; NaN if it is 0 or not reached."""
    low = np.flatnonzero(values <= level)
    if level <= 0 or len(low) == 0:
        return math.nan
    k = low[0]
    part = (values[k - 1] - level) / (values[k - 1] - values[k])
    return float(x[k - 1] + part * (x[k] - x[k - 1]))
