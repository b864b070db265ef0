"""The autoencoder: loss, training loop, checkpoints, stored models, latents."""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr
from flax import nnx
from scipy.spatial.transform import Rotation
from scipy.stats import spearmanr

import train_vae
from encode_spectra import main as encode_spectra
from kondoflow.autoencoder.alignment import align_axes, factorisation_gap, turn_axes
from kondoflow.autoencoder.consensus import Choice, choose, same_latents
from kondoflow.autoencoder.contract import HISTORY, LATENTS
from kondoflow.autoencoder.devices import training_device
from kondoflow.autoencoder.encoding import STEPS, encode, signs
from kondoflow.autoencoder.loss import kl_divergence, loss_parts
from kondoflow.autoencoder.model import Architecture, Autoencoder, structure
from kondoflow.autoencoder.refinement import refine_decoder
from kondoflow.autoencoder.schedule import Schedule
from kondoflow.autoencoder.storage import fingerprint, read_checkpoint, read_model, write_checkpoint
from kondoflow.autoencoder.training import History, State, Trainer, train_block
from kondoflow.files.contract import check
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset, write_dataset
from kondoflow.files.splits import assign_split

SCRIPTS = Path(train_vae.__file__).parent
N_OMEGA = 41
SMALL = Architecture(N_OMEGA, (24, 12), 4, "silu")
SETTINGS = {
    "channel": "up",
    "hidden": [24, 12],
    "activation": "silu",
    "n_latents": 4,
    "beta": 0.1,
    "warmup": 0.5,
    "epochs": 300,
    "batch_size": 64,
    "learning_rate": [5e-3, 1e-4],
    "restarts": 3,
    "refine_epochs": 30,
    "checkpoint_every": 100,
    "active_above": 0.1,
}


@pytest.fixture(autouse=True)
def strict_shapes():
    with jax.numpy_rank_promotion("raise"):
        yield


def two_factors(n_samples=500, seed=3, n_omega=N_OMEGA):
    """A wide and a narrow peak of random heights: spectra (sample, omega), the two heights."""
    rng = np.random.default_rng(seed)
    wide, narrow = rng.uniform(0.1, 1.0, n_samples), rng.uniform(0.1, 0.9, n_samples)
    omega = np.linspace(-4, 4, n_omega)
    shapes = np.exp(-(((omega + 1.5) / 1.2) ** 2)), np.exp(-(((omega - 2.2) / 0.6) ** 2))
    spectra = np.outer(wide, shapes[0]) + np.outer(narrow, shapes[1])
    return spectra.astype(np.float32), wide, narrow


def write_spectra(path, spectra, split=None):
    parts = {"train": 0.8, "validation": 0.1, "test": 0.1}
    values = assign_split(len(spectra), parts, 1) if split is None else split
    dataset = xr.Dataset(
        {
            "spectral_function": (("sample", "omega"), spectra),
            "omega": ("omega", np.linspace(-4.0, 4.0, spectra.shape[1])),
            "split": ("sample", values.astype(np.int8)),
        }
    )
    write_dataset(path, dataset)


