"""Example spectra, over the whole grid and in units of the scale.

Examples are chosen evenly in rank along the system's scale descriptor. Where that descriptor is
the logarithm of a per-sample energy in the unit of the frequencies, a second panel shows the same
spectra against frequency in units of this energy.
"""

from __future__ import annotations

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure

from kondoflow.files.spectra import channel_spectra
from kondoflow.report.axes import colour_bar, frequency_axis, letter, panels, span
from kondoflow.report.results import Results
from kondoflow.report.style import SEQUENTIAL, house_style
from kondoflow.report.templating import fill_caption
from kondoflow.report.typeset import rich_text

N_EXAMPLES = 9
ZOOM = 10.0  # half-width of the second panel in units of the scale


def empty(results: Results) -> str:
    """Reason if no example can be chosen."""
    scale = results.scale
    if scale is None or np.isfinite(results.descriptors[scale]).any():
        return ""
    return "The scale is not defined for any sample."


def draw(results: Results) -> Figure:
    """Example spectra over the whole grid and, beside it, in units of the scale."""
    omega = results.spectra["omega"].to_numpy()
    spectra = channel_spectra(results.spectra, results.settings["channel"])
    labels, scale, energy = results.labels, results.scale, results.energy
    order = np.arange(len(spectra), dtype=float) if scale is None else results.descriptors[scale]
    chosen = choose_examples(order, N_EXAMPLES)
    figure, axes = panels(1 if energy is None else 2, columns=2, height=3.0, sharey=True)
    norm = span(order[chosen[0]], order[chosen[-1]])
    with house_style():
        for index in chosen:
            style = {"color": SEQUENTIAL(norm(order[index])), "gid": name_of(results, index)}
            axes[0].plot(omega, spectra[index].T, **style)
            if energy is not None:
                unit = results.variables[energy][index]
                axes[1].plot(omega / unit, spectra[index].T, **style)
        frequency_axis(axes[0], omega, labels.axis("omega"), spacing=results.spacing)
        axes[0].set_ylabel(labels.axis("spectral_function"))
        axes[0].set_ylim(bottom=min(0.0, float(spectra[chosen].min())))
        if energy is not None:
            zoom(axes[1], omega)
            axes[1].set_xlabel(labels.ratio("omega", energy))
            letter(axes)
        if scale is not None:
            colour_bar(figure, ScalarMappable(norm, SEQUENTIAL), axes, labels.axis(scale))
    return figure


def name_of(results: Results, index: int) -> str:
    """Name of an example in the table of what is drawn."""
    scale = results.scale
    value = "" if scale is None else f", {scale} = {results.descriptors[scale][index]:.4g}"
    return f"sample {index}{value}"


def zoom(ax: Axes, omega: np.ndarray) -> None:
    """Show a few units of the scale, on those sides of 0 where there are frequencies."""
    ax.set_xlim(-ZOOM if omega[0] < 0 else 0.0, ZOOM if omega[-1] > 0 else 0.0)


def choose_examples(values: np.ndarray, n: int) -> np.ndarray:
    """Indices of `n` samples evenly spread in rank over the finite `values`, in rising order."""
    order = np.argsort(values)[: np.isfinite(values).sum()]
    n = min(n, len(order))
    return order[((np.arange(n) + 0.5) / max(n, 1) * len(order)).astype(int)]


def caption(results: Results) -> Markup:
    """How the examples were chosen and what the panels show."""
    labels, scale, energy = results.labels, results.scale, results.energy
    n_samples = results.spectra.sizes["sample"]
    order = np.arange(n_samples, dtype=float) if scale is None else results.descriptors[scale]
    shown = order[choose_examples(order, N_EXAMPLES)]
    return fill_caption(
        "examples",
        n=shown.size,
        low=shown[0],
        high=shown[-1],
        scale=rich_text(labels.symbol(scale)) if scale else None,
        energy=rich_text(labels.symbol(energy)) if energy else None,
        axis=rich_text(labels.symbol("omega")),
    )
