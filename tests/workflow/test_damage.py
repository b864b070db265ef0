"""Damaged, foreign and missing files, and disks that take no more: named before they are used."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import jax
import numpy as np
import pytest
import xarray as xr
from flax import nnx

import collect_spectra
from kondoflow.autoencoder.conventions import NUMBERS
from kondoflow.autoencoder.model import Architecture, initialise
from kondoflow.autoencoder.parameters import write_weights
from kondoflow.autoencoder.storage import read_model
from kondoflow.files.atomic import replacing, write_json
from kondoflow.files.contract import assemble
from kondoflow.files.errors import InputError, StorageError
from kondoflow.files.netcdf import read_dataset, write_dataset
from kondoflow.files.orphans import WATCH_EVERY, process_mark
from kondoflow.stage.config import load_config
from kondoflow.stage.paths import ROOT
from kondoflow.systems.anderson.definition import SYSTEM
from kondoflow.systems.versions import solutions_fingerprint

LOW_FIELD = load_config()["ensembles"]["low_field"]
SOLVER, OMEGA = LOW_FIELD["solver"], LOW_FIELD["omega"]
SCRIPTS = ROOT / "scripts"


def solved(seed, fingerprint):
    """A chunk of five samples in the form in which the solver leaves them."""
    rng = np.random.default_rng(seed)
    shapes = {("sample",): (5,), ("sample", "spin"): (5, 2), ("omega",): (7,)}
    values = {
        name: rng.random(shapes.get(variable.dims, (5, 2, 7)))
        for name, variable in SYSTEM.variables.items()
        if name not in ("omega", "status", "split")
    }
    values |= {"omega": np.linspace(-1, 1, 7), "status": np.zeros(5)}
    labels = {name: np.array(each) for name, each in SYSTEM.coordinates.items()}
    return assemble(values, SYSTEM.variables, {"fingerprint": fingerprint}, labels)


@pytest.fixture
def chunks(tmp_path):
    """Two chunks and their parameters."""
    fingerprint = solutions_fingerprint(SYSTEM, SOLVER, OMEGA, "code")
    paths = [tmp_path / "0000.nc", tmp_path / "0001.nc"]
    for seed, path in enumerate(paths):
        write_dataset(path, solved(seed, fingerprint))
        points = {name: read_dataset(path)[name].to_numpy() for name in SYSTEM.parameters}
        write_dataset(path.with_suffix(".points.nc"), assemble(points, SYSTEM.variables, {}))
    return paths


def collect(chunks, **changes):
    options = {"solver": SOLVER, "omega": OMEGA, "code": "code", **changes}
    output = chunks[0].with_name("spectra.nc")
    collect_spectra.main(
        parameters=[path.with_suffix(".points.nc") for path in chunks],
        chunks=chunks,
        spectra=output,
        ensemble={"system": "anderson", "split": {"train": 0.8, "validation": 0.1, "test": 0.1}},
        seed=1,
        **options,
    )
    return read_dataset(output)


def test_whole_chunks_are_joined(chunks):
    assert collect(chunks).sizes["sample"] == 10


def refusal_to_collect(chunks, **changes):
    with pytest.raises(InputError) as caught:
        collect(chunks, **changes)
    assert not chunks[0].with_name("spectra.nc").exists()
    return str(caught.value)


@pytest.mark.parametrize("length", [0, 1, 100, 5000, -1])
def test_a_truncated_chunk_is_named(chunks, length):
    content = chunks[1].read_bytes()
    chunks[1].write_bytes(content[:length])
    message = refusal_to_collect(chunks)
    assert message.startswith(f"{chunks[1]}: chunk = ")
    assert message.endswith(
        "must be whole (remove this file and run again: it alone is solved anew)"
    )


def test_a_chunk_of_another_configuration_is_named(chunks):
    solver = {**SOLVER, "n_keep": SOLVER["n_keep"] + 1}
    other = solutions_fingerprint(SYSTEM, solver, OMEGA, "code")
    write_dataset(chunks[1], solved(1, other))
    assert refusal_to_collect(chunks).startswith(f"{chunks[1]}: fingerprint = '{other}'")


def test_chunks_of_other_code_are_named(chunks):
    assert refusal_to_collect(chunks, code="new").startswith(f"{chunks[0]}: fingerprint = ")


def test_chunks_in_each_others_place_are_named(chunks):
    chunks[0].rename(chunks[0].with_name("x.nc"))
    chunks[1].rename(chunks[0])
    chunks[0].with_name("x.nc").rename(chunks[1])
    message = refusal_to_collect(chunks)
    assert message.startswith(f"{chunks[0]}: U = 'other values' is not usable: must be those that")


def test_a_share_of_invalid_samples_is_no_part_of_a_solution(chunks):
    assert collect(chunks, solver={**SOLVER, "max_invalid": 0.5}).sizes["sample"] == 10


def test_no_flipped_bit_goes_unnoticed(tmp_path):
    path, damaged = tmp_path / "whole.nc", tmp_path / "damaged.nc"
    write_dataset(path, solved(0, "x"))
    whole, content = read_dataset(path), path.read_bytes()
    rng, n_noticed = np.random.default_rng(0), 0
    for at in rng.integers(0, 8 * len(content), 250):
        flipped = bytearray(content)
        flipped[at // 8] ^= 1 << (at % 8)
        damaged.write_bytes(flipped)
        try:
            found = read_dataset(damaged)
        except InputError:
            n_noticed += 1
        else:
            xr.testing.assert_identical(found, whole)
    assert n_noticed >= 5  # most of a small file is padding


def test_a_flipped_bit_of_the_weights_is_noticed(tmp_path):
    architecture = Architecture(7, (4,), 2, "silu")
    weights, model = tmp_path / "weights.safetensors", tmp_path / "model.json"
    write_weights(weights, initialise(architecture, 1)[1])
    description = {
        "architecture": architecture.as_json(),
        "settings": {"kl_weight": 1.0, "active_above": 0.01},
        "scale": 1.0,
        "offset": [0.0] * 7,
        "transform": "none",
        "unit": 1.0,
        "normalise": "none",
        "size": 1.0,
        "channel": "up",
        "channels": [],
        "omega": [0.0] * 7,
        "order": [0, 1],
        "active": [0],
        **{name: [1.0, 1.0] for name in NUMBERS},
    }
    write_json(model, description)
    assert isinstance(read_model(weights, model).network, nnx.Module)
    content = bytearray(weights.read_bytes())
    content[-3] ^= 1
    weights.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_model(weights, model)
    assert str(caught.value) == (
        f"{weights}: content = 'damaged' is not usable: must be as it was written, by its digest"
    )
    model.unlink()
    with pytest.raises(InputError, match=r"model.json: content = .*No such file"):
        read_model(weights, model)


def test_weights_that_are_not_finite_are_not_written(tmp_path):
    _, weights = initialise(Architecture(7, (4,), 2, "silu"), 1)
    path = tmp_path / "weights.safetensors"
    with pytest.raises(InputError) as caught:
        write_weights(path, jax.tree.map(lambda array: array * np.nan, weights))
    assert str(caught.value) == (
        "training: decoder.layers.0.bias = 'NaN or infinity' is not usable: must be finite (try a "
        "lower learning_rate)"
    )
    assert not path.exists()


# ---------------------------------------------------------------------------------------------
# Disks.


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 64 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    yield folder
    # At once from here, and for all when the netCDF library has let go of what it could not write.
    subprocess.run(["umount", "--lazy", folder], check=True)


LARGE = xr.Dataset({"x": ("n", np.random.default_rng(0).random(100_000))})


@pytest.mark.parametrize(
    "write",
    [
        lambda path: write_dataset(path, LARGE),
        lambda path: write_json(path, LARGE["x"].to_numpy().tolist()),
    ],
    ids=["netCDF", "JSON"],
)
def test_a_full_disk_leaves_the_old_file_and_is_named(small_disk, write):
    path = small_disk / "result"
    path.write_text("old")
    with pytest.raises(
        StorageError, match=r"result can't be written: [Nn]o space left on device; "
    ):
        write(path)
    assert [file.name for file in small_disk.iterdir()] == ["result"]
    assert path.read_text() == "old"


def test_a_read_only_disk_is_named(small_disk):
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(StorageError) as caught:
        write_json(small_disk / "result.json", 1)
    assert str(caught.value) == (
        f"{small_disk / 'result.json'} can't be written: Read-only file system; mend that and run "
        "the same command again, finished work is kept"
    )


@pytest.mark.slow
def test_a_stage_on_a_full_disk_ends_with_one_line(small_disk):
    (small_disk / "filling").write_bytes(bytes(62_000))
    command = [sys.executable, SCRIPTS / "sample_parameters.py"]
    command += ["--parameters", small_disk / "parameters.nc"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert run.returncode == 1
    assert run.stderr.startswith(f"error: {small_disk / 'parameters.nc'} can't be written: ")
    assert run.stderr.count("\n") == 1


# ---------------------------------------------------------------------------------------------
# Processes that outlive what started them.


def test_a_write_that_comes_too_late_fails(tmp_path):
    path = tmp_path / "result.json"
    with pytest.raises(StorageError, match="No such file"), replacing(path) as temporary:  # noqa: PT012
        temporary.write_text("of an orphan")
        write_json(path, "of the later run")
    assert json.loads(path.read_text()) == "of the later run"
    assert [file.name for file in tmp_path.iterdir()] == ["result.json"]


def ended(pid):
    """Whether a process ends within 20 seconds."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            status = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return True
        if status == "Z":
            return True
        time.sleep(0.05)
    return False


