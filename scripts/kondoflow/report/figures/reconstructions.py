"""Reconstructions: input and decoded spectrum of the best, median and worst test sample."""

from __future__ import annotations

from markupsafe import Markup
from matplotlib.figure import Figure

from kondoflow.report.axes import frequency_axis, panels
from kondoflow.report.numbers import latex
from kondoflow.report.results import Results
from kondoflow.report.style import INK, ORANGE, house_style
from kondoflow.report.templating import fill_caption


def draw(results: Results) -> Figure:
    """The three examples that the network's stage chose, with their sums of squared errors."""
    latents, labels = results.latents, results.labels
    omega, examples = latents["omega"].to_numpy(), latents["example"].to_numpy()
    errors = latents["reconstruction_error"].to_numpy()
    figure, axes = panels(len(examples), columns=3, height=2.7, sharey=True)
    with house_style():
        for index, (ax, name) in enumerate(zip(axes, ("best", "median", "worst"), strict=False)):
            given, decoded = (
                latents[f"example_{kind}"][index] for kind in ("input", "reconstruction")
            )
            ax.plot(omega, given.T, color=INK)[0].set_label("input")
            ax.plot(omega, decoded.T, "--", color=ORANGE)[0].set_label("decoded")
            frequency_axis(ax, omega, labels.axis("omega"), ticks=2, spacing=results.spacing)
            ax.set_title(f"{name}: error ${latex(errors[examples[index]], 2)}$")
        axes[0].set_ylabel(labels.axis("spectral_function"))
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


def caption(results: Results) -> Markup:
    """Errors over all test spectra."""
    return fill_caption("reconstructions", test=results.scores["reconstruction"]["test"])
