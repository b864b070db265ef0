r"""The Anderson impurity model in a flat band.

.. math::
    H = \sum_s \epsilon_s n_s + U n_\uparrow n_\downarrow
        + \sum_{ks} V_k (d_s^\dagger c_{ks} + h.c.) + \sum_{ks} \epsilon_k c_{ks}^\dagger c_{ks},
    \qquad \epsilon_{\uparrow,\downarrow} = \epsilon_d \mp B/2,

with a constant density of states rho = 1/2 on [-1, 1] and Gamma = pi rho V^2. Integrating out the
band gives the hybridisation function

.. math::
    \Delta(\omega) = \frac{\Gamma}{\pi} \int_{-1}^{1} \frac{dx}{\omega - x + i0}
                   = \frac{\Gamma}{\pi} \ln\left|\frac{1 + \omega}{1 - \omega}\right|
                     - i \Gamma\, \theta(1 - |\omega|).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np

from kondoflow.files.errors import InputError

BOUNDS = {  # what is accepted; `validation.accuracy` tries a box within it
    "U": (0.0, 1.0),
    "Gamma": (1e-4, 0.2),
    "eps_d": (-2.0, 2.0),
    "B": (-0.5, 0.5),
    "T": (1e-9, 1.0),
}


@dataclass(frozen=True)
class Impurity:
    """Parameters of one impurity problem, in units of the half-bandwidth."""

    U: float
    Gamma: float
    eps_d: float
    B: float
    T: float

    def check(self, source: object = "parameters") -> None:
        """Raise an `InputError` that names the first parameter outside the solver's box."""
        for field in fields(self):
            value, (low, high) = getattr(self, field.name), BOUNDS[field.name]
            if not (math.isfinite(value) and low <= value <= high):
                raise InputError(source, field.name, value, f"between {low:g} and {high:g}")

    @property
    def levels(self) -> tuple[float, float]:
        """Level energies (eps_up, eps_down)."""
        return self.eps_d - self.B / 2, self.eps_d + self.B / 2


def haldane_exponent(U: np.ndarray, Gamma: np.ndarray, eps_d: np.ndarray) -> np.ndarray:
    r"""Exponent pi eps_d (eps_d + U) / (2 U Gamma) of Haldane's Kondo temperature."""
    return np.pi * eps_d * (eps_d + U) / (2 * U * Gamma)


def log_kondo_scale(U: np.ndarray, Gamma: np.ndarray, eps_d: np.ndarray) -> np.ndarray:
    """Natural logarithm of Haldane's expression, continued to every eps_d.

    Outside -U < eps_d < 0 it is no Kondo temperature: there it exceeds sqrt(U Gamma / 2) and only
    says that no low-energy scale is generated.

    Args:
        U: Repulsion, above 0.
        Gamma: Hybridisation strength, above 0.
        eps_d: Level energy.

    Returns:
        Array of the common shape.
    """
    return np.log(U * Gamma / 2) / 2 + haldane_exponent(U, Gamma, eps_d)


def haldane_kondo_temperature(
    U: np.ndarray | float, Gamma: np.ndarray | float, eps_d: np.ndarray | float
) -> np.ndarray:
    r"""Haldane's T_K = sqrt(U Gamma / 2) exp(pi eps_d (eps_d + U) / (2 U Gamma)).

    F. D. M. Haldane, PRL 40, 416 (1978).

    Returns:
        T_K in units of D, NaN outside -U < eps_d < 0.
    """
    U, Gamma, eps_d = np.broadcast_arrays(
        np.asarray(U, float), np.asarray(Gamma, float), np.asarray(eps_d, float)
    )
    T_K = np.full(U.shape, np.nan)
    inside = (eps_d > -U) & (eps_d < 0)
    T_K[inside] = np.exp(log_kondo_scale(U[inside], Gamma[inside], eps_d[inside]))
    return T_K


def hybridisation(omega: np.ndarray, Gamma: float) -> np.ndarray:
    """Hybridisation function Delta(omega + i0) of the flat band, complex; |omega| must not be 1."""
    real = np.log(np.abs((1 + omega) / (1 - omega)))
    return Gamma * (real / np.pi - 1j * (np.abs(omega) < 1))