def start(code):
    """A Python process with the scripts on its path."""
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(SCRIPTS)},
    )


@pytest.mark.parametrize("reaped", [True, False], ids=["reaped", "unreaped"])
def test_a_job_ends_with_its_snakemake(reaped):
    with start("import time; time.sleep(60)") as main:
        code = "import time; from kondoflow.files.orphans import end_with, process_mark\n"
        code += f"end_with(process_mark({main.pid})); print('ready', flush=True); time.sleep(60)"
        with start(code) as job:
            assert job.stdout.readline() == "ready\n"
            time.sleep(3 * WATCH_EVERY)
            assert job.poll() is None
            main.kill()
            if reaped:
                main.wait()
            assert job.wait(20) == 1


def test_a_job_does_not_take_a_later_process_of_the_same_number_for_its_snakemake():
    """Its Snakemake is this process, but with the start time of another one."""
    other = f"{os.getpid()} {int(process_mark(os.getpid()).split()[1]) - 1}"
    code = f"import time; from kondoflow.files.orphans import end_with; end_with('{other}')\n"
    with start(code + "time.sleep(60)") as job:
        assert job.wait(20) == 1


def test_idle_workers_end_with_their_job():
    code = """
import os, time
from kondoflow.files.workers import Workers
with Workers(2) as workers:
    jobs = dict.fromkeys("abcd", os.getpid)
    print(*{future.result() for _, future in workers.run(jobs)}, flush=True)
    time.sleep(60)
"""
    with start(code) as job:
        workers = [int(pid) for pid in job.stdout.readline().split()]
        assert workers
        job.send_signal(signal.SIGKILL)
        job.wait()
        assert all(ended(pid) for pid in workers)
