"""The solver's machinery against brute force in Fock space and against plain numpy."""

import dataclasses
from typing import NamedTuple

import numpy as np
import pytest
from brute_force import BruteForce

from kondoflow.systems.anderson.baths.chain import hoppings
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.nrg.bins import (
    BINS_PER_OCTAVE,
    LOWEST_EXPONENT,
    N_BINS,
    bin_centres,
    bin_index,
)
from kondoflow.systems.anderson.nrg.correlators import raw_spectra, spin_response
from kondoflow.systems.anderson.nrg.density_matrix import (
    DensityMatrix,
    density_matrices,
    impurity_probabilities,
    states_of,
    thermal_weights,
)
from kondoflow.systems.anderson.nrg.diagonalisation import Shell, diagonalise_chain
from kondoflow.systems.anderson.nrg.operators import impurity_annihilators, impurity_spin
from kondoflow.systems.anderson.nrg.symmetry import Symmetry, charge_spin, charge_sz
from kondoflow.systems.anderson.nrg.tensor_operators import ANNIHILATOR
from kondoflow.systems.anderson.nrg.truncation import WINDOW

PARAMETERS = [
    Impurity(U=0.1, Gamma=0.01, eps_d=-0.05, B=0.0, T=1e-3),
    Impurity(U=0.3, Gamma=0.05, eps_d=-0.07, B=0.0, T=0.05),
    Impurity(U=0.2, Gamma=0.02, eps_d=0.03, B=0.0, T=0.01),
]
FIELDS = [0.0, 0.04]
N_SITES = 3
ALL = 10**6
Z = np.array([0.3 + 0.1j, -0.02 + 0.01j, 1e-3j, -0.7 + 0.002j])
TRUNCATED = Impurity(U=0.1, Gamma=0.02, eps_d=-0.03, B=0.0, T=1e-3)


class Chain(NamedTuple):
    """A diagonalised chain with its density matrices."""

    impurity: Impurity
    symmetry: Symmetry
    shells: list[Shell]
    densities: list[DensityMatrix]


def _solve(impurity, n_keep=ALL, n_sites=N_SITES):
    U, Gamma, eps_d, B, T, _ = dataclasses.astuple(impurity)
    symmetry = charge_spin() if B == 0 else charge_sz()
    amplitudes = np.array([np.sqrt(2 * Gamma / np.pi), *hoppings(3.0, 0.5, n_sites)])
    onsite = np.zeros(len(amplitudes))
    shells = diagonalise_chain(eps_d, U, B, amplitudes, onsite, n_keep, symmetry)
    densities = density_matrices(shells, thermal_weights(states_of(shells), T))
    return Chain(impurity, symmetry, shells, densities)


def _truncated(B):
    return _solve(dataclasses.replace(TRUNCATED, B=B), 60, 8)


# --------------------------------------------------------------- the same in plain numpy


def _states(shell, b):
    return slice(shell.energy_at[b], shell.energy_at[b + 1])


def _vectors(shell, b):
    dim = shell.slot_at[b, 4]
    return shell.vectors[shell.vector_at[b] :][: dim**2].reshape(dim, dim)


def _rho(chain, n, b):
    shell, density = chain.shells[n], chain.densities[n]
    n_kept = shell.n_kept[b]
    rho = np.diag(density.weights[_states(shell, b)])
    rho[:n_kept, :n_kept] = density.kept[density.at[b] :][: n_kept**2].reshape(n_kept, n_kept)
    return rho


def _in_impurity(operator, k):
    """The operator k of those that lie side by side."""
    at = operator.at[:-1].reshape(operator.row_block.shape)
    return {
        (b, c): operator.values[at[b, c] + k].reshape(1, 1)
        for b, c in np.argwhere(operator.row_block >= 0)
    }


def _row_blocks(labels, steps):
    """Block to which each component of an operator leads, -1 if none."""
    block = {tuple(label): b for b, label in enumerate(labels.tolist())}
    return np.array(
        [[block.get(tuple(to), -1) for to in (label + steps).tolist()] for label in labels]
    )


