"""The datasheet of an archive in words, as Markdown: what was computed, how exact, what for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from kondoflow.files.contract import unit_of
from kondoflow.files.splits import SPLITS
from kondoflow.files.text import plain_text
from kondoflow.report.results import Results
from kondoflow.report.sections.data import decoded

USE = """The data are for the study of what a set of spectra holds: to train and compare
autoencoders, to search for equations, and to check those that were found. Equations
hold in the region in which they were fitted."""


def licence_of(spectra: xr.Dataset, own: str) -> str:
    """What a set of spectra says of its licence; `own` for a set that was computed here."""
    said = _said(spectra.attrs, "license") or _said(spectra.attrs, "licence")
    if said:
        return said
    if "source_file" in spectra.attrs:
        return "not stated in the file that it was read from; ask its owner"
    return own


def summary(runs: Sequence[Results]) -> str:
    """What the archive holds, in two sentences."""
    sets = {run.ensemble: run.spectra.sizes["sample"] for run in runs}
    listed = ", ".join(f"{n:,} spectra ({name})" for name, n in sets.items())
    models = "a trained autoencoder" if len(runs) == 1 else f"{len(runs)} trained autoencoders"
    return (
        f"{listed}, with the parameters of each spectrum. Beside them stand {models}, the latents, "
        "the equations that were found, and the configuration."
    )


def write_datasheet(runs: Sequence[Results], title: str, licence: str, date: str) -> str:
    """The datasheet.

    Args:
        runs: All runs of the configuration.
        title: Title of the archive.
        licence: SPDX identifier of what was computed here.
        date: Day of publication.
    """
    parts = [f"# {title}", f"Published {date}. {summary(runs)}"]
    for run in {run.ensemble: run for run in runs}.values():
        parts += _set_of_spectra(run, licence)
    for run in runs:
        parts += _trained(run)
    parts += [
        "## What it is for",
        USE,
        "## Files",
        FILES,
        "## Licence",
        f"{licence} for all that was computed here. A set of spectra from a file keeps its own.",
    ]
    return "\n\n".join(parts) + "\n"


FILES = """Spectra and latents are netCDF4, each variable with its unit and long name:

```python
import xarray as xr

spectra = xr.open_dataset("spectra/<ensemble>.nc")
latents = xr.open_dataset("models/<ensemble>/<run>/latents.nc")
```

`ro-crate-metadata.json` lists all files (RO-Crate 1.1), `sha256sum --check checksums.sha256`
compares them. `config.yaml` is the complete configuration. `again.yaml` brings the spectra back
into the workflow: unpack this archive to the folder `archive` of a clone of KondoFlow, then

```sh
make run ARGS="--configfile archive/again.yaml"
```"""


def _set_of_spectra(run: Results, licence: str) -> list[str]:
    spectra = run.spectra
    omega, unit = spectra["omega"].to_numpy(), unit_of(spectra["omega"].attrs)
    counts = np.bincount(spectra["split"].to_numpy(), minlength=len(SPLITS))
    split = ", ".join(f"{n:,} {name}" for n, name in zip(counts, SPLITS, strict=True))
    lines = [
        f"- {spectra.sizes['sample']:,} samples ({split}), {len(omega):,} points from "
        f"{omega[0]:g} to {omega[-1]:g} {unit}".rstrip()
        + ".",
        *(
            f"- {key.capitalize()}: {_said(spectra.attrs, key)}."
            for key in ("source", "source_file", "references", "comment")
            if _said(spectra.attrs, key)
        ),
        f"- Parameters: {_ranges(run)}.",
        *_how_exact(run),
        f"- Licence: {licence_of(spectra, licence)}.",
    ]
    heading = _said(spectra.attrs, "title") or run.ensemble
    return [f"## Spectra: {run.ensemble}", heading, "\n".join(lines)]


def _ranges(run: Results) -> str:
    found = []
    for name in run.system["parameters"]:
        values = run.variables[name][np.isfinite(run.variables[name])]
        unit = unit_of(run.spectra[name].attrs) if name in run.spectra else ""
        if values.size and np.ptp(values) == 0:
            found.append(f"{name} = {values[0]:.4g} {unit}".rstrip())
        elif values.size:
            found.append(f"{name} from {values.min():.4g} to {values.max():.4g} {unit}".rstrip())
    return ", ".join(found)


def _how_exact(run: Results) -> list[str]:
    spectra, lines = run.spectra, []
    if "spectral_weight_error" in spectra:
        largest = float(np.nanmax(np.abs(spectra["spectral_weight_error"].to_numpy())))
        lines.append(f"- Largest error of the spectral weight: {largest:.2g}.")
    if spectra.sizes.get("rejected"):
        lines.append(f"- {spectra.sizes['rejected']:,} solutions were rejected and are listed.")
    if _said(spectra.attrs, "solver"):
        lines.append(f"- Settings of the solver: {_settings(spectra.attrs['solver'])}.")
    if run.system.get("accuracy"):
        lines.append(f"- How exact: {run.system['accuracy']}")
    elif not lines:
        lines.append("- How exact: the file does not say.")
    return lines


def _settings(value: Any) -> str:
    """JSON of settings as words; what else an attribute holds as it is."""
    settings = decoded(value)
    if not isinstance(settings, Mapping):
        return plain_text(value)
    return plain_text(", ".join(f"{name} {each}" for name, each in settings.items()))


def _said(attributes: Mapping[Any, Any], name: str) -> str:
    """An attribute of a file, which may be of any kind, as text; "" where there is none."""
    return plain_text(attributes.get(name, ""))


def _trained(run: Results) -> list[str]:
    n_latents, n_restarts = len(run.scores["kl"]), len(run.model["restarts"])
    test = run.scores["reconstruction"]["test"]
    told = (
        f"An autoencoder with {n_latents} latents, of which {len(run.active)} are active. It was "
        f"chosen from {n_restarts} restarts. The mean absolute error of a decoded test "
        f"spectrum is {test['mean_absolute']:.3g} ({test['n']} spectra that took no part in any "
        "choice). What was found, with the region in which it holds:"
    )
    found = "\n".join(f"    {line}" for line in run.verdict["headline"])
    return [f"## Model: {run.run} on {run.ensemble}", told, found]
