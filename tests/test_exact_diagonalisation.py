"""The solver's machinery on chains that are not truncated, against brute force in Fock space."""

import dataclasses

import numpy as np
import pytest
from brute_force import BruteForce

from anderson import kernels
from anderson.chain import hoppings
from anderson.correlators import bin_centres, raw_spectra, spin_susceptibility
from anderson.density_matrix import density_matrices, occupations
from anderson.diagonalisation import diagonalise_chain, transport
from anderson.model import Impurity

PARAMETERS = [
    Impurity(U=0.1, Gamma=0.01, eps_d=-0.05, B=0.0, T=1e-3),
    Impurity(U=0.3, Gamma=0.05, eps_d=-0.07, B=0.0, T=0.05),
    Impurity(U=0.2, Gamma=0.02, eps_d=0.03, B=0.0, T=0.01),
]
FIELDS = [0.0, 0.04]
N_SITES = 3
ALL = 10**6
Z = np.array([0.3 + 0.1j, -0.02 + 0.01j, 1e-3j, -0.7 + 0.002j])


def _solve(impurity, n_keep=ALL, carry=("d", "F")):
    iteration = diagonalise_chain(impurity, hoppings(3.0, 0.5, N_SITES), n_keep, carry)
    return iteration, density_matrices(iteration, impurity.T)


def _peaks(iteration, matrices, n):
    """Plain numpy Lehmann sum of one shell: frequencies, weights of d and F, spin component."""
    old, shell, matrix = iteration.shells[n - 1], iteration.shells[n], matrices[n]
    operators = transport(
        old, shell, iteration.carried[n - 1], shell.all, shell.all, iteration.symmetry
    )
    layout = operators["d"].layout
    factors = iteration.symmetry.spectral_weight(shell.labels[:, 1])
    for b, c in np.argwhere(layout.row_block >= 0):
        row = layout.row_block[b, c]
        shape = (shell.all.sizes[row], shell.all.sizes[b])
        begin = layout.at[b, c]
        d, F = (
            operators[name].values[begin : begin + np.prod(shape)].reshape(shape) for name in "dF"
        )
        rho = [_density(shell, matrix, block) for block in (row, b)]
        weight = factors[b, c] * (rho[0] @ d + d @ rho[1])
        weight[: shell.kept.sizes[row], : shell.kept.sizes[b]] = 0.0
        E = [shell.energies[shell.energy_at[k] :][: shell.all.sizes[k]] for k in (row, b)]
        omega = E[1][None, :] - E[0][:, None]
        yield omega.ravel(), (weight * d).ravel(), (weight * F).ravel(), c


def _density(shell, matrix, block):
    n_kept, n_all = shell.kept.sizes[block], shell.all.sizes[block]
    rho = np.diag(matrix.weights[shell.energy_at[block] :][:n_all])
    kept = matrix.kept[matrix.at[block] :][: n_kept**2].reshape(n_kept, n_kept)
    rho[:n_kept, :n_kept] = kept
    return rho


