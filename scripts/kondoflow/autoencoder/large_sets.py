"""Sets of spectra that do not fit into memory.

Units, weights and the choice of a network follow from a sample, evenly spaced in the set and as
large as memory allows. A restart is trained on all spectra: they pass through the units of the
sample, some thousands at a time, into a file of network inputs beside the restart's outputs, from
which `autoencoder.streaming` gathers batches.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from kondoflow.autoencoder.loss import Spectra
from kondoflow.autoencoder.preparation import Prepared, in_window, prepare
from kondoflow.autoencoder.scaling import check_spectra_fit
from kondoflow.autoencoder.streaming import StreamedTrainer
from kondoflow.autoencoder.training import PARTS
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import DIGEST, ENGINE
from kondoflow.files.outliers import FAR
from kondoflow.files.spectra import channel_spectra, check_spectra, flat, read_spectra
from kondoflow.files.splits import split_mask

logger = logging.getLogger("kondoflow")

STREAM_ABOVE = 1500.0  # MB of spectra in a file
ROWS = 8192  # spectra that are read at once


def prepare_file(path: Path, settings: Mapping[str, Any], limit: float) -> Prepared:
    """The training of a run's settings on the spectra of a file, or on a sample of them.

    Args:
        path: The file.
        settings: Settings of the run.
        limit: MB of spectra above which a sample of that size is taken.

    Raises:
        InputError: See `preparation.prepare`.
    """
    if not path.is_file() or size_of(path) <= limit * 1e6:
        return prepare(read_spectra(path), settings, path)
    with opened(path) as whole:
        n_samples = whole.sizes["sample"]
        share = limit * 1e6 / size_of(path)
        chosen = np.unique(np.linspace(0, n_samples - 1, int(share * n_samples)).astype(np.int64))
        sample = whole.isel(sample=chosen).load()
        n_train = int(split_mask(whole, "train").sum())
        digest = str(whole.attrs.get(DIGEST, n_samples))
    check_spectra(sample, path)
    prepared = prepare(sample, settings, path)
    if len(prepared.trainer.train.weights) > 1:
        allowed = f"that of the points alone in a file of more than {limit:g} MB"
        raise InputError(path, "uncertainty", "one for each sample", allowed)
    left_out = chosen[prepared.left_out].tolist()
    logger.info("%d of %d spectra are sampled, all are trained on", len(chosen), n_samples)
    return prepared._replace(left_out=left_out, n_train=n_train, sampled_from=digest)


@contextmanager
def streamed_trainer(
    prepared: Prepared, path: Path, settings: Mapping[str, Any], folder: Path
) -> Iterator[StreamedTrainer]:
    """The training on all spectra of the file, whose inputs stand in a folder for that time.

    Args:
        prepared: The training on a sample of them.
        path: The file.
        settings: Settings of the run.
        folder: Where the inputs are written.
    """
    files = [folder / f".{part}.inputs.npy" for part in PARTS]
    try:
        weights, trainer = prepared.trainer.train.weights, prepared.trainer
        parts = [Spectra(each, weights) for each in write_inputs(prepared, path, settings, files)]
        batch_size = min(settings["batch_size"], parts[0].n_samples)
        yield StreamedTrainer(trainer.architecture, trainer.schedule, batch_size, *parts)
    finally:
        for file in files:
            file.unlink(missing_ok=True)


def write_inputs(
    prepared: Prepared, path: Path, settings: Mapping[str, Any], files: list[Path]
) -> list[np.ndarray]:
    """Write the network's inputs of each part of the data; far outliers are left out.

    Args:
        prepared: Training that was prepared from a sample of the set.
        path: The whole set of spectra.
        settings: Settings of the run: `window` and `channel`.
        files: A file for each part, in the order of `PARTS`.

    Returns:
        The inputs of each part, (sample, n), float32, mapped into memory.

    Raises:
        InputError: If spectra or their grid can't be used; names `path`.
    """
    centre, farthest = neighbourhood(prepared)
    with opened(path) as whole:
        masks = [split_mask(whole, part) for part in PARTS]
        width, kind = len(prepared.scaling.offset), np.float32
        mapped = [
            np.lib.format.open_memmap(file, "w+", kind, (int(mask.sum()), width))
            for file, mask in zip(files, masks, strict=True)
        ]
        filled = [0] * len(PARTS)
        for begin in range(0, whole.sizes["sample"], ROWS):
            rows = slice(begin, begin + ROWS)
            piece = whole.isel(sample=rows).load()
            check_spectra(piece, path)
            piece = in_window(piece, settings["window"])
            values = flat(channel_spectra(piece, settings["channel"]))
            inputs = prepared.scaling.to_network(values)
            near = distances(inputs, centre) <= farthest
            for index, mask in enumerate(masks):
                chosen = mask[rows] & near
                check_spectra_fit(prepared.scaling, values[chosen], path)
                count = int(chosen.sum())
                mapped[index][filled[index] : filled[index] + count] = inputs[chosen]
                filled[index] += count
    return [array[:n] for array, n in zip(mapped, filled, strict=True)]


def neighbourhood(prepared: Prepared) -> tuple[np.ndarray, float]:
    """Median of the sample's inputs, (n,), and the distance from it that counts as far."""
    inputs = np.asarray(prepared.trainer.train.values)
    centre = np.median(inputs, axis=0)
    return centre, FAR * float(np.median(distances(inputs, centre)))


def distances(inputs: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Root mean square distance of inputs (sample, n) from one of them, (sample,)."""
    return np.sqrt(((inputs - centre) ** 2).mean(axis=1))


def opened(path: Path) -> xr.Dataset:
    """A set of spectra, (sample, omega), whose values are read when they are asked for."""
    return xr.open_dataset(path, engine=ENGINE, decode_times=False, decode_timedelta=False)


def size_of(path: Path) -> int:
    """Bytes of the spectra of a file in memory; 0 where there are none."""
    try:
        with opened(path) as whole:
            return whole["spectral_function"].nbytes if "spectral_function" in whole else 0
    except (OSError, ValueError, RuntimeError):  # what reads it next says what is wrong with it
        return 0
