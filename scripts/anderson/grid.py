r"""Frequency grids, and integral transforms of functions that are piecewise linear on them.

A function with values A_k on nodes x_k is the sum of A_k times hat functions. The convolution of a
hat with a kernel K is a second difference of any S with S'' = K:

.. math::
    (K * \mathrm{hat}_k)(\omega) =
        \frac{S(\omega - x_{k-1}) - S(\omega - x_k)}{x_k - x_{k-1}}
      - \frac{S(\omega - x_k) - S(\omega - x_{k+1})}{x_{k+1} - x_k},

exact whatever the spacing. Two kernels are needed: the Gaussian of the thermal broadening and
1/omega for the Kramers-Kronig relation, with S(u) = u ln|u| - u.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from scipy.special import erf

POINTS_A_DECADE = 120
HIGHEST = 8.0  # end of the internal grid, well above the largest excitation energy


def stored_grid(n_side: int, lowest: float, highest: float) -> np.ndarray:
    """Frequencies at which spectra are stored: symmetric, logarithmic, with 0, (2 n_side + 1,)."""
    positive = np.geomspace(lowest, highest, n_side)
    return np.concatenate([-positive[::-1], [0.0], positive])


def cell_edges(omega: np.ndarray) -> np.ndarray:
    """Edges of the cells over which a stored spectrum is averaged, (n + 1,).

    Edges lie at the geometric mean of neighbours; the cell of 0 reaches to where the next edge of
    the same logarithmic ladder would be.
    """
    positive = omega[omega > 0]
    ratio = np.sqrt(positive[1] / positive[0])
    edges = np.concatenate([[positive[0] / ratio], positive * ratio])
    return np.concatenate([-edges[::-1], edges])


@lru_cache(maxsize=64)
def internal_grid(lowest: float) -> np.ndarray:
    """Nodes on which spectral functions are built: symmetric, logarithmic from `lowest`, with 0."""
    n = int(np.ceil(POINTS_A_DECADE * np.log10(HIGHEST / lowest))) + 1
    positive = np.geomspace(lowest, HIGHEST, n)
    nodes = np.concatenate([-positive[::-1], [0.0], positive])
    nodes.setflags(write=False)
    return nodes


def hat_transform(
    S: Callable[[np.ndarray], np.ndarray], omega: np.ndarray, nodes: np.ndarray
) -> np.ndarray:
    """Matrix that maps node values to the convolution at `omega`, (len(omega), len(nodes)).

    Args:
        S: Second antiderivative of the kernel.
        omega: Where the convolution is wanted.
        nodes: Ascending nodes; the function is taken to vanish from the outermost nodes on.
    """
    slopes = -np.diff(S(omega[:, None] - nodes[None, :]), axis=1) / np.diff(nodes)
    return -np.diff(slopes, axis=1, prepend=0.0, append=0.0)


def gaussian_second_antiderivative(width: float) -> Callable[[np.ndarray], np.ndarray]:
    r"""S for the normalised Gaussian exp(-(u/w)^2)/(sqrt(pi) w)."""

    def second_antiderivative(u: np.ndarray) -> np.ndarray:
        scaled = u / width
        return width * (scaled * erf(scaled) / 2 + np.exp(-(scaled**2)) / (2 * np.sqrt(np.pi)))

    return second_antiderivative


def inverse_second_antiderivative(u: np.ndarray) -> np.ndarray:
    """S for the kernel 1/u, principal value."""
    magnitude = np.where(u == 0, 1.0, np.abs(u))
    return u * np.log(magnitude) - u


@lru_cache(maxsize=4)
def hilbert_matrix(lowest: float) -> np.ndarray:
    r"""Matrix of :math:`P\!\int dx\, A(x)/(\omega - x)` on the internal grid's nodes."""
    nodes = internal_grid(lowest)
    return hat_transform(inverse_second_antiderivative, nodes, nodes)
