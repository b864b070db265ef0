"""Example spectra, over the whole grid and in units of the scale.

Examples are chosen evenly in rank along what colours them: the system's scale descriptor, or
another where it names none. Where the scale is the logarithm of a per-sample energy in the unit of
the frequencies, a second panel shows the same spectra against frequency in units of this energy, if
a few units hold much of the grid: a narrow line far from 0 has no place there. Spectra of several
channels take a row each.
"""

from __future__ import annotations

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure

from kondoflow.files.spectra import channel_spectra
from kondoflow.report.axes import frequency_axis
from kondoflow.report.channels import by_channel, channels_of, height_axis, of_channel
from kondoflow.report.colours import colour_bar, span
from kondoflow.report.heights import scale_heights
from kondoflow.report.panels import letter, panels
from kondoflow.report.results import Results
from kondoflow.report.style import SEQUENTIAL, house_style
from kondoflow.report.templating import fill_caption
from kondoflow.report.typeset import rich_text

N_EXAMPLES = 9
GOLDEN = (np.sqrt(5.0) - 1) / 2  # whose multiples are spread evenly in any number
ZOOM = 10.0  # half-width of the second panel in units of the scale
LEAST_SHOWN = 8  # points of a spectrum in the second panel


def empty(results: Results) -> str:
    """Reason if no example can be chosen."""
    scale = results.scale
    if scale is None or np.isfinite(results.descriptors[scale]).any():
        return ""
    return "The scale is not defined for any sample."


def draw(results: Results) -> Figure:
    """Example spectra over the whole grid and, beside it, in units of the scale."""
    omega, channels = results.spectra["omega"].to_numpy(), channels_of(results)
    spectra = channel_spectra(results.spectra, results.settings["channel"])
    curves = by_channel(spectra, len(channels))
    labels, scale = results.labels, colour_of(results)
    order = np.arange(len(spectra), dtype=float) if scale is None else results.descriptors[scale]
    chosen = choose_examples(order, N_EXAMPLES)
    energy = energy_of(results, chosen)
    columns = 1 if energy is None else 2
    figure, axes = panels(len(channels) * columns, columns=columns, height=3.0, sharey="row")
    norm = span(order[chosen[0]], order[chosen[-1]])
    with house_style():
        for number, channel in enumerate(channels):
            own = axes[number * columns : (number + 1) * columns]
            for index in chosen:
                name = of_channel(name_of(results, index), channel)
                style = {"color": SEQUENTIAL(norm(order[index])), "gid": name}
                own[0].plot(omega, curves[number, index], **style)
                if energy is not None:
                    unit = results.variables[energy][index]
                    own[1].plot(omega / unit, curves[number, index], **style)
            frequency_axis(own[0], omega, labels.axis("omega"), spacing=results.spacing)
            own[0].set_ylabel(height_axis(results, channel))
            shown = curves[number, chosen]
            if not scale_heights(own[:1], results, shown):
                own[0].set_ylim(bottom=min(0.0, float(shown.min())))
            if energy is not None:
                zoom(own[1], omega)
                own[1].set_xlabel(labels.ratio("omega", energy))
        if energy is not None:
            letter(axes)
        if scale is not None:
            colour_bar(figure, ScalarMappable(norm, SEQUENTIAL), axes, labels.axis(scale))
    return figure


def colour_of(results: Results) -> str | None:
    """Descriptor that colours spectra and samples: the scale, else the first with a value."""
    names = [results.scale, *results.descriptors]
    known = (name for name in names if name and np.isfinite(results.descriptors[name]).any())
    return next(known, None)


def energy_of(results: Results, chosen: np.ndarray) -> str | None:
    """Name of the energy in whose units frequencies are shown too; None without.

    Half of the examples or more must have `LEAST_SHOWN` points in the second panel.

    Args:
        results: The run.
        chosen: Indices of the examples, (example,).
    """
    energy = results.energy
    if energy is None:
        return None
    omega, units = results.spectra["omega"].to_numpy(), results.variables[energy][chosen]
    inside = (np.abs(omega) <= ZOOM * units[:, np.newaxis]).sum(axis=1)
    return energy if np.median(inside) >= LEAST_SHOWN else None


def name_of(results: Results, index: int) -> str:
    """Name of an example in the table of what is drawn."""
    scale = colour_of(results)
    value = "" if scale is None else f", {scale} = {results.descriptors[scale][index]:.4g}"
    return f"sample {index}{value}"


def zoom(ax: Axes, omega: np.ndarray) -> None:
    """Show `ZOOM` units of the energy, on those sides of 0 where there are frequencies (omega,)."""
    ax.set_xlim(-ZOOM if omega[0] < 0 else 0.0, ZOOM if omega[-1] > 0 else 0.0)


def choose_examples(values: np.ndarray, n: int) -> np.ndarray:
    """Indices of `n` samples evenly spread in rank over the finite `values`, in rising order.

    Equal values, as a scan has them, stand in an order that mixes what else differs.

    Args:
        values: The quantity that orders the samples, (sample,); NaN for those left out.
        n: Number of samples; all finite ones where there are fewer.

    Returns:
        Indices, (example,).
    """
    mixed = np.arange(len(values)) * GOLDEN % 1.0
    order = np.lexsort((mixed, values))[: np.isfinite(values).sum()]
    n = min(n, len(order))
    return order[((np.arange(n) + 0.5) / max(n, 1) * len(order)).astype(int)]


def caption(results: Results) -> Markup:
    """How the examples were chosen and what the panels show."""
    labels, scale = results.labels, colour_of(results)
    n_samples = results.spectra.sizes["sample"]
    order = np.arange(n_samples, dtype=float) if scale is None else results.descriptors[scale]
    chosen = choose_examples(order, N_EXAMPLES)
    shown, energy = order[chosen], energy_of(results, chosen)
    return fill_caption(
        "examples",
        n=shown.size,
        low=shown[0],
        high=shown[-1],
        scale=rich_text(labels.symbol(scale)) if scale else None,
        energy=rich_text(labels.symbol(energy)) if energy else None,
        channels=[rich_text(channel) for channel in channels_of(results) if channel],
        axis=rich_text(labels.symbol("omega")),
    )