def run(folder, spectra, settings=SETTINGS, seed=5):
    """Both stages on spectra (sample, omega): history, latents, weights as bytes, model.json."""
    folder.mkdir(exist_ok=True)
    data, weights, model = (folder / name for name in ("spectra.nc", "w.safetensors", "model.json"))
    write_spectra(data, spectra)
    files = {"spectra": data, "weights": weights, "model": model}
    history, latents = folder / "history.nc", folder / "latents.nc"
    train_vae.main(**files, history=history, settings=settings, seed=seed)
    encode_spectra(**files, latents=latents)
    description = json.loads(model.read_text())
    return read_dataset(history), read_dataset(latents), weights.read_bytes(), description


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run on spectra of two factors, and its folder."""
    folder = tmp_path_factory.mktemp("vae")
    return *run(folder, two_factors()[0]), folder


def trainer(n_samples=150, epochs=10, beta=1.0, rate=(1e-3, 1e-4), batch_size=64):
    spectra = jnp.asarray(two_factors(n_samples)[0])
    schedule = Schedule(epochs, beta, 0.5, rate)
    return Trainer(SMALL, schedule, batch_size, spectra, spectra[:30] * 0.9)


@pytest.fixture(scope="module")
def short():
    """A trainer of ten epochs, compiled once."""
    return trainer()


def same_bits(first, second):
    pairs = zip(jax.tree.leaves(first), jax.tree.leaves(second), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def dense(x, layers):
    """A perceptron with SiLU in float64 numpy."""
    for index, layer in enumerate(layers):
        x = x @ np.asarray(layer.kernel[...], np.float64) + np.asarray(layer.bias[...], np.float64)
        if index < len(layers) - 1:
            x = x / (1 + np.exp(-x))
    return x


# --------------------------------------------------------------------------------- loss


def test_loss_is_the_formula():
    network = Autoencoder(SMALL, nnx.Rngs(1))
    spectra = two_factors(7)[0]
    noise = np.random.default_rng(0).normal(size=(7, 4)).astype(np.float32)
    mean, log_variance = np.split(dense(spectra.astype(np.float64), network.encoder.layers), 2, 1)
    decoded = np.log1p(
        np.exp(dense(mean + np.exp(log_variance / 2) * noise, network.decoder.layers))
    )
    kl = 0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance)
    expected = np.mean(((decoded - spectra) ** 2).sum(1) + 1.7 * kl.sum(1))
    parts = loss_parts(network, spectra, noise, variational=True)
    assert float(parts.total(1.7)) == pytest.approx(expected, rel=1e-5)
    np.testing.assert_allclose(parts.kl, kl.mean(0), rtol=1e-4, atol=1e-7)


def test_kl_agrees_with_monte_carlo():
    rng = np.random.default_rng(4)
    mean, log_variance = np.array([0.0, 0.7, -2.0]), np.array([-1.0, 0.5, -4.0])
    n = 400_000
    noise = rng.normal(size=(n, 3))
    z = mean + np.exp(log_variance / 2) * noise
    samples = 0.5 * (z**2 - noise**2 - log_variance)  # ln q(z) - ln p(z)
    exact = np.asarray(kl_divergence(jnp.asarray(mean), jnp.asarray(log_variance)))
    assert np.all(np.abs(samples.mean(0) - exact) < 5 * samples.std(0) / np.sqrt(n))


def test_kl_of_an_idle_latent_keeps_its_digits():
    value = float(kl_divergence(jnp.float32(0), jnp.float32(1e-3)))
    assert value == pytest.approx((np.expm1(1e-3) - 1e-3) / 2, rel=1e-3)


def test_plain_autoencoder_ignores_noise_and_log_variance():
    network = Autoencoder(SMALL, nnx.Rngs(1))
    spectra = two_factors(5)[0]
    noise = np.ones((5, 4), np.float32)
    parts = loss_parts(network, spectra, noise, variational=False)
    mean, _ = network.encode(spectra)
    expected = np.square(np.asarray(network.decode(mean)) - spectra).sum(1).mean()
    assert float(parts.reconstruction) == pytest.approx(expected, rel=1e-6)
    assert not np.asarray(parts.kl).any()


def test_network_has_the_paper_s_layers():
    _, shapes = structure(Architecture(333, (240, 160, 80, 60), 10, "relu"))
    encoder, decoder = (333, 240, 160, 80, 60, 20), (10, 60, 80, 160, 240, 333)
    layers = [pair for widths in (encoder, decoder) for pair in pairwise(widths)]
    expected = sum((n_in + 1) * n_out for n_in, n_out in layers)
    assert sum(leaf.size for leaf in jax.tree.leaves(shapes)) == expected == 275_073


# --------------------------------------------------------------------------------- training


def test_schedules():
    schedule = Schedule(101, 2.0, 0.5, (1e-3, 2e-5))
    assert float(schedule.beta_at(0)) == 0
    assert float(schedule.beta_at(25)) == pytest.approx(2 * np.tanh(50 / 50.5), rel=1e-6)
    assert float(schedule.learning_rate_at(0)) == pytest.approx(1e-3, rel=1e-6)
    assert float(schedule.learning_rate_at(50)) == pytest.approx(5.1e-4, rel=1e-5)
    assert float(schedule.learning_rate_at(100)) == pytest.approx(2e-5, rel=1e-4)


def test_a_checkpoint_knows_where_the_training_spectra_end():
    spectra = np.arange(12.0).reshape(6, 2)
    first, second = (
        fingerprint({}, train=spectra[:split], validation=spectra[split:]) for split in (4, 5)
    )
    assert first != second


def test_compiled_epochs_equal_a_plain_loop(short):
    """Adam by hand (Kingma and Ba, 2015), one step at a time; weights to 1e-4 after 10 epochs."""
    graph, weights = nnx.split(Autoencoder(SMALL, nnx.Rngs(8)))
    leaves, tree = jax.tree.flatten(weights)
    leaves = [np.asarray(leaf, np.float64) for leaf in leaves]
    first, second = [[np.zeros_like(leaf) for leaf in leaves] for _ in range(2)]

    @jax.jit
    def gradient(weights, spectra, noise, beta):
        def loss(weights):
            model = nnx.merge(graph, weights)
            return loss_parts(model, spectra, noise, variational=True).total(beta)

        return jax.grad(loss)(weights)

    step, key = 0, jax.random.key(8)
    for epoch in range(10):
        order_key, noise_key = jax.random.split(jax.random.fold_in(key, epoch))
        order = np.asarray(jax.random.permutation(order_key, 150))[:128].reshape(2, 64)
        noise = np.asarray(jax.random.normal(noise_key, (2 * 64 * 4,))).reshape(2, 64, 4)
        beta, rate = np.tanh(2 * epoch / 5), 1e-4 + 9e-4 * (1 + np.cos(np.pi * epoch / 9)) / 2
        for batch in range(2):
            step += 1
            now = jax.tree.unflatten(tree, [jnp.asarray(leaf, jnp.float32) for leaf in leaves])
            found = gradient(now, short.train[order[batch]], noise[batch], np.float32(beta))
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
    data = jnp.asarray(two_factors(150)[0])[:30] * 0.9
    assert float(loss_parts(model, data, None, variational=True).total(1.0)) == pytest.approx(
        trained.loss, rel=1e-5
    )


def test_a_loss_that_is_not_finite_stops_the_training(short):
    overflowing = replace(short, train=short.train * 1e30)
    with pytest.raises(InputError) as caught:
        overflowing.run(1)
    assert str(caught.value) == (
        "training: loss = 'not finite by epoch 5 at a learning rate of 0.000628' is not usable: "
        "must be finite (try a lower learning_rate)"
    )


@pytest.mark.parametrize(
    ("memory", "expected"),
    [(0, {"PREALLOCATE": "false"}), (0.4, {"PREALLOCATE": "true", "MEM_FRACTION": "0.4"})],
)
def test_memory_of_the_gpu_is_set_and_the_cpu_named(memory, expected, monkeypatch, caplog):
    if jax.default_backend() != "cpu":
        pytest.skip("a GPU is seen")
    prefix = "XLA_PYTHON_CLIENT_"
    for name in ("PREALLOCATE", "MEM_FRACTION"):
        monkeypatch.setenv(prefix + name, "to be undone")
        monkeypatch.delenv(prefix + name)
    caplog.set_level(logging.INFO, "kondoflow")
    assert training_device(memory).platform == "cpu"
    found = {name.removeprefix(prefix): v for name, v in os.environ.items() if prefix in name}
    assert found == expected
    messages = [record.getMessage() for record in caplog.records]
    assert messages == ["JAX sees no GPU: training on the CPU"]


# --------------------------------------------------------------------------------- checkpoints


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
    """Start train_vae.py as a user would; `cores` limits the cores that it may run on."""
    files = {"weights": "w.safetensors", "model": "model.json", "history": "history.nc"}
    flags = [part for name, file in files.items() for part in (f"--{name}", folder / "out" / file)]
    script = [sys.executable, SCRIPTS / "train_vae.py", "--spectra", folder / "spectra.nc"]
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
    settings = {"epochs": 6000, "restarts": 2, "batch_size": 32}
    killed = prepare(tmp_path / "killed", checkpoint_every=500, **settings)
    whole = prepare(tmp_path / "whole", checkpoint_every=1700, **settings)
    process = command(killed)
    saved = killed / "out" / "checkpoint" / "restart_0.safetensors"
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
    assert not saved.parent.exists()


@pytest.mark.slow
@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two cores")
def test_the_number_of_cores_does_not_matter(tmp_path):
    """The paper's network: XLA does not split the products of a smaller one among threads."""
    network = {"hidden": [240, 160, 80, 60], "n_latents": 10, "batch_size": 256}
    settings = {**network, "epochs": 10, "restarts": 1}
    one, all_cores = (prepare(tmp_path / name, 333, **settings) for name in ("one", "all"))
    finish(command(one, cores={min(os.sched_getaffinity(0))}))
    finish(command(all_cores))
    first, second = (folder / "out" / "w.safetensors" for folder in (one, all_cores))
    assert first.read_bytes() == second.read_bytes()


