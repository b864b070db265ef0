"""The closed formula for T_chi against the solver and what is known exactly."""

import numpy as np
import pytest
import xarray as xr

from kondoflow.stage.config import load_config
from kondoflow.systems.anderson.law import t_chi
from kondoflow.systems.registry import find_computation


def solved(U, Gamma, eps_d):
    ensemble = load_config()["ensembles"]["low_field"]
    computation = find_computation("anderson")
    settings = computation.settings_of(ensemble["solver"], ensemble["omega"])
    point = {"U": U, "Gamma": Gamma, "eps_d": eps_d, "B": 0.0, "T": 1e-6}
    return computation.solve(point, settings).values["T_chi"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "point", [(0.1, 0.01, -0.05), (0.02, 0.03, 0.001), (0.2, 0.0125, -0.18), (0.05, 0.04, -0.04)]
)
def test_the_formula_agrees_with_the_solver(point):
    assert float(t_chi(*point)) == pytest.approx(solved(*point), rel=0.016)


def test_it_agrees_with_the_bethe_ansatz_in_the_symmetric_model():
    # T_chi over Haldane's expression: exp(pi Gamma/(2 U)), less the rest that is small for large U.
    for ratio, factor in ((10, 1.17), (15, 1.11), (20, 1.08), (25, 1.06)):
        Gamma = 5e-4
        U = ratio * Gamma
        haldane = np.sqrt(U * Gamma / 2) * np.exp(-np.pi * U / (8 * Gamma))
        assert float(t_chi(U, Gamma, -U / 2)) / haldane == pytest.approx(factor, rel=0.02)


def test_it_is_symmetric_and_takes_arrays():
    U, Gamma, eps_d = np.array([0.05, 0.1]), 0.01, np.array([-0.01, -0.04])
    assert t_chi(U, Gamma, eps_d) == pytest.approx(t_chi(U, Gamma, -eps_d - U), rel=1e-12)


def test_labels_are_kept():
    U = xr.DataArray([0.1, 0.12, 0.14], dims="U", coords={"U": [1, 2, 3]})
    eps_d = xr.DataArray([-0.05, -0.04, -0.03], dims="eps_d")
    found = t_chi(U, 0.01, eps_d)
    assert found.dims == ("U", "eps_d")
    np.testing.assert_array_equal(found, t_chi(U.to_numpy()[:, None], 0.01, eps_d.to_numpy()))
    with pytest.raises(ValueError, match="exact"):
        t_chi(U, 0.01, -U.isel(U=[0, 1]) / 2)
    column = U.to_series()
    found = t_chi(column, 0.01, -column / 2)
    assert found.index.equals(column.index)
    np.testing.assert_array_equal(found, t_chi(U.to_numpy(), 0.01, -U.to_numpy() / 2))
    with pytest.raises(ValueError, match="exact"):
        t_chi(column, 0.01, (-column / 2)[::-1])


def test_an_index_of_several_levels_is_refused():
    U = xr.DataArray(np.full((2, 2), 0.1), dims=("i", "k")).stack(both=("i", "k")).to_series()
    with pytest.raises(ValueError, match="an index of one level"):
        t_chi(U=U, Gamma=0.01, eps_d=-0.02)


def test_the_first_point_outside_is_named():
    with pytest.raises(ValueError, match=r"U above 0 and up to 0.4 D, not at U = 0.5, Gamma = 0.0"):
        t_chi([0.1, 0.5, np.nan], 0.01, -0.05)
    with pytest.raises(ValueError, match=r"U above 0 .* not at U = 0, "):
        t_chi(0, 0.01, 0)


@pytest.mark.parametrize(
    "point",
    [(0.5, 0.05, -0.2), (0.1, 0.2, -0.05), (0.1, 1e-3, -0.05), (0.1, 0.01, 0.1), (np.nan,) * 3],
)
def test_outside_of_the_domain_it_says_so(point):
    with pytest.raises(ValueError, match="T_chi is known for"):
        t_chi(*point)
