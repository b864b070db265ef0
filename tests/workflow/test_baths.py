"""Sets of spectra with a bath of their own, from the points to the file."""

import json
import runpy

import numpy as np
import pytest

from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset
from kondoflow.stage.config import resolved_config
from kondoflow.stage.paths import ROOT

SMALL = {"n_z": 2, "n_keep": 16, "max_invalid": 0.0}
ROWS = "omega,Delta\n-2,0.0\n-1,0.1\n0,0.04\n1,0.1\n2,0.0\n"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("KONDOFLOW_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def main_of(stage):
    return runpy.run_path(str(ROOT / "scripts" / f"{stage}.py"))["main"]


def ensemble_with(solver, axes):
    own = {
        "system": "anderson",
        "n_samples": 6,
        "chunk_size": 3,
        "sampling": "sobol",
        "axes": {
            "U": {"range": [0.1, 0.2], "scale": "log"},
            "eps_d_over_U": -0.4,
            "B": 0.0,
            "T": 1e-3,
            **axes,
        },
        "solver": {**SMALL, **solver},
        "omega": {"n_side": 12, "min": 1e-3, "max": 1.0},
        "split": {"train": 0.6, "validation": 0.2, "test": 0.2},
    }
    config = {"ensembles": {"own": own}, "runs": [{"name": "vae", "ensemble": "own"}]}
    return resolved_config(config)["ensembles"]["own"]


def spectra_of(ensemble, folder):
    parameters, chunks = [], []
    for k in range(2):
        parameters.append(folder / f"points{k}.nc")
        chunks.append(folder / f"chunk{k}.nc")
        main_of("sample_parameters")(
            parameters=parameters[-1], ensemble=ensemble, seed=1, first=3 * k, n_samples=3
        )
        main_of("solve_spectra")(
            points=parameters[-1],
            output=chunks[-1],
            threads=1,
            system="anderson",
            solver=ensemble["solver"],
            omega=ensemble["omega"],
        )
    spectra = folder / "spectra.nc"
    main_of("collect_spectra")(
        parameters=parameters,
        chunks=chunks,
        spectra=spectra,
        ensemble=ensemble,
        solver=ensemble["solver"],
        omega=ensemble["omega"],
        seed=2,
    )
    return read_dataset(spectra)


def test_a_table_travels_with_its_spectra(folder):
    table = folder / "delta.csv"
    table.write_text(ROWS)
    bath = {"file": "delta.csv", "half_bandwidth": 2.0}
    ensemble = ensemble_with({"bath": bath}, {})
    found = spectra_of(ensemble, folder)
    np.testing.assert_array_equal(found["bath_omega"], [-1, -0.5, 0, 0.5, 1])
    np.testing.assert_array_equal(found["bath_Delta"], [0, 0.05, 0.02, 0.05, 0])
    assert found.attrs["bath"].startswith("table bath_omega, bath_Delta, from delta.csv, sha256")
    assert json.loads(found.attrs["solver"])["bath"] == bath
    np.testing.assert_allclose(found["Gamma"], 0.03)
    assert "r" not in found
    table.write_text(ROWS.replace("0.04", "0.05"))  # chunks of the older table are not used
    with pytest.raises(InputError, match="fingerprint"):
        main_of("collect_spectra")(
            parameters=[folder / "points0.nc"],
            chunks=[folder / "chunk0.nc"],
            spectra=folder / "spectra.nc",
            ensemble=ensemble,
            solver=ensemble["solver"],
            omega=ensemble["omega"],
            seed=2,
        )


def test_the_exponent_is_an_axis(folder):
    axes = {"Gamma": 0.05, "r": {"range": [0, 0.6], "scale": "linear"}}
    found = spectra_of(ensemble_with({}, axes), folder)
    assert np.ptp(found["r"].to_numpy()) > 0.2
    assert found.attrs["bath"] == "abs(omega)**r, r of each sample"


def test_a_set_without_exponents_has_no_column_for_them(folder):
    found = spectra_of(ensemble_with({}, {"Gamma": 0.05}), folder)
    assert "r" not in found
    assert found.attrs["bath"] == "flat"


def test_points_with_an_exponent_and_without_a_strength(folder):
    (folder / "points.csv").write_text("U,Gamma,eps_d,T,r\n0.1,0.02,-0.05,1e-3,0.4\n")
    ensemble = ensemble_with({}, {"Gamma": 0.05})
    arguments = {"threads": 1, "system": "anderson", "omega": ensemble["omega"]}
    solve, output = main_of("solve_spectra"), folder / "out.nc"
    points = folder / "points.csv"
    solve(points=points, output=output, solver=ensemble["solver"], **arguments)
    assert read_dataset(output)["r"].to_numpy() == [0.4]
    (folder / "delta.csv").write_text(ROWS)
    solver = {**ensemble["solver"], "bath": {"file": "delta.csv", "half_bandwidth": 2.0}}
    with pytest.raises(InputError, match="left out"):
        solve(points=points, output=output, solver=solver, **arguments)
    points.write_text("U,eps_d,T\n0.1,-0.05,1e-3\n")
    solve(points=points, output=output, solver=solver, **arguments)
    np.testing.assert_allclose(read_dataset(output)["Gamma"], 0.03)
    points.write_text("U,eps_d,T\n0.9,-1.3,1e-3\n")
    with pytest.raises(InputError, match="within the frequencies"):
        solve(points=points, output=output, solver=solver, **arguments)
