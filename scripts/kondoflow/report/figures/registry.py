"""The registry of figures: which there are, which rule draws each, and where each is shown.

The rules of the workflow, the drawing scripts and the page all read this table. A new figure takes

1. a line here,
2. a module `report/figures/<name>.py` with `draw(results) -> Figure`, `caption(results) -> Markup`
   and, if there are runs for which it shows nothing, `empty(results) -> str` (why; "" otherwise),
3. the words of its caption in `report/templates/captions/<name>.html`.

`results` is a `report.results.Results`. `draw` may use what the figure's rule reads:

===============  ===================================================================
rule             files
===============  ===================================================================
`plot_spectra`   spectra
`plot_training`  history, latents
`plot_latents`   spectra, latents, scores
`plot_equations` spectra, scores, verdict, predictions, engines
`plot_scan`      scores of all runs, as a sequence of `Results`
===============  ===================================================================

`caption` and `empty` may use all files of the run.

Snakemake reads the table, so this module needs the standard library alone. The modules of the
figures, which need matplotlib, are imported when a figure is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

PACKAGE = "kondoflow.report.figures"
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
    Entry("examples", "plot_spectra", "Data", "example spectra"),
    Entry("samples", "plot_spectra", "Data", "distribution of the samples"),
    Entry("training", "plot_training", "Autoencoder", "training curves"),
    Entry("reconstructions", "plot_latents", "Autoencoder", "reconstructed test spectra"),
    Entry("latent_plane", "plot_latents", "Latents", "samples in latent space"),
    Entry("latent_scale", "plot_latents", "Latents", "latent against the physical scale"),
    Entry("correlations", "plot_latents", "Latents", "descriptors against latents"),
    Entry("traversals", "plot_latents", "Latents", "decoded spectra along each latent"),
    Entry("pareto", "plot_equations", "Equations", "error and complexity of equations"),
    Entry("prediction", "plot_equations", "Equations", "targets against their equations"),
    Entry("error_map", "plot_equations", "Equations", "errors of the equations over the box"),
    Entry("residual", "plot_equations", "Equations", "residuals over the region"),
    Entry("recovery", "plot_equations", "Equations", "rate of recovered references"),
    Entry("scan", OF_ALL_RUNS, "Report", "all runs side by side"),
)


def figures_of_rule(rule: str) -> Sequence[Entry]:
    """Figures that a rule draws, in the order of the registry."""
    return [entry for entry in FIGURES if entry.rule == rule]


def figures_of_runs() -> Sequence[Entry]:
    """Figures that every run has of its own."""
    return [entry for entry in FIGURES if entry.rule != OF_ALL_RUNS]
