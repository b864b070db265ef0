"""The latent that follows the system's physical scale, against that scale."""

from __future__ import annotations

from markupsafe import Markup
from matplotlib.figure import Figure

from kondoflow.report.colours import cloud, colour_bar
from kondoflow.report.figures.conditions import no_active_latent
from kondoflow.report.labels import latent_name
from kondoflow.report.numbers import correlation, in_figure, r2
from kondoflow.report.panels import legend_below, panels
from kondoflow.report.results import Results
from kondoflow.report.style import ORANGE, house_style
from kondoflow.report.templating import fill_caption
from kondoflow.report.typeset import rich_text

SCORES = {  # name in scores.json: title
    "pearson": "Pearson $r$",
    "spearman": r"Spearman $\rho$",
    "isotonic_r2": "isotonic $R^2$",
}


def empty(results: Results) -> str:
    """Reason if the system has no scale or no latent follows it."""
    if results.scale is None:
        return "The system names no scale."
    if results.scores["leading_latent"] is None:
        return no_active_latent(results) or "No latent follows the scale."
    return ""


def draw(results: Results) -> Figure:
    """The leading latent against the scale, with the stored monotone map."""
    scale, labels, scores = str(results.scale), results.labels, results.scores
    latent = scores["leading_latent"]
    score = results.score(scale, latent)
    others = [name for name in results.colours if name != scale]
    colour = results.descriptors[others[-1]] if others else None
    x, y = results.descriptors[scale], results.latents["mean"].to_numpy()[:, latent]
    figure, (ax,) = panels(1, columns=1, width=4.6, height=3.4)
    with house_style():
        marks = cloud(ax, x, y, colour)
        if scores["scale_map"]:
            known = scores["scale_map"]
            ax.plot(known["x"], known["y"], color=ORANGE, label="monotone map")
        ax.set_xlabel(labels.axis(scale))
        ax.set_ylabel(latent_name(latent))
        written = {"isotonic_r2": r2}
        numbers = [
            f"{title} = {in_figure(written.get(key, correlation)(score[key]))}"
            for key, title in SCORES.items()
        ]
        ax.set_title(", ".join(numbers), fontsize=9.5)
        legend_below(ax)
        if others:
            colour_bar(figure, marks, ax, labels.axis(others[-1]))
    return figure


def caption(results: Results) -> Markup:
    """How well the leading latent follows the scale."""
    scale, latent = str(results.scale), results.scores["leading_latent"]
    others = [name for name in results.colours if name != scale]
    return fill_caption(
        "latent_scale",
        latent=latent_name(latent),
        n_active=len(results.active),
        scale=rich_text(results.labels.symbol(scale)),
        score=results.score(scale, latent),
        n=results.spectra.sizes["sample"],
        colour=rich_text(results.labels.symbol(others[-1])) if others else None,
    )