# ------------------------------------------------------------------- alignment and refinement


def linear_decoder(columns):
    """A network that decodes z linearly around a large offset, with the given columns."""
    columns = np.asarray(columns, np.float32)
    architecture = Architecture(columns.shape[0], (columns.shape[1],), columns.shape[1], "relu")
    network = Autoencoder(architecture, nnx.Rngs(0))
    first, last = network.decoder.layers
    first.kernel[...] = jnp.eye(columns.shape[1])
    first.bias[...] = jnp.full(columns.shape[1], 30.0)  # in the linear part of relu
    last.kernel[...] = jnp.asarray(columns.T)
    last.bias[...] = jnp.full(columns.shape[0], 300.0)  # and of softplus
    return architecture, nnx.split(network)[1]


@pytest.mark.parametrize("beta", [0.5, 2.0])
def test_factorisation_gap_of_a_linear_decoder(beta):
    """Against the entropies of the posterior and of its best product, in closed form."""
    rng = np.random.default_rng(5)
    spectra = jnp.asarray(rng.random((3, 6)), jnp.float32)
    J = rng.normal(size=(6, 2))
    H = np.eye(2) + 2 / beta * J.T @ J
    expected = 0.5 * np.log(H[0, 0] * H[1, 1] / np.linalg.det(H))
    found = factorisation_gap(*linear_decoder(J), spectra, beta)
    assert found == pytest.approx(expected, rel=1e-4)
    Q, _ = np.linalg.qr(J)
    orthogonal = factorisation_gap(*linear_decoder(Q * [3.0, 0.5]), spectra, beta)
    assert orthogonal == pytest.approx(0.0, abs=1e-5)


