"""The words and tables about one run, as the template takes them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from kondoflow.files.splits import SPLITS
from kondoflow.report.benchmarks import RuleTime, total
from kondoflow.report.captions import listed, sentence
from kondoflow.report.labels import latent_symbol
from kondoflow.report.numbers import duration, fixed, significant
from kondoflow.report.page import Figure, Grid, relative
from kondoflow.report.results import Results, finite
from kondoflow.report.typeset import formula, rich_text
from kondoflow.systems.anderson.contract import STATUSES

ACTIVATIONS = {"silu": "SiLU", "relu": "ReLU"}
MEANINGFUL = 0.5  # R^2 above which a reference formula says something about a target
SHOWN_APART = ("title", "Conventions")  # attributes that are not settings


@dataclass(frozen=True)
class Section:
    """One run on the page; see `template.html` for what stands where."""

    anchor: str
    name: str
    headline: Sequence[Markup]
    formulas: Sequence[tuple[str | Markup, Markup]]
    published: Grid
    data: Sequence[Markup]
    parameters: Grid
    solver: Sequence[tuple[str, str]]
    network: Sequence[Markup]
    reconstruction: Grid
    meaning: Sequence[Markup]
    search: Sequence[Markup]
    equations: Grid
    constants: Grid
    references: Grid
    coefficients: Grid
    files: Grid
    figures: Mapping[str, Figure] = field(default_factory=dict)


def data_paragraphs(results: Results) -> list[Markup]:
    """How many spectra on which grid, how they are split, what they cost."""
    spectra = results.spectra
    omega, split = spectra["omega"].to_numpy(), spectra["split"].to_numpy()
    unit = spectra["omega"].attrs.get("units", "")
    counts = [f"{np.count_nonzero(split == index):,}" for index in range(len(SPLITS))]
    text = sentence(
        "{title}. {n} spectra {symbol} on {n_omega} frequencies from {low} to {high} {unit}:"
        " {train} to train, {validation} to validate and {test} to test.",
        title=spectra.attrs.get("title", results.ensemble),
        n=f"{spectra.sizes['sample']:,}",
        symbol=rich_text(results.labels.symbol("spectral_function")),
        n_omega=spectra.sizes["omega"],
        low=significant(omega[0], 2),
        high=significant(omega[-1], 2),
        unit="" if unit == "1" else unit,
        **dict(zip(SPLITS, counts, strict=True)),
    )
    return [text, *_rejected(results), *_cost(results)]


def _rejected(results: Results) -> list[Markup]:
    """How many samples could not be used, and why."""
    if "rejected_status" not in results.spectra:
        return []
    found = results.spectra["rejected_status"].to_numpy()
    reasons = [f"{np.count_nonzero(found == k)} {STATUSES[k]}" for k in np.unique(found)]
    return [
        sentence(
            "{n} more could not be used and are set apart: {reasons}.",
            n=f"{found.size:,}",
            reasons=listed(reason.replace("_", " ") for reason in reasons),
        )
    ]


def _cost(results: Results) -> list[Markup]:
    spectra, found = results.spectra, []
    if "cpu_seconds" in spectra:
        seconds = finite(spectra["cpu_seconds"].to_numpy())
        if seconds.size:
            found.append(
                sentence(
                    "A spectrum took {median} CPU-seconds in the median, all of them {total}.",
                    median=significant(float(np.median(seconds)), 2),
                    total=duration(float(seconds.sum())),
                )
            )
    if "spectral_weight_error" in spectra:
        errors = finite(spectra["spectral_weight_error"].to_numpy())
        if errors.size:
            found.append(
                sentence(
                    " Before broadening, their spectral weight is 1 to within {error}.",
                    error=significant(float(np.abs(errors).max()), 2),
                )
            )
    return [Markup("").join(found)] if found else []


def parameter_grid(results: Results) -> Grid:
    """Range of each parameter and of the scale."""
    rows = []
    variables = results.spectra.variables
    for name in dict.fromkeys([*results.system["parameters"], "B", "T"]):
        if name in variables and variables[name].dims == ("sample",):
            rows.append(
                _range_row(
                    results.labels.axis(name), variables[name].to_numpy(), variables[name].attrs
                )
            )
    scale = results.system.get("scale")
    if scale is not None and scale in results.descriptors:
        rows.append(_range_row(results.labels.axis(scale), results.descriptors[scale], {}))
    heads = ["", "smallest", "median", "largest", "meaning"]
    return Grid(heads, rows, numeric={1, 2, 3})


def _range_row(label: str, values: np.ndarray, attributes: Mapping[str, Any]) -> list[Any]:
    known = finite(values)
    numbers = [known.min(), np.median(known), known.max()] if known.size else [None] * 3
    return [rich_text(label), *map(significant, numbers), attributes.get("long_name", "")]


def solver_facts(results: Results) -> list[tuple[str, str]]:
    """Attributes of the data set: source, references, settings, versions."""
    attributes = results.spectra.attrs.items()
    return [(str(name), in_words(value)) for name, value in attributes if name not in SHOWN_APART]


def in_words(value: Any) -> str:
    """An attribute as text; a JSON object as `key = value` pairs."""
    try:
        content = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        content = value
    if isinstance(content, Mapping):
        return ", ".join(f"{key} = {item}" for key, item in content.items())
    return str(value)


def network_paragraphs(results: Results) -> list[Markup]:
    """The network and how it was trained."""
    settings = results.settings
    n_omega = results.spectra.sizes["omega"]
    widths = [n_omega, *settings["hidden"], settings["n_latents"]]
    rates, variational = settings["learning_rate"], settings["kl_weight"] > 0
    text = sentence(
        "A {kind} of layers {widths} and a mirrored decoder, {activation} activation, trained for"
        " {epochs} epochs in batches of {batch} with a KL weight of {value}{rise} and a learning"
        " rate falling from {first} to {last}.",
        kind="variational autoencoder" if variational else "plain autoencoder",
        widths=Markup("\N{EN DASH}").join(str(width) for width in widths),
        activation=ACTIVATIONS.get(settings["activation"], settings["activation"]),
        epochs=f"{settings['epochs']:,}",
        batch=settings["batch_size"],
        value=significant(settings["kl_weight"], 2),
        rise=f" (risen over the first {settings['warmup']:.0%} of the epochs)"
        if variational
        else "",
        first=significant(rates[0], 2),
        last=significant(rates[1], 2),
    )
    if variational and len(results.active) > 1:
        text += sentence(
            " What rank correlation its active latents had was taken out by a linear map, unless"
            " that had cost more than 2 % of the loss."
        )
    if settings["restarts"] > 1:
        text += _choice(results.model) if variational else _plain_choice(settings["restarts"])
    if settings["refine_epochs"] and variational:
        text += sentence(
            " Its decoder was then sharpened in {n} epochs, with the codes held fixed.",
            n=settings["refine_epochs"],
        )
    return [text]


def _plain_choice(n_restarts: int) -> Markup:
    """How a plain autoencoder was chosen among restarts."""
    return sentence(
        " Of {n} networks from different seeds one with a loss near the lowest is kept.",
        n=n_restarts,
    )


def _choice(model: Mapping[str, Any]) -> Markup:
    """How a variational network was chosen among restarts; nothing if model.json does not tell."""
    entries, group = model.get("restarts", []), model.get("group", [])
    if not entries or not group:
        return Markup()
    text = sentence(
        " That was done for {n} networks from different seeds, with losses of {losses} and gaps to"
        " a product posterior of {gaps} nats. Among those with a loss near the lowest, the one"
        " with the smallest gap",
        n=len(entries),
        losses=listed([significant(entry["loss"], 3) for entry in entries]),
        gaps=listed([significant(entry["factorisation_gap"], 2) for entry in entries]),
    )
    if len(group) == 1:
        return text + sentence(" is kept.")
    return text + sentence(
        " has latents that {n} of them found, itself counted. {chosen} is kept, its axes turned to"
        " those of their mean.",
        n=len(group),
        chosen="It" if len(group) == 2 else "The one nearest to their mean",
    )


def search_paragraphs(results: Results) -> list[Markup]:
    """Which engines searched, for how long, and which did not."""
    paragraphs = []
    for engine in results.engines:
        if not engine.get("available", True):
            paragraphs.append(
                sentence(
                    "{engine} did not take part: {reason}",
                    engine=engine["engine"],
                    reason=engine.get("reason") or "no reason given",
                )
            )
            continue
        searched = [entry for entry in engine["targets"] if entry["restarts"]]
        text = sentence(
            "{engine}: {searches} searches for {n} targets, {seconds} of one core.",
            engine=engine["engine"],
            searches=sum(len(entry["restarts"]) for entry in searched),
            n=len(searched),
            seconds=duration(sum(entry["seconds"] for entry in searched)),
        )
        for entry in engine["targets"]:
            if entry.get("skipped"):
                text += sentence(
                    " {target} was left out: {reason}.",
                    target=rich_text(results.labels.target(entry["target"])),
                    reason=entry["skipped"],
                )
        paragraphs.append(text)
    return paragraphs


def reconstruction_grid(results: Results) -> Grid:
    """Errors of the decoded mean in each part of the data."""
    rows = [
        [
            part,
            f"{entry.get('n', 0):,}" if "n" in entry else "",
            significant(entry.get("mean")),
            significant(entry.get("percentile_99")),
            significant(results.absolute_error(part)),
        ]
        for part, entry in results.scores["reconstruction"].items()
    ]
    heads = ["part", "spectra", "mean", "99th percentile", "mean absolute error"]
    caption = "Squared error of a decoded spectrum, summed over its points, and absolute error"
    return Grid(heads, rows, numeric={1, 2, 3, 4}, caption=caption)


def meaning_paragraphs(results: Results) -> list[Markup]:
    """How many latents are active and what each of them is."""
    kl = results.scores["kl"]
    active = results.active
    if not active:
        return [sentence("None of {n} latents is active.", n=len(kl))]
    text = sentence(
        "{active} of {n} latents {are} active ({measure}).",
        active=len(active),
        n=len(kl),
        are="is" if len(active) == 1 else "are",
        measure=_relevance(results),
    )
    for latent in active:
        name = results.best_descriptor(latent)
        if name is not None:
            score = results.score(name, latent)
            text += sentence(
                " {latent} follows {name} best (Spearman {spearman}, Pearson {pearson}).",
                latent=rich_text(latent_symbol(latent)),
                name=rich_text(results.labels.symbol(name)),
                spearman=fixed(score["spearman"]),
                pearson=fixed(score["pearson"]),
            )
    return [text]


def _relevance(results: Results) -> Markup:
    """By how much the active latents count; a plain autoencoder's have no KL."""
    if results.settings["kl_weight"] > 0:
        kl = results.scores["kl"]
        return sentence("KL {values} nat", values=listed(fixed(kl[k], 2) for k in results.active))
    shares = np.atleast_1d(results.latents.attrs["relevance"])
    return sentence(
        "without them {values} of the spectra's variance would be lost",
        values=listed(f"{shares[k]:.2g}" for k in results.active),
    )


