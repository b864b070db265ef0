"""The Wilson chain against the discretised and the continuous band."""

from decimal import Decimal

import numpy as np
import pytest

from kondoflow.systems.anderson.baths import chain


@pytest.mark.parametrize(("Lambda", "z"), [(2.0, 1.0), (3.0, 0.25), (4.0, 0.7)])
def test_chain_and_star_have_the_same_hybridisation(Lambda, z):
    energies, weights = chain.star(Lambda, z, 80, 60)
    E, w = np.array(energies, float), np.array(weights, float)
    t = chain.hoppings(Lambda, z, 45)
    omega = 1j * np.geomspace(1e-3, 1, 9)
    star = np.array([np.sum(w / 2 * (1 / (x - E) + 1 / (x + E))) for x in omega])
    continued = np.zeros_like(omega)
    for amplitude in t[::-1]:
        continued = amplitude**2 / (omega - continued)
    np.testing.assert_allclose(1 / (omega - continued), star, rtol=1e-9)


def test_average_over_z_is_the_flat_band():
    """Averaged over z, levels at +-E(j + z) have a constant density: weight = |dE/dx|."""
    Lambda = 3.0
    pairs = [chain.star(Lambda, float(z), 8, 40) for z in np.linspace(0.002, 1.0, 500)]
    E = np.sort(np.array([e for energies, _ in pairs for e in energies], float))
    order = np.argsort(np.array([e for energies, _ in pairs for e in energies], float))
    w = np.array([v for _, weights in pairs for v in weights], float)[order] / len(pairs)
    cumulative = np.cumsum(w)
    inside = (E > 0.02) & (E < 0.95)
    slope = np.polyfit(E[inside], cumulative[inside], 1)
    assert slope[0] == pytest.approx(1.0, abs=2e-3)
    deviation = cumulative[inside] - np.polyval(slope, E[inside])
    assert np.abs(deviation).max() < 3e-3


def test_weights_sum_to_one():
    _, weights = chain.star(2.5, 0.3, 40, 50)
    assert abs(sum(weights) - Decimal(1)) < Decimal("1e-48")


def test_hoppings_do_not_depend_on_the_length_asked_for():
    long = chain.hoppings(3.0, 0.5, 40)
    short = chain.hoppings(3.0, 0.5, 12)
    np.testing.assert_array_equal(short, long[:11])


def test_hoppings_are_converged_in_digits_and_levels():
    reference = chain.hoppings(2.0, 0.5, 48)
    more = chain._of_power_law.__wrapped__(2.0, 0.5, 64, 0.0)
    np.testing.assert_allclose(reference, more[:47], rtol=1e-15)


@pytest.mark.parametrize("Lambda", [1.5, 1.7, 3.0, 10.0])
@pytest.mark.parametrize("z", [0.25, 0.5, 0.75, 1.0])
def test_the_shortest_chains_exist_for_each_discretisation(Lambda, z):
    n_sites = chain.chain_length(1.0, Lambda)
    assert len(chain.hoppings(Lambda, z, n_sites)) == n_sites - 1


def test_hoppings_decay_with_the_square_root_of_lambda():
    t = chain.hoppings(3.0, 0.75, 31)
    assert t[-1] / t[-2] == pytest.approx(3**-0.5, rel=1e-6)


def test_chain_length_reaches_a_tenth_of_the_temperature():
    N = chain.chain_length(1e-6, 3.0)
    assert 3.0 ** (-(N - 1) / 2) <= 1e-7 < 3.0 ** (-(N - 3) / 2)