def test_restarts_without_company_are_chosen_by_loss_and_gap():
    rng = np.random.default_rng(4)
    codes = [rng.normal(size=(300, 2)) for _ in range(3)]  # no two with the same latents
    for losses, gaps, expected in (
        ([4.0, 4.05, 5.0], [0.03, 0.01, 0.001], 1),
        ([4.0, 4.2], [0.03, 0.01], 0),
        ([4.0], [0.0], 0),
    ):
        choice = choose(losses, gaps, codes[: len(losses)])
        assert (choice.restart, choice.company) == (expected, (expected,))
        np.testing.assert_array_equal(choice.M, np.eye(2))


@pytest.mark.parametrize(
    "code",
    [
        np.empty((300, 0)),
        np.zeros((1, 2)),
        np.column_stack([np.arange(5.0), np.full(5, 0.3)]),
    ],
    ids=["no active latent", "one sample", "a constant latent"],
)
def test_latents_that_cannot_be_compared_have_no_company(code):
    choice = choose([4.0, 4.0], [0.0, 0.0], [code, code])
    assert (choice.restart, choice.company) == (0, (0,))
    np.testing.assert_array_equal(choice.M, np.eye(code.shape[1]))


def test_latents_are_the_same_up_to_order_sign_and_monotone_map():
    a = np.random.default_rng(5).normal(size=(500, 3))
    b = np.column_stack([-np.arctan(a[:, 2]), a[:, 0] ** 3, a[:, 1] + 0.1 * a[:, 0]])
    expected = [[0, 0, -1], [1, 0, 0], [0, 1, 0]]
    np.testing.assert_array_equal(same_latents(a, b), expected)
    rotated = a @ np.array([[0.8, 0.6, 0], [-0.6, 0.8, 0], [0, 0, 1]])
    assert same_latents(a, rotated) is None
    assert same_latents(a, a[:, :2]) is None


def tilted(angle):
    """A rotation of three latents by an angle about an axis that is none of theirs."""
    axis = np.array([1.0, -2.0, 1.5]) / np.linalg.norm([1.0, -2.0, 1.5])
    return Rotation.from_rotvec(angle * axis).as_matrix()


def test_the_chosen_axes_are_those_of_the_mean_restart():
    """Four restarts tilted about their mean, with orders, signs and spreads of their own."""
    truth = np.random.default_rng(6).normal(size=(4000, 3)) * [1.5, 1.0, 0.5]
    orders = np.eye(3), np.eye(3)[[0, 2, 1]], np.eye(3)[[2, 1, 0]], -np.eye(3)[[1, 2, 0]]
    unit = truth / truth.std(axis=0)
    angles = (0.1, -0.12, 0.06, -0.04)
    codes = [unit @ tilted(a) @ P * [1.0, 2.0, 0.3] for a, P in zip(angles, orders, strict=True)]
    codes.append(truth @ tilted(0.8))  # other latents, at the lowest loss and with a small gap
    choice = choose([4.02, 4.03, 4.01, 4.04, 4.0], [0.01, 0.02, 0.03, 0.04, 0.02], codes)
    assert (choice.restart, choice.company) == (3, (0, 1, 2, 3))
    before, after = codes[3], codes[3] @ choice.M
    np.testing.assert_allclose(after.std(axis=0), before.std(axis=0), rtol=1e-12)
    for latents, least, most in ((before, 0.9990, 0.9999), (after, 0.99999, 1.0)):
        own = np.abs(np.corrcoef(np.hstack([latents @ orders[3].T, unit]).T)[:3, 3:].diagonal())
        assert least < own.min() < most


