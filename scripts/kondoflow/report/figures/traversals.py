"""Decoded spectra along each active latent; of several channels each in a column of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from scipy.spatial import cKDTree

from kondoflow.files.splits import SPLITS
from kondoflow.report.axes import colour_bar, frequency_axis, panels, span
from kondoflow.report.channels import by_channel, channels_of, height_axis, of_channel
from kondoflow.report.explorer.sampling import far_distance
from kondoflow.report.figures.conditions import no_active_latent as empty
from kondoflow.report.labels import latent_name
from kondoflow.report.results import Results
from kondoflow.report.style import FAINT, SEQUENTIAL, house_style
from kondoflow.report.templating import fill_caption
from kondoflow.report.typeset import rich_text

__all__ = ["caption", "draw", "empty"]

COLUMNS = 3  # of panels at most
FAR: dict[str, Any] = {"color": FAINT, "ls": (0, (3, 2))}  # of a spectrum far from all data


def draw(results: Results) -> Figure:
    """A panel for each active latent and channel, over quantiles of the training samples."""
    latents, active, labels = results.latents, results.active, results.labels
    omega, step = latents["omega"].to_numpy(), latents["step"].to_numpy()
    channels, known = channels_of(results), supported(results)
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
        colour_bar(figure, ScalarMappable(norm, SEQUENTIAL), axes, "quantile of the latent")
    return figure


def supported(results: Results) -> np.ndarray:
    """Whether a step of a traversal, (latent, step), is as near to training samples as others are.

    The limit is the distance from the training samples within which 99 of 100 held-out samples
    lie, in the active latents.
    """
    latents, active = results.latents, results.active
    mean, points = latents["mean"].to_numpy(), latents["traversal_latents"].to_numpy()
    train = latents["split"].to_numpy() == SPLITS.index("train")
    near = np.ones(points.shape[:2], dtype=np.bool_)
    if not active or not train.any():
        return near
    spread, limit = far_distance(mean[:, active], train)
    tree = cKDTree(mean[train][:, active] / spread)
    near[active] = tree.query(points[active][:, :, active] / spread)[0] <= limit
    return near


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
        n_far=int((~supported(results)[results.active]).sum()),
        effects=[
            (latent_name(latent), effects[str(latent)])
            for latent in results.active
            if effects.get(str(latent))
        ],
    )
