"""Solutions that can't be used: recognised, logged, set apart; too many of them stop the run."""

import logging
import math

import numpy as np
import pytest

import collect_spectra
import solve_spectra
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset, write_dataset
from kondoflow.files.spectra import read_spectra, sample_variables
from kondoflow.stage.config import load_config
from kondoflow.systems.anderson.contract import STATUSES, Status
from kondoflow.systems.anderson.hamiltonian import PARAMETERS
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.quality import assess_solution
from kondoflow.systems.anderson.settings import Settings
from kondoflow.systems.anderson.z_average import diagonalise
from kondoflow.systems.interface import Parameter
from kondoflow.systems.solving import solve_one

LOW_FIELD = load_config()["ensembles"]["low_field"]
SOLVER = {**LOW_FIELD["solver"], "n_z": 2, "n_keep": 20}
OMEGA = {**LOW_FIELD["omega"], "n_side": 20}
SETTINGS = Settings.from_config(SOLVER, OMEGA)
HALF = np.full((2, 5), 0.5)
# Far below what the solver resolves.
COLD = {"U": 0.1, "Gamma": 0.02, "eps_d": -0.05, "B": 0.0, "T": 1e-13}


@pytest.mark.parametrize(
    ("spectra", "occupation", "weight_error", "status"),
    [
        (HALF, (0.5, 0.5), 1e-15, Status.VALID),
        (HALF - 0.5 - 1e-9, (0.5, 0.5), 1e-15, Status.VALID),
        (HALF * math.nan, (0.5, 0.5), 1e-15, Status.NOT_FINITE),
        (HALF, (0.5, math.inf), 1e-15, Status.NOT_FINITE),
        (HALF, (0.5, 0.5), math.nan, Status.NOT_FINITE),
        (HALF, (0.5, 0.5), 2e-6, Status.WEIGHT_OFF),
        (HALF - 0.6, (0.5, 0.5), 1e-15, Status.NEGATIVE),
    ],
)
def test_solutions_that_cannot_be_used_are_recognised(spectra, occupation, weight_error, status):
    assert assess_solution(spectra, occupation, weight_error) is status


def test_compiled_code_raises_where_lapack_fails():
    with pytest.raises(ValueError, match="infs or NaNs"):
        diagonalise(Impurity(U=math.nan, Gamma=0.02, eps_d=-0.05, B=0.0, T=1e-3), SETTINGS)


def test_a_failed_solution_is_marked_and_explained(monkeypatch):
    monkeypatch.setitem(PARAMETERS, "T", Parameter(0.0, 1.0, "D", "temperature"))
    record, remarks = solve_one("anderson", COLD, SETTINGS)
    assert record.values["status"] == Status.FAILED
    assert record.values["spectral_function"].shape == (2, 41)
    assert np.isnan(record.values["spectral_function"]).all()
    assert remarks[-1] == "the solution is not used: failed"
    assert remarks[-2].startswith("ValueError: ")


def test_a_parameter_out_of_bounds_still_stops():
    with pytest.raises(InputError, match="T = 1e-13 is not usable"):
        solve_one("anderson", COLD, SETTINGS)


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    """Parameters of ten samples and the chunk with their spectra, of which one is marked."""
    folder = tmp_path_factory.mktemp("solved")
    table, parameters, chunk = (folder / name for name in ("points.csv", "points.nc", "0000.nc"))
    rows = [f"0.1,0.05,{-0.01 * k},0,1e-2" for k in range(10)]
    table.write_text("\n".join(["U,Gamma,eps_d,B,T", *rows]))
    options = {"threads": 1, "solver": SOLVER, "omega": OMEGA}
    solve_spectra.main(points=table, output=chunk, system="anderson", **options)
    dataset = read_dataset(chunk)
    write_dataset(parameters, dataset[list(PARAMETERS)])
    dataset["status"][3] = Status.WEIGHT_OFF
    write_dataset(chunk, dataset)
    return parameters, chunk


def collect(solved, output, max_invalid):
    parameters, chunk = solved
    collect_spectra.main(
        parameters=[parameters],
        chunks=[chunk],
        spectra=output,
        ensemble={"system": "anderson", "split": {"train": 0.8, "validation": 0.1, "test": 0.1}},
        solver={**SOLVER, "max_invalid": max_invalid},
        omega=OMEGA,
        seed=1,
        name="mine",
    )


def test_invalid_samples_are_set_apart_with_the_reason(solved, tmp_path, caplog):
    output = tmp_path / "spectra.nc"
    with caplog.at_level(logging.WARNING, "kondoflow"):
        collect(solved, output, 0.1)
    assert "1 of 10 samples set apart: 1 weight_off" in caplog.text
    dataset = read_spectra(output)
    assert dataset.sizes["sample"] == 9
    assert -0.03 not in dataset["eps_d"]
    assert dataset["rejected_eps_d"].to_numpy().tolist() == [-0.03]
    assert dataset["rejected_status"].to_numpy().tolist() == [Status.WEIGHT_OFF]
    assert dataset["rejected_status"].attrs["flag_meanings"].split() == list(STATUSES)
    assert not {name for name in sample_variables(dataset) if "status" in name}


def test_too_many_invalid_samples_stop_the_run(solved, tmp_path):
    with pytest.raises(InputError) as caught:
        collect(solved, tmp_path / "spectra.nc", 0.05)
    assert str(caught.value) == (
        "mine: share of invalid samples = 0.1 is not usable: must be at most solver.max_invalid = "
        "0.05 (1 weight_off; see the jobs' logs)"
    )
    assert list(tmp_path.iterdir()) == []
