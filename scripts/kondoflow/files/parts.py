r"""Parts of spectra by their symmetry about omega = 0, which a network may see in their place.

A scale s of a spectrum moves its features along the axis of log abs(omega). An autoencoder needs
several latents to follow a feature that moves, and no axis of these is the scale. Let m be the mean
over channels of log A, and l half the logarithm of the ratio of two channels. The parts are

.. math::
    \mathrm{edge} = 2\,\frac{E^2 - c^2}{E^2 + c^2}, \quad E = m_+(\omega) - m(0), \quad
    \mathrm{odd} = \tfrac12 \mathrm{arcsinh}(m_-(\omega)/u), \quad
    \mathrm{splitting} = \tfrac12 \mathrm{arcsinh}(l_-(\omega)/u), \qquad
    f_\pm(\omega) = \tfrac12 (f(\omega) \pm f(-\omega)).

Below s, E is about (omega/s)^2. Hence the edge is a broad step from -2 below s to 2 above, where
spectra have left their value at the Fermi energy by the share c, and its mean over log abs(omega)
falls in proportion to log s, whatever features follow above. That mean is nearly its first
principal component, which one latent can follow. The odd part changes its sign under
omega -> -omega, the splitting under this and under an exchange of the channels, the edge under
neither. For the spins of an impurity odd part and splitting are asymmetry and polarisation.

c is exp(-2) = 0.14. With u = 0.1 small odd parts count: half of the samples of `fixed.yaml` have a
polarisation below 0.03, and beside one of order 1 a network does not tell them apart. The factors
give the parts different variances. With the same variance their axes may turn into each other.
"""

from __future__ import annotations

import numpy as np

from kondoflow.files.errors import InputError

LEFT, SMALL = np.exp(-2.0), 0.1  # the c and u above


def parts_of(spectra: np.ndarray, omega: np.ndarray, names: list[str]) -> np.ndarray:
    """Parts of spectra, (sample, part, omega), float32.

    Args:
        spectra: Spectra, (sample, channel, omega).
        omega: Frequencies, (omega,).
        names: The parts, of `files.channels.PARTS`.

    Raises:
        InputError: If the grid is not its own mirror image, a value has no logarithm, or the
            splitting is asked for and the channels are not two.
    """
    if not np.allclose(omega, -omega[::-1], rtol=1e-6, atol=0):
        ends = f"{omega[0]:g} .. {omega[-1]:g}"
        allowed = f"a grid of frequencies that is symmetric about 0 for {', '.join(names)}"
        raise InputError("autoencoder", "omega", ends, allowed)
    if not (spectra > 0).all():
        allowed = f"above 0 for {', '.join(names)}"
        raise InputError("autoencoder", "smallest value", float(spectra.min()), allowed)
    logarithm = np.log(spectra.astype(np.float64))
    found = [_part(name, logarithm) for name in names]
    return np.stack(found, axis=1).astype(np.float32)


def _part(name: str, logarithm: np.ndarray) -> np.ndarray:
    """A part (sample, omega) of the logarithm of spectra (sample, channel, omega)."""
    mean, n_omega = logarithm.mean(axis=1), logarithm.shape[2]
    if name == "odd":
        return np.arcsinh((mean - mean[:, ::-1]) / (2 * SMALL)) / 2
    if name == "edge":
        inner = mean[:, [(n_omega - 1) // 2, n_omega // 2]].mean(axis=1, keepdims=True)
        square = ((mean + mean[:, ::-1]) / 2 - inner) ** 2
        return 2 * (square - LEFT**2) / (square + LEFT**2)
    if logarithm.shape[1] != 2:
        raise InputError("autoencoder", "number of channels", logarithm.shape[1], "2 for splitting")
    ratio = (logarithm[:, 0] - logarithm[:, 1]) / 2
    return np.arcsinh((ratio - ratio[:, ::-1]) / (2 * SMALL)) / 2