def test_a_restart_with_a_bent_latent_is_not_chosen():
    rng = np.random.default_rng(7)
    straight = rng.normal(size=(1000, 2))
    bent = np.column_stack([np.sinh(1.5 * straight[:, 0]), straight[:, 1]])
    codes = [bent] + [straight + 0.02 * rng.normal(size=straight.shape) for _ in range(3)]
    choice = choose([4.0] * 4, [0.01, 0.02, 0.02, 0.02], codes)
    assert choice.company == (0, 1, 2, 3)
    assert choice.restart != 0
    assert choose([4.0] * 2, [0.01, 0.02], codes[:2]).restart == 0  # of two neither is the odd one


def linear_network(tilt, correlation):
    """A network with tilted axes that reproduces two factors, normal with a correlation.

    Returns:
        Architecture, weights and spectra.
    """
    architecture = Architecture(6, (2,), 3, "relu")
    network = Autoencoder(architecture, nnx.Rngs(0))
    axes = np.array([[1.0, tilt], [tilt, 1.0]])
    first, last = network.encoder.layers
    first.kernel[...] = jnp.eye(6, 2)
    first.bias[...] = jnp.full(2, -270.0)  # spectra of 300: in the linear part of relu
    last.kernel[...] = jnp.zeros((2, 6)).at[:, :2].set(axes)
    last.bias[...] = jnp.zeros(6).at[:2].set(-30.0 * axes.sum(axis=0))
    first, last = network.decoder.layers
    first.kernel[...] = jnp.zeros((3, 2)).at[:2].set(np.linalg.inv(axes))
    first.bias[...] = jnp.full(2, 30.0)
    last.kernel[...] = jnp.eye(2, 6)
    last.bias[...] = jnp.full(6, 300.0).at[:2].set(270.0)
    covariance = np.array([[1.0, correlation], [correlation, 1.0]])
    factors = np.random.default_rng(8).multivariate_normal([0, 0], covariance, 2000)
    spectra = np.full((2000, 6), 300.0) + np.pad(factors, ((0, 0), (0, 4)))
    return architecture, nnx.split(network)[1], jnp.asarray(spectra, jnp.float32)


def test_tilted_axes_are_corrected():
    architecture, weights, spectra = linear_network(0.05, 0.0)
    active = np.array([True, True, False])
    aligned = align_axes(architecture, weights, spectra, 1.0, active)
    networks = [nnx.merge(structure(architecture)[0], each) for each in (weights, aligned)]
    means = [np.asarray(network.encode(spectra)[0]) for network in networks]
    before, after = (spearmanr(mean[:, 0], mean[:, 1])[0] for mean in means)
    assert abs(before) > 0.05
    assert abs(after) < 2e-3
    for k in (0, 1):  # each goes back to its own factor
        before, after = (spearmanr(mean[:, k], spectra[:, k])[0] for mean in means)
        assert after > max(before, 0.999)
    for network, mean in zip(networks, means, strict=True):
        np.testing.assert_allclose(network.decode(mean), spectra, atol=1e-3)


def test_a_map_of_the_latents_that_costs_much_is_not_made():
    active = np.array([True, True, False])
    for shear, is_made in ((1e-3, True), (1.5, False)):
        architecture, weights, spectra = linear_network(0.0, 0.0)
        M = np.array([[1.0, shear], [0.0, 1.0]])
        found = turn_axes(architecture, weights, spectra, 1.0, active, M)
        codes = nnx.merge(structure(architecture)[0], found).encode(spectra)[0]
        before = linear_network(0.0, 0.0)[1]
        old = nnx.merge(structure(architecture)[0], before).encode(spectra)[0]
        expected = np.asarray(old)[:, :2] @ (M if is_made else np.eye(2))
        np.testing.assert_allclose(codes[:, :2], expected, rtol=1e-4, atol=1e-4)
        assert same_bits(found, before) != is_made


