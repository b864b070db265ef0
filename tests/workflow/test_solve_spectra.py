"""The stage that solves: processes, chunks, interruptions, and broadening again."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

import solve_spectra
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset
from kondoflow.stage.config import load_config
from kondoflow.systems import chunks, solving
from kondoflow.systems.anderson.definition import SYSTEM
from kondoflow.systems.saved_work import KeptIntermediate, Unfinished

SCRIPTS = Path(solve_spectra.__file__).parent
LOW_FIELD = load_config()["ensembles"]["low_field"]
OMEGA = {**LOW_FIELD["omega"], "n_side": 20}
SOLVER = {**LOW_FIELD["solver"], "n_z": 2, "n_keep": 20}
POINTS = """U,Gamma,eps_d,B,T
0.1,0.02,-0.05,0,1e-3
0.2,0.02,-0.05,0.01,1e-3
0.1,0.05,0.05,0,1e-2
0.3,0.03,-0.2,-0.02,1e-3
"""


@pytest.fixture
def points(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text(POINTS)
    return path


def run(points, output, threads=1, solver=SOLVER, omega=OMEGA, **options):
    solve_spectra.main(
        points=points,
        output=output,
        threads=threads,
        system="anderson",
        solver=solver,
        omega=omega,
        **options,
    )
    return read_dataset(output)


def assert_same(first, second):
    for name in SYSTEM.variables:
        if name not in ("cpu_seconds", "split"):
            np.testing.assert_array_equal(first[name], second[name], err_msg=name)


@pytest.fixture
def solved_points(monkeypatch):
    """Records which points are really solved."""
    record = []
    solve_all = solving.solve_all

    def recording(system, points, settings, processes):
        record.extend(points)
        return solve_all(system, points, settings, processes)

    monkeypatch.setattr(chunks, "solve_all", recording)
    return record


@pytest.mark.slow
def test_processes_and_chunks_do_not_matter(points, tmp_path):
    together = run(points, tmp_path / "one.nc")
    for processes in (2, 4):
        assert_same(together, run(points, tmp_path / f"{processes}.nc", processes))
    for first in range(0, 4, 2):
        chunk = run(points, tmp_path / "chunk.nc", first=first, n_samples=2)
        assert_same(together.isel(sample=slice(first, first + 2)), chunk)


@pytest.mark.slow
@pytest.mark.parametrize("work", [Unfinished, KeptIntermediate])
def test_an_interrupted_job_goes_on(points, tmp_path, monkeypatch, solved_points, work):
    """To the last bit, also where half of the solutions are broadened again from kept peaks."""
    monkeypatch.setattr(chunks, "SAVE_EVERY", 0.0)
    monkeypatch.setattr(chunks, "SAVE_SHARE", np.inf)
    solver = {**SOLVER, "keep_raw": work is KeptIntermediate}
    reference = run(points, tmp_path / "reference.nc", solver=solver)
    output = tmp_path / "out.nc"
    with monkeypatch.context() as patch:
        save, calls = work.save, []

        def save_twice(self, solutions):
            save(self, solutions)
            calls.append(None)
            if len(calls) == 2:
                raise KeyboardInterrupt

        patch.setattr(work, "save", save_twice)
        with pytest.raises(KeyboardInterrupt):
            run(points, output, solver=solver)
    assert not output.exists()
    solved_points.clear()
    with threadpool_limits(2):
        assert_same(run(points, output, solver=solver), reference)
    assert len(solved_points) == 2
    assert list(tmp_path.glob(".*.saved.nc")) == []


@pytest.mark.slow
def test_damaged_saved_work_is_done_again(points, tmp_path, caplog, solved_points):
    saved = tmp_path / ".out.nc.saved.nc"
    saved.write_bytes(b"not a netCDF file")
    with caplog.at_level(logging.WARNING, "kondoflow"):
        run(points, tmp_path / "out.nc")
    assert len(solved_points) == 4
    assert f"{saved}: content" in caplog.text


@pytest.mark.slow
def test_kept_peaks_are_broadened_without_solving(points, tmp_path, solved_points):
    keeping = {**SOLVER, "keep_raw": True}
    first = run(points, tmp_path / "out.nc", solver=keeping)
    assert_same(first, run(points, tmp_path / "plain.nc"))
    narrower = {**keeping, "alpha": 0.2, "estimator": "direct"}
    finer = {**OMEGA, "n_side": 30}
    solved_points.clear()
    with threadpool_limits(2):
        again = run(points, tmp_path / "out.nc", solver=narrower, omega=finer)
    assert solved_points == []
    anew = run(points, tmp_path / "anew.nc", solver={**narrower, "keep_raw": False}, omega=finer)
    assert_same(again, anew)
    solved_points.clear()
    run(points, tmp_path / "out.nc", solver={**keeping, "n_keep": 30})
    assert len(solved_points) == 4


def test_parameters_stand_in_the_output_in_their_order(points, tmp_path):
    found = run(points, tmp_path / "out.nc", first=1, n_samples=2)
    table = np.loadtxt(points, delimiter=",", skiprows=1)[1:3]
    for name, column in zip(SYSTEM.parameters, table.T, strict=True):
        np.testing.assert_array_equal(found[name], column)
    assert found["spectral_function"].shape == (2, 2, 41)


@pytest.mark.slow
def test_processes_that_start_together_compile_once(tmp_path):
    code = (
        "from kondoflow.systems.anderson.compilation import CALLERS, ensure_compiled\n"
        "ensure_compiled()\n"
        "for name, module in CALLERS.items():\n"
        "    stats, found = getattr(module, name).stats, getattr(module, name).signatures\n"
        "    print(sum(stats.cache_hits.values()), sum(stats.cache_misses.values()), len(found))"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(SCRIPTS)}
    command = [sys.executable, "-c", code]
    started = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    printed = [process.communicate(timeout=600)[0].splitlines() for process in started]
    of_functions = [sorted(lines) for lines in zip(*printed, strict=True)]
    elsewhere = len(os.sched_getaffinity(0)) > 1  # the first is compiled by a second process
    first = "1 0 1" if elsewhere else "0 1 1"
    assert of_functions == [sorted([first, "1 0 1", "1 0 1"]), *2 * [["0 1 1", "1 0 1", "1 0 1"]]]


@pytest.mark.parametrize("keep_raw", [False, True])
def test_samples_with_and_without_an_exponent_are_told_apart(tmp_path, keep_raw):
    """They agree in all other parameters; a solution of the other bath was taken over."""
    output, points = tmp_path / "out.nc", tmp_path / "points.csv"
    solver = {**SOLVER, "keep_raw": keep_raw}
    points.write_text("U,Gamma,eps_d,T,r\n0.1,0.02,-0.05,1e-3,0.3\n")
    pseudogap = run(points, output, solver=solver)
    points.write_text("U,Gamma,eps_d,T\n0.1,0.02,-0.05,1e-3\n")
    flat = run(points, output, solver=solver)
    assert_same(flat, run(points, tmp_path / "anew.nc", solver=solver))
    points.write_text("U,Gamma,eps_d,T,r\n0.1,0.02,-0.05,1e-3,0.3\n")
    assert_same(run(points, output, solver=solver), pseudogap)
    assert flat["T_chi"] != pseudogap["T_chi"]


def test_a_sweep_shares_chains_and_gives_the_numbers_of_points(points, tmp_path):
    points.write_text("U,Gamma,eps_d\n0.1,0.02,-0.05\n0.2,0.02,-0.05\n")
    swept = run(points, tmp_path / "swept.nc", sweep="T=1e-3,2e-3,0.02")
    rows = [f"{U},0.02,-0.05,0,{T}" for U in (0.1, 0.2) for T in (1e-3, 2e-3, 0.02)]
    points.write_text("\n".join(["U,Gamma,eps_d,B,T", *rows]))
    for first in range(6):
        single = run(points, tmp_path / "single.nc", first=first, n_samples=1)
        assert_same(swept.isel(sample=[first]), single)


@pytest.mark.parametrize(
    ("sweep", "named"),
    [
        ("t=1e-3", "a name among U, Gamma"),
        ("T", "T=a,b,c"),
        ("T=1e-3,hot", "T=a,b,c"),
        ("T=0:1e-3:4", "T=start:stop:number"),
        ("T=1e-3:1e-2:0", "T=start:stop:number"),
        ("T=1e-3:5:4", "between 1e-09 and 1"),
        ("T=nan", "command line, --sweep: T = nan"),
        ("T=1_0e-4", "T=a,b,c"),
        ("B=-0.01:0.01:3", "of one sign"),
        ("T=1e-6:1e-1:2000000000", "a number up to 100000"),
    ],
)
def test_a_sweep_that_cannot_be_read(points, tmp_path, sweep, named):
    with pytest.raises(InputError) as caught:
        run(points, tmp_path / "out.nc", sweep=sweep)
    assert named in str(caught.value)
