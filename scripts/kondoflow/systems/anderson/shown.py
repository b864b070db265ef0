"""What is said of an ensemble before its spectra are calculated: whether its grid shows them.

Below the largest of T, T_K and abs(B) a spectrum does not change. Where this energy can lie below
the lowest stored frequency, spectra hide their resonance, and the user is told at the start of a
run. Each sample for which it happens is marked in `below_grid`.

Few states for a small Lambda are told too, before a run by a rule of thumb and after it by the
energies that were discarded. Which number is too few was found with Lambda from 4 to 10, at seven
points each, against runs with many states (`validation/accuracy.md`).

The standard library is enough, as Snakemake asks before any work.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from kondoflow.systems.anderson.baths.bath_meaning import OfBath

# Where `truncation_energy` is less, T_chi is off by 1 to 30 %; above it by about 1 % at most, but
# for some points with 30 states and Lambda = 7.
LEAST_ENERGY = 4.9
_EXPONENT = 1.6  # n_keep goes with this power of 1/log(Lambda)
_LARGE, _ENOUGH, _FEW = 7.0, 80, 38  # the default Lambda; its default n_keep, and the least


class OfEnsemble(OfBath):
    """What the settings mean for the parameters of an ensemble, and what its grid hides."""

    def grid(self, omega: Mapping[str, Any]) -> list[float]:
        """As `grid.stored_grid` has it, to rounding."""
        low, n = omega["min"], omega["n_side"]
        ratio = omega["max"] / low
        positive = [low * ratio ** (index / (n - 1)) for index in range(n)]
        return [*(-each for each in reversed(positive)), 0.0, *positive]

    def remarks(self, ensemble: Mapping[str, Any]) -> list[str]:
        """A line if the stored grid can't show some spectra, and one if few states are kept."""
        solver = ensemble.get("solver", {})
        lines = self._remarks_of_grid(ensemble)
        if {"Lambda", "n_keep"} <= set(solver) and solver["n_keep"] < _states(_FEW, solver):
            lines.append(f"{_kept(solver)} few: T_chi may be off by up to 30 %. {_advice(solver)}")
        return lines

    def doubts(self, solved: Mapping[str, Sequence[float]], solver: Mapping[str, Any]) -> list[str]:
        """A line if states of low energy were discarded."""
        least = min((e for e in solved["truncation_energy"] if e == e), default=math.inf)
        if least >= LEAST_ENERGY:
            return []
        return [
            f"{_kept(solver)} too few: states were discarded from {least:.2g} hoppings on "
            f"(truncation_energy); below {LEAST_ENERGY:g} T_chi may be off by up to 30 %. "
            f"{_advice(solver)}"
        ]

    def _remarks_of_grid(self, ensemble: Mapping[str, Any]) -> list[str]:
        lowest, begins = lowest_scale(ensemble), float(ensemble["omega"]["min"])
        if lowest >= begins:
            return []
        return [
            f"the largest of T, T_K and abs(B) goes down to {lowest:.2g} D, and the stored grid "
            f"begins at {begins:g} D; samples that change below it are marked in below_grid, and "
            "omega: {min: ...} of the ensemble lowers it"
        ]


def _states(of_default: float, solver: Mapping[str, Any]) -> int:
    """n_keep that keeps as low energies as this many states do for Lambda = 7."""
    return math.ceil(of_default * (math.log(_LARGE) / math.log(solver["Lambda"])) ** _EXPONENT)


def _kept(solver: Mapping[str, Any]) -> str:
    return f"solver.n_keep = {solver['n_keep']} with Lambda = {solver['Lambda']:g} is"


def _advice(solver: Mapping[str, Any]) -> str:
    n_keep = max(_states(_ENOUGH, solver), round(1.5 * solver["n_keep"]))
    larger = ", or a larger Lambda" if solver["Lambda"] < _LARGE else ""
    return f"Choose n_keep: {-(-n_keep // 10) * 10} or more{larger}"


def lowest_scale(ensemble: Mapping[str, Any]) -> float:
    """Smallest value that the largest of T, T_K and abs(B) can have in an ensemble's box.

    T_K is Haldane's, of a flat bath; another bath may have none, and it does not count.

    Args:
        ensemble: Axes, acceptance windows and settings of the solver.
    """
    axes, accept = ensemble["axes"], ensemble.get("accept", {})
    flat = ensemble.get("solver", {}).get("bath", "flat") == "flat" and "r" not in axes
    least = [_least_magnitude(axes["T"]), _least_magnitude(axes["B"])]
    if flat:
        least.append(_least_kondo_scale(axes))
    windows = [
        accept[name][0] for name in ("log10_scale", "log10_T_K")[: 1 + flat] if name in accept
    ]
    return max(*least, *(10.0**low for low in windows))


def _least_kondo_scale(axes: Mapping[str, Any]) -> float:
    """Smallest of Haldane's T_K, continued beyond -U < eps_d < 0, in a box."""
    low, high = _ends(axes["eps_d_over_U"])
    nearest = min(max(-0.5, low), high)  # to particle-hole symmetry, where T_K is smallest
    q = math.pi * nearest * (nearest + 1)
    Gammas = _ends(axes["Gamma"])
    logarithms = []
    for U in _ends(axes["U"]):
        if U > 0:  # without interaction Gamma is the scale
            Gamma = min(max(q * U, Gammas[0]), Gammas[1])  # the minimum, beyond the levels too
            logarithms.append(math.log(U * Gamma / 2) / 2 + q * U / (2 * Gamma))
    return math.exp(min(logarithms)) if logarithms else Gammas[0]


def _least_magnitude(axis: Any) -> float:
    """Smallest magnitude on an axis."""
    low, high = _ends(axis)
    return 0.0 if low <= 0 <= high else min(abs(low), abs(high))


def _ends(axis: Any) -> tuple[float, float]:
    low, high = axis["range"] if isinstance(axis, Mapping) else (axis, axis)
    return float(low), float(high)
