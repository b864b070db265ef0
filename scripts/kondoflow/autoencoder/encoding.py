"""Spectra -> latents -> spectra with a trained model.

    model = load_model("results/models/low_field/vae")
    latents = encode(model, spectra, omega).mean     # (sample, latent), as latents.nc lists them
    decoded = decode(model, latents)                 # (sample, omega), on the grid model.omega

A model of several channels takes and gives spectra (sample, channel, omega). Where a model sees
spectra without their sizes (`normalise`), the spectra decoded from latents alone have the median
size of the training spectra.

The order, sign and unit of latents are the model's (`autoencoder.conventions`), whatever is
encoded. Spectra on another grid are interpolated linearly in omega to the model's grid, which their
own must cover.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import jax.numpy as jnp
import numpy as np

from kondoflow.autoencoder.deciding import BATCH
from kondoflow.autoencoder.scaling import check_spectra_fit
from kondoflow.autoencoder.storage import Model, read_model
from kondoflow.files.errors import InputError
from kondoflow.files.spectra import flat


@dataclass(frozen=True)
class Encoding:
    """Latents of a set of spectra.

    Attributes:
        mean: Means of q(z|A), (sample, latent), float32.
        log_variance: Log variances, (sample, latent), float32; NaN for a plain autoencoder.
        reconstruction: Decoded means in the spectra's units on the model's grid, (sample, omega) or
            (sample, channel, omega), float32.
    """

    mean: np.ndarray
    log_variance: np.ndarray
    reconstruction: np.ndarray


def load_model(folder: str | Path) -> Model:
    """The trained model in a folder, which holds `weights.safetensors` and `model.json`.

    Raises:
        InputError: If a file is missing, unreadable, or does not fit the other.
    """
    return read_model(Path(folder) / "weights.safetensors", Path(folder) / "model.json")


def encode(model: Model, spectra: np.ndarray, omega: np.ndarray | None = None) -> Encoding:
    """Encode spectra, and decode the means of their latents.

    Args:
        model: The trained model.
        spectra: Spectra of the model's channel, (sample, omega), or (sample, channel, omega).
        omega: Their frequencies, increasing, (omega,), in the unit of `model.omega`; None if they
            are those of the model.

    Raises:
        InputError: If the spectra do not fit their grid, are not finite, their grid does not cover
            that of the model, or the model's transform can't be applied to them.
    """
    values = flat(on_grid_of(model, np.asarray(spectra), omega))
    check_spectra_fit(model.scaling, values, "encode")
    x = model.scaling.to_network(values)
    pieces = []
    for k in range(0, len(x), BATCH):
        codes, spreads = model.network.encode(jnp.asarray(x[k : k + BATCH]))
        pieces.append([np.asarray(each) for each in (codes, spreads, model.network.decode(codes))])
    mean, log_variance, decoded = (np.concatenate(piece) for piece in zip(*pieces, strict=True))
    if not model.variational:
        log_variance = np.full_like(log_variance, np.nan)
    return Encoding(
        mean=model.conventions.from_network(mean),
        log_variance=log_variance[:, model.conventions.order],
        reconstruction=by_channel(
            model, model.scaling.from_network(decoded, model.scaling.sizes(values))
        ),
    )


def decode(model: Model, z: np.ndarray) -> np.ndarray:
    """Spectra (..., omega) or (..., channel, omega), float32, from latents (..., latent).

    Raises:
        InputError: If the number of latents is not the model's.
    """
    z, n_latents = np.asarray(z), len(model.conventions.order)
    if z.ndim == 0 or z.shape[-1] != n_latents:
        raise InputError("decode", "shape of z", z.shape, f"(..., {n_latents})")
    codes = jnp.asarray(model.conventions.in_network(z))
    decoded = model.scaling.from_network(np.asarray(model.network.decode(codes)))
    return by_channel(model, decoded)


def by_channel(model: Model, spectra: np.ndarray) -> np.ndarray:
    """Spectra (..., n) of a model, as (..., channel, omega) if it has several channels."""
    if not model.channels:
        return spectra
    return spectra.reshape(*spectra.shape[:-1], len(model.channels), len(model.omega))


def on_grid_of(
    model: Model, spectra: np.ndarray, omega: np.ndarray | None, source: object = "encode"
) -> np.ndarray:
    """Spectra (sample, ..., omega) on the grid of the model, interpolated where theirs is another.

    Raises:
        InputError: See `encode`; names `source`.
    """
    grid = model.omega
    own = grid if omega is None else np.asarray(omega, np.float64)
    needed = (len(model.channels), own.size) if model.channels else (own.size,)
    if spectra.ndim == 0 or spectra.shape[1:] != needed or len(spectra) == 0:
        allowed = f"(sample, {', '.join(map(str, needed))}) with at least one sample"
        raise InputError(source, "shape of spectra", spectra.shape, allowed)
    if not np.isfinite(spectra).all():
        raise InputError(source, "spectra", "NaN or infinity", "finite everywhere")
    if np.array_equal(own, grid):
        return spectra
    if not (np.diff(own) > 0).all():
        raise InputError(source, "omega", "a grid that does not increase", "increasing")
    slack = 1e-9 * (grid[-1] - grid[0])
    if own[0] > grid[0] + slack or own[-1] < grid[-1] - slack:
        covered, wanted = (f"{each[0]:g} .. {each[-1]:g}" for each in (own, grid))
        raise InputError(source, "omega", covered, f"a grid that covers {wanted} of the model")
    right = np.clip(np.searchsorted(own, grid), 1, len(own) - 1)
    share = np.clip((grid - own[right - 1]) / (own[right] - own[right - 1]), 0, 1)
    return spectra[..., right - 1] * (1 - share) + spectra[..., right] * share
