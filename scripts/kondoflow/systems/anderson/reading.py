r"""What spectra say of the spin susceptibility: Fermi-liquid theory.

At T -> 0 and B = 0 the spin susceptibility follows from spectra and level positions alone (Yamada,
PTP 53, 970 (1975); Yoshimori, PTP 55, 67 (1976); Oguri and Hewson, PRB 97, 035435 (2018)). With
:math:`\chi_{ss'} = -dn_s/d\epsilon_{s'}`, and in units of Gamma the inverse Green function

.. math:: 1/g(\omega) = [\omega - \epsilon_d - \Delta(\omega) - \Sigma(\omega)]/\Gamma, \qquad
    \mathrm{Im}\, g = -\pi\Gamma A, \quad
    \mathrm{Re}\, g(\omega) = \frac1\pi P\!\!\int dx\, \frac{\pi\Gamma A(x)}{\omega - x},

two numbers at omega = 0 matter: the slope m = Gamma Re (1/g)' = 1 - Re Delta' - Re Sigma', and the
phase x = -Re (1/g) = (eps_d + Sigma)/Gamma, that is Friedel's n_s = 1/2 - arctan(x)/pi. The Ward
identity for the slope gives the first susceptibility, and the shift of the phase with the level
the sum of both. With rho = A(0) and, of a flat band, Re Delta'(0) = 2 Gamma/(pi D),

.. math:: \chi_{\uparrow\uparrow} = z^2 \rho m, \qquad
    \chi_{\uparrow\uparrow} + \chi_{\uparrow\downarrow} = z \rho\, \Gamma dx/d\epsilon_d, \qquad
    z = 1/(1 - \mathrm{Re}\, \Delta'(0)),

.. math:: T_\chi = \frac1{2(\chi_{\uparrow\uparrow} - \chi_{\uparrow\downarrow})}
    = \frac1{2 z \rho (2 z m - \Gamma dx/d\epsilon_d)}.

z is 1 for a wide band. In a finite one the Ward identity has 1 - Re Delta' in place of 1, and the
charge of the orbital is z times the one that Friedel's sum rule counts. Re Delta' is constant where
abs(omega) is small against D, so that both hold to first order in Gamma/D. (A single spectrum has
chi_updown too, by the curvature of Im Sigma, but not well enough: at mixed valence the curvature is
as small as the errors of a broadened spectrum.)

dx/d eps_d needs neighbours: x = y exp(-f), y = (eps_d + U/2)/Gamma, with a polynomial f in
log(U/Gamma), arsinh(abs(y)) and log(Gamma), fitted to the training samples with weights
abs(x)/(1 + x^2), so that the error of n counts. x is odd in y by particle-hole symmetry.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import xarray as xr

from kondoflow.files.errors import InputError
from kondoflow.files.spectra import sample_variables
from kondoflow.files.splits import split_mask
from kondoflow.systems.anderson.grid import hat_transform, inverse_second_antiderivative
from kondoflow.systems.anderson.spectral.resonance import distances_to_half

WINDOW = (0.02, 0.1)  # of omega in units of the half-width, where the slope is read
COLD = 0.02  # T in units of the half-width, up to which T = 0 may be assumed
DEGREE = 10  # of f, less for few samples
PER_TERM = 5  # training samples for each coefficient of f, at least
HIGHEST_IN_GAMMA = 2  # power of log(Gamma) in f
RIDGE = 1e-5  # of the coefficients
MARGIN = 0.02  # of the extent of a variable of f, on either side
STEP = 1e-4  # of y in the derivative
SMALLEST = 0.1  # added to U/Gamma under the logarithm


def read_off(spectra: xr.Dataset) -> dict[str, np.ndarray]:
    """T_FL and Wilson ratio, (sample,), of a set of spectra.

    Args:
        spectra: Set with `U`, `Gamma`, `eps_d` and the split; where `B` or `T` is missing it is 0.
            The spectra are pi Gamma A, their mean over spins is taken.

    Raises:
        InputError: If a parameter is missing or the grid has no omega = 0.
    """
    parameters = sample_variables(spectra)
    for name in ("U", "Gamma", "eps_d"):
        if name not in parameters:
            raise InputError("spectra", name, None, "a variable of the set, for T_FL")
    omega = spectra["omega"].to_numpy().astype(np.float64)
    if not (omega == 0).any():
        raise InputError("spectra", "omega", "a grid without 0", "a grid with 0, for T_FL")
    stored = spectra["spectral_function"]
    a = stored.to_numpy().astype(np.float64).reshape(stored.shape[0], -1, omega.size).mean(axis=1)
    U, Gamma, eps_d = (parameters[name] for name in ("U", "Gamma", "eps_d"))
    zero = int(np.flatnonzero(omega == 0)[0])
    width = half_widths(omega, a)
    real = real_part_of_inverse(omega, a)
    m, x = Gamma * slopes(omega, real, width), -real[:, zero]
    shift = shift_of_phase(x, U, Gamma, eps_d, split_mask(spectra, "train"))
    z, rho = 1 / (1 - 2 * Gamma / np.pi), a[:, zero] / (np.pi * Gamma)
    T, B = (parameters.get(name, np.zeros_like(U)) for name in ("T", "B"))
    known = (B == 0) & (COLD * width > T) & (spectra.attrs.get("bath", "flat") == "flat")
    with np.errstate(all="ignore"):
        spin = 2 * z * m - shift
        found = {"T_FL": 1 / (2 * rho * z * spin), "wilson_ratio": spin / (z * m)}
        known = known & (spin > 0)
    return {name: np.where(known, values, np.nan) for name, values in found.items()}


def half_widths(omega: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Smaller of the distances from 0 to half of A(0), (sample,), NaN where A does not fall."""
    both = np.array([distances_to_half(omega, row) for row in a]).reshape(-1, 2)
    nearest: np.ndarray = np.fmin(both[:, 0], both[:, 1])
    return nearest


