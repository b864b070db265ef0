r"""From a set of spectra and the settings of a run to a training.

The network sees a spectrum as x (`autoencoder.scaling`), and each of its n points has a weight p in
the loss (`autoencoder.loss`). With the mean m of x over the training spectra and the total variance

.. math::
    v = \frac1n \sum_\omega w(\omega) \langle (x(\omega) - m(\omega))^2 \rangle,

the loss `relative` has p = w/(n v), so that the mean spectrum alone has an error of 1. A weight of
the KL term then means the same in any unit and on any grid. w is 1, or, where the file holds an
`uncertainty`, its inverse square in the units of x, divided by the mean over points and training
spectra. The loss `sum` is that of arXiv:2107.08013, the plain sum over points of spectra of order
one: p = 1.

Offset and scale follow from the output of the decoder:

- `softplus`, for spectra that are positive and come near 0: offset 0, and the scale is the 99.9th
  percentile (for the loss `sum` the power of two nearest to it).
- `linear`, for all others: the offset is the mean training spectrum (0 without `centring`), the
  scale the total deviation (for the loss `sum` as above), or the deviation of each point if
  `scaling` is `point`.
- `auto` is `softplus` if the spectra are positive, come near 0, and are neither transformed nor
  scaled by point.

A few spectra that are much farther from the median spectrum than most take no part in the training,
and `model.json` names them (`files.outliers`).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
import xarray as xr

from kondoflow.autoencoder.loss import Spectra
from kondoflow.autoencoder.model import Architecture
from kondoflow.autoencoder.scaling import Scaling, check_spectra_fit
from kondoflow.autoencoder.schedule import Schedule
from kondoflow.autoencoder.training import PARTS, Trainer
from kondoflow.autoencoder.units import moments, output_of, transform_of, with_units
from kondoflow.autoencoder.weights import point_weights, rows
from kondoflow.files.errors import InputError
from kondoflow.files.outliers import far_from_others
from kondoflow.files.spectra import LEAST_FREQUENCIES, channel_spectra, chosen_channels, flat
from kondoflow.files.splits import split_mask

logger = logging.getLogger("kondoflow")


class Prepared(NamedTuple):
    """What a training begins with.

    Attributes:
        trainer: The training.
        scaling: Units of its network.
        left_out: Samples of training and validation that are far from all others, ascending.
        omega: Frequencies of the network, (omega,).
        channels: Labels of the channels that are one input together; none for a single spectrum.
        n_train: Number of training spectra.
        sampled_from: Digest of the file if the training is that of a sample of its spectra, see
            `autoencoder.large_sets`; empty if it is that of all.
    """

    trainer: Trainer
    scaling: Scaling
    left_out: list[int]
    omega: np.ndarray
    channels: list[str]
    n_train: int
    sampled_from: str = ""

    @property
    def positive(self) -> bool:
        """Whether all training spectra are above 0, for a network that sees them untransformed."""
        zero = (-self.scaling.offset / self.scaling.scale).astype(np.float32)
        return bool((np.asarray(self.trainer.train.values) > zero).all())


def prepare(dataset: xr.Dataset, settings: Mapping[str, Any], source: Path) -> Prepared:
    """Make what trains a network on a set of spectra.

    Args:
        dataset: Spectra (sample, omega) or (sample, channel, omega), with their split.
        settings: Settings of the run.
        source: File of the set, named in errors.

    Raises:
        InputError: If a part of the data is empty, the training spectra do not differ, a transform
            can't be applied to them, or an uncertainty is not usable; names `source`.
    """
    dataset = in_window(dataset, settings["window"])
    values = flat(channel_spectra(dataset, settings["channel"]))
    masks, left_out = training_samples(dataset, values, source)
    scaling, weights, output = fit_units(dataset, values, masks, settings, source)
    parts = [
        Spectra(
            jnp.asarray(scaling.to_network(values[mask])),
            jnp.asarray(rows(weights, mask), jnp.float32),
        )
        for mask in masks
    ]
    architecture = Architecture(
        values.shape[1],
        tuple(settings["hidden"]),
        settings["n_latents"],
        settings["activation"],
        output,
    )
    n_train = parts[0].n_samples
    batch_size = min(settings["batch_size"], n_train)
    trainer = Trainer(architecture, Schedule.from_settings(settings), batch_size, *parts)
    channels = chosen_channels(dataset, settings["channel"])
    return Prepared(trainer, scaling, left_out, dataset["omega"].to_numpy(), channels, n_train)


def training_samples(
    dataset: xr.Dataset, values: np.ndarray, source: Path
) -> tuple[list[np.ndarray], list[int]]:
    """Samples of training and validation that take part, and those that are left out.

    Args:
        dataset: The set of spectra.
        values: Inputs, (sample, n).
        source: File of the set, named in errors.

    Returns:
        A mask (sample,) for each of `PARTS`, and the samples that are far from all others.

    Raises:
        InputError: If a part is empty.
    """
    masks = [split_mask(dataset, part) for part in PARTS]
    for part, mask in zip(PARTS, masks, strict=True):
        if not mask.any():
            raise InputError(source, f"{part} samples in split", 0, "at least 1")
    far = far_from_others(values, masks[0] | masks[1])
    left_out = np.flatnonzero(far).tolist()
    if left_out:
        logger.warning("samples %s are far from all others and are not trained on", left_out)
    return [mask & ~far for mask in masks], left_out


def fit_units(
    dataset: xr.Dataset,
    values: np.ndarray,
    masks: Sequence[np.ndarray],
    settings: Mapping[str, Any],
    source: Path,
) -> tuple[Scaling, np.ndarray, str]:
    """Units and weights of the network's inputs, see the module.

    Args:
        dataset: The set of spectra.
        values: Inputs, (sample, n).
        masks: Samples of training and validation.
        settings: Settings of the run.
        source: File of the set, named in errors.

    Returns:
        The units; the weights p of all points, (sample, n), or (1, n) if they are those of all
        samples; the function of the decoder's output.

    Raises:
        InputError: If the training spectra do not differ, a transform can't be applied to them, or
            an uncertainty is not usable.
    """
    train = values[masks[0]]
    output = output_of(train, settings)
    transform = transform_of(train, settings, dataset["omega"].to_numpy())
    check_spectra_fit(transform, values[masks[0] | masks[1]], source)
    weights = point_weights(dataset, settings["channel"], values, transform, masks[0], source)
    spread = moments(transform.transformed(train), rows(weights, masks[0]))
    if not spread.variance.max() > 0:
        allowed = "spectra that differ from each other"
        raise InputError(source, "spectral_function", "the same in all training samples", allowed)
    scaling = with_units(transform, train, spread, settings, output)
    if settings["loss"] == "sum":
        return scaling, np.ones((1, values.shape[1])), output
    variance = (spread.variance / scaling.scale**2).mean()
    return scaling, weights / (values.shape[1] * variance), output


def in_window(dataset: xr.Dataset, window: Sequence[float] | None) -> xr.Dataset:
    """A set of spectra on the frequencies of a window [low, high].

    Raises:
        InputError: If fewer than two frequencies lie in it.
    """
    if window is None:
        return dataset
    omega = dataset["omega"].to_numpy()
    inside = (omega >= window[0]) & (omega <= window[1])
    if inside.sum() < LEAST_FREQUENCIES:
        allowed = f"a window that holds several of the frequencies {omega[0]:g} .. {omega[-1]:g}"
        raise InputError("autoencoder", "window", list(window), allowed)
    return dataset.isel(omega=inside)
