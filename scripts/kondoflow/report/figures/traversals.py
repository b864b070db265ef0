"""Decoded spectra along each active latent; of several channels each in a column of its own."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure

from kondoflow.report.axes import frequency_axis
from kondoflow.report.channels import by_channel, channels_of, height_axis, of_channel
from kondoflow.report.colours import colour_bar, span
from kondoflow.report.effects import effect_in_words
from kondoflow.report.figures.conditions import no_active_latent as empty
from kondoflow.report.heights import scale_heights
from kondoflow.report.labels import latent_name
from kondoflow.report.panels import panels
from kondoflow.report.results import Results
from kondoflow.report.style import FAINT, SEQUENTIAL, house_style
from kondoflow.report.templating import fill_caption

__all__ = ["caption", "draw", "empty"]

COLUMNS = 3  # of panels at most
FAR: dict[str, Any] = {"color": FAINT, "ls": (0, (3, 2))}  # of a spectrum far from all data


def draw(results: Results) -> Figure:
    """A panel for each active latent and channel, over quantiles of the training samples."""
    latents, active, labels = results.latents, results.active, results.labels
    omega, step = latents["omega"].to_numpy(), latents["step"].to_numpy()
    channels, known = channels_of(results), near_data(results)
    curves = by_channel(latents["traversal"].to_numpy(), len(channels))
    several = len(channels) > 1
    shown = [(latent, channel) for latent in active for channel in range(len(channels))]
    columns = min(COLUMNS, len(channels) if several else len(active))
    sharing = "col" if several else True
    figure, axes = panels(len(shown), columns=columns, height=2.5, sharey=sharing)
    norm = span(step.min(), step.max())
    with house_style():
        for place, (ax, (latent, channel)) in enumerate(zip(axes, shown, strict=True)):
            steps = zip(step, curves[channel, latent], known[latent], strict=True)
            for value, spectrum, near in steps:
                style = {"color": SEQUENTIAL(norm(value))} if near else FAR
                name = of_channel(f"quantile {value:.3g}", channels[channel])
                ax.plot(omega, spectrum, lw=1.1, gid=name, **style)
            frequency_axis(ax, omega, labels.axis("omega"), ticks=2, spacing=results.spacing)
            ax.set_title(latent_name(latent))
            if several or place % columns == 0:
                ax.set_ylabel(height_axis(results, channels[channel]))
        for channel in range(len(channels)):
            own = [ax for ax, (_, shown_in) in zip(axes, shown, strict=True) if shown_in == channel]
            scale_heights(own, results, curves[channel, active])
        slim = 25 * -(-len(shown) // columns)  # as wide as beside a single row
        mappable = ScalarMappable(norm, SEQUENTIAL)
        colour_bar(figure, mappable, axes, "quantile of the latent", aspect=slim)
    return figure


def near_data(results: Results) -> dict[int, list[bool]]:
    """By active latent, whether each step along it is near to training samples."""
    effects = results.scores["traversal_effects"]
    return {latent: effects[str(latent)]["near"] for latent in results.active}


def caption(results: Results) -> Markup:
    """What each latent does to the decoded spectrum."""
    steps, grid = results.latents["step"].to_numpy(), results.latents["omega"].to_numpy()
    effects, labels = results.scores["traversal_effects"], results.labels
    return fill_caption(
        "traversals",
        first=steps[0],
        last=steps[-1],
        n_far=sum(near.count(False) for near in near_data(results).values()),
        effects=[
            (latent_name(latent), effect_in_words(effects[str(latent)], steps, labels, grid))
            for latent in results.active
        ],
    )
