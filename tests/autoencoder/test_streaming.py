"""A training whose spectra stay on the disk gives the bits of one in memory."""

import json
import logging

import jax.numpy as jnp
import numpy as np
from small_runs import SETTINGS, choose, same_bits, train, trainer, two_factors, write_spectra

from kondoflow.autoencoder import blocks, large_sets, streaming
from kondoflow.autoencoder.large_sets import prepare_file, streamed_trainer
from kondoflow.autoencoder.loss import Spectra
from kondoflow.autoencoder.streaming import StreamedTrainer
from kondoflow.autoencoder.training import Trainer
from kondoflow.files.netcdf import read_dataset


def test_a_streamed_training_has_the_same_bits(tmp_path, monkeypatch):
    """In pieces that divide neither the epoch nor the sets."""
    monkeypatch.setattr(blocks, "EVALUATED", 64)
    monkeypatch.setattr(streaming, "PORTION", 41 * 4 * 16 * 2)  # two steps of 16 spectra
    usual = trainer(n_samples=150, epochs=10, batch_size=16)
    mapped = []
    for name, part in (("train", usual.train), ("validation", usual.validation)):
        np.save(tmp_path / name, part.values)
        values = np.load(tmp_path / f"{name}.npy", mmap_mode="r")
        mapped.append(Spectra(values, part.weights))
    streamed = StreamedTrainer(usual.architecture, usual.schedule, 16, *mapped)
    one, other = usual.run(3), streamed.run(3)
    assert same_bits(one.weights, other.weights)
    assert same_bits(one.history, other.history)
    assert one.epoch == other.epoch


def test_a_file_larger_than_memory_is_trained_on_as_a_whole(tmp_path, monkeypatch, caplog):
    """Units are those of a sample; inputs, batches and weights are as if all were in memory."""
    caplog.set_level(logging.INFO, "kondoflow")
    monkeypatch.setattr(large_sets, "ROWS", 70)
    spectra, data = two_factors(400)[0], tmp_path / "spectra.nc"
    spectra[5] *= 1000  # far from all others
    write_spectra(data, spectra)
    few = {**SETTINGS, "epochs": 5, "batch_size": 32}
    limit = spectra.nbytes / 4 / 1e6
    prepared = prepare_file(data, few, limit)
    assert prepared.trainer.train.n_samples < 100
    dataset = read_dataset(data)
    with streamed_trainer(prepared, data, few, tmp_path) as trainer:
        for index, part in enumerate((trainer.train, trainer.validation)):
            kept = (dataset["split"].to_numpy() == index) & (np.arange(400) != 5)
            expected = prepared.scaling.to_network(spectra[kept])
            np.testing.assert_array_equal(part.values, expected)
        in_memory = Trainer(
            trainer.architecture,
            trainer.schedule,
            trainer.batch_size,
            *(
                Spectra(jnp.asarray(part.values), part.weights)
                for part in (trainer.train, trainer.validation)
            ),
        )
        assert same_bits(trainer.run(2).weights, in_memory.run(2).weights)
    assert not list(tmp_path.glob(".*.npy"))

    files = {"spectra": data, **{name: tmp_path / name for name in ("weights", "model", "history")}}
    one = {**few, "restarts": 1, "refine_epochs": 1}
    train(tmp_path, data, settings=one, stream_above=limit)
    choose(tmp_path, **files, settings=one, seed=5, stream_above=limit)
    assert json.loads(files["model"].read_text())["steps_per_epoch"] == 10
    assert "spectra are sampled, all are trained on" in caplog.text
