"""The training loop against a plain one; seeds, kept weights, losses that are not finite."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from small_runs import SMALL, equal_weights, same_bits, trainer, two_factors

from kondoflow.autoencoder import training
from kondoflow.autoencoder.blocks import train_block
from kondoflow.autoencoder.loss import Spectra, loss_parts
from kondoflow.autoencoder.model import Autoencoder, structure
from kondoflow.autoencoder.training import History
from kondoflow.files.errors import InputError


def test_compiled_epochs_equal_a_plain_loop(short):
    """Adam by hand (Kingma and Ba, 2015), one step at a time; weights to 1e-4 after 10 epochs."""
    graph, weights = nnx.split(Autoencoder(SMALL, nnx.Rngs(8)))
    leaves, tree = jax.tree.flatten(weights)
    leaves = [np.asarray(leaf, np.float64) for leaf in leaves]
    first, second = [[np.zeros_like(leaf) for leaf in leaves] for _ in range(2)]

    @jax.jit
    def gradient(weights, spectra, noise, kl_weight):
        def loss(weights):
            model = nnx.merge(graph, weights)
            return loss_parts(model, spectra, noise, variational=True).total(kl_weight)

        return jax.grad(loss)(weights)

    step, key = 0, jax.random.key(8)
    for epoch in range(10):
        order_key, noise_key = jax.random.split(jax.random.fold_in(key, epoch))
        order = np.asarray(jax.random.permutation(order_key, 150))[:128].reshape(2, 64)
        noise = np.asarray(jax.random.normal(noise_key, (2 * 64 * 4,))).reshape(2, 64, 4)
        kl_weight = np.tanh(2 * epoch / 5)
        rate = 1e-4 + 9e-4 * (1 + np.cos(np.pi * epoch / 9)) / 2
        for batch in range(2):
            step += 1
            now = jax.tree.unflatten(tree, [jnp.asarray(leaf, jnp.float32) for leaf in leaves])
            found = gradient(
                now, short.train.take(order[batch]), noise[batch], np.float32(kl_weight)
            )
            for k, g in enumerate(np.asarray(leaf, np.float64) for leaf in jax.tree.leaves(found)):
                first[k] = 0.9 * first[k] + 0.1 * g
                second[k] = 0.999 * second[k] + 0.001 * g**2
                corrected = second[k] / (1 - 0.999**step)
                leaves[k] -= rate * first[k] / (1 - 0.9**step) / (np.sqrt(corrected) + 1e-8)

    compiled_state, _ = train_block(
        short.initial_state(8),
        key,
        np.int32(0),
        np.int32(10),
        short.train,
        short.validation,
        architecture=SMALL,
        schedule=short.schedule,
        batch_size=64,
    )
    for compiled, plain in zip(jax.tree.leaves(compiled_state.weights), leaves, strict=True):
        np.testing.assert_allclose(compiled, plain, atol=1e-4)


def test_a_seed_gives_the_same_bits(short):
    first, again, other = short.run(1), short.run(1), short.run(2)
    assert same_bits(first.weights, again.weights)
    assert same_bits(first.history, again.history)
    assert not same_bits(first.weights, other.weights)


@pytest.mark.slow
def test_best_weights_are_those_of_the_lowest_validation_loss():
    trained = trainer(epochs=60, rate=(3e-2, 3e-2)).run(3)  # a rate at which the loss jumps
    validation = trained.history.reconstruction[:, 1] + trained.history.kl[:, 1].sum(1)
    assert trained.loss == pytest.approx(validation.min(), rel=1e-6)
    assert trained.epoch == trained.history.epoch[validation.argmin()]
    assert trained.epoch < 60
    graph, _ = structure(SMALL)
    model = nnx.merge(graph, trained.weights)
    data = equal_weights(two_factors(150)[0][:30] * 0.9)
    assert float(loss_parts(model, data, None, variational=True).total(1.0)) == pytest.approx(
        trained.loss, rel=1e-5
    )


def test_a_loss_that_is_not_finite_stops_the_training(short):
    overflowing = replace(short, train=equal_weights(short.train.values * 1e30))
    with pytest.raises(InputError) as caught:
        overflowing.run(1)
    assert str(caught.value) == (
        "training: loss = 'not finite by epoch 5 at a learning rate of 0.000628' is not usable: "
        "must be finite (try a lower learning_rate)"
    )


def test_a_training_that_loses_its_way_begins_with_the_mean_spectrum(short, monkeypatch):
    heights = np.random.default_rng(1).uniform(0.1, 1.0, (128, 1))
    values = heights * np.exp(-((np.linspace(-9, 9, SMALL.n_omega)) ** 2))
    weights = jnp.full((1, SMALL.n_omega), 1 / values.var(axis=0).sum())
    data = Spectra(jnp.asarray(values, jnp.float32), weights)
    lost = replace(
        short,
        architecture=replace(SMALL, output="softplus"),
        schedule=replace(short.schedule, epochs=20, kl_weight=0.1, learning_rate=(3e-2, 1e-3)),
        train=data,
        validation=data,
    )
    saved = []
    found = lost.run(1, after_block=lambda *each: saved.append(jax.tree.map(jnp.copy, each)))
    assert found.history.epoch.tolist() == [5, 10, 15, 20]
    assert found.history.reconstruction[-1, 0] < 0.1
    for state, history in saved:  # wherever it was interrupted
        again = lost.run(1, state, History(*map(np.asarray, history)))
        assert same_bits((found.weights, found.history), (again.weights, again.history))
    monkeypatch.setattr(training, "LOOKED_AT", 0)
    assert lost.run(1).history.reconstruction[-1, 0] > 1
