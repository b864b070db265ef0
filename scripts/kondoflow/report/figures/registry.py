"""The registry of figures: which there are, which rule draws each, and where each is shown.

The rules of the workflow, the drawing scripts and the page all read this table. A new figure takes

1. a line here,
2. a module `report/figures/<name>.py` with `draw(results) -> Figure`, `caption(results) -> Markup`
   and, if there are runs for which it shows nothing, `empty(results) -> str` (why; "" otherwise),
3. the words of its caption in `report/templates/captions/<name>.html`.

`results` is a `report.results.Results`. `draw` may use what the figure's rule reads:

==============  ==================================================================
rule            files
==============  ==================================================================
`plot_figures`  all of a run but its weights
`plot_scan`     scores of all runs, as a sequence of `Results`
==============  ==================================================================

`caption` and `empty` may use all files of the run.

Snakemake reads the table, so this module needs the standard library alone. The modules of the
figures, which need matplotlib, are imported when a figure is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

PACKAGE = "kondoflow.report.figures"
OF_A_RUN = "plot_figures"  # the rule that draws the figures of one run
OF_ALL_RUNS = "plot_scan"  # the rule whose figures show all runs side by side


@dataclass(frozen=True)
class Entry:
    """One figure.

    Attributes:
        name: Name of its files, and its anchor on the page.
        rule: Rule that draws it.
        category: Part of the page and of Snakemake's report where it is shown.
        title: What it shows, in a few words; read out to those who can't see it.
        module: Module that draws it; "" for the module of its name in this package.
    """

    name: str
    rule: str
    category: str
    title: str
    module: str = ""

    @property
    def source(self) -> str:
        """Import path of the module."""
        return self.module or f"{PACKAGE}.{self.name}"


FIGURES: tuple[Entry, ...] = (
    Entry("triptych", OF_A_RUN, "Verdict", "spectra, latents and the equation"),
    Entry("examples", OF_A_RUN, "Data", "example spectra"),
    Entry("samples", OF_A_RUN, "Data", "distribution of the samples"),
    Entry("training", OF_A_RUN, "Autoencoder", "training curves"),
    Entry("reconstructions", OF_A_RUN, "Autoencoder", "reconstructed test spectra"),
    Entry("latent_plane", OF_A_RUN, "Latents", "samples in latent space"),
    Entry("latent_scale", OF_A_RUN, "Latents", "latent against the physical scale"),
    Entry("landmarks", OF_A_RUN, "Latents", "where the landmarks lie"),
    Entry("correlations", OF_A_RUN, "Latents", "descriptors against latents"),
    Entry("traversals", OF_A_RUN, "Latents", "decoded spectra along each latent"),
    Entry("law", OF_A_RUN, "Law", "the law, known formulas and the points that test it"),
    Entry("pareto", OF_A_RUN, "Equations", "error and complexity of equations"),
    Entry("prediction", OF_A_RUN, "Equations", "targets against their equations"),
    Entry("error_map", OF_A_RUN, "Equations", "errors of the equations over the box"),
    Entry("residual", OF_A_RUN, "Equations", "residuals over the region"),
    Entry("recovery", OF_A_RUN, "Equations", "rate of recovered references"),
    Entry("scan", OF_ALL_RUNS, "Report", "all runs side by side"),
)


def figures_of_rule(rule: str) -> Sequence[Entry]:
    """Figures that a rule draws, in the order of the registry."""
    return [entry for entry in FIGURES if entry.rule == rule]


def figures_of_runs() -> Sequence[Entry]:
    """Figures that every run has of its own."""
    return figures_of_rule(OF_A_RUN)
