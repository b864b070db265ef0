"""Restarts go on from their own checkpoints, to the same bytes."""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import partial

import numpy as np
import pytest
from small_runs import (
    N_OMEGA,
    SCRIPTS,
    SETTINGS,
    choose,
    of_restart,
    same_bits,
    train,
    two_factors,
    write_spectra,
)

import choose_network
import train_restart
from kondoflow.autoencoder.arrays import fingerprint
from kondoflow.autoencoder.blocks import State
from kondoflow.autoencoder.checkpoints import read_checkpoint, write_checkpoint
from kondoflow.autoencoder.training import History
from kondoflow.files.errors import InputError


def test_a_checkpoint_knows_where_the_training_spectra_end():
    spectra = np.arange(12.0).reshape(6, 2)
    first, second = (
        fingerprint({}, train=spectra[:split], validation=spectra[split:]) for split in (4, 5)
    )
    assert first != second


class KilledError(Exception):
    """Stands for the end of the process."""


def test_a_resumed_restart_ends_with_the_same_bits(short, tmp_path):
    path = tmp_path / "restart_0.safetensors"

    def save_and_die(state: State, history: History) -> None:
        write_checkpoint(path, state, history, "this run")
        raise KilledError

    with pytest.raises(KilledError):
        short.run(4, after_block=save_and_die)
    state, history = read_checkpoint(path, short.initial_state(4), "this run")
    assert history.epoch[-1] == 5
    resumed, whole = short.run(4, state, history), short.run(4)
    assert same_bits(resumed.weights, whole.weights)
    assert same_bits(resumed.history, whole.history)


def test_a_foreign_or_broken_checkpoint_is_left_aside(short, tmp_path, caplog):
    caplog.set_level(logging.INFO, "kondoflow")
    path = tmp_path / "restart_0.safetensors"
    template = partial(short.initial_state, 4)
    assert read_checkpoint(path, template(), "this run") is None
    empty = History(np.zeros(0), np.zeros((0, 2)), np.zeros((0, 2, 4)))
    write_checkpoint(path, template(), empty, "another run")
    assert read_checkpoint(path, template(), "this run") is None
    path.write_bytes(b"half a file")
    assert read_checkpoint(path, template(), "this run") is None
    messages = [record.getMessage() for record in caplog.records]
    assert messages[0] == (
        "checkpoint restart_0.safetensors belongs to another run and is not used"
    )
    assert messages[1].startswith("checkpoint restart_0.safetensors is not readable")
    assert len(messages) == 2


def command(folder, *, cores=None):
    """Start train_restart.py as a user would; `cores` limits the cores that it may run on."""
    script = [sys.executable, SCRIPTS / "train_restart.py", "--spectra", folder / "spectra.nc"]
    flags = ["--weights", folder / "out/w.safetensors", "--history", folder / "out/history.nc"]
    with limited_to(cores or os.sched_getaffinity(0)):
        return subprocess.Popen(
            [*script, *flags, "--config", folder / "config.yaml"], stderr=subprocess.PIPE
        )


@contextmanager
def limited_to(cores):
    """Processes started here inherit the cores; JAX forbids to set them between fork and exec."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def finish(process):
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors.decode()


def prepare(folder, n_omega=N_OMEGA, **changes):
    folder.mkdir()
    write_spectra(folder / "spectra.nc", two_factors(400, n_omega=n_omega)[0])
    (folder / "config.yaml").write_text(json.dumps({"autoencoder": {**SETTINGS, **changes}}))
    return folder


@pytest.mark.slow
def test_a_killed_run_resumes_to_the_same_bytes(tmp_path):
    """SIGKILL after the first checkpoint; the whole run saves at other epochs."""
    # Long enough that the kill comes before the end.
    settings = {"epochs": 6000, "batch_size": 32}
    killed = prepare(tmp_path / "killed", checkpoint_every=500, **settings)
    whole = prepare(tmp_path / "whole", checkpoint_every=1700, **settings)
    process = command(killed)
    saved = killed / "out" / "checkpoint.safetensors"
    while not saved.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not (killed / "out" / "w.safetensors").exists()
    finish(command(killed))
    finish(command(whole))
    for name in ("w.safetensors", "history.nc"):
        assert (killed / "out" / name).read_bytes() == (whole / "out" / name).read_bytes()
    assert not saved.exists()


@pytest.mark.slow
@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two cores")
def test_the_number_of_cores_does_not_matter(tmp_path):
    """The paper's network: XLA does not split the products of a smaller one among threads."""
    network = {"hidden": [240, 160, 80, 60], "n_latents": 10, "batch_size": 256}
    settings = {**network, "epochs": 10}
    one, all_cores = (prepare(tmp_path / name, 333, **settings) for name in ("one", "all"))
    finish(command(one, cores={min(os.sched_getaffinity(0))}))
    finish(command(all_cores))
    first, second = (folder / "out" / "w.safetensors" for folder in (one, all_cores))
    assert first.read_bytes() == second.read_bytes()


FEW = {**SETTINGS, "epochs": 5, "checkpoint_every": 5, "restarts": 2}


def die(*_):
    raise KilledError


def test_a_checkpoint_of_other_code_is_left_aside(tmp_path, monkeypatch, caplog):
    """What changes no result, such as `checkpoint_every`, does not matter to a checkpoint."""
    caplog.set_level(logging.INFO, "kondoflow")
    data = tmp_path / "spectra.nc"
    write_spectra(data, two_factors(40)[0])
    monkeypatch.setattr(train_restart, "write_trained", die)
    others = {"checkpoint_every": 3, "active_above": 0.5, "refine_epochs": 1, "restarts": 9}
    unused = "checkpoint checkpoint.safetensors belongs to another run and is not used"
    for code, settings, said in (
        ("one", FEW, []),
        ("one", {**FEW, **others}, ["the training goes on after epoch 5"]),
        ("other", FEW, [unused]),
    ):
        caplog.clear()
        with pytest.raises(KilledError):
            train(tmp_path, data, settings=settings, restarts=[0], code=code)
        found = [text for text in caplog.messages if "goes on" in text or "another run" in text]
        assert found == said


def test_restarts_of_another_run_are_refused(tmp_path):
    data = tmp_path / "spectra.nc"
    write_spectra(data, two_factors(40)[0])
    train(tmp_path, data, settings=FEW)
    files = {"spectra": data, **{name: tmp_path / name for name in ("weights", "model", "history")}}
    weights, history = of_restart(tmp_path, 1).values()
    with pytest.raises(InputError, match=r"restarts/0/history\.nc: fingerprint = "):
        choose(tmp_path, **files, settings={**FEW, "kl_weight": 0.5, "restarts": 2}, seed=5)
    for trained, said in (
        ([weights, weights], "number of restarts = 2 is not usable: must be 3"),
        ([weights], "number of histories = 2 is not usable: must be 1"),
    ):
        settings = {**FEW, "restarts": 3}
        with pytest.raises(InputError, match=said):
            choose_network.main(
                **files, trained=trained, histories=[history] * 2, settings=settings, seed=5
            )
    weights.write_bytes(weights.read_bytes()[:-4] + bytes(4))
    with pytest.raises(InputError, match=f"{weights}: content = 'damaged'"):
        choose(tmp_path, **files, settings=FEW, seed=5)
