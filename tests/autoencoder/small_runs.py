"""Small data sets and trainings that the tests of the autoencoder share."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from flax import nnx

import choose_network
import train_restart
from encode_spectra import main as encode_spectra
from kondoflow.autoencoder.loss import Spectra
from kondoflow.autoencoder.model import Architecture, Autoencoder
from kondoflow.autoencoder.schedule import Schedule
from kondoflow.autoencoder.training import Trainer
from kondoflow.files.atomic import read_json, write_json
from kondoflow.files.netcdf import read_dataset, write_dataset
from kondoflow.files.splits import assign_split
from kondoflow.stage.config import choice_settings, restart_settings

SCRIPTS = Path(train_restart.__file__).parent
N_OMEGA = 41
SMALL = Architecture(N_OMEGA, (24, 12), 4, "silu")
SETTINGS = {
    "channel": "up",
    "window": None,
    "transform": "none",
    "normalise": "none",
    "centring": True,
    "scaling": "common",
    "hidden": [24, 12],
    "activation": "silu",
    "n_latents": 4,
    "loss": "relative",
    "output": "softplus",
    "kl_weight": 0.2,
    "warmup": 0.5,
    "kl_start": 0.0,
    "epochs": 300,
    "batch_size": 64,
    "learning_rate": [5e-3, 1e-4],
    "restarts": 3,
    "refine_epochs": 30,
    "checkpoint_every": 100,
    "active_above": 0.1,
}


def two_factors(n_samples=500, n_omega=N_OMEGA):
    """A wide and a narrow peak of random heights: spectra (sample, omega), the two heights."""
    rng = np.random.default_rng(3)
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


def of_restart(folder, restart):
    """Files of a restart, or of several that are trained together, such as "0-2"."""
    own = folder / "restarts" / str(restart)
    return {"weights": own / "weights.safetensors", "history": own / "history.nc"}


def train(folder, data, *, settings=SETTINGS, seed=5, restarts=None, **options):
    """Train restarts, all of them if none are named; those in a list of their own together."""
    every, own = settings["checkpoint_every"], restart_settings(settings)
    for named in range(settings["restarts"]) if restarts is None else restarts:
        restart = named if isinstance(named, list) else [named]
        files = of_restart(folder, "-".join(map(str, dict.fromkeys((restart[0], restart[-1])))))
        files["weights"].parent.mkdir(parents=True, exist_ok=True)
        common = {"settings": own, "seed": seed, "checkpoint_every": every, **options}
        train_restart.main(spectra=data, **files, restart=restart, **common)


def choose(folder, *, settings, seed, jobs=None, **files):
    """Choose among the restarts that these jobs trained, one each if none are named."""
    found = [of_restart(folder, job) for job in jobs or range(settings["restarts"])]
    inputs = {"trained": [each["weights"] for each in found]}
    inputs["histories"] = [each["history"] for each in found]
    choose_network.main(**files, **inputs, settings=choice_settings(settings), seed=seed)


def run(folder, spectra, settings=SETTINGS, seed=5):
    """Both stages on spectra (sample, omega): history, latents, weights as bytes, model.json."""
    folder.mkdir(exist_ok=True)
    data, weights, model = (folder / name for name in ("spectra.nc", "w.safetensors", "model.json"))
    write_spectra(data, spectra)
    files = {"spectra": data, "weights": weights, "model": model}
    history, latents = folder / "history.nc", folder / "latents.nc"
    train(folder, data, settings=settings, seed=seed)
    choose(folder, **files, history=history, settings=settings, seed=seed)
    encode_spectra(**files, latents=latents)
    description = read_json(model)
    return read_dataset(history), read_dataset(latents), weights.read_bytes(), description


def equal_weights(values):
    """Spectra (sample, omega) whose points count 1 each."""
    return Spectra(jnp.asarray(values), jnp.ones((1, values.shape[1])))


def trainer(n_samples=150, epochs=10, kl_weight=1.0, rate=(1e-3, 1e-4), batch_size=64):
    spectra = two_factors(n_samples)[0]
    schedule = Schedule(epochs, kl_weight, 0.5, rate)
    parts = equal_weights(spectra), equal_weights(spectra[:30] * 0.9)
    return Trainer(SMALL, schedule, batch_size, *parts)


def same_bits(first, second):
    pairs = zip(jax.tree.leaves(first), jax.tree.leaves(second), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


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
    first.bias[...] = jnp.full(2, 30.0)  # in the linear part of relu
    last.kernel[...] = jnp.zeros((2, 6)).at[:, :2].set(axes)
    last.bias[...] = jnp.zeros(6).at[:2].set(-30.0 * axes.sum(axis=0))
    first, last = network.decoder.layers
    first.kernel[...] = jnp.zeros((3, 2)).at[:2].set(np.linalg.inv(axes))
    first.bias[...] = jnp.full(2, 30.0)
    last.kernel[...] = jnp.eye(2, 6)
    last.bias[...] = jnp.zeros(6).at[:2].set(-30.0)
    covariance = np.array([[1.0, correlation], [correlation, 1.0]])
    factors = np.random.default_rng(8).multivariate_normal([0, 0], covariance, 2000)
    spectra = np.pad(factors, ((0, 0), (0, 4))).astype(np.float32)
    return architecture, nnx.split(network)[1], equal_weights(spectra)


def copy_model(folder, target, **changes):
    description = read_json(folder / "model.json")
    for key, value in changes.items():
        head, _, tail = key.partition("__")
        if tail:
            description[head][tail] = value
        else:
            description[head] = value
    write_json(target / "model.json", description)
    (target / "w.safetensors").write_bytes((folder / "w.safetensors").read_bytes())
    return target / "w.safetensors", target / "model.json"
