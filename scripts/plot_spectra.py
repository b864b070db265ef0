"""What the data look like: example spectra, and how the samples are distributed.

Examples are chosen evenly in rank along the system's scale descriptor. If that descriptor is the
decimal logarithm of a per-sample energy, a second panel shows the same spectra against frequency
in units of this energy: spectra of one universal form fall onto one curve there.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure

from kondoflow.discovery.descriptors import evaluate_descriptors
from kondoflow.files.spectra import channel_spectra, read_spectra, sample_variables
from kondoflow.report.axes import (
    colour_bar,
    frequency_axis,
    label_powers,
    letter,
    notice,
    panels,
    span,
)
from kondoflow.report.labels import Labels
from kondoflow.report.results import energy_of
from kondoflow.report.style import BLUE, SEQUENTIAL, house_style, save_figure
from kondoflow.stage.entry import Input, Option, Output, Setting, run_stage

N_EXAMPLES = 9
ZOOM = 10.0  # half-width of the second panel in units of the scale
N_BINS = 40
DECADES_FOR_LOG = 1.0  # positive quantities that span more are counted in logarithmic bins


def choose_examples(values: np.ndarray, n: int) -> np.ndarray:
    """Indices of `n` samples evenly spread in rank over the finite `values`, in rising order."""
    order = np.argsort(values)[: np.isfinite(values).sum()]
    n = min(n, len(order))
    return order[((np.arange(n) + 0.5) / max(n, 1) * len(order)).astype(int)]


def draw_examples(
    omega: np.ndarray,
    spectra: np.ndarray,
    scale: tuple[str, np.ndarray] | None,
    energy: tuple[str, np.ndarray] | None,
    labels: Labels,
) -> Figure:
    """Example spectra over the whole grid and, beside it, in units of an energy.

    Args:
        omega: Frequencies, (omega,).
        spectra: Spectra, (sample, omega).
        scale: Name and values, (sample,), of the descriptor that chooses and colours the examples.
        energy: Name and values, (sample,), of the energy of the second panel.
        labels: Symbols and units.
    """
    order = np.arange(len(spectra), dtype=float) if scale is None else scale[1]
    chosen = choose_examples(order, N_EXAMPLES)
    if chosen.size == 0:
        return notice("The scale descriptor is undefined for every sample.")
    figure, axes = panels(1 if energy is None else 2, columns=2, height=3.0, sharey=True)
    norm = span(order[chosen[0]], order[chosen[-1]])
    with house_style():
        for index in chosen:
            colour = SEQUENTIAL(norm(order[index]))
            axes[0].plot(omega, spectra[index], color=colour)
            if energy is not None:
                axes[1].plot(omega / energy[1][index], spectra[index], color=colour)
        frequency_axis(axes[0], omega, labels.axis("omega"))
        axes[0].set_ylabel(labels.axis("spectral_function"))
        axes[0].set_ylim(bottom=min(0.0, float(spectra[chosen].min())))
        if energy is not None:
            axes[1].set_xlim(-ZOOM, ZOOM)
            axes[1].set_xlabel(labels.ratio("omega", energy[0]))
            letter(axes)
        if scale is not None:
            colour_bar(figure, ScalarMappable(norm, SEQUENTIAL), axes, labels.axis(scale[0]))
    return figure


def draw_samples(quantities: Mapping[str, np.ndarray], labels: Labels) -> Figure:
    """A histogram of each quantity, (sample,), over the samples where it is defined."""
    figure, axes = panels(len(quantities), columns=4, height=1.75)
    with house_style():
        for ax, (name, values) in zip(axes, quantities.items(), strict=True):
            draw_histogram(ax, values[np.isfinite(values)])
            ax.set_xlabel(labels.axis(name))
        for ax in axes[::4]:
            ax.set_ylabel("samples")
    return figure


def draw_histogram(ax: Axes, values: np.ndarray) -> None:
    """Counts in equal bins, of the logarithm for positive values over more than a decade."""
    if values.size == 0:
        ax.text(0.5, 0.5, "undefined", transform=ax.transAxes, ha="center")
        return
    low, high = values.min(), values.max()
    if low > 0 and np.log10(high / low) > DECADES_FOR_LOG:
        ax.hist(values, bins=np.geomspace(low, high, N_BINS + 1).tolist(), color=BLUE)
        ax.set_xscale("log")
        label_powers(ax.xaxis)
    else:
        ax.hist(values, bins=N_BINS, color=BLUE)


def main(
    *,
    spectra: Annotated[Path, Input("set of spectra (netCDF)")],
    examples: Annotated[list[Path], Output("example spectra, .png, .svg or .pdf")],
    samples: Annotated[list[Path], Output("distribution of the samples, likewise")],
    system: Annotated[dict[str, Any], Setting("system")],
    channel: Annotated[str, Option("spectrum that is shown: up, down or mean")] = "up",
) -> None:
    """Draw example spectra and the distribution of parameters and descriptors."""
    dataset = read_spectra(spectra)
    labels = Labels(system, dataset)
    variables = sample_variables(dataset)
    descriptors = evaluate_descriptors(system["descriptors"], variables)
    scale, energy = system.get("scale"), energy_of(system)
    figure = draw_examples(
        dataset["omega"].to_numpy(),
        channel_spectra(dataset, channel),
        (scale, descriptors[scale]) if scale else None,
        (energy, variables[energy]) if energy else None,
        labels,
    )
    save_figure(figure, examples)
    parameters = {name: variables[name] for name in system["parameters"] if name in variables}
    save_figure(draw_samples(parameters | descriptors, labels), samples)


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