def test_the_finished_network_has_the_chosen_axes():
    architecture, weights, spectra = linear_network(0.0, 0.0)
    settings = {**SETTINGS, "refine_epochs": 0, "hidden": [2], "n_latents": 3, "beta": 1.0}
    whole = Trainer(architecture, Schedule.from_settings(settings), 100, spectra, spectra)
    active = np.array([True, True, False])
    codes = np.asarray(nnx.merge(structure(architecture)[0], weights).encode(spectra)[0])
    candidates = [train_vae.Candidate(weights, active, codes[:, :2], 1.0, 0.0)]
    M = np.array([[1.0, 0.02], [-0.02, 1.0]])
    choice = Choice(0, (0,), M)
    final = train_vae.finish(whole, candidates, choice, settings, 1)
    found = nnx.merge(structure(architecture)[0], final).encode(spectra)[0]
    np.testing.assert_allclose(found[:, :2], codes[:, :2] @ M, rtol=1e-4, atol=1e-4)


def test_axes_of_a_constant_latent_are_left():
    architecture, weights, spectra = linear_network(0.05, 0.0)
    same = jnp.broadcast_to(spectra[:1], spectra.shape)
    found = align_axes(architecture, weights, same, 1.0, np.array([True, True, False]))
    assert same_bits(found, linear_network(0.05, 0.0)[1])


def test_axes_of_dependent_factors_are_left():
    architecture, weights, spectra = linear_network(0.0, 0.8)
    both, one = np.array([True, True, False]), np.array([True, False, False])
    untouched = linear_network(0.0, 0.8)[1]
    for active in (both, one):
        found = align_axes(architecture, weights, spectra, 1.0, active)
        assert same_bits(found, untouched)


def test_refinement_sharpens_and_leaves_the_codes():
    spectra = jnp.asarray(two_factors()[0])
    settings = {"epochs": 40, "batch_size": 50, "learning_rate": 5e-3, "seed": 1}
    weights = trainer().run(3).weights
    active = np.array([True, True, True, False])
    refined = refine_decoder(SMALL, weights, spectra, active, **settings)
    again = refine_decoder(SMALL, weights, spectra, active, **settings)
    assert same_bits(refined, again)
    graph, _ = structure(SMALL)
    before, after = (nnx.merge(graph, each) for each in (weights, refined))
    codes = before.encode(spectra)[0]
    np.testing.assert_array_equal(codes, after.encode(spectra)[0])
    errors = [float(jnp.mean((m.decode(codes) - spectra) ** 2)) for m in (before, after)]
    assert errors[1] < 0.5 * errors[0]
    moved = codes.at[:, 3].add(1.0)
    np.testing.assert_array_equal(after.decode(codes), after.decode(moved))


# --------------------------------------------------------------------------------- stages


def test_files_keep_the_contract(trained):
    history, latents, _, description, _ = trained
    check(history, HISTORY, "history")
    check(latents, LATENTS, "latents")
    assert history.sizes["epoch"] == 60  # one evaluation every five epochs
    beta = SETTINGS["beta"]
    loss = history["reconstruction"] + beta * history["kl"].sum("latent")
    np.testing.assert_allclose(history["loss"], loss, rtol=1e-12)
    restarts, company = description["restarts"], description["company"]
    assert description["chosen_restart"] in company
    lowest = min(each["loss"] for each in restarts)
    near = {k: each for k, each in enumerate(restarts) if each["loss"] <= 1.02 * lowest}
    assert set(company) <= set(near)
    assert min(near, key=lambda k: near[k]["factorisation_gap"]) in company
    chosen = restarts[description["chosen_restart"]]
    lowest = float(history["loss"].sel(part="validation").min())
    assert chosen["validation_loss"] == pytest.approx(lowest, rel=1e-6)
    kept = history["loss"].sel(epoch=chosen["epoch"])
    assert chosen["loss"] == pytest.approx(np.average(kept, weights=[400, 50]), rel=1e-6)
    assert set(description["versions"]) == {"jax", "jaxlib", "flax", "optax", "numpy"}


def test_two_factors_give_two_active_latents(trained):
    _, latents, *_ = trained
    _, wide, narrow = two_factors()
    assert latents["active"].to_numpy().tolist() == [1, 1, 0, 0]
    assert np.all(np.diff(latents["kl"]) <= 0)
    mean = latents["mean"].to_numpy()
    table = [[abs(spearmanr(mean[:, k], f)[0]) for f in (wide, narrow)] for k in (0, 1)]
    assert max(min(table[0][0], table[1][1]), min(table[0][1], table[1][0])) > 0.95


def test_history_and_latents_agree_on_the_order(trained):
    history, latents, _, description, _ = trained
    chosen = description["restarts"][description["chosen_restart"]]
    kept = history.sel(epoch=chosen["epoch"], part="train")
    # The last correction of the axes changes the KL in second order.
    np.testing.assert_allclose(kept["kl"], latents["kl"], rtol=0.02, atol=1e-6)


