"""Restarts that are trained together are those that are trained alone, but for rounding."""

import logging
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small_runs import (
    SETTINGS,
    choose,
    of_restart,
    same_bits,
    train,
    two_factors,
    write_spectra,
)

from kondoflow.autoencoder import blocks
from kondoflow.autoencoder.checkpoints import read_checkpoint, write_checkpoint
from kondoflow.autoencoder.together import initial_states, run_together
from kondoflow.autoencoder.training import Trainer
from kondoflow.files.atomic import read_json
from kondoflow.files.errors import InputError

SEEDS = (4, 9)


@pytest.fixture(scope="module")
def together(short):
    return run_together(short, SEEDS)


def test_each_restart_is_that_of_its_seed(short, together):
    for seed, trained in zip(SEEDS, together, strict=True):
        alone = short.run(seed)
        assert (trained.seed, trained.epoch) == (alone.seed, alone.epoch)
        assert trained.loss == pytest.approx(alone.loss, rel=1e-4)
        for ours, theirs in zip(trained.history, alone.history, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-6)
    assert together[0].loss != together[1].loss


class KilledError(Exception):
    """Stands for the end of the process."""


def test_they_go_on_from_a_checkpoint_to_the_same_bits(short, together, tmp_path):
    path = tmp_path / "checkpoint.safetensors"

    def save_and_die(states, history):
        write_checkpoint(path, states, history, "this run")
        raise KilledError

    with pytest.raises(KilledError):
        run_together(short, SEEDS, after_block=save_and_die)
    states, history = read_checkpoint(path, initial_states(short, SEEDS), "this run")
    for ours, theirs in zip(run_together(short, SEEDS, states, history), together, strict=True):
        assert same_bits(ours.weights, theirs.weights)
        assert same_bits(ours.history, theirs.history)


def test_a_lost_restart_begins_again_alone(short, monkeypatch):
    positive = replace(short, architecture=replace(short.architecture, output="softplus"))
    monkeypatch.setattr(Trainer, "lost", lambda *_: False)
    first = [each.history.reconstruction[0, 0] for each in run_together(positive, SEEDS)]
    lost, kept = np.argmax(first), np.argmin(first)
    monkeypatch.setattr(
        Trainer, "lost", lambda _, history: history.reconstruction[-1, 0] == max(first)
    )
    trained = run_together(positive, SEEDS)
    assert same_bits(trained[lost].weights, positive.run(SEEDS[lost], again=True).weights)
    assert trained[kept].history.reconstruction[0, 0] == first[kept]


def test_a_loss_that_is_not_finite_is_told(short):
    states = initial_states(short, SEEDS)
    broken = jax.tree.map(lambda array: array.at[1].set(jnp.nan), states.weights)
    with pytest.raises(InputError, match="loss = 'not finite by epoch 5"):
        run_together(short, SEEDS, states._replace(weights=broken))


FEW = {**SETTINGS, "epochs": 5, "restarts": 3, "refine_epochs": 1}


def test_one_job_trains_several_restarts_for_the_choice(tmp_path):
    data = tmp_path / "spectra.nc"
    write_spectra(data, two_factors(60)[0])
    train(tmp_path, data, settings=FEW, restarts=[[0, 1], 2])
    files = {"spectra": data, **{name: tmp_path / name for name in ("weights", "model", "history")}}
    choose(tmp_path, **files, settings=FEW, seed=5, jobs=["0-1", "2"])
    assert len(read_json(files["model"])["restarts"]) == 3
    with pytest.raises(InputError, match="number of restarts = 2 is not usable: must be 3"):
        choose(tmp_path, **files, settings=FEW, seed=5, jobs=["0-1"])


def test_too_many_spectra_are_trained_on_by_one_restart_after_another(
    tmp_path, monkeypatch, caplog
):
    caplog.set_level(logging.INFO, "kondoflow")
    data = tmp_path / "spectra.nc"
    write_spectra(data, two_factors(60)[0])
    monkeypatch.setattr(blocks, "EVALUATED", 20)
    train(tmp_path, data, settings=FEW, restarts=[[0, 1]])
    assert "too many spectra to train restarts together: one after another" in caplog.messages
    own = of_restart(tmp_path, "0-1")["weights"].parent
    assert {path.name for path in own.iterdir()} == {"history.nc", "weights.safetensors"}
