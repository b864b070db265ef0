"""From chunks of solutions to one set of spectra.

Every chunk must have been solved with the present settings and code, and the joined parameters must
be the wanted ones in their order. Samples whose solution can't be used are set apart with the
reason. Too many of them are an error.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import xarray as xr

from kondoflow.files.contract import assemble, check
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset
from kondoflow.files.spectra import check_spectra
from kondoflow.files.splits import SPLIT, assign_distinct, split_attributes
from kondoflow.systems.interface import System
from kondoflow.systems.points import read_points

logger = logging.getLogger("kondoflow")

REMEDY = "(remove this file and run again: it alone is solved anew)"


def join_chunks(
    system: System, parameters: Sequence[Path], chunks: Sequence[Path], fingerprint: str
) -> xr.Dataset:
    """Read all chunks and check each before its content is used.

    Args:
        system: The system.
        parameters: Files of the wanted parameter sets, in order.
        chunks: Files of the solutions, in order.
        fingerprint: Digest that every chunk must carry, see `versions.solutions_fingerprint`.

    Returns:
        The solutions of all, along `sample`, in the same order.

    Raises:
        InputError: Names the first chunk that is damaged or belongs to something else.
    """
    sources = [read_points(path, system.parameters) for path in parameters]
    wanted = {name: np.concatenate([each[name] for each in sources]) for name in system.parameters}
    n_wanted = len(next(iter(wanted.values())))
    solved = {
        name: replace(variable, optional=False)
        for name, variable in system.variables.items()
        if name != "split"
    }
    found, n_samples = [], 0
    for path in chunks:
        try:
            chunk = read_dataset(path, solved)
        except InputError as error:
            raise InputError(path, "chunk", str(error), f"whole {REMEDY}") from error
        if chunk.attrs.get("fingerprint") != fingerprint:
            own = chunk.attrs.get("fingerprint")
            raise InputError(path, "fingerprint", own, f"{fingerprint} {REMEDY}")
        rows = slice(n_samples, n_samples + chunk.sizes["sample"])
        for name in system.parameters:
            if not np.array_equal(chunk[name], wanted[name][rows]):
                raise InputError(path, name, "other values", f"those that were asked for {REMEDY}")
        found.append(chunk)
        n_samples = rows.stop
    if n_samples != n_wanted:
        allowed = f"{n_wanted}, as many as parameter sets"
        raise InputError("chunks", "number of samples", n_samples, allowed)
    joined = xr.concat(found, "sample", data_vars="minimal", coords="minimal", join="exact")
    for name, variable in solved.items():  # a chunk may carry the words of an older contract
        joined[name].attrs.update(variable.attributes)
    return joined


def set_apart(
    system: System, dataset: xr.Dataset, max_invalid: float, source: object
) -> xr.Dataset:
    """Leave out the samples that can't be used, and keep their parameters and the reason.

    Args:
        system: The system; it knows the reasons.
        dataset: The joined solutions, (sample, ...).
        max_invalid: Largest share of such samples.
        source: File named in an error.

    Raises:
        InputError: If their share is above `max_invalid`.
    """
    invalid = dataset["status"].to_numpy() != 0
    rejected = dataset.isel(sample=invalid)
    found = Counter(system.statuses[status] for status in rejected["status"].to_numpy())
    reasons = ", ".join(f"{n} {reason}" for reason, n in sorted(found.items()))
    if invalid.mean() > max_invalid:
        allowed = f"at most solver.max_invalid = {max_invalid} ({reasons}; see the jobs' logs)"
        raise InputError(source, "share of invalid samples", float(invalid.mean()), allowed)
    dataset = dataset.isel(sample=~invalid).drop_vars("status")
    if invalid.any():
        logger.warning("%d of %d samples set apart: %s", invalid.sum(), invalid.size, reasons)
        names = (*system.parameters, "status")
        values = {f"rejected_{name}": rejected[name].to_numpy() for name in names}
        dataset = dataset.merge(assemble(values, system.rejected, {}), combine_attrs="override")
    return dataset


def complete_set(
    system: System,
    dataset: xr.Dataset,
    fractions: Mapping[str, float],
    seed: int,
    source: object,
) -> xr.Dataset:
    """Draw the split and check the set of spectra against its contract.

    Args:
        system: The system.
        dataset: The joined solutions, (sample, ...).
        fractions: Share of each part of the split.
        seed: Seed of the split.
        source: File named in an error.

    Returns:
        The set with the variable `split`, (sample,).

    Raises:
        InputError: Names the first violation of the contract.
    """
    columns = np.stack([dataset[name].to_numpy() for name in system.parameters], axis=1)
    split = assign_distinct(columns, fractions, seed)
    dataset["split"] = (SPLIT.dims, split, split_attributes())
    check(dataset, {**system.variables, **system.rejected}, source)
    check_spectra(dataset, source)
    return dataset
