"""Quantities beside the spectra that are stored when they are asked for, see `contract.STORE`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.nrg.raw import Raw
from kondoflow.systems.anderson.settings import Settings
from kondoflow.systems.anderson.spectra import Continuous, both_spins
from kondoflow.systems.anderson.spectral import matsubara
from kondoflow.systems.anderson.spectral.conductance import conductance
from kondoflow.systems.anderson.spectral.dyson import off_edges
from kondoflow.systems.anderson.spectral.spin_spectrum import spin_spectrum

Values = dict[str, np.ndarray]


def extra(
    impurity: Impurity,
    raw: Raw,
    functions: Sequence[Continuous],
    half_width: float,
    settings: Settings,
) -> Values:
    """Values of the variables that the names of `settings.store` stand for.

    Args:
        impurity: The parameters.
        raw: What comes before broadening.
        functions: Continuous functions of each spin, or of one.
        half_width: Of the resonance; NaN where there is none.
        settings: Of these, `store`, broadening, stored grid and bath count.
    """
    histogram, omega = raw.histogram, settings.omega
    Gamma, T = impurity.Gamma, impurity.T
    at, bath = off_edges(omega), settings.bath_of(impurity)
    of: Mapping[str, Callable[[], Values]] = {
        "self_energy": lambda: _parts("self_energy", _sigma(functions, at)),
        "green_function": lambda: _parts("green_function", _green(functions, at)),
        "matsubara": lambda: _matsubara(histogram, T, half_width),
        "conductance": lambda: {
            "conductance": both_spins(conductance(histogram[:, 0], Gamma, T, bath))
        },
        "thermodynamics": lambda: _thermodynamics(raw),
        "spin_spectrum": lambda: {
            "spin_spectrum": spin_spectrum(
                raw.spin_weight, T, Gamma, settings.broadening.alpha, omega
            )
        },
    }
    values: Values = {}
    for name in settings.store:
        values |= of[name]()
    return values


def _green(functions: Sequence[Continuous], omega: np.ndarray) -> np.ndarray:
    return both_spins([each.green_function(omega) for each in functions])


def _sigma(functions: Sequence[Continuous], omega: np.ndarray) -> np.ndarray:
    """Sigma, or what Dyson's equation makes of the Green function where none was estimated."""
    return both_spins([each.self_energy(omega) for each in functions])


def _matsubara(histogram: np.ndarray, T: float, half_width: float) -> Values:
    y = matsubara.frequencies(T)
    both = both_spins(matsubara.correlators(histogram, y))
    green, sigma = both[:, 0], both[:, 1] / both[:, 0]
    weight = matsubara.quasiparticle_weight(histogram, T, half_width)
    return {
        "matsubara_frequency": y,
        **_parts("matsubara_green_function", green),
        **_parts("matsubara_self_energy", sigma),
        "quasiparticle_weight": both_spins(weight),
    }


def _thermodynamics(raw: Raw) -> Values:
    free_energy, entropy, heat, moment = raw.thermodynamics
    up, down = raw.occupation
    return {
        "impurity_free_energy": free_energy,
        "impurity_entropy": entropy,
        "impurity_specific_heat": heat,
        "impurity_moment": moment,
        "magnetisation": np.array((up - down) / 2),
        "differential_susceptibility": np.array(raw.differential_susceptibility),
    }


def _parts(name: str, values: np.ndarray) -> Values:
    return {f"{name}_real": values.real, f"{name}_imag": values.imag}