def _in_eigenstates(chain, kind, factors, operator):
    """The operator between all eigenstates of every shell, {(column block, component): matrix}."""
    yield operator
    for old, shell in zip(chain.shells, chain.shells[1:], strict=False):
        rows, old_rows = (_row_blocks(each.labels, kind.steps) for each in (shell, old))
        following = {}
        for b, c in np.argwhere(rows >= 0):
            row = rows[b, c]
            P = np.zeros((shell.slot_at[row, 4], shell.slot_at[b, 4]))
            for link, (to, come, part) in enumerate(kind.links[c]):
                p_row, p = shell.parents[row, to], shell.parents[b, come]
                if min(p_row, p, part) < 0 or old_rows[p, part] != p_row:
                    continue
                block = operator[p, part][: old.n_kept[p_row], : old.n_kept[p]]
                target = P[slice(*shell.slot_at[row, to : to + 2])]
                factor = factors[shell.labels[b, 1] + chain.symmetry.offset, c, link]
                target[:, slice(*shell.slot_at[b, come : come + 2])] += factor * block
            following[b, c] = _vectors(shell, row) @ P @ _vectors(shell, b).T
        operator = following
        yield operator


def _peaks(chain):
    """Plain numpy Lehmann sum: shell, frequencies, weights of d and F, component."""
    first, symmetry = chain.shells[0], chain.symmetry
    pair = impurity_annihilators(first, chain.impurity.U)
    operators = (
        _in_eigenstates(chain, ANNIHILATOR, symmetry.annihilator, _in_impurity(pair, k))
        for k in range(2)
    )
    for n, (d, F) in enumerate(zip(*operators, strict=True)):
        shell = chain.shells[n]
        rows = _row_blocks(shell.labels, ANNIHILATOR.steps)
        for b, c in d if n > 0 else ():
            row = rows[b, c]
            weight = _rho(chain, n, row) @ d[b, c] + d[b, c] @ _rho(chain, n, b)
            weight *= symmetry.spectral_weight[shell.labels[b, 1] + symmetry.offset]
            weight[: shell.n_kept[row], : shell.n_kept[b]] = 0.0
            omega = shell.energies[_states(shell, b)] - shell.energies[_states(shell, row)][:, None]
            yield omega.ravel(), (weight * d[b, c]).ravel(), (weight * F[b, c]).ravel(), c


def _spin_peaks(chain):
    """Plain numpy Lehmann sum of the spin: frequencies and weights S [rho S + S rho]."""
    kind, factors = chain.symmetry.spin_kind, chain.symmetry.spin
    S_0 = _in_impurity(impurity_spin(chain.shells[0], chain.symmetry), 0)
    for n, S in enumerate(_in_eigenstates(chain, kind, factors, S_0)):
        shell = chain.shells[n]
        rows = _row_blocks(shell.labels, kind.steps)
        for b, c in S if n > 0 else ():
            row = rows[b, c]
            weight = _rho(chain, n, row) @ S[b, c] + S[b, c] @ _rho(chain, n, b)
            weight[: shell.n_kept[row], : shell.n_kept[b]] = 0.0
            gap = shell.energies[_states(shell, b)] - shell.energies[_states(shell, row)][:, None]
            share = shell.degeneracy[row] / 3 if chain.symmetry.n_spin == 1 else 1.0
            yield gap.ravel(), share * (S[b, c] * weight).ravel()


def _response(chain):
    """Plain numpy sum for the response of the spin."""
    total = 0.0
    for gap, weight in _spin_peaks(chain):
        half = gap / (2 * chain.impurity.T)
        kernel = np.tanh(half) / np.where(half == 0, 1, half) + (half == 0)
        total += np.sum(weight * kernel) / (2 * chain.impurity.T)
    return total


