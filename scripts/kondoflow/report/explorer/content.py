"""Everything that the page knows, as containers: one for each set of spectra, one for each run.

A set holds frequencies, spectra and the per-sample variables that any expression of its system
names; runs of the same set and channel share it. Descriptors, targets and conditions go onto the
page as expressions, which the browser evaluates, so that nothing is stored twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kondoflow.files.channels import chosen_parts
from kondoflow.files.contract import unit_of
from kondoflow.files.spectra import (
    channel_labels,
    channel_spectra,
    sample_variables,
)
from kondoflow.files.splits import SPLITS, split_mask
from kondoflow.files.support import far_distance
from kondoflow.formulas.evaluation import evaluate_text
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.printing import latex_symbols
from kondoflow.formulas.trees import names_in
from kondoflow.report.effects import effect_in_words
from kondoflow.report.explorer.coding import encode_spectra, pack
from kondoflow.report.explorer.formulas import mathml, tree
from kondoflow.report.explorer.fronts import law_row, target_content
from kondoflow.report.explorer.laws import law_content, told_of_law
from kondoflow.report.explorer.run import Run
from kondoflow.report.explorer.together import (
    function_content,
    together_arrays,
    together_content,
)
from kondoflow.report.glyphs import html, pieces, plain
from kondoflow.report.labels import Labels, colours_of
from kondoflow.report.results import energy_of
from kondoflow.report.words import region_in_words

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


def label(labels: Labels, name: str) -> dict[str, Any]:
    """A name as the page sets it: symbol, axis and HTML with unit, and plain text."""
    symbol, axis = labels.symbol(name), labels.axis(name)
    return {
        "pieces": pieces(symbol),
        "axis": pieces(axis),
        "text": plain(axis),
        "html": html(symbol),
        "with_unit": html(axis),
        "symbol": plain(symbol),
    }


def set_content(run: Run) -> str:
    """Container of the set of spectra of a run."""
    part, dataset, system = run.part, run.spectra, run.system
    labels = Labels(system, dataset)
    variables = sample_variables(dataset)
    expressions = {
        section: {name: parse(text, f"{section}.{name}") for name, text in given.items()}
        for section in ("descriptors", "inputs", "targets", "references")
        if (given := system.get(section, {}))
    }
    used = set(system["parameters"]).union(
        *(names_in(item) for section in expressions.values() for item in section.values())
    )
    energy = energy_of(system, dataset)
    used |= {energy} & set(variables)
    stored = [name for name in variables if name in used]
    spectra = channel_spectra(dataset, run.channel)[part.samples[part.spectra]]
    named = {*stored, *system["parameters"], "omega", "spectral_function"}
    content = {
        "n_total": part.n_total,
        "parameters": system["parameters"],
        "variables": stored,
        "descriptors": {name: tree(item) for name, item in expressions["descriptors"].items()},
        "inputs": {name: tree(item) for name, item in expressions.get("inputs", {}).items()},
        "targets": {name: tree(item) for name, item in expressions.get("targets", {}).items()},
        "scale": system.get("scale"),
        "energy": energy if energy in stored else None,
        "colours": colours_of(system),
        "bounds": bounds_of(run),
        "labels": {
            name: label(labels, name) for name in sorted(named.union(*expressions.values()))
        },
        "unit": unit_of(dataset["omega"].attrs),
        "channels": run.channels,
    }
    arrays = {
        "omega": dataset["omega"].to_numpy().astype(np.float64),
        "split": dataset["split"].to_numpy()[part.samples].astype(np.uint8),
        "sample": part.samples.astype(np.uint32),
        "with_spectrum": part.spectra.astype(np.uint32),
        "region": region_of(run, variables)[part.samples].astype(np.uint8),
        **{f"variable_{name}": variables[name][part.samples].astype(np.float32) for name in stored},
        **encode_spectra(
            spectra.reshape(-1, dataset.sizes["omega"]).astype(np.float64),
            decades=run.sees_logarithms,
        ),
    }
    return pack(content, arrays)


def bounds_of(run: Run) -> list[float | None]:
    """Lowest and highest value that a spectrum can have, None where there is no such bound.

    A system gives them for spectra. They do not hold for parts of spectra, such as a phase.
    """
    none: list[float | None] = [None, None]
    if chosen_parts(run.channel, channel_labels(run.spectra)):
        return none
    bounds: list[float | None] = run.system.get("bounds", {}).get("spectral_function", none)
    return bounds


def region_of(run: Run, variables: Mapping[str, np.ndarray]) -> np.ndarray:
    """Mask (sample,) of the samples on which equations are fitted."""
    if "region" not in run.system:
        return np.ones(run.spectra.sizes["sample"], dtype=np.bool_)
    return evaluate_text(run.system["region"], "region", variables, condition=True)


def run_content(run: Run, precision: str) -> str:
    """Container of a run: codes, decoder, scores and equations.

    Args:
        run: The run.
        precision: Of the decoder's weights, `half` or `full`.
    """
    part, shown = run.part, run.shown_latents
    mean = run.latents["mean"].to_numpy().astype(np.float64)
    train = split_mask(run.spectra, "train")
    spread, limit = far_distance(mean[:, shown], train)
    decoder = run.decoder.over(shown, np.median(mean[train], axis=0))
    content = {
        "set": run.key,
        "latents": [latent_content(run, index) for index in shown],
        "spread": spread.tolist(),
        "far": limit,
        "decoder": decoder.description(),
        "targets": targets_content(run),
        "region": region_in_words(run.verdict["region"]) if run.verdict.get("region") else "",
        "leading": run.scores["leading_latent"],
        "splits": list(SPLITS),
        "joint": joint_content(run),
        "law": law_content(run),
    }
    codes = mean[part.samples][:, shown].astype(np.float32)
    error = run.latents["absolute_error"].to_numpy()[part.samples].astype(np.float32)
    arrays = {"codes": codes, "error": error, **decoder.arrays(precision)}
    if run.joint is not None:
        arrays |= together_arrays(run.joint, run.joint_errors, mean[:, shown], part.samples)
    return pack(content, arrays)


def joint_content(run: Run) -> list[dict[str, Any]]:
    """The joint quantities: what is known of each, its labels, its function, its law."""
    if run.joint is None:
        return []
    labels = Labels(run.system, run.spectra)
    found = together_content(run.joint, run.joint_errors, run.system["joint"])
    for index, quantity in enumerate(found):
        quantity["function"] = function_content(run.joint, index, run.shown_latents)
        quantity["label"] = label(labels, quantity["name"])
        if run.law is not None and run.law["target"] == quantity["name"]:
            truth = parse(run.system["law"]["truth"], "law.truth")
            quantity["truth"] = mathml(truth, run.system.get("labels", {}))
            quantity["law"] = told_of_law(run.law, run.confirmation)
    return found


def latent_content(run: Run, index: int) -> dict[str, Any]:
    """One latent: its range, the descriptor that it follows best, and what it does to a spectrum.

    `path` holds the points along it that are near to data, in the latents on the page.
    """
    train = split_mask(run.spectra, "train")
    values = run.latents["mean"].to_numpy()[train, index].astype(np.float64)
    descriptors = run.scores["descriptors"]
    name = run.scores["best_descriptor"].get(str(index))
    scale = run.system.get("scale")
    along = run.latents["traversal_latents"].to_numpy()[index][:, run.shown_latents]
    effect = run.scores["traversal_effects"].get(str(index))
    near = effect["near"] if effect and any(effect["near"]) else [True] * len(along)
    steps, grid = run.latents["step"].to_numpy(), run.latents["omega"].to_numpy()
    return {
        "path": along[near].astype(np.float64).tolist(),
        "effect": effect_in_words(effect, steps, Labels(run.system, run.spectra), grid),
        "index": index,
        "active": bool(run.latents["active"].to_numpy()[index]),
        "kl": float(run.latents["kl"].to_numpy()[index]),
        "quantiles": dict(
            zip(map(str, QUANTILES), np.quantile(values, QUANTILES).tolist(), strict=True)
        ),
        "follows": name,
        "score": descriptors.get(name, {}).get(str(index), {}),
        "scale_score": descriptors.get(scale, {}).get(str(index)),
    }


def targets_content(run: Run) -> list[dict[str, Any]]:
    """The targets with an equation."""
    labels = run.system.get("labels", {})
    judged = {entry["target"]: entry for entry in run.verdict["targets"]}
    found = []
    for name, measured in run.measured.items():
        content = target_content(
            name,
            measured,
            run.engines,
            judged.get(name, {}),
            run.system.get("references", {}),
            labels,
            latex_symbols(labels),
        )
        if content is None:
            continue
        if run.law is not None and run.law["target"] == name and run.law["law"]:
            row = law_row(run.law, measured["formulas"], labels, latex_symbols(labels))
            content["formulas"].append(row)
        found.append(content)
    return found
