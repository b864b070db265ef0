"""What a solution says of its spectra beside the stored values: the resonance and its widths.

All is read off a grid that resolves every peak, not off the stored one, see `resonance`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from kondoflow.systems.anderson.settings import Settings
from kondoflow.systems.anderson.spectra import Continuous, both_spins
from kondoflow.systems.anderson.spectral.dyson import zeros_of_shape
from kondoflow.systems.anderson.spectral.resonance import (
    Resonance,
    distances_to_half,
    find_resonance,
)

HIDDEN = 0.02  # change of pi Gamma A between 0 and the lowest stored frequency that is too much


def features(
    functions: Sequence[Continuous], spectra: np.ndarray, settings: Settings
) -> dict[str, Any]:
    """Values of the variables of the contract that describe the spectra, by name.

    Args:
        functions: Continuous functions of each spin, or of one.
        spectra: Stored spectra, (spin, omega).
        settings: Of these, the stored grid and `weigh_by_bath` count.
    """
    omega = settings.omega
    found = [each.resolved() for each in functions]
    grid = found[0][0]
    resolved = both_spins([spectrum for _, spectrum in found])
    bath = functions[0].bath
    near = (np.abs(grid) <= omega[omega > 0].min()) & ~zeros_of_shape(grid, bath)
    factor = bath.shape(grid[near]) if settings.weigh_by_bath else 1.0
    changes = np.abs(resolved[:, near] * factor - spectra[:, [len(omega) // 2]])
    hidden = changes.max(initial=0.0)
    below, above = distances_to_half(grid, resolved.mean(axis=0))
    return {
        "spectral_function_at_0": resolved[:, np.searchsorted(grid, 0.0)],
        **_resonances([find_resonance(grid, spectrum) for _, spectrum in found]),
        "distance_to_half_below": below,
        "distance_to_half_above": above,
        "distance_to_half": (below + above) / 2,
        "below_grid": int(hidden > HIDDEN),
    }


def _resonances(found: Sequence[Resonance]) -> dict[str, Any]:
    """Properties of the resonances, (spin,), and the half-width in the mean over spin."""
    names = ("position", "height", "width_below", "width_above")
    return {
        **{
            f"resonance_{name}": both_spins([getattr(each, name) for each in found])
            for name in names
        },
        "half_width": math.fsum(each.width for each in found) / len(found),
    }
