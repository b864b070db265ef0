"""The files of all runs, read and held against one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

from kondoflow.autoencoder.contract import LATENTS
from kondoflow.autoencoder.encoding import encode
from kondoflow.autoencoder.storage import read_model
from kondoflow.discovery.targets import read_samples, read_targets
from kondoflow.files.atomic import read_json
from kondoflow.files.contract import check
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset
from kondoflow.files.spectra import channel_spectra, read_spectra
from kondoflow.files.splits import split_mask
from kondoflow.report.explorer.content import Run

CODES_AGREE = 1e-2  # largest difference of a code from the network's own


def read_runs(
    config: Mapping[str, Any],
    runs: Sequence[tuple[str, str]],
    files: Mapping[str, Sequence[Path]],
    equations: Sequence[Path],
) -> list[Run]:
    """Read the files of all runs of a configuration.

    Args:
        config: The configuration.
        runs: Ensemble and name of each run.
        files: For each of `spectra`, `weights`, `model`, `latents`, `scores` and `verdict` a file a
            run, in the order of `runs`.
        equations: Files `<ensemble>/<run>/<engine>.json` of all runs.

    Raises:
        InputError: If a file is missing, breaks its contract, or fits no other.
    """
    for name, paths in files.items():
        if len(paths) != len(runs):
            raise InputError("explorer", f"number of {name} files", len(paths), f"{len(runs)}")
    jax.config.update("jax_platforms", "cpu")
    return [
        read_run(
            config,
            run,
            {name: paths[index] for name, paths in files.items()},
            [path for path in equations if path.parts[-3:-1] == run],
        )
        for index, run in enumerate(runs)
    ]


def read_run(
    config: Mapping[str, Any],
    run: tuple[str, str],
    files: Mapping[str, Path],
    equations: Sequence[Path],
) -> Run:
    """Read the files of one run, see `read_runs`."""
    ensemble, name = run
    system = config["systems"][config["ensembles"][ensemble]["system"]]
    spectra, latents = read_spectra(files["spectra"]), read_dataset(files["latents"])
    check(latents, LATENTS, files["latents"])
    model = read_model(files["weights"], files["model"])
    samples = read_samples(spectra, system)
    targets = read_targets(latents, samples, system, config["equations"]["objectives"])
    values = channel_spectra(spectra, model.channel)
    encoding = encode(model, values, split_mask(spectra, "train"))
    apart = float(np.abs(encoding.mean - latents["mean"].to_numpy()).max())
    if apart > CODES_AGREE:
        allowed = f"within {CODES_AGREE} of what {files['weights']} makes of the spectra"
        raise InputError(files["latents"], "mean", f"{apart:.3g} away", allowed)
    return Run(
        ensemble=ensemble,
        name=name,
        system=system,
        spectra=spectra,
        latents=latents,
        scores=read_json(files["scores"]),
        verdict=read_json(files["verdict"]),
        engines=[read_json(path) for path in equations],
        model=model,
        encoding=encoding,
        samples=samples,
        targets=targets,
    )
