"""Reconstructions: input and decoded spectrum of the best, median and worst test sample.

Spectra of several channels take a row of panels each.
"""

from __future__ import annotations

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from kondoflow.report.axes import frequency_axis
from kondoflow.report.channels import by_channel, channels_of, height_axis, of_channel
from kondoflow.report.heights import scale_heights
from kondoflow.report.numbers import latex
from kondoflow.report.panels import panels
from kondoflow.report.results import Results
from kondoflow.report.style import INK, ORANGE, house_style
from kondoflow.report.templating import fill_caption


def draw(results: Results) -> Figure:
    """The three examples that the network's stage chose, with their sums of squared errors."""
    latents, labels = results.latents, results.labels
    omega, examples = latents["omega"].to_numpy(), latents["example"].to_numpy()
    errors = latents["reconstruction_error"].to_numpy()
    channels, n = channels_of(results), len(examples)
    given, decoded = (
        by_channel(latents[f"example_{kind}"].to_numpy(), len(channels))
        for kind in ("input", "reconstruction")
    )
    figure, axes = panels(len(channels) * n, columns=n, height=2.7, sharey="row")
    with house_style():
        for place, ax in enumerate(axes):
            channel, index = divmod(place, n)
            for kind, values, look, colour in (
                ("input", given, "-", INK),
                ("decoded", decoded, "--", ORANGE),
            ):
                name = of_channel(kind, channels[channel])
                ax.plot(omega, values[channel, index], look, color=colour, label=kind, gid=name)
            frequency_axis(ax, omega, labels.axis("omega"), ticks=2, spacing=results.spacing)
            if not index:
                ax.set_ylabel(height_axis(results, channels[channel]))
            if not channel:
                name = ("best", "median", "worst")[index]
                ax.set_title(f"{name}: error ${latex(errors[examples[index]], 2)}$")
        for channel in range(len(channels)):
            shown = np.stack([given[channel], decoded[channel]])
            scale_heights(axes[channel * n : (channel + 1) * n], results, shown)
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


def caption(results: Results) -> Markup:
    """Errors over all test spectra."""
    return fill_caption("reconstructions", test=results.scores["reconstruction"]["test"])
