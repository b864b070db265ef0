"""A run that is killed again and again, on one core and in other chunks, leaves the same files."""

import shutil
import subprocess

import numpy as np
import pytest
from benchmarks.faults import (
    FAULTS,
    Life,
    copy_workflow,
    differences,
    live,
    result_files,
    run_to_end,
)

from datafiles.atomic import write_json
from datafiles.netcdf import read_dataset, write_dataset

pytestmark = [pytest.mark.slow, pytest.mark.workflow]

SEED = 6
N_FAULTS = 4


CUT_OFF = ("unshare", "--net", "--map-root-user")  # from every network, the loopback too


def can_be_cut_off():
    """Whether this machine lets a process have a network namespace of its own."""
    return shutil.which(CUT_OFF[0]) and not subprocess.run([*CUT_OFF, "true"]).returncode


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """A run without faults on two cores, if possible without any network."""
    folder = copy_workflow(tmp_path_factory.mktemp("reference") / "copy")
    run_to_end(folder, cores=2, within=CUT_OFF if can_be_cut_off() else ())
    return folder


def test_a_run_needs_no_network(reference):
    if not can_be_cut_off():
        pytest.skip("no network namespace can be made here (unshare --net)")
    assert (reference / "results/report/report.html").is_file()


def test_neither_kills_nor_cores_nor_chunks_change_a_result(reference, tmp_path):
    ensembles = {"tiny": {"n_samples": 40, "chunk_size": 13}}
    folder = copy_workflow(tmp_path / "copy", ensembles=ensembles)
    *_, life = live(folder, Life.of_seed(SEED, N_FAULTS), 1)
    assert [rule for rule, _ in life.strikes] == life.rules
    assert {fault for _, fault in life.strikes} <= set(FAULTS)
    assert life.survivors == 0, life
    assert life.solved_again == 0, life
    assert len(result_files(reference)) > 30
    assert differences(reference, folder) == []
    left = [path for path in (folder / "results").rglob(".*") if path.is_file()]
    assert left == [], life


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("models/tiny/vae/latents.nc", lambda path: shift(path, "mean")),
        ("spectra/tiny.nc", lambda path: shift(path, "spectral_function")),
        ("models/tiny/vae/weights.safetensors", lambda path: path.write_bytes(b"")),
        ("latents/tiny/vae/scores.json", lambda path: write_json(path, {})),
        ("report/tiny/vae/training.png", lambda path: path.unlink()),
    ],
)
def test_a_difference_would_be_seen(reference, tmp_path, name, change):
    shutil.copytree(reference / "results", tmp_path / "results")
    assert differences(reference, tmp_path) == []
    change(tmp_path / "results" / name)
    assert differences(reference, tmp_path) == [f"results/{name}"]


def shift(path, name):
    """Change one variable of a file in its last digit."""
    dataset = read_dataset(path)
    dataset[name] = np.nextafter(dataset[name], np.float32(1e9))
    write_dataset(path, dataset)