def verdict_lines(results: Results) -> list[Markup]:
    """The verdict: which latent follows the scale, and which known formulas were found."""
    lines = []
    scale = results.system.get("scale")
    latent = None if scale is None else results.best_latent(scale)
    if scale is not None and latent is not None:
        score = results.score(scale, latent)
        lines.append(
            sentence(
                "{latent}, one of {n} active latents, follows {scale}: Pearson {pearson}, Spearman"
                " {spearman}, R² {r2} up to a monotone map.",
                latent=rich_text(latent_symbol(latent)),
                n=len(results.active),
                scale=rich_text(results.labels.symbol(scale)),
                pearson=fixed(score["pearson"]),
                spearman=fixed(score["spearman"]),
                r2=fixed(score["isotonic_r2"]),
            )
        )
    of_scale = [entry for entry in results.chosen if entry["target"] == f"latent_{latent}"]
    named = [entry for entry in results.chosen if not entry["target"].startswith("latent_")]
    return lines + [_found(results, entry) for entry in of_scale + named]


def _found(results: Results, entry: Mapping[str, Any]) -> Markup:
    """One target: how good its equation is and which references it is."""
    text = sentence(
        "The equation for {target} explains {score} of its variance on held-out samples",
        target=rich_text(results.labels.target(entry["target"])),
        score=fixed(entry["score_validation"], 4),
    )
    left = {name: found["residual"]["inside"] for name, found in entry["references"].items()}
    nearest = sorted((name for name in left if left[name] is not None), key=left.__getitem__)
    if not nearest:
        return text + "."
    recovered = [name for name in nearest if entry["references"][name]["recovered"]]
    named = [
        sentence(
            "{name} (all but {left} of its variance)",
            name=rich_text(results.labels.symbol(name)),
            left=significant(left[name], 2),
        )
        for name in recovered or nearest[:1]
    ]
    template = " and recovers {names}." if recovered else "; the nearest reference is {names}."
    return text + sentence(template, names=Markup(" and ").join(named))


