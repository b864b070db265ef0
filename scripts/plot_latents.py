"""What the network learnt: latent plane, meaning of the latents, traversals, reconstructions.

A latent is defined up to a sign and a monotone map, so each is compared with the system's
descriptors in three ways: Pearson's r (a straight line), Spearman's r (any monotone map) and the
R^2 of the isotonic regression of the latent on the descriptor.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import xarray as xr
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from scipy.optimize import isotonic_regression

from kondoflow.autoencoder.contract import LATENTS
from kondoflow.discovery.descriptors import evaluate_descriptors
from kondoflow.discovery.headline import leading_latent
from kondoflow.files.atomic import read_json
from kondoflow.files.contract import check
from kondoflow.files.netcdf import read_dataset
from kondoflow.files.spectra import read_spectra, sample_variables
from kondoflow.report.axes import (
    cloud,
    colour_bar,
    draw_cells,
    frequency_axis,
    notice,
    panels,
    span,
)
from kondoflow.report.labels import Labels, latent_symbol
from kondoflow.report.numbers import latex
from kondoflow.report.results import colours_of
from kondoflow.report.style import INK, ORANGE, SEQUENTIAL, WIDTH, house_style, save_figure
from kondoflow.stage.entry import Input, Output, Setting, run_stage

MAX_PLANE = 3  # leading active latents whose pairs are drawn
SCORES = {  # name in scores.json: title
    "pearson": "Pearson $r$",
    "spearman": r"Spearman $\rho$",
    "isotonic_r2": "isotonic $R^2$",
}
NO_ACTIVE = "No latent is active: the network ignores its latent space at this KL weight."


def draw_plane(
    mean: np.ndarray,
    active: Sequence[int],
    colours: Mapping[str, np.ndarray],
    labels: Labels,
) -> Figure:
    """Samples in the plane of each pair of leading latents, one colour descriptor a row.

    With a single active latent the descriptors themselves are the vertical axes.
    """
    if not active:
        return notice(NO_ACTIVE)
    pairs = list(combinations(active[:MAX_PLANE], 2))
    if not pairs:
        return draw_single(mean[:, active[0]], active[0], colours, labels)
    columns = len(pairs) if len(pairs) > 1 else min(len(colours), 2)
    figure, axes = panels(
        len(pairs) * len(colours), columns=columns, height=2.9 if columns < 3 else 2.35
    )
    with house_style():
        for row, (name, values) in enumerate(colours.items()):
            in_row = axes[row * len(pairs) : (row + 1) * len(pairs)]
            for ax, (first, second) in zip(in_row, pairs, strict=True):
                marks = cloud(ax, mean[:, first], mean[:, second], values)
                ax.set_xlabel(latent_symbol(first))
                ax.set_ylabel(latent_symbol(second))
            colour_bar(figure, marks, in_row, labels.axis(name))
    return figure


def draw_single(
    mean: np.ndarray, latent: int, colours: Mapping[str, np.ndarray], labels: Labels
) -> Figure:
    """Each colour descriptor against the only active latent."""
    figure, axes = panels(len(colours), columns=2, height=2.9)
    with house_style():
        for ax, (name, values) in zip(axes, colours.items(), strict=True):
            cloud(ax, mean, values, None)
            ax.set_xlabel(latent_symbol(latent))
            ax.set_ylabel(labels.axis(name))
    return figure


def draw_scale(
    mean: np.ndarray,
    scale: tuple[str, np.ndarray] | None,
    colour: tuple[str, np.ndarray] | None,
    scores: Mapping[str, Any],
    labels: Labels,
) -> Figure:
    """The latent that follows the scale descriptor best, against it, with its monotone map."""
    if scale is None:
        return notice("The system names no scale descriptor.")
    latent = leading_latent(scores, scale[0])
    if latent is None:
        return notice(NO_ACTIVE if not scores["active_latents"] else "No latent follows the scale.")
    entry = scores["descriptors"][scale[0]][str(latent)]
    known = np.isfinite(scale[1])
    x, y = scale[1][known], mean[known, latent]
    order = np.argsort(x)
    rising = (entry["spearman"] or 0) >= 0
    figure, (ax,) = panels(1, columns=1, width=4.6, height=3.4)
    with house_style():
        marks = cloud(ax, x, y, None if colour is None else colour[1][known])
        steps = isotonic_regression(y[order], increasing=rising).x
        ax.plot(x[order], steps, color=ORANGE, label="monotone map")
        ax.set_xlabel(labels.axis(scale[0]))
        ax.set_ylabel(latent_symbol(latent))
        numbers = [f"{title} = {entry[key]:.3f}" for key, title in SCORES.items()]
        ax.legend(title="\n".join(numbers), alignment="left", title_fontsize=9.5, loc="best")
        if colour is not None:
            colour_bar(figure, marks, ax, labels.axis(colour[0]))
    return figure


def draw_correlations(scores: Mapping[str, Any], labels: Labels) -> Figure:
    """Descriptors (rows) against active latents (columns), in the three measures."""
    active = scores["active_latents"]
    names = list(scores["descriptors"])
    if not active:
        return notice(NO_ACTIVE)
    width = min(2.6 + 3 * 0.55 * len(active), 1.6 * WIDTH)
    figure, axes = panels(3, columns=3, width=width, height=0.6 + 0.27 * len(names), sharey=True)
    with house_style():
        for ax, (key, title) in zip(axes, SCORES.items(), strict=True):
            table = np.array(
                [
                    [
                        _number(scores["descriptors"][name].get(str(latent), {}).get(key))
                        for latent in active
                    ]
                    for name in names
                ]
            )
            draw_cells(ax, table)
            ax.set_title(title)
            ax.set_xticks(range(len(active)), [latent_symbol(latent) for latent in active])
        axes[0].set_yticks(range(len(names)), [labels.symbol(name) for name in names])
    return figure


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def draw_traversals(latents: xr.Dataset, active: Sequence[int], labels: Labels) -> Figure:
    """Decoded spectra along each active latent, the others at their training median."""
    if not active:
        return notice(NO_ACTIVE)
    omega, step = latents["omega"].to_numpy(), latents["step"].to_numpy()
    figure, axes = panels(len(active), columns=min(3, len(active)), height=2.5, sharey=True)
    norm = span(step.min(), step.max())
    with house_style():
        for ax, latent in zip(axes, active, strict=True):
            for value, spectrum in zip(step, latents["traversal"].to_numpy()[latent], strict=True):
                ax.plot(omega, spectrum, color=SEQUENTIAL(norm(value)), lw=1.1)
            frequency_axis(ax, omega, labels.axis("omega"), ticks=2)
            ax.set_title(latent_symbol(latent))
        for ax in axes[::3]:
            ax.set_ylabel(labels.axis("spectral_function"))
        colour_bar(figure, ScalarMappable(norm, SEQUENTIAL), axes, "value of the latent")
    return figure


def draw_reconstructions(latents: xr.Dataset, labels: Labels) -> Figure:
    """Input and decoded spectrum of the best, median and worst test sample."""
    omega, examples = latents["omega"].to_numpy(), latents["example"].to_numpy()
    errors = latents["reconstruction_error"].to_numpy()
    figure, axes = panels(len(examples), columns=3, height=2.5, sharey=True)
    with house_style():
        for index, (ax, name) in enumerate(zip(axes, ("best", "median", "worst"), strict=False)):
            error = latex(errors[examples[index]], 2)
            ax.plot(omega, latents["example_input"][index], color=INK, label="input")
            ax.plot(
                omega, latents["example_reconstruction"][index], "--", color=ORANGE, label="decoded"
            )
            frequency_axis(ax, omega, labels.axis("omega"), ticks=2)
            ax.set_title(rf"{name}: $\Sigma\,(\Delta A)^2 = {error}$")
        axes[0].set_ylabel(labels.axis("spectral_function"))
        axes[0].legend()
    return figure


def main(
    *,
    spectra: Annotated[Path, Input("set of spectra (netCDF)")],
    latents: Annotated[Path, Input("latents of the samples (netCDF)")],
    scores: Annotated[Path, Input("active latents and correlations (JSON)")],
    latent_plane: Annotated[list[Path], Output("latent plane, .png, .svg or .pdf")],
    latent_scale: Annotated[list[Path], Output("latent against the scale, likewise")],
    correlations: Annotated[list[Path], Output("descriptors against latents, likewise")],
    traversals: Annotated[list[Path], Output("decoded spectra along each latent, likewise")],
    reconstructions: Annotated[list[Path], Output("best, median, worst test spectrum, likewise")],
    system: Annotated[dict[str, Any], Setting("system")],
) -> None:
    """Draw the latents of one run."""
    dataset, encoded, found = read_spectra(spectra), read_dataset(latents), read_json(scores)
    check(encoded, LATENTS, latents)
    labels = Labels(system, dataset)
    values = evaluate_descriptors(system["descriptors"], sample_variables(dataset))
    names = colours_of(system)
    scale = system.get("scale")
    others = [name for name in names if name != scale]
    active = [int(latent) for latent in found["active_latents"]]
    mean = encoded["mean"].to_numpy()

    colours = {name: values[name] for name in names}
    save_figure(draw_plane(mean, active, colours, labels), latent_plane)
    scaled = (scale, values[scale]) if scale else None
    colour = (others[-1], values[others[-1]]) if others else None
    save_figure(draw_scale(mean, scaled, colour, found, labels), latent_scale)
    save_figure(draw_correlations(found, labels), correlations)
    save_figure(draw_traversals(encoded, active, labels), traversals)
    save_figure(draw_reconstructions(encoded, labels), reconstructions)


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
