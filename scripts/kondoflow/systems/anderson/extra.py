"""Quantities beside the spectra that are stored when they are asked for, see `contract.STORE`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from kondoflow.systems.anderson import conductance, matsubara
from kondoflow.systems.anderson.bath import FLAT, Bath
from kondoflow.systems.anderson.dyson import off_edges
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.raw import Raw
from kondoflow.systems.anderson.spectra import Continuous
from kondoflow.systems.anderson.spin_spectrum import spin_spectrum

Values = dict[str, np.ndarray]


def extra(
    names: Sequence[str],
    impurity: Impurity,
    raw: Raw,
    functions: Sequence[Continuous],
    half_width: float,
    alpha: float,
    omega: np.ndarray,
    bath: Bath = FLAT,
) -> Values:
    """Values of the variables that some names of `contract.STORE` stand for.

    Args:
        names: Keys of `contract.STORE`.
        impurity: The parameters.
        raw: What comes before broadening.
        functions: Continuous functions of each spin, or of one.
        half_width: Of the resonance; NaN where there is none.
        alpha: Width of the logarithmic Gaussian.
        omega: Stored grid.
        bath: The bath.
    """
    at = off_edges(omega)
    of: Mapping[str, Callable[[], Values]] = {
        "self_energy": lambda: _parts("self_energy", _sigma(functions, at)),
        "green_function": lambda: _parts("green_function", _green(functions, at)),
        "matsubara": lambda: _matsubara(raw.histogram, impurity.T, half_width),
        "conductance": lambda: {
            "conductance": _both(
                conductance.conductance(raw.histogram[:, 0], impurity.Gamma, impurity.T, bath)
            )
        },
        "thermodynamics": lambda: {
            "impurity_free_energy": raw.thermodynamics[0],
            "impurity_entropy": raw.thermodynamics[1],
            "impurity_specific_heat": raw.thermodynamics[2],
            "impurity_moment": raw.thermodynamics[3],
            "magnetisation": np.array((raw.occupation[0] - raw.occupation[1]) / 2),
            "differential_susceptibility": np.array(raw.differential_susceptibility),
        },
        "spin_spectrum": lambda: {
            "spin_spectrum": spin_spectrum(
                raw.spin_weight, impurity.T, impurity.Gamma, alpha, omega
            )
        },
    }
    values: Values = {}
    for name in names:
        values |= of[name]()
    return values


def _green(functions: Sequence[Continuous], omega: np.ndarray) -> np.ndarray:
    return _both(np.array([each.green_function(omega) for each in functions]))


def _sigma(functions: Sequence[Continuous], omega: np.ndarray) -> np.ndarray:
    """Sigma, or what Dyson's equation makes of the Green function where none was estimated."""
    return _both(np.array([each.self_energy(omega) for each in functions]))


def _matsubara(histogram: np.ndarray, T: float, half_width: float) -> Values:
    y = matsubara.frequencies(T)
    both = _both(matsubara.correlators(histogram, y))
    green, sigma = both[:, 0], both[:, 1] / both[:, 0]
    return {
        "matsubara_frequency": y,
        **_parts("matsubara_green_function", green),
        **_parts("matsubara_self_energy", sigma),
        "quasiparticle_weight": _both(matsubara.quasiparticle_weight(histogram, T, half_width)),
    }


def _parts(name: str, values: np.ndarray) -> Values:
    return {f"{name}_real": values.real, f"{name}_imag": values.imag}


def _both(values: np.ndarray) -> np.ndarray:
    return values if len(values) == 2 else np.concatenate([values, values])