# ------------------------------------------------------------------- chains without truncation


@pytest.mark.parametrize("B", FIELDS)
@pytest.mark.parametrize("impurity", PARAMETERS)
def test_green_functions_at_complex_frequencies(impurity, B):
    impurity = dataclasses.replace(impurity, B=B)
    chain = _solve(impurity)
    exact = BruteForce(impurity, hoppings(3.0, 0.5, N_SITES))
    n_spin = chain.symmetry.n_spin
    found = np.zeros((2, n_spin, len(Z)), complex)
    for omega, d, F, component in _peaks(chain):
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
    chain = _solve(impurity)
    _, up, down, double = impurity_probabilities(chain.shells[0], chain.densities[0])
    exact = BruteForce(impurity, hoppings(3.0, 0.5, N_SITES))
    expected = [exact.expectation(n) for n in exact.number]
    assert [up + double, down + double] == pytest.approx(expected, abs=1e-12)
    assert double == pytest.approx(exact.expectation(exact.number[0] @ exact.number[1]), abs=1e-12)


@pytest.mark.parametrize("B", FIELDS)
@pytest.mark.parametrize("impurity", PARAMETERS)
def test_spin_response(impurity, B):
    """Static response, and the spin's dynamical response at complex frequencies."""
    impurity = dataclasses.replace(impurity, B=B)
    chain = _solve(impurity)
    exact = BruteForce(impurity, hoppings(3.0, 0.5, N_SITES))
    found, histogram = spin_response(chain.shells, chain.densities, impurity.T, chain.symmetry)
    assert found == pytest.approx(exact.susceptibility(), rel=1e-10)
    square = exact.expectation(exact.S_z @ exact.S_z)
    assert histogram.sum() == pytest.approx(2 * square, rel=1e-10)
    dynamical = np.zeros(len(Z), complex)
    for gap, weight in _spin_peaks(chain):
        difference = weight * np.tanh(gap / (2 * impurity.T))
        dynamical -= (difference[:, None] / (Z - gap[:, None])).sum(axis=0)
    expected = [exact.spin_response(z) for z in Z]
    np.testing.assert_allclose(dynamical, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("impurity", PARAMETERS)
def test_full_spin_symmetry_agrees_with_charge_and_sz(impurity):
    """A field too small to matter switches to charge and S_z; nothing else must change.

    Green functions at complex frequencies, all energies with their degeneracies, occupations.
    """
    full, weak = _solve(impurity), _solve(dataclasses.replace(impurity, B=1e-14))
    green = np.zeros((2, 2, 2, len(Z)), complex)
    for k, chain in enumerate((full, weak)):
        for omega, d, F, component in _peaks(chain):
            for X, weight in enumerate((d, F)):
                part = (weight[:, None] / (Z - omega[:, None])).sum(axis=0)
                green[k, X, component % chain.symmetry.n_spin] += part
    for spin in range(2):
        np.testing.assert_allclose(green[1, :, spin], green[0, :, 0], rtol=1e-9, atol=1e-9)
    multiplets, states = (
        np.sort(np.repeat(s.energies, np.repeat(s.degeneracy.astype(int), s.slot_at[:, 4])))
        for s in (chain.shells[-1] for chain in (full, weak))
    )
    np.testing.assert_allclose(multiplets, states, atol=1e-12)
    probabilities = [impurity_probabilities(c.shells[0], c.densities[0]) for c in (full, weak)]
    np.testing.assert_allclose(*probabilities, atol=1e-10)


# ---------------------------------------------------------------------------- truncated chains


@pytest.mark.parametrize("B", FIELDS)
def test_compiled_lehmann_sum_agrees_with_plain_numpy(B):
    chain = _truncated(B)
    n_spin = chain.symmetry.n_spin
    expected = np.zeros((n_spin, 2, N_BINS, 2))
    for omega, d, F, component in _peaks(chain):
        mantissa, exponent = np.frexp(np.abs(omega))
        index = (exponent - 1 - LOWEST_EXPONENT) * BINS_PER_OCTAVE
        index += ((2 * mantissa - 1) * BINS_PER_OCTAVE).astype(int)
        index = np.where(omega == 0, 0, np.clip(index, 0, N_BINS - 1))
        sign = (omega >= 0).astype(int)
        for k, weight in enumerate((d, F)):
            np.add.at(expected[component % n_spin, ..., k], (sign, index), weight)
    found = raw_spectra(chain.shells, chain.densities, chain.impurity.U, chain.symmetry)
    np.testing.assert_allclose(found, expected, atol=1e-13)
    np.testing.assert_allclose(found[..., 0].sum(axis=(1, 2)), 1.0, atol=1e-13)


@pytest.mark.parametrize("B", FIELDS)
def test_compiled_spin_response_agrees_with_plain_numpy(B):
    chain = _truncated(B)
    T = chain.impurity.T
    found, histogram = spin_response(chain.shells, chain.densities, T, chain.symmetry)
    assert found == pytest.approx(_response(chain), rel=1e-12)
    magnitudes = np.abs(np.concatenate([gap for gap, _ in _spin_peaks(chain)]))
    weights = np.concatenate([weight for _, weight in _spin_peaks(chain)])
    expected, _ = np.histogram(magnitudes, bins=2.0 ** np.arange(-60, 5), weights=weights)
    octaves = histogram.reshape(-1, BINS_PER_OCTAVE).sum(axis=1)
    first = LOWEST_EXPONENT + 60
    np.testing.assert_allclose(octaves[1:], expected[first + 1 : first + len(octaves)], atol=1e-13)


@pytest.mark.parametrize("B", FIELDS)
def test_density_matrices_agree_with_plain_numpy(B):
    chain = _truncated(B)
    for n, (shell, following) in enumerate(zip(chain.shells, chain.shells[1:], strict=False)):
        expected = [np.zeros((k, k)) for k in shell.n_kept]
        for b, parents in enumerate(following.parents):
            V = _vectors(following, b)
            rho = V.T @ _rho(chain, n + 1, b) @ V
            for slot in np.flatnonzero(parents >= 0):
                part = slice(*following.slot_at[b, slot : slot + 2])
                ratio = following.degeneracy[b] / shell.degeneracy[parents[slot]]
                expected[parents[slot]] += ratio * rho[part, part]
        for b, block in enumerate(expected):
            k = len(block)
            np.testing.assert_allclose(_rho(chain, n, b)[:k, :k], block, atol=1e-14)


def test_bins_of_the_histogram():
    centres = bin_centres()
    index = [bin_index(omega) for omega in centres]
    np.testing.assert_array_equal(index, np.arange(N_BINS))
    assert [bin_index(omega) for omega in (0.0, 5e-324, 1e-300, 1e3)] == [0, 0, 0, N_BINS - 1]


def test_truncation_keeps_multiplets_together():
    """At B = 0 the cut lies in a gap; with S_z blocks it must not split the multiplets either."""
    impurity = Impurity(U=0.1, Gamma=0.02, eps_d=-0.03, B=1e-13, T=1e-5)
    for shell in _solve(impurity, 100, 20).shells[5:-1]:
        is_kept = np.concatenate(
            [np.arange(n) < k for n, k in zip(shell.slot_at[:, 4], shell.n_kept, strict=True)]
        )
        assert 100 <= is_kept.sum() <= WINDOW * 100
        gap = shell.energies[~is_kept].min() - shell.energies[is_kept].max()
        assert gap > 1e-6 * shell.energies[is_kept].max()


def test_spins_that_are_diagonalised_apart_agree_without_a_field():
    chain = _solve(dataclasses.replace(TRUNCATED, B=1e-14))
    _, up, down, _ = impurity_probabilities(chain.shells[0], chain.densities[0])
    assert up == pytest.approx(down, abs=1e-10)
