r"""Frequency grids, and integral transforms of functions that are piecewise linear on them.

A function with values A_k on nodes x_k is the sum of A_k times hat functions. The convolution of a
hat with a kernel K is a second difference of any S with S'' = K:

.. math::
    (K * \mathrm{hat}_k)(\omega) =
        \frac{S(\omega - x_{k-1}) - S(\omega - x_k)}{x_k - x_{k-1}}
      - \frac{S(\omega - x_k) - S(\omega - x_{k+1})}{x_{k+1} - x_k},

exact whatever the spacing. Two kernels are needed: the Gaussian of the thermal broadening and
1/omega for the Kramers-Kronig relation, with S(u) = u log|u| - u.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from scipy.fft import irfft, rfft
from scipy.special import erf

POINTS_AN_OCTAVE = 36  # 120 a decade
HIGHEST_EXPONENT = 3  # the internal grid ends at 2^3, well above the largest excitation energy
REFINEMENTS = 30  # of a grid, at most


def stored_grid(n_side: int, lowest: float, highest: float) -> np.ndarray:
    """Frequencies at which spectra are stored: symmetric, logarithmic, with 0, (2 n_side + 1,).

    Args:
        n_side: Number of positive frequencies.
        lowest: Smallest positive frequency.
        highest: Largest frequency; all are in units of D.
    """
    positive = np.geomspace(lowest, highest, n_side)
    return np.concatenate([-positive[::-1], [0.0], positive])


def cell_edges(omega: np.ndarray) -> np.ndarray:
    """Edges of the cells over which a stored spectrum is averaged, (n + 1,) from frequencies (n,).

    Edges lie at the geometric mean of neighbours; the cell of 0 reaches to where the next edge of
    the same logarithmic ladder would be.
    """
    positive = omega[omega > 0]
    ratio = np.sqrt(positive[1] / positive[0])
    edges = np.concatenate([[positive[0] / ratio], positive * ratio])
    return np.concatenate([-edges[::-1], edges])


@lru_cache(maxsize=64)
def internal_grid(lowest: float) -> np.ndarray:
    """Nodes on which spectral functions are built, (m,).

    They are symmetric, logarithmic from `lowest` on, with 0.

    Args:
        lowest: Smallest positive node in units of D, a power of two.
    """
    n_octaves = HIGHEST_EXPONENT - int(np.log2(lowest))
    positive = lowest * 2 ** (np.arange(n_octaves * POINTS_AN_OCTAVE + 1) / POINTS_AN_OCTAVE)
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
    """S for the Gaussian exp(-(u/w)^2)/(sqrt(pi) w) of width w; of the shape of u."""

    def second_antiderivative(u: np.ndarray) -> np.ndarray:
        scaled = u / width
        return width * (scaled * erf(scaled) / 2 + np.exp(-(scaled**2)) / (2 * np.sqrt(np.pi)))

    return second_antiderivative


def inverse_second_antiderivative(u: np.ndarray) -> np.ndarray:
    """S for the kernel 1/u, principal value, of the shape of u."""
    magnitude = np.where(u == 0, 1.0, np.abs(u))
    return u * np.log(magnitude) - u


def hilbert_transform(values: np.ndarray, lowest: float) -> np.ndarray:
    r"""The principal value :math:`P\!\int dx\, A(x)/(\omega - x)` on the internal grid's nodes.

    The nodes are geometric and 1/x has no scale, so that the transform of a hat depends on the
    ratio of frequency and node alone: on each side of 0 the matrix is a Toeplitz matrix. The hats
    at 0, beside it and at the ends are of another shape and are treated apart.

    Args:
        values: A on `internal_grid(lowest)`, (..., n).
        lowest: Smallest positive node.

    Returns:
        The transform, (..., n).
    """
    special, columns = _special_hats(lowest)
    n_side = values.shape[-1] // 2
    regular = values.reshape(-1, values.shape[-1]).copy()
    regular[:, special] = 0.0
    sides = np.concatenate([regular[:, n_side + 1 :], regular[:, n_side - 1 :: -1]])
    # A product with a Toeplitz matrix is a convolution; both matrices share the transform of A.
    length = 2 * n_side - 1
    frequencies = rfft(np.asarray_chkfinite(sides.T), n=length, axis=0)
    same, opposite = (
        irfft(kernel * frequencies, n=length, axis=0)[:n_side].T for kernel in _hat_kernels(n_side)
    )
    positive, negative = np.split(sides, 2)
    at_zero = _hat_at_zero() * (negative.sum(axis=1) - positive.sum(axis=1))
    (same_p, same_n), (opposite_p, opposite_n) = np.split(same, 2), np.split(opposite, 2)
    below, above = -(same_n + opposite_p), same_p + opposite_n
    transformed = np.concatenate([below[:, ::-1], at_zero[:, None], above], axis=1)
    return transformed.reshape(values.shape) + values[..., special] @ columns.T


@lru_cache(maxsize=8)
def _hat_kernels(n_side: int) -> tuple[np.ndarray, ...]:
    """Fourier transforms of the Toeplitz matrices from a side to itself and to the other.

    A matrix is part of a circulant one, whose first column holds its first column and its first row
    from the end, (2 n_side - 1,).
    """
    k = np.arange(-n_side, n_side + 1)
    x = 2.0 ** (k / POINTS_AN_OCTAVE)
    both = []
    for sign in (1.0, -1.0):
        transform = hat_transform(inverse_second_antiderivative, np.array([sign]), x)[0, 1:-1]
        transform *= sign
        centre = n_side - 1
        column, row = transform[centre::-1], transform[centre:]
        both.append(rfft(np.concatenate([column, row[-1:0:-1]]))[:, None])
    return tuple(both)


@lru_cache(maxsize=1)
def _hat_at_zero() -> float:
    """The integral of hat(x)/x, a hat of the geometric grid."""
    x = 2.0 ** (np.arange(-1, 2) / POINTS_AN_OCTAVE)
    return -float(hat_transform(inverse_second_antiderivative, np.zeros(1), x)[0, 1])


@lru_cache(maxsize=8)
def _special_hats(lowest: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes whose hats are not geometric, (5,), and their transforms on all nodes, (n, 5)."""
    nodes = internal_grid(lowest)
    centre = len(nodes) // 2
    special = np.array([0, centre - 1, centre, centre + 1, len(nodes) - 1])
    columns = []
    for k in special:
        first = max(k - 1, 0)
        near = nodes[first : k + 2]
        columns.append(hat_transform(inverse_second_antiderivative, nodes, near)[:, k - first])
    return special, np.stack(columns, axis=1)


def refined(
    function: Callable[[np.ndarray], np.ndarray],
    start: np.ndarray,
    tolerance: float,
    most: float = math.inf,
) -> tuple[np.ndarray, np.ndarray]:
    """A grid between whose points a function is linear to a tolerance.

    Args:
        function: Values (n,) at points (n,).
        start: Ascending points of the grid.
        tolerance: Largest deviation in the middle of an interval.
        most: Number of points beyond which no interval is halved any more.

    Returns:
        Points and values.
    """
    points, values = start, function(start)
    left, right = np.arange(len(start) - 1), np.arange(1, len(start))
    for _ in range(REFINEMENTS):
        middle = (points[left] + points[right]) / 2
        found = function(middle)
        bends = np.abs(found - (values[left] + values[right]) / 2) > tolerance
        new = len(points) + np.arange(len(middle))
        points, values = np.concatenate([points, middle]), np.concatenate([values, found])
        left, right, new = left[bends], right[bends], new[bends]
        left, right = np.concatenate([left, new]), np.concatenate([new, right])
        if not len(left) or len(points) > most:
            break
    order = np.argsort(points)
    return points[order], values[order]
