"""Joint quantities: what all active latents together say of a quantity of the spectra.

A single latent is known up to a monotone map, which can be searched as it is. All of them together
fix each quantity that the representation keeps, but as a function that is not known. Here it is a
smooth function (`discovery.smooth`), fitted to the values of the quantity on training samples. For
these the value is that of the function fitted to all other training samples. What the function
misses on test samples is what the representation lost. A law averages over what is random in it.
The function itself is stored too (its weights, and how it scales the latents), so that it can be
asked for latents that no sample has.

A law that is sought for what the latents say is a law of the latents: it is as good as what the
quantity was read off. A quantity that was read off the spectra makes it a law of the spectra alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from kondoflow.discovery.contract import JOINT
from kondoflow.discovery.finite import finite_numbers
from kondoflow.discovery.smooth import TREND, fit_smooth
from kondoflow.discovery.targets import MIN_TRAIN
from kondoflow.files.contract import assemble
from kondoflow.files.errors import InputError
from kondoflow.files.splits import split_mask
from kondoflow.formulas.descriptors import evaluate_descriptors
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.trees import names_in


def read_together(
    latents: xr.Dataset,
    spectra: xr.Dataset,
    quantities: Mapping[str, str],
    variables: Mapping[str, np.ndarray],
) -> xr.Dataset:
    """Read quantities off all active latents.

    Args:
        latents: Latents of the samples.
        spectra: The set of spectra, for its split.
        quantities: Expression by name.
        variables: What the expressions may use, (sample,) by name.

    Returns:
        A data set with the variables of `contract.JOINT`; what the latents say is NaN where the
        quantity is undefined, and everywhere if no latent is active or the quantity is known on
        fewer than 20 training samples or the same on all.

    Raises:
        InputError: If the latents belong to other samples, or an expression can't be evaluated.
    """
    n = spectra.sizes["sample"]
    if latents.sizes["sample"] != n:
        allowed = f"{n}, as many as spectra"
        raise InputError("latents", "number of samples", latents.sizes["sample"], allowed)
    active = latents["active"].to_numpy().astype(np.bool_)
    codes = latents["mean"].to_numpy().astype(np.float64)
    values = evaluate_descriptors(quantities, variables, "joint")
    read = [np.where(np.isfinite(y), y, np.nan) for y in values.values()]
    train = split_mask(spectra, "train")
    said = [said_by_latents(codes, active, y, train) for y in read]
    labels = {"quantity": np.array(list(values), dtype=np.str_)}
    attributes = {
        "title": "Quantities read off all active latents",
        "active_latents": int(active.sum()),
        "function": "offset + sum over samples i of weight_i (exp(-|x - x_i|^2/(2 length^2)) "
        "+ trend (1 + x.x_i)^2), where x = (latents - centre)/width",
        "trend": TREND,
    }
    table = {"read": np.array(read)}
    table |= {key: np.array([each[key] for each in said]) for key in JOINT if key != "read"}
    return assemble(table, JOINT, attributes, labels)


def names_of(quantities: Mapping[str, str]) -> frozenset[str]:
    """Names in the expressions of joint quantities."""
    return frozenset().union(
        *(names_in(parse(text, f"joint.{name}")) for name, text in quantities.items())
    )


def said_by_latents(
    codes: np.ndarray, active: np.ndarray, y: np.ndarray, train: np.ndarray
) -> dict[str, np.ndarray]:
    """A quantity as a smooth function of latents.

    Args:
        codes: (sample, latent).
        active: Mask (latent,) of the latents that may take part.
        y: The quantity, (sample,), NaN where it is undefined.
        train: Mask of the training samples.

    Returns:
        The variables of `contract.JOINT` but `read`, for this quantity; see `read_together`.
    """
    said = {
        "joint": np.full(y.shape, np.nan),
        "weight": np.zeros(y.shape),
        "centre": np.full(active.shape, np.nan),
        "width": np.full(active.shape, np.nan),
        "length": np.array(np.nan),
        "offset": np.array(np.nan),
    }
    known = np.isfinite(y)
    fitted = np.flatnonzero(known & train)
    if fitted.size < MIN_TRAIN or np.ptp(y[fitted]) == 0:
        return said
    varying = active & (np.ptp(codes[fitted], axis=0) > 0)
    if not varying.any():
        return said
    function = fit_smooth(codes[fitted][:, varying], y[fitted])
    said["joint"][known] = function(codes[known][:, varying])
    said["joint"][fitted[function.rows]] = function.left_out
    said["weight"][fitted[function.rows]] = function.weights
    said["centre"][varying], said["width"][varying] = function.mean, function.scale
    return {**said, "length": np.array(function.length), "offset": np.array(function.offset)}


def kept_by_latents(joint: xr.Dataset, name: str, test: np.ndarray) -> dict[str, Any]:
    """How exactly the latents keep a joint quantity.

    Args:
        joint: What `read_together` returns.
        name: The quantity.
        test: Mask (sample,) of the samples that count.

    Returns:
        `n` samples, `r2`, root mean square `rms` and `largest` of the error on them, None where
        there is no value, and the number of active `latents`.
    """
    own = joint.sel(quantity=name)
    found = error_between(own["joint"].to_numpy()[test], own["read"].to_numpy()[test])
    return {**found, "latents": int(joint.attrs["active_latents"])}


def error_between(said: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    """How far values, (n,), are from others: `n`, `r2`, `rms` and `largest`, on those known."""
    known = np.isfinite(y) & np.isfinite(said)
    errors = said[known] - y[known]
    spread = float(np.var(y[known])) if known.any() else 0.0
    found: dict[str, Any] = finite_numbers(
        {
            "n": int(known.sum()),
            "r2": 1 - float(np.mean(errors**2)) / spread if spread > 0 else None,
            "rms": float(np.sqrt(np.mean(errors**2))) if known.any() else None,
            "largest": float(np.abs(errors).max()) if known.any() else None,
        }
    )
    return found


def with_kept(
    judged: Sequence[Mapping[str, Any]],
    joint: Sequence[xr.Dataset],
    definitions: Mapping[str, str],
    test: np.ndarray,
) -> list[dict[str, Any]]:
    """Entries of a verdict, those of joint quantities with what the latents keep of them.

    Args:
        judged: The entries.
        joint: What `read_together` returns, or nothing.
        definitions: Expression by name.
        test: Mask (sample,) of the test samples.

    Returns:
        The entries; `joint` of those holds the `definition` and what `kept_by_latents` says.
    """
    kept = {
        name: {"definition": definitions[name], **kept_by_latents(each, name, test)}
        for each in joint
        for name in map(str, each["quantity"].to_numpy())
    }
    own = {name: {"joint": each} for name, each in kept.items()}
    return [{**entry, **own.get(entry["target"], {})} for entry in judged]
