r"""The self-energy from the equation of motion.

*One step.* With F = [d_s, H_int] = U n_{-s} d_s the equation of motion of the Green function gives
(R. Bulla, A. C. Hewson and Th. Pruschke, J. Phys.: Condens. Matter 10, 8365 (1998))

.. math::
    \Sigma_s = \frac{\langle\langle F; d_s^\dagger \rangle\rangle}
                    {\langle\langle d_s; d_s^\dagger \rangle\rangle}.

Both correlators are broadened before the ratio is formed. At T of the order of U or above, and at
the Hubbard peaks, Sigma has structure of its own that the kernel smears.

*Two steps.* With n = <n_{-s}> and F' = F - U n d_s, whose anticommutator with the creator has the
expectation value 0, the commutator with the Hamiltonian is

.. math::
    [F', H] = (\epsilon_s + U (1 - n))\, F' + U^2 n (1 - n)\, d_s + S, \qquad
    S = U V \left[(n_{-s} - n)\, c_s
        + (d_{-s}^\dagger c_{-s} - c_{-s}^\dagger d_{-s})\, d_s\right],

c being the band's orbital at the impurity. (The product n_{-s} d_s reproduces itself with the
energy eps_s + U; the terms follow from n_{-s}^2 = n_{-s}.) The equation of motion of F', together
with <<F'; d^+>> = (Sigma - U n) G, is solved by

.. math::
    \Sigma_s = U n + \frac{U^2 n (1 - n)}{\omega - \epsilon_s - U (1 - n) - b(\omega)}, \qquad
    b = \frac{\langle\langle S; d_s^\dagger \rangle\rangle}
             {\langle\langle F'; d_s^\dagger \rangle\rangle}.

This is exact. Only b, which comes from the hybridisation alone, remains to be found from broadened
correlators: it vanishes in the atomic limit and is -3 i Gamma at high temperature in a wide band.
S needs no operator of its own. A peak of weights d_k and F_k at omega_k has

.. math::
    F'_k = F_k - U n\, d_k, \qquad
    S_k = (\omega_k - \epsilon_s - U (1 - n))\, F'_k - U^2 n (1 - n)\, d_k,

and n = sum_k F_k / U. Sigma - U n is a continued fraction of which b is the second level, in the
language of projection operators (H. Mori, Prog. Theor. Phys. 34, 399 (1965)): Im Sigma <= 0 and
Im b <= 0 are the same condition. It is imposed where noise violates it.

A search of the literature has found no estimator of this form. F. B. Kugler, PRB 105, 245132
(2022), applies the equation of motion to both operators instead and needs <<F; F^+>>. In the atomic
limit Sigma has a pole at eps_s + U (1 - n). With one step, and in his form, it has to arise from
differences of broadened functions; with two steps it stands in the formula, and b = 0 whatever the
kernel.

What the kernel does to b is undone in `sharpening`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kondoflow.systems.anderson.baths.bath import FLAT, Bath
from kondoflow.systems.anderson.nrg.bins import bin_centres
from kondoflow.systems.anderson.spectral.broadening import Broadening, broaden
from kondoflow.systems.anderson.spectral.sharpening import Continuation, causal_part, sharpen

# The linear Gaussian of two steps. It may be wider than T, as it is undone, but not so wide that it
# reaches the edges of the band, or that F' is lost under it.
_WIDER = 1.5  # than `Broadening.thermal_width`
_WIDEST = 0.3  # D
_WIDEST_OF_LEVEL = 4.0  # in units of U + Gamma

_CORRECTIONS = 2


@dataclass(frozen=True)
class SelfEnergy:
    """The self-energy of one spin.

    Attributes:
        nodes: Internal grid in units of D, (m,).
        sigma: Self-energy on it in units of D, (m,), complex, Im <= 0.
        largest_cut: Largest Im Sigma that was set to 0, in units of D.
    """

    nodes: np.ndarray
    sigma: np.ndarray
    largest_cut: float


def causal(nodes: np.ndarray, sigma: np.ndarray) -> SelfEnergy:
    """The self-energy sigma (m,) on nodes (m,), in units of D, with Im Sigma <= 0 imposed."""
    return SelfEnergy(nodes, causal_part(sigma), max(float(sigma.imag.max()), 0.0))


def by_one_step(histogram: np.ndarray, T: float, broadening: Broadening) -> SelfEnergy:
    """The ratio <<F; d^+>> / <<d; d^+>>.

    Args:
        histogram: Weights of one spin [correlator (d, F), sign, bin].
        T: Temperature.
        broadening: Widths.
    """
    width = broadening.thermal_width * T
    nodes, (green, correlator) = broaden(histogram, width, broadening.alpha)
    return causal(nodes, correlator / green)


def by_two_steps(
    histogram: np.ndarray,
    U: float,
    Gamma: float,
    eps: float,
    T: float,
    broadening: Broadening,
    bath: Bath = FLAT,
) -> SelfEnergy:
    """The self-energy from the second equation of motion.

    Args:
        histogram: Weights of one spin [correlator (d, F), sign, bin].
        U: Repulsion.
        Gamma: Hybridisation strength.
        eps: Level energy of this spin.
        T: Temperature.
        broadening: Widths.
        bath: The bath.
    """
    thermal = _WIDER * broadening.thermal_width * T
    width = min(thermal, _WIDEST, _WIDEST_OF_LEVEL * (U + Gamma))
    peaks, n = second_step(histogram, U, eps)
    continuation = Continuation(U, Gamma, eps, n, width, broadening.alpha, bath)
    nodes, b = sharpen(continuation, peaks, _CORRECTIONS)
    return causal(nodes, continuation.self_energy(nodes, b))


def second_step(histogram: np.ndarray, U: float, eps: float) -> tuple[np.ndarray, float]:
    """Peaks of <<F'; d^+>> and <<S; d^+>>, and the occupation of the other spin.

    Args:
        histogram: Weights of one spin [correlator (d, F), sign, bin].
        U: Repulsion.
        eps: Level energy of this spin.

    Returns:
        Weights [correlator (F', S), sign, bin]; n, which is 0 for U = 0, where it has no effect.
    """
    d, F = histogram
    n = min(max(float(F.sum()) / U, 0.0), 1.0) if U > 0 else 0.0
    omega = np.stack([-bin_centres(), bin_centres()])
    F_prime = F - U * n * d
    S = (omega - eps - U * (1 - n)) * F_prime - U**2 * n * (1 - n) * d
    return np.stack([F_prime, S]), n