def formula_rows(results: Results) -> list[tuple[str | Markup, Markup]]:
    """The chosen equation of every target, then the first reference and those recovered."""
    rows: list[tuple[str | Markup, Markup]] = []
    for entry in results.chosen:
        name = rich_text(results.labels.target(entry["target"]))
        if entry["objective"] == "isotonic":
            name += ", up to a monotone map"
        rows.append((name, formula(entry["latex"], display=True)))
    shown = set(list(results.system.get("references", {}))[:1])
    for entry in results.chosen:
        shown |= {name for name, found in entry["references"].items() if found["recovered"]}
    references = results.chosen[0]["references"] if results.chosen else {}
    for name in (name for name in references if name in shown):
        latex = references[name]["latex"]
        rows.append((rich_text(results.labels.symbol(name)), formula(latex, display=True)))
    return rows


def published_grid(results: Results, strength: Mapping[str, float]) -> Grid:
    """What others report beside what this run found.

    Args:
        results: The run.
        strength: Largest abs(Pearson) of a reference formula with an active latent on held-out
            samples, by reference.
    """
    published = results.system.get("published")
    if published is None:
        return Grid([], [])
    rows: list[list[Any]] = []
    if "active_latents" in published:
        rows.append(["active latents", published["active_latents"], len(results.active)])
    for name, value in published.get("pearson", {}).items():
        latent = results.best_latent(name, "pearson")
        symbol = rich_text(results.labels.symbol(name))
        quantity = sentence("best latent and {symbol}", symbol=symbol)
        pearson = None if latent is None else results.score(name, latent)["pearson"]
        ours = None if pearson is None else abs(pearson)
        rows.append([quantity, fixed(value, 2), fixed(ours)])
    for name, value in published.get("regression", {}).items():
        quantity = sentence(
            "best latent and formula: {symbol}",
            symbol=rich_text(results.labels.symbol(name)),
        )
        rows.append([quantity, fixed(value), fixed(strength.get(name))])
    heads = ["", published["source"], "this run"]
    caption = (
        "Beside the published figures; correlations are abs(Pearson), here on held-out samples"
    )
    return Grid(heads, rows, numeric={1, 2}, caption=caption)


