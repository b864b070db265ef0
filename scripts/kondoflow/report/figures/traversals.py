"""Decoded spectra along each active latent."""

from __future__ import annotations

from markupsafe import Markup
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure

from kondoflow.report.axes import colour_bar, frequency_axis, panels, span
from kondoflow.report.figures.conditions import no_active_latent as empty
from kondoflow.report.labels import latent_name
from kondoflow.report.results import Results
from kondoflow.report.style import SEQUENTIAL, house_style
from kondoflow.report.templating import fill_caption
from kondoflow.report.typeset import rich_text

__all__ = ["caption", "draw", "empty"]


def draw(results: Results) -> Figure:
    """A panel for each active latent; the other latents stay at their training medians."""
    latents, active, labels = results.latents, results.active, results.labels
    omega, step = latents["omega"].to_numpy(), latents["step"].to_numpy()
    curves = latents["traversal"].to_numpy()
    figure, axes = panels(len(active), columns=min(3, len(active)), height=2.5, sharey=True)
    norm = span(step.min(), step.max())
    with house_style():
        for ax, latent in zip(axes, active, strict=True):
            for value, spectrum in zip(step, curves[latent], strict=True):
                ax.plot(omega, spectrum.T, color=SEQUENTIAL(norm(value)), lw=1.1)
            frequency_axis(ax, omega, labels.axis("omega"), ticks=2, spacing=results.spacing)
            ax.set_title(latent_name(latent))
        for ax in axes[::3]:
            ax.set_ylabel(labels.axis("spectral_function"))
        colour_bar(figure, ScalarMappable(norm, SEQUENTIAL), axes, "value of the latent")
    return figure


def caption(results: Results) -> Markup:
    """Where each latent changes the decoded spectrum most."""
    step = results.latents["step"].to_numpy()
    effects = results.scores["traversal_effects"]
    return fill_caption(
        "traversals",
        first=step[0],
        last=step[-1],
        axis=rich_text(results.labels.symbol("omega")),
        unit=results.labels.unit("omega"),
        height=rich_text(results.labels.symbol("spectral_function")),
        effects=[
            (latent_name(latent), effects[str(latent)])
            for latent in results.active
            if effects.get(str(latent))
        ],
    )
