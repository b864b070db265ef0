"""The run in three panels: spectra, the latent plane, the equation against the data."""

from __future__ import annotations

from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from kondoflow.files.spectra import channel_spectra
from kondoflow.report.axes import frequency_axis
from kondoflow.report.channels import by_channel, channels_of, height_axis, of_channel
from kondoflow.report.colours import cloud, colour_bar, colour_scale, span
from kondoflow.report.figures import examples
from kondoflow.report.figures.prediction import draw_prediction
from kondoflow.report.heights import scale_heights
from kondoflow.report.labels import latent_name
from kondoflow.report.panels import letter
from kondoflow.report.results import Results
from kondoflow.report.sections.verdict import headline_entries
from kondoflow.report.style import FAINT, SEQUENTIAL, WIDTH, house_style
from kondoflow.report.templating import fill_caption
from kondoflow.report.typeset import rich_text

N_SPECTRA = 7
HEIGHT = 2.75  # inches


def draw(results: Results) -> Figure:
    """Spectra, latents and the leading equation; what there is not is said in its panel."""
    figure, left, middle, right = three_panels(len(channels_of(results)))
    name = examples.colour_of(results)
    values = None if name is None else results.descriptors[name]
    with house_style():
        norm = None if values is None else colour_scale(values)[1]
        draw_spectra(left, results, values, norm)
        draw_latents(middle, results, values)
        draw_equation(right, results)
        if name is not None:
            bar = {"location": "bottom", "pad": 0.06, "aspect": 40}
            mappable = ScalarMappable(norm, SEQUENTIAL)
            mappable.set_array(values)
            colour_bar(figure, mappable, [*left, middle], results.labels.axis(name), **bar)
        letter((left[0], middle, right))
    return figure


def three_panels(n: int) -> tuple[Figure, list[Axes], Axes, Axes]:
    """The figure and its panels, the left one as `n` with one axis of frequencies."""
    with house_style():
        figure = Figure(figsize=(WIDTH, HEIGHT + (n - 1) * HEIGHT / 4))
        grid = figure.add_gridspec(n, 3)
        first = figure.add_subplot(grid[0, 0])
        left = [first, *(figure.add_subplot(grid[k, 0], sharex=first) for k in range(1, n))]
        return figure, left, figure.add_subplot(grid[:, 1]), figure.add_subplot(grid[:, 2])


def draw_spectra(
    axes: list[Axes], results: Results, values: np.ndarray | None, norm: Normalize | None
) -> None:
    """Some spectra, evenly spread in rank over what colours them.

    Spectra of several channels take a panel each.

    Args:
        axes: A panel for each channel.
        results: The run.
        values: What colours the spectra, (sample,); None for the order of the samples.
        norm: Range of its colours; None for that of the spectra that are drawn.
    """
    channels = channels_of(results)
    spectra = channel_spectra(results.spectra, results.settings["channel"])
    order = np.arange(len(spectra), dtype=float) if values is None else values
    chosen = examples.choose_examples(order, N_SPECTRA)
    omega, labels = results.spectra["omega"].to_numpy(), results.labels
    norm = norm or span(order[chosen[0]], order[chosen[-1]])
    for ax, channel, curves in zip(axes, channels, by_channel(spectra, len(channels)), strict=True):
        for index in chosen:
            style: dict[str, Any] = {"color": SEQUENTIAL(norm(order[index])), "lw": 1.1}
            name = of_channel(examples.name_of(results, index), channel)
            ax.plot(omega, curves[index], gid=name, **style)
        frequency_axis(ax, omega, labels.axis("omega"), ticks=2, spacing=results.spacing)
        scale_heights([ax], results, curves[chosen])
        ax.set_ylabel(channel or height_axis(results, channel))
    for ax in axes[:-1]:
        ax.tick_params(labelbottom=False)
        ax.set_xlabel("")
    several = f", {labels.axis('spectral_function')}" if len(axes) > 1 else ""
    axes[0].set_title(f"spectra{several}")


def draw_latents(ax: Axes, results: Results, values: np.ndarray | None) -> None:
    """All samples over two active latents, or over the only one and what colours the samples.

    Args:
        ax: The panel.
        results: The run.
        values: What colours the samples, (sample,); None for one colour.
    """
    active, mean = plane_of(results), results.latents["mean"].to_numpy()
    ax.set_title("latents")
    if not active:
        say(ax, "no latent is active")
    elif len(active) > 1:
        marks = cloud(ax, mean[:, active[0]], mean[:, active[1]], values)
        marks.set_cmap(SEQUENTIAL)
        ax.set_xlabel(latent_name(active[0]))
        ax.set_ylabel(latent_name(active[1]))
    else:
        name = examples.colour_of(results)
        height = np.zeros(len(mean)) if values is None else values
        cloud(ax, mean[:, active[0]], height, values)
        ax.set_xlabel(latent_name(active[0]))
        ax.set_ylabel("" if name is None else results.labels.axis(name))


def plane_of(results: Results) -> list[int]:
    """Two active latents, that of the scale first."""
    leading = results.scores["leading_latent"]
    return sorted(results.active, key=lambda latent: latent != leading)[:2]


def draw_equation(ax: Axes, results: Results) -> None:
    """The leading equation against the data."""
    entry = entry_of(results)
    ax.set_title("equation")
    if entry is None:
        say(ax, "no equation was found")
        return
    draw_prediction(ax, results, entry)


def entry_of(results: Results) -> Any:
    """The first equation of the verdict that was found; None without any."""
    return next((entry for entry in headline_entries(results) if entry["found"]), None)


def say(ax: Axes, words: str) -> None:
    """Words in place of what a panel would show."""
    ax.text(0.5, 0.5, words, transform=ax.transAxes, ha="center", style="italic")
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_color(FAINT)


def caption(results: Results) -> Markup:
    """What the panels show."""
    name, entry, plane = examples.colour_of(results), entry_of(results), plane_of(results)
    labels = results.labels
    return fill_caption(
        "triptych",
        colour=None if name is None else rich_text(labels.symbol(name)),
        n=results.spectra.sizes["sample"],
        n_spectra=min(N_SPECTRA, results.spectra.sizes["sample"]),
        plane=[latent_name(latent) for latent in plane],
        target=None if entry is None else rich_text(labels.target(entry["target"])),
        r2=None if entry is None else entry["errors"]["test"]["r2"],
        n_test=None if entry is None else entry["errors"]["test"]["n"],
    )