@pytest.mark.parametrize("B", FIELDS)
@pytest.mark.parametrize("impurity", PARAMETERS)
def test_green_functions_at_complex_frequencies(impurity, B):
    impurity = dataclasses.replace(impurity, B=B)
    iteration, matrices = _solve(impurity)
    exact = BruteForce(impurity, hoppings(3.0, 0.5, N_SITES))
    n_spin = iteration.symmetry.n_spin
    found = np.zeros((2, n_spin, len(Z)), complex)
    for omega, d, F, component in _peaks(iteration, matrices, N_SITES):
        for k, weight in enumerate((d, F)):
            found[k, component % n_spin] += (weight[:, None] / (Z - omega[:, None])).sum(axis=0)
    for spin in range(n_spin):
        for k, X in enumerate((exact.d[spin], exact.F[spin])):
            expected = [exact.correlator(X, exact.d[spin], z) for z in Z]
            np.testing.assert_allclose(found[k, spin], expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("B", FIELDS)
@pytest.mark.parametrize("impurity", PARAMETERS)
def test_occupations(impurity, B):
    impurity = dataclasses.replace(impurity, B=B)
    found = occupations(*_solve(impurity))
    exact = BruteForce(impurity, hoppings(3.0, 0.5, N_SITES))
    assert found.by_spin == pytest.approx([exact.expectation(n) for n in exact.number], abs=1e-12)
    double = exact.expectation(exact.number[0] @ exact.number[1])
    assert found.double == pytest.approx(double, abs=1e-12)


@pytest.mark.parametrize("impurity", PARAMETERS)
def test_spin_susceptibility(impurity):
    iteration, matrices = _solve(impurity, carry=("S",))
    found = spin_susceptibility(iteration, matrices, impurity.T)
    exact = BruteForce(impurity, hoppings(3.0, 0.5, N_SITES)).susceptibility()
    assert found == pytest.approx(exact, rel=1e-10)


@pytest.mark.parametrize("impurity", PARAMETERS)
def test_full_spin_symmetry_agrees_with_charge_and_sz(impurity):
    """A field too small to matter switches to charge and S_z; results must not change."""
    weak = dataclasses.replace(impurity, B=1e-14)
    histograms = [raw_spectra(*_solve(each)) for each in (impurity, weak)]
    moments = [h @ bin_centres() ** 0.5 for h in histograms]
    for spin in range(2):
        # Peaks at a bin's edge may fall to either side, hence moments and not single bins.
        np.testing.assert_allclose(moments[1][spin], moments[0][0], rtol=2e-3, atol=1e-9)
    multiplets, states = (
        np.sort(np.repeat(s.energies, np.repeat(s.degeneracy.astype(int), s.all.sizes)))
        for s in (_solve(each)[0].shells[-1] for each in (impurity, weak))
    )
    np.testing.assert_allclose(multiplets, states, atol=1e-12)


@pytest.mark.parametrize("B", FIELDS)
def test_compiled_lehmann_sum_agrees_with_plain_numpy_on_a_truncated_chain(B):
    impurity = Impurity(U=0.1, Gamma=0.02, eps_d=-0.03, B=B, T=1e-3)
    chain = hoppings(3.0, 0.5, 8)
    iteration = diagonalise_chain(impurity, chain, 60, ("d", "F"))
    matrices = density_matrices(iteration, impurity.T)
    n_spin = iteration.symmetry.n_spin
    expected = np.zeros((n_spin, 2, 2, kernels.N_BINS))
    for n in range(1, len(iteration.shells)):
        for omega, d, F, component in _peaks(iteration, matrices, n):
            octave = np.frexp(np.abs(omega))
            index = (octave[1] - 1 - kernels.LOWEST_EXPONENT) * kernels.BINS_PER_OCTAVE
            index += ((2 * octave[0] - 1) * kernels.BINS_PER_OCTAVE).astype(int)
            index = np.where(omega == 0, 0, np.clip(index, 0, kernels.N_BINS - 1))
            sign = (omega >= 0).astype(int)
            for k, weight in enumerate((d, F)):
                np.add.at(expected[component % n_spin, k], (sign, index), weight)
    np.testing.assert_allclose(raw_spectra(iteration, matrices), expected, atol=1e-13)


def test_truncation_keeps_multiplets_together():
    """At B = 0 the cut lies in a gap; with S_z blocks it must not split the multiplets either."""
    impurity = Impurity(U=0.1, Gamma=0.02, eps_d=-0.03, B=1e-13, T=1e-5)
    shells = diagonalise_chain(impurity, hoppings(3.0, 0.5, 20), 100, ()).shells
    for shell in shells[5:-1]:
        is_kept = np.concatenate(
            [np.arange(n) < k for n, k in zip(shell.all.sizes, shell.kept.sizes, strict=True)]
        )
        assert 100 <= is_kept.sum() <= 110
        gap = shell.energies[~is_kept].min() - shell.energies[is_kept].max()
        assert gap > 1e-6 * shell.energies[is_kept].max()


def test_flipped_spins_are_degenerate_without_a_field():
    impurity = Impurity(U=0.1, Gamma=0.02, eps_d=-0.03, B=0.0, T=1e-3)
    state = occupations(*_solve(impurity))
    assert state.up == state.down