def equation_grid(results: Results) -> Grid:
    """The chosen equation of every target and its scores, and its engine if they differ."""
    several = len({entry["engine"] for entry in results.chosen}) > 1
    rows = [
        [
            rich_text(results.labels.target(entry["target"])),
            formula(entry["latex"], display=True),
            entry["complexity"],
            fixed(entry["score_validation"], 4),
            fixed(entry["score_test"], 4),
            fixed(entry["null"]["score_validation"]),
            *([entry["engine"]] if several else []),
        ]
        for entry in results.chosen
    ]
    heads = ["target", "equation", "terms", "validation", "test", "null"]
    caption = (
        "Chosen equations, with R² on validation and test samples of the region and the validation"
        " R² of the same search on permuted values (null)"
    )
    return Grid([*heads, *(["engine"] if several else [])], rows, {2, 3, 4, 5}, caption)


def constant_grid(results: Results) -> Grid:
    """The chosen equations in the inputs of the search, and their constants."""
    rows = [
        [
            rich_text(results.labels.target(entry["target"])),
            entry["equation_inputs"],
            listed([_with_uncertainty(item) for item in entry["constants"]]),
        ]
        for entry in results.chosen
        if entry["constants"]
    ]
    caption = (
        "The same equations in the inputs of the search, and their constants from left to right"
        " with bootstrap uncertainties"
    )
    return Grid(["target", "in the inputs", "constants"], rows, caption=caption)


