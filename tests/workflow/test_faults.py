"""A run that is killed again and again, on one core, in other chunks and without any network.

It must leave the same files as the undisturbed run of the tiny preset on two cores. The long
version is `benchmarks/faults.py`.
"""

import shutil
import socket
import subprocess
import sys

import numpy as np
import pytest

from benchmarks.faults import FAULTS, Life, copy_workflow, differences, live, result_files
from kondoflow.files.atomic import write_json
from kondoflow.files.netcdf import read_dataset, write_dataset

pytestmark = [pytest.mark.slow, pytest.mark.workflow]

SEED = 6
# Each is struck once; the search for targets needs no network, so that its turn may come early.
RULES = ["solve_spectra", "train_restart", "regress_operon", "write_report"]
CUT_OFF = ("unshare", "--net", "--map-root-user")  # from every network, the loopback too


def can_be_cut_off():
    """Whether this machine lets a process have a network namespace of its own."""
    return shutil.which(CUT_OFF[0]) and not subprocess.run([*CUT_OFF, "true"]).returncode


@pytest.fixture(scope="module")
def disturbed(tmp_path_factory):
    """The folder of a run with faults, and what happened in it."""
    chunks = {"ensembles": {"tiny": {"chunk_size": 13}}}
    folder = copy_workflow(tmp_path_factory.mktemp("disturbed") / "copy", chunks)
    within = CUT_OFF if can_be_cut_off() else ()
    *_, life = live(folder, Life(SEED, RULES), 1, within)
    return folder, life


def test_faults_leave_neither_orphans_nor_lost_work(disturbed):
    folder, life = disturbed
    assert sorted(rule for rule, _ in life.strikes) == sorted(RULES)
    assert {fault for _, fault in life.strikes} <= set(FAULTS)
    assert life.survivors == 0
    assert life.solved_again == 0
    assert [path for path in (folder / "results").rglob(".*") if path.is_file()] == []


def test_neither_faults_nor_cores_nor_chunks_change_a_result(finished, disturbed):
    assert len(result_files(finished[0])) > 30
    assert differences(finished[0], disturbed[0]) == []


@pytest.mark.skipif(not can_be_cut_off(), reason="no network namespace can be made here")
def test_the_disturbed_run_was_cut_off_from_every_network():
    """The fixture runs inside `CUT_OFF`: there even a server on this machine is out of reach."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = f"import socket; socket.create_connection(('127.0.0.1', {port}), 5)"
        reaching = [sys.executable, "-c", code]
        assert subprocess.run(reaching, check=False).returncode == 0
        cut_off = subprocess.run([*CUT_OFF, *reaching], check=False, capture_output=True)
        assert cut_off.returncode != 0


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
def test_a_difference_would_be_seen(finished, tmp_path, name, change):
    shutil.copytree(finished[0] / "results", tmp_path / "results")
    assert differences(finished[0], tmp_path) == []
    change(tmp_path / "results" / name)
    assert differences(finished[0], tmp_path) == [f"results/{name}"]


def shift(path, name):
    """Change one variable of a file in its last digit."""
    dataset = read_dataset(path)
    dataset[name] = np.nextafter(dataset[name], np.float32(1e9))
    write_dataset(path, dataset)