def test_stored_network_reproduces_latents_and_errors(trained):
    *_, folder = trained
    latents = trained[1]
    spectra = two_factors()[0]
    model = read_model(folder / "w.safetensors", folder / "model.json")
    train = latents["split"].to_numpy() == 0
    encoding = encode(model, spectra, train)
    codes = encoding.in_network(latents["mean"].to_numpy())
    decoded = np.asarray(model.network.decode(jnp.asarray(codes)))
    squared = ((decoded - spectra).astype(np.float64) ** 2).sum(1)
    np.testing.assert_allclose(latents["reconstruction_error"], squared, rtol=1e-3, atol=1e-6)
    assert float(latents["absolute_error"].mean()) < 0.03
    best, median, worst = latents["example"].to_numpy()
    test = latents["reconstruction_error"].to_numpy()[latents["split"].to_numpy() == 2]
    errors = latents["reconstruction_error"].to_numpy()
    assert (errors[best], errors[worst]) == (test.min(), test.max())
    assert errors[median] == np.sort(test)[len(test) // 2]
    np.testing.assert_array_equal(latents["example_input"][2], spectra[worst])


def test_traversal_decodes_the_value_in_step(trained):
    *_, folder = trained
    latents = trained[1]
    model = read_model(folder / "w.safetensors", folder / "model.json")
    train = latents["split"].to_numpy() == 0
    encoding = encode(model, two_factors()[0], train)
    np.testing.assert_array_equal(latents["step"], STEPS)
    z = np.median(latents["mean"].to_numpy()[train], axis=0)
    z[1] = STEPS[7]
    expected = np.asarray(model.network.decode(jnp.asarray(encoding.in_network(z))))
    np.testing.assert_allclose(latents["traversal"][1, 7], expected, atol=1e-5)


def test_signs_follow_the_upper_half_of_the_grid():
    rng = np.random.default_rng(2)
    z = rng.normal(size=(100, 2))
    even, odd = np.ones(N_OMEGA), np.sign(np.arange(N_OMEGA) - N_OMEGA // 2)
    spectra = np.outer(z[:, 0], even) + np.outer(z[:, 1], odd)
    np.testing.assert_array_equal(signs(z * [1, -1], spectra), [1, -1])
    np.testing.assert_array_equal(signs(z * [-1, 1], spectra), [-1, 1])


@pytest.mark.slow
def test_scale_of_the_spectra_does_not_matter(trained, tmp_path):
    _, latents, weights, _, _ = trained
    spectra = two_factors()[0]
    _, double, same_weights, description = run(tmp_path / "2^10", spectra * np.float32(1024))
    assert description["scale"] == 1024
    assert same_weights == weights
    np.testing.assert_array_equal(double["mean"], latents["mean"])
    factor = 1024.0**2
    np.testing.assert_allclose(
        double["reconstruction_error"], factor * latents["reconstruction_error"], rtol=1e-6
    )
    _, other, _, _ = run(tmp_path / "1000", spectra * np.float32(1000))
    for k in (0, 1):  # another unit is a spectrum 2.3 % lower to the network
        assert abs(spearmanr(other["mean"][:, k], latents["mean"][:, k])[0]) > 0.98


@pytest.mark.slow
def test_plain_autoencoder_in_a_single_batch(tmp_path):
    """The batch, larger than the training set, is cut to it."""
    changes = {"beta": 0.0, "n_latents": 3, "active_above": 0.01, "batch_size": 4096}
    settings = {**SETTINGS, **changes, "epochs": 1000, "restarts": 1}
    history, latents, _, description = run(tmp_path / "plain", two_factors()[0], settings)
    assert description["steps_per_epoch"] == 1
    assert not history["kl"].any()
    assert not latents["kl"].any()
    assert latents["log_variance"].isnull().all()
    relevance = latents.attrs["relevance"]
    assert np.all(np.diff(relevance) <= 0)
    np.testing.assert_array_equal(latents["active"], relevance > 0.01)
    assert latents["active"].sum() >= 2
    train = latents["mean"].to_numpy()[latents["split"].to_numpy() == 0].astype(np.float64)
    np.testing.assert_allclose(train.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(train.std(0), 1, rtol=1e-4)
    assert float(latents["absolute_error"].mean()) < 0.02


@pytest.mark.parametrize(("part", "index"), [("train", 0), ("validation", 1)])
def test_an_empty_part_is_refused(tmp_path, part, index):
    data = tmp_path / "spectra.nc"
    write_spectra(data, two_factors(20)[0], np.full(20, (index + 1) % 3))
    if part == "validation":
        write_spectra(data, two_factors(20)[0], np.zeros(20))
    outputs = {name: tmp_path / name for name in ("weights", "model", "history")}
    with pytest.raises(InputError) as caught:
        train_vae.main(spectra=data, **outputs, settings=SETTINGS, seed=1)
    assert str(caught.value) == (
        f"{data}: {part} samples in split = 0 is not usable: must be at least 1"
    )


def test_checkpoints_know_the_version_of_the_code(tmp_path, monkeypatch):
    identities = []

    def stop(*arguments):
        identities.append(arguments[3])
        raise KeyboardInterrupt

    monkeypatch.setattr(train_vae, "train_restarts", stop)
    data = tmp_path / "spectra.nc"
    write_spectra(data, np.ones((20, N_OMEGA), np.float32))
    files = {name: tmp_path / name for name in ("weights", "model", "history")}
    for code in ("one", "one", "other"):
        with pytest.raises(KeyboardInterrupt):
            train_vae.main(spectra=data, **files, settings=SETTINGS, seed=1, code=code)
    assert identities[0] == identities[1] != identities[2]


def test_a_dark_channel_is_refused():
    with pytest.raises(InputError) as caught:
        train_vae.spectral_scale(np.zeros((20, N_OMEGA), np.float32), "spectra.nc")
    assert str(caught.value) == (
        "spectra.nc: spectral_function = 0.0 is not usable: must be above 0 in the training spectra"
    )


def test_dark_spectra_are_refused(tmp_path):
    data = tmp_path / "spectra.nc"
    write_spectra(data, np.zeros((20, N_OMEGA), np.float32))
    outputs = {name: tmp_path / name for name in ("weights", "model", "history")}
    with pytest.raises(InputError) as caught:
        train_vae.main(spectra=data, **outputs, settings=SETTINGS, seed=1)
    assert str(caught.value) == (
        f"{data}: spectral_function of sample 0 = 0.0 is not usable: must be above 0 somewhere"
    )


# --------------------------------------------------------------------------------- reading


def copy_model(folder, target, **changes):
    description = json.loads((folder / "model.json").read_text())
    for key, value in changes.items():
        head, _, tail = key.partition("__")
        if tail:
            description[head][tail] = value
        else:
            description[head] = value
    (target / "model.json").write_text(json.dumps(description))
    (target / "w.safetensors").write_bytes((folder / "w.safetensors").read_bytes())
    return target / "w.safetensors", target / "model.json"


@pytest.mark.parametrize(
    ("changes", "where", "message"),
    [
        ({"scale": None}, 1, "scale = None is not usable: must be of type int or float"),
        ({"scale": 0.0}, 1, "scale = 0.0 is not usable: must be above 0"),
        (
            {"architecture__activation": "tanh"},
            1,
            "architecture.activation = 'tanh' is not usable: must be one of silu, relu",
        ),
        (
            {"omega": [0.0]},
            1,
            "number of omega = 1 is not usable: must be 41, as architecture.n_omega",
        ),
        (
            {"architecture__n_latents": 5},
            0,
            "decoder.layers.0.kernel = (4, 12) is not usable: must be an array of shape (5, 12)",
        ),
        (
            {"architecture__hidden": [24, 12, 6]},
            0,
            "decoder.layers.0.bias = (12,) is not usable: must be an array of shape (6,)",
        ),
    ],
)
def test_a_model_that_does_not_fit_is_refused(trained, tmp_path, changes, where, message):
    paths = copy_model(trained[-1], tmp_path, **changes)
    with pytest.raises(InputError) as caught:
        read_model(*paths)
    assert str(caught.value) == f"{paths[where]}: {message}"


def test_missing_and_broken_weights_are_refused(trained, tmp_path):
    weights, model = copy_model(trained[-1], tmp_path)
    weights.write_bytes(b"not a model")
    with pytest.raises(InputError, match=r"must be a readable safetensors file$"):
        read_model(weights, model)
    weights.unlink()
    with pytest.raises(InputError) as caught:
        read_model(weights, model)
    assert str(caught.value) == (
        f"{weights}: file = None is not usable: must be an existing safetensors file"
    )


def test_another_grid_is_refused(trained, tmp_path):
    weights, model = copy_model(trained[-1], tmp_path)
    data = tmp_path / "other.nc"
    write_spectra(data, two_factors(30)[0][:, :30])
    with pytest.raises(InputError) as caught:
        encode_spectra(spectra=data, weights=weights, model=model, latents=tmp_path / "l.nc")
    assert str(caught.value) == (
        f"{data}: omega = 'another grid' is not usable: must be the grid of {model}"
    )