def _with_uncertainty(constant: Mapping[str, Any]) -> Markup:
    value = significant(constant["value"], 4)
    if constant["uncertainty"] is None:
        return value
    return sentence("{value} ± {s}", value=value, s=significant(constant["uncertainty"], 2))


def reference_grid(results: Results) -> Grid:
    """The reference formulas that say something about a target, and how far each was found."""
    rows = [
        [
            rich_text(results.labels.target(entry["target"])),
            rich_text(results.labels.symbol(name)),
            fixed(found["isotonic_r2"], 4),
            significant(found["residual"]["inside"], 2),
            significant(found["residual"]["outside"], 2),
            "yes" if found["recovered"] else "no",
        ]
        for entry, name, found in _telling_references(results)
    ]
    heads = ["target", "reference", "its R²", "left in the region", "left outside", "recovered"]
    caption = (
        "Reference formulas: the share of the target they explain up to a monotone map, and the"
        " share of theirs that the chosen equation does not explain"
    )
    return Grid(heads, rows, numeric={2, 3, 4}, caption=caption)


def coefficient_grid(results: Results) -> Grid:
    """What stands before the terms of a reference in the target and in the chosen equation."""
    rows = [
        [
            rich_text(results.labels.target(entry["target"])),
            rich_text(results.labels.symbol(name)),
            formula(term["latex"], display=True),
            fixed(term["in_target"]),
            fixed(term["uncertainty"]),
            fixed(term["in_equation"]),
        ]
        for entry, name, found in _telling_references(results)
        if len(found["constants"]) > 1
        for term in found["constants"]
    ]
    heads = ["target", "reference", "term", "fitted to the target", "±", "to the equation"]
    caption = (
        "Coefficients of the terms of these formulas, 1 in the formula itself (up to a monotone"
        " map only their ratio to the first is defined)"
    )
    return Grid(heads, rows, numeric={3, 4, 5}, caption=caption)


def _telling_references(
    results: Results,
) -> Iterator[tuple[Mapping[str, Any], str, Mapping[str, Any]]]:
    """Target, name and comparison of the references that say something about a target."""
    for entry in results.chosen:
        for name, found in entry["references"].items():
            if found["recovered"] or (found["isotonic_r2"] or 0) > MEANINGFUL:
                yield entry, name, found


def file_grid(results: Results, page: Path) -> Grid:
    """Links to the data behind the section."""
    described = {
        "spectra": "spectra, parameters, split, provenance",
        "latents": "latents, reconstructions, traversals",
        "history": "training curves",
        "model": "network and its settings",
        "scores": "active latents and correlations",
        "verdict": "chosen equations and their judgement",
    }
    rows = [
        [
            sentence('<a href="{href}">{name}</a>', href=relative(path, page), name=path.name),
            described.get(name, f"equations found by {name}"),
        ]
        for name, path in results.files.items()
    ]
    return Grid(["file", "content"], rows)


def time_grid(times: Sequence[RuleTime]) -> Grid:
    """Where the time went."""
    rows = [
        [
            time.rule,
            f"{time.jobs:,}",
            duration(time.wall),
            duration(time.cpu),
            "\N{EN DASH}" if time.memory is None else f"{time.memory:,.0f} MB",
        ]
        for time in [*times, *([total(times)] if times else [])]
    ]
    heads = ["rule", "jobs", "wall time of all jobs", "CPU time", "largest job's memory"]
    return Grid(heads, rows, numeric={1, 2, 3, 4}, caption="Time and memory of each rule")
