r"""Both spins as one input: what a single spin does not tell.

Without interaction, impurity spectra in a magnetic field are known exactly,

.. math::
    \pi\Gamma A_\sigma(\omega) = \frac{\Gamma^2}{(\omega - \epsilon_d + \sigma B/2)^2 + \Gamma^2},
    \qquad n_\sigma = \tfrac12 - \frac1\pi\arctan\frac{\epsilon_d - \sigma B/2}{\Gamma},

with sigma = 1 for up. The spectrum of one spin depends on eps_d - B/2 alone, and so its latents
cannot tell the polarisation n_up - n_down, which the spectra of both spins hold.
"""

import jax.numpy as jnp
import numpy as np
import xarray as xr
from small_runs import SETTINGS

from kondoflow.autoencoder.model import separate_network
from kondoflow.autoencoder.preparation import prepare
from kondoflow.files.spectra import channel_spectra, flat
from kondoflow.files.splits import assign_split, split_mask


def spins_in_a_field():
    """300 spectra (sample, spin, omega) of both spins, with the polarisation."""
    n_samples = 300
    rng = np.random.default_rng(11)
    eps_d, B = rng.uniform(-0.5, 0.5, n_samples), rng.uniform(-1.5, 1.5, n_samples)
    Gamma = 0.3 * 2 ** rng.uniform(0, 1, n_samples)
    levels = np.stack([eps_d - B / 2, eps_d + B / 2], axis=1) / Gamma[:, None]
    omega = np.linspace(-2, 2, 61)
    spectra = 1 / ((omega / Gamma[:, None, None] - levels[..., None]) ** 2 + 1)
    n_up, n_down = (0.5 - np.arctan(levels) / np.pi).T
    split = assign_split(n_samples, {"train": 0.7, "validation": 0.15, "test": 0.15}, 1)
    return xr.Dataset(
        {
            "spectral_function": (("sample", "spin", "omega"), spectra),
            "polarisation": ("sample", n_up - n_down),
            "split": ("sample", split.astype(np.int8)),
        },
        {"omega": omega, "spin": ["up", "down"]},
    )


def read_from_latents(dataset, channel):
    """R^2 of a quadratic form of the active latents for the polarisation, on test samples."""
    settings = {**SETTINGS, "channel": channel, "transform": "log", "output": "auto"}
    settings |= {"kl_weight": 0.05, "epochs": 100, "batch_size": 32}
    prepared = prepare(dataset, settings, "spins.nc")
    trained = prepared.trainer.run(1)
    network = separate_network(prepared.trainer.architecture, trained.weights)
    x = prepared.scaling.to_network(flat(channel_spectra(dataset, channel)))
    latents = np.asarray(network.encode(jnp.asarray(x))[0], np.float64)
    latents = latents[:, trained.kept_kl[0] > settings["active_above"]]
    pairs = np.triu_indices(latents.shape[1])
    products = latents[:, pairs[0]] * latents[:, pairs[1]]
    terms = np.column_stack([np.ones(len(latents)), latents, products])
    train, test = split_mask(dataset, "train"), split_mask(dataset, "test")
    values = dataset["polarisation"].to_numpy()
    fitted = terms @ np.linalg.lstsq(terms[train], values[train])[0]
    return 1 - np.mean((fitted - values)[test] ** 2) / np.var(values[test])


def test_latents_of_both_spins_tell_the_polarisation():
    dataset = spins_in_a_field()
    assert read_from_latents(dataset, "all") > 0.93
    assert read_from_latents(dataset, "up") < 0.8