def real_part_of_inverse(omega: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Re 1/g on the stored grid, (sample, omega), of pi Gamma A that is linear between its points.

    Args:
        omega: Frequencies, (omega,).
        a: pi Gamma A, (sample, omega).
    """
    kernel = hat_transform(inverse_second_antiderivative, omega, omega) / np.pi
    real = a @ kernel.T
    with np.errstate(all="ignore"):
        inverse: np.ndarray = real / (real**2 + a**2)
    return inverse


def slopes(omega: np.ndarray, real: np.ndarray, width: np.ndarray) -> np.ndarray:
    """Slope at 0, (sample,), of functions (sample, omega), by straight lines in `WINDOW`."""
    distance = np.abs(omega) / width[:, None]
    inside = (distance >= WINDOW[0]) & (distance <= WINDOW[1])
    n = inside.sum(axis=1)
    with np.errstate(all="ignore"):
        mean_omega = (inside * omega).sum(axis=1) / n
        mean_real = np.where(inside, real, 0).sum(axis=1) / n
        off = np.where(inside, omega - mean_omega[:, None], 0)
        found = (off * (real - mean_real[:, None])).sum(axis=1) / (off**2).sum(axis=1)
    return np.where(n >= 4, found, np.nan)


def shift_of_phase(
    x: np.ndarray, U: np.ndarray, Gamma: np.ndarray, eps_d: np.ndarray, train: np.ndarray
) -> np.ndarray:
    """Gamma dx/d eps_d at fixed U and Gamma, (sample,); NaN if there are too few samples.

    Args:
        x: Phase at omega = 0, (sample,).
        U: Interaction.
        Gamma: Hybridisation strength.
        eps_d: Level position.
        train: Mask of the samples to which f is fitted.
    """
    y = (eps_d + U / 2) / Gamma
    with np.errstate(all="ignore"):
        f = np.log(y / x)
    fitted = train & np.isfinite(f)
    others = [np.log(U / Gamma + SMALLEST), np.log(Gamma)]
    extents = [_extent(values) for values in (np.arcsinh(np.abs(y)), *others)]
    terms = _terms([high > low for low, high in extents], int(fitted.sum()))
    if not terms:
        return np.full(x.shape, np.nan)

    def basis(at: np.ndarray) -> np.ndarray:
        columns = [
            np.polynomial.chebyshev.chebvander(_on_unit(values, *extent), DEGREE)
            for values, extent in zip((np.arcsinh(np.abs(at)), *others), extents, strict=True)
        ]
        table: np.ndarray = np.ones((at.size, len(terms)))
        for place, column in enumerate(columns):
            table *= column[:, [term[place] for term in terms]]
        return table

    weights = (np.abs(x) / (1 + x**2))[fitted]
    weights = weights / weights.max()
    ridge = RIDGE * np.sqrt(weights.size) * np.eye(len(terms))
    rows = np.vstack([basis(y)[fitted] * weights[:, None], ridge])
    values = np.concatenate([f[fitted] * weights, np.zeros(len(terms))])
    coefficients = np.linalg.lstsq(rows, values)[0]
    above, below = (at * np.exp(-basis(at) @ coefficients) for at in (y + STEP, y - STEP))
    derivative: np.ndarray = (above - below) / (2 * STEP)
    return derivative


def _extent(values: np.ndarray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    return low - MARGIN * (high - low), high + MARGIN * (high - low)


def _on_unit(values: np.ndarray, low: float, high: float) -> np.ndarray:
    if high == low:
        return np.zeros_like(values)
    return np.clip(2 * (values - low) / (high - low) - 1, -1, 1)


def _terms(vary: list[bool], n_samples: int) -> list[tuple[int, int, int]]:
    """Powers of the polynomial of the highest degree that the samples allow."""
    for degree in range(DEGREE, 0, -1):
        highest = [degree * varies for varies in vary]
        highest[2] = min(highest[2], HIGHEST_IN_GAMMA)
        every = product(*(range(power + 1) for power in highest))
        found = [(i, j, k) for i, j, k in every if i + j + 2 * k <= degree]
        if len(found) * PER_TERM <= n_samples:
            return found
    return []
