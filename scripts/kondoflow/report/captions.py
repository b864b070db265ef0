"""Captions: what a figure shows and, with numbers from the files, what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from markupsafe import Markup

from kondoflow.report.labels import latent_symbol
from kondoflow.report.numbers import fixed, significant
from kondoflow.report.results import Results, epochs_of, finite
from kondoflow.report.typeset import rich_text

MONOTONE = 0.5  # abs(Spearman) above which a latent is said to follow a descriptor


def sentence(template: str, **values: object) -> Markup:
    """Fill a template of HTML; what is filled in is escaped unless it is Markup."""
    return Markup(template).format(**values)


def listed(items: Iterable[Markup | str]) -> Markup:
    """Items joined by commas."""
    return Markup(", ").join(items)


def _symbol(results: Results, name: str) -> Markup:
    return rich_text(results.labels.symbol(name))


def _latent(index: int) -> Markup:
    return rich_text(latent_symbol(index))


def examples(results: Results) -> Markup:
    """Example spectra and, where the scale is an energy, their collapse."""
    scale = results.system.get("scale")
    text = sentence("Example spectra")
    if scale is not None:
        text += sentence(
            ", evenly spread in rank of {scale} (colour)", scale=_symbol(results, scale)
        )
    energy = results.energy
    if energy is None:
        return text + "."
    text += sentence(
        ". (a) The whole grid. (b) The same in units of {energy}",
        energy=_symbol(results, energy),
    )
    if "half_width" in results.spectra and energy in results.spectra:
        ratio = finite((results.spectra["half_width"] / results.spectra[energy]).to_numpy())
        if ratio.size:
            low, middle, high = np.quantile(ratio, [0.1, 0.5, 0.9])
            text += sentence(
                ": the half-width of the resonance is {middle} of these units in the median"
                " and lies between {low} and {high} for four spectra in five",
                middle=significant(middle),
                low=significant(low),
                high=significant(high),
            )
    return text + "."


def samples(results: Results) -> Markup:
    """Distribution of the samples, with what is undefined for some."""
    n = results.spectra.sizes["sample"]
    text = sentence("Distribution of the parameters and descriptors of {n} samples.", n=f"{n:,}")
    partial = [
        sentence("{name} for {defined}", name=_symbol(results, name), defined=f"{defined:,}")
        for name, values in results.descriptors.items()
        if (defined := finite(values).size) < n
    ]
    if partial:
        text += sentence(" Defined for some only: {partial}.", partial=listed(partial))
    return text


def training(results: Results) -> Markup:
    """Training curves: where the loss was lowest, how far active and inactive latents part."""
    loss, epochs = results.history["loss"].to_numpy(), epochs_of(results.history)
    text = sentence(
        "(a) Loss at the nominal KL weight (blue) and reconstruction error (orange), means over"
        " spectra, in training and validation: the validation loss is lowest, {lowest}, in epoch"
        " {epoch} of {epochs}. (b) KL of each latent",
        lowest=significant(loss[:, -1].min()),
        epoch=f"{epochs[loss[:, -1].argmin()]:,}",
        epochs=f"{epochs[-1]:,}",
    )
    kl = np.array(results.scores["kl"], dtype=float)
    inactive = np.delete(kl, results.active)
    if results.active and inactive.size and kl[results.active].min() > 0:
        weakest, strongest = kl[results.active].min(), max(inactive.max(), 1e-12)
        text += sentence(
            ": the weakest active one has {weakest} nat, {factor} times the strongest inactive one",
            weakest=significant(weakest, 2),
            factor=significant(weakest / strongest, 2),
        )
    return text + sentence(
        "; the dashed line is the threshold. (c) The schedules of KL weight and learning rate.",
    )


def reconstructions(results: Results) -> Markup:
    """Best, median and worst test spectrum."""
    test = results.scores["reconstruction"].get("test", {})
    return sentence(
        "Best, median and worst of {n} test spectra by the sum of squared errors: input (solid)"
        " and what the decoder makes of the latent means (dashed). The mean over the test"
        " spectra is {mean}, the 99th percentile {tail}; the mean absolute error of a point"
        " is {absolute}.",
        n=f"{test.get('n', 0):,}",
        mean=significant(test.get("mean")),
        tail=significant(test.get("percentile_99")),
        absolute=significant(results.absolute_error("test")),
    )


def latent_plane(results: Results) -> Markup:
    """Which latent carries which colour."""
    names = results.colours
    text = sentence(
        "All samples in the {space} of the leading active latents, coloured by {names}.",
        space="plane" if len(results.active) == 2 else "planes",
        names=listed(_symbol(results, name) for name in names),
    )
    return text + Markup("").join(_follows(results, name) for name in names)


def _follows(results: Results, name: str) -> Markup:
    """Which latent a descriptor varies along, if it does."""
    latent = results.best_latent(name)
    if latent is None:
        return Markup("")
    spearman = results.score(name, latent)["spearman"]
    template = " {name} varies along {latent} (Spearman {spearman})."
    if spearman is None or abs(spearman) < MONOTONE:
        template = " {name} is monotone in none of them ({latent}: Spearman {spearman})."
    return sentence(
        template, name=_symbol(results, name), latent=_latent(latent), spearman=fixed(spearman)
    )


def latent_scale(results: Results) -> Markup:
    """How well one latent follows the physical scale."""
    scale = results.system["scale"]
    latent = results.best_latent(scale)
    if latent is None:
        return sentence("No latent follows {scale}.", scale=_symbol(results, scale))
    score = results.score(scale, latent)
    return sentence(
        "{latent}, the latent that follows {scale} best. On {n} held-out samples Pearson's r is"
        " {pearson} and Spearman's {spearman}; the monotone map (line) explains {r2} of the"
        " variance of {latent}.",
        latent=_latent(latent),
        scale=_symbol(results, scale),
        n=f"{score.get('n', 0):,}",
        pearson=fixed(score["pearson"]),
        spearman=fixed(score["spearman"]),
        r2=fixed(score["isotonic_r2"]),
    )


def correlations(results: Results) -> Markup:
    """The table of correlations, with the best descriptor of each latent."""
    best = [
        sentence(
            "{latent}: {name} ({spearman})",
            latent=_latent(latent),
            name=_symbol(results, name),
            spearman=fixed(results.score(name, latent)["spearman"]),
        )
        for latent in results.active
        if (name := results.best_descriptor(latent)) is not None
    ]
    return sentence(
        "Descriptors against active latents on held-out samples: Pearson's r, Spearman's r and the"
        " share of the latent's variance that a monotone map of the descriptor explains. Best by"
        " Spearman: {best}.",
        best=listed(best),
    )


def traversals(results: Results) -> Markup:
    """What each latent does to height and width of the decoded spectrum about its centre."""
    step, omega = results.latents["step"].to_numpy(), results.latents["omega"].to_numpy()
    curves = results.latents["traversal"].to_numpy()
    effects = [
        sentence(
            " Along {latent} the height goes from {low} to {high} and the half-width from"
            " {narrow} to {wide}.",
            latent=_latent(latent),
            low=fixed(central_value(omega, curves[latent, 0]), 2),
            high=fixed(central_value(omega, curves[latent, -1]), 2),
            narrow=significant(half_width(omega, curves[latent, 0]), 2),
            wide=significant(half_width(omega, curves[latent, -1]), 2),
        )
        for latent in results.active
    ]
    text = sentence(
        "Decoded spectra as one active latent goes from {first} to {last} (colour) and the others"
        " stay at their training median.",
        first=significant(step[0], 2),
        last=significant(step[-1], 2),
    )
    if omega[0] < 0 < omega[-1]:
        text += sentence(
            " Height and half-width are taken about {omega}.", omega=rich_text(r"$\omega = 0$")
        ) + Markup("").join(effects)
    return text


def central_value(omega: np.ndarray, curve: np.ndarray) -> float:
    """Value of a curve at omega = 0, interpolated."""
    return float(np.interp(0.0, omega, curve))


def half_width(omega: np.ndarray, curve: np.ndarray) -> float:
    """Mean over both sides of the first frequency at which a curve falls to half its value at 0.

    NaN where it does so on neither side.
    """
    half = central_value(omega, curve) / 2
    widths = []
    for side in (1, -1):
        x, y = side * omega[::side], curve[::side]
        x, y = x[x >= 0], y[x >= 0]
        below = np.flatnonzero(y <= half)
        if below.size and below[0] > 0:
            first = below[0]
            widths.append(np.interp(-half, -y[first - 1 : first + 1], x[first - 1 : first + 1]))
    return float(np.mean(widths)) if widths else np.nan


def pareto(results: Results) -> Markup:
    """Which equation was chosen from which front."""
    chosen = [
        sentence(
            "{target}: {complexity} terms, {left} left",
            target=rich_text(results.labels.target(entry["target"])),
            complexity=entry["complexity"],
            left=significant(1 - entry["score_validation"], 2),
        )
        for entry in results.chosen
    ]
    return sentence(
        "Equations by complexity and by the share of the target's variance that they leave"
        " unexplained on validation samples of the region. Ringed: the chosen ones ({chosen})."
        " Lines: the reference formulas that explain at least half, mapped onto the target in the"
        " same way.",
        chosen=listed(chosen),
    )


def prediction(results: Results) -> Markup:
    """How well the chosen equations predict."""
    scores = [
        sentence(
            "{target} {score}",
            target=rich_text(results.labels.target(entry["target"])),
            score=fixed(entry.get("score_test"), 4),
        )
        for entry in results.chosen
    ]
    return sentence(
        "Target against the chosen equation on the held-out samples of the region, with the map"
        " that was fitted on the training samples. R² on the test samples: {scores}.",
        scores=listed(scores),
    )


def residual(results: Results) -> Markup:
    """Where equation and reference fail."""
    inputs = list(results.system.get("inputs") or results.system["parameters"])[:2]
    return sentence(
        "What the chosen equation (left) and the reference formula that explains most (right)"
        " leave of each target, over {inputs}. Without structure, what is left is noise; with"
        " structure, the formula misses something there.",
        inputs=Markup(" and ").join(_symbol(results, name) for name in inputs),
    )


def recovery(results: Results) -> Markup:
    """How often a single search recovers a reference."""
    searches = sum(entry["searches"]["n"] for entry in results.chosen)
    nulls = sum(entry["null"]["n"] for entry in results.chosen)
    return sentence(
        "Share of the single searches ({searches} in all) whose own choice would count as a"
        " reference formula, and of those on permuted values of the target ({nulls}), which must"
        " recover nothing.",
        searches=searches,
        nulls=nulls,
    )


def scan_caption(results: Sequence[Results]) -> Markup:
    """All runs side by side: which decodes best, which keeps the fewest latents."""
    fewest = min(results, key=lambda one: len(one.active))
    best = min(results, key=lambda one: one.absolute_error("test") or np.inf)
    found = [
        sentence(
            "{run} with {n} active and {error}",
            run=one.run,
            n=len(one.active),
            error=significant(one.absolute_error("test"), 2),
        )
        for one in (best, fewest)
    ]
    return sentence(
        "All {n} runs over the KL weight: (a) active latents, (b) KL of every latent, grey where it"
        " is inactive, (c) mean absolute error of the decoded test spectra. Lowest error: {best};"
        " fewest latents: {fewest}. Weight 0 is a plain autoencoder.",
        n=len(results),
        best=found[0],
        fewest=found[1],
    )


CAPTIONS: Mapping[str, Callable[[Results], Markup]] = {
    function.__name__: function
    for function in (
        examples,
        samples,
        training,
        reconstructions,
        latent_plane,
        latent_scale,
        correlations,
        traversals,
        pareto,
        prediction,
        residual,
        recovery,
    )
}
