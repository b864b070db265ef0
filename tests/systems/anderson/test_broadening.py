"""Fast transforms of the broadening against the dense matrices they stand for."""

import numpy as np
import pytest

from kondoflow.systems.anderson.grid import (
    hat_transform,
    hilbert_transform,
    internal_grid,
    inverse_second_antiderivative,
)
from kondoflow.systems.anderson.nrg.bins import N_BINS, bin_centres
from kondoflow.systems.anderson.spectral.broadening import broaden, smooth

LOWEST = 2.0**-12


def test_hilbert_transform_of_hats():
    nodes = internal_grid(LOWEST)
    values = np.random.default_rng(1).normal(size=(2, 3, len(nodes)))
    dense = hat_transform(inverse_second_antiderivative, nodes, nodes)
    np.testing.assert_allclose(hilbert_transform(values, LOWEST), values @ dense.T, atol=1e-7)


def test_hilbert_transform_of_a_lorentzian():
    nodes, Gamma = internal_grid(LOWEST), 0.01
    lorentzian = Gamma / (np.pi * (nodes**2 + Gamma**2))
    expected = nodes / (nodes**2 + Gamma**2)
    found = hilbert_transform(lorentzian, LOWEST)
    inner = np.abs(nodes) < 1
    np.testing.assert_allclose(found[inner], expected[inner], atol=5e-4 / Gamma)


@pytest.mark.parametrize("alpha", [0.1, 0.3, 0.8])
def test_logarithmic_gaussian(alpha):
    weights = np.random.default_rng(2).random((2, N_BINS))
    nodes = internal_grid(LOWEST)
    omega, E = nodes[nodes > 0][:, None], bin_centres()[None, :]
    exponent = np.log(omega / E) / alpha + alpha / 4
    dense = np.exp(-(exponent**2)) / (np.sqrt(np.pi) * alpha * E)
    np.testing.assert_allclose(smooth(weights, LOWEST, alpha), weights @ dense.T, rtol=1e-12)


@pytest.mark.parametrize("T", [1e-7, 3e-4, 0.1])
def test_weight_is_conserved(T):
    histogram = np.zeros((2, N_BINS))
    histogram[0, np.searchsorted(bin_centres(), 0.1 * T)] = 0.3
    histogram[1, np.searchsorted(bin_centres(), 3 * T)] = 0.3
    histogram[1, np.searchsorted(bin_centres(), 0.2)] = 0.4
    nodes, correlator = broaden(histogram, T, 0.3)
    assert np.trapezoid(-correlator.imag / np.pi, nodes) == pytest.approx(1.0, abs=2e-3)


def test_thermal_gaussian_of_a_smooth_spectrum():
    """A wide Gaussian of peaks, sampled by the histogram, gets the width of both steps."""
    T, width = 1e-3, 0.02
    E = bin_centres()
    octave = 2.0 ** np.floor(np.log2(E))
    peaks = np.exp(-((E / width) ** 2)) * octave
    histogram = np.stack([peaks, peaks]) / (2 * peaks.sum())
    nodes, correlator = broaden(histogram, T, 0.02)
    near = np.abs(nodes) < 0.05
    total = np.hypot(width, T)
    expected = np.exp(-((nodes[near] / total) ** 2)) / (np.sqrt(np.pi) * total)
    found = -correlator.imag[near] / np.pi
    np.testing.assert_allclose(found, expected, atol=2e-3 * expected.max())
