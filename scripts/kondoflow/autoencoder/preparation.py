"""From a set of spectra and the settings of a run to a training."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import xarray as xr

from kondoflow.autoencoder.model import Architecture
from kondoflow.autoencoder.schedule import Schedule
from kondoflow.autoencoder.training import PARTS, Trainer
from kondoflow.files.errors import InputError
from kondoflow.files.spectra import channel_spectra
from kondoflow.files.splits import split_mask


def make_trainer(
    dataset: xr.Dataset, settings: Mapping[str, Any], source: Path
) -> tuple[Trainer, float]:
    """The training of a run's settings, and the number by which it divides the spectra.

    Raises:
        InputError: If a part of the data is empty or the spectra are zero; names `source`.
    """
    values = channel_spectra(dataset, settings["channel"])
    train, validation = (values[split_mask(dataset, part)] for part in PARTS)
    for part, spectra in zip(PARTS, (train, validation), strict=True):
        if len(spectra) == 0:
            raise InputError(source, f"{part} samples in split", 0, "at least 1")
    scale = spectral_scale(train, source)
    architecture = Architecture(
        values.shape[1], tuple(settings["hidden"]), settings["n_latents"], settings["activation"]
    )
    trainer = Trainer(
        architecture,
        Schedule.from_settings(settings),
        min(settings["batch_size"], len(train)),
        jnp.asarray(train / np.float32(scale)),
        jnp.asarray(validation / np.float32(scale)),
    )
    return trainer, scale


def spectral_scale(train: np.ndarray, source: Path) -> float:
    """Number to divide spectra by, so that beta weighs the same error for every data set.

    It is the power of two nearest to the 99.9th percentile: 1 for spectra of order one, as pi Gamma
    A is. Dividing by it is exact, so that spectra in a unit 2^k times smaller give the same network
    bit for bit; in any other unit beta keeps its meaning within a factor of four.

    Raises:
        InputError: If the spectra are zero almost everywhere.
    """
    size = float(np.quantile(np.abs(train).astype(np.float64), 0.999))
    if size == 0:
        raise InputError(source, "spectral_function", size, "above 0 in the training spectra")
    return float(np.exp2(np.round(np.log2(size))))
