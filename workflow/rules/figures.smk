"""Names of the figures' files.

Which figures there are and which rule draws each stands in `kondoflow.report.figures.registry`.
"""

from kondoflow.report.figures.registry import figures_of_rule, figures_of_runs

FORMATS = ("png", "svg", "pdf", "csv")
FIGURE = "results/report/{ensemble}/{run}"
SHARED = "results/report"  # figures of all runs side by side


def files_of(entry):
    """Names of the files of a figure."""
    return [f"{entry.name}.{suffix}" for suffix in FORMATS]


def drawn_by(rule, folder=FIGURE):
    """Files of the figures that a rule draws; Snakemake's own report shows each SVG."""
    of_run = {"ensemble": "{ensemble}", "run": "{run}"} if folder == FIGURE else {}
    files = []
    for entry in figures_of_rule(rule):
        png, svg, pdf, csv = (f"{folder}/{name}" for name in files_of(entry))
        labels = {**of_run, "figure": entry.title}
        caption = "../report/figure.rst"
        svg = report(svg, caption=caption, category=entry.category, labels=labels)
        files += [png, svg, pdf, csv]
    return files


def all_figures():
    """Every figure of every run and, where there are several runs, the figures of all runs."""
    own = [name for entry in figures_of_runs() for name in files_of(entry)]
    shared = [name for entry in figures_of_rule("plot_scan") for name in files_of(entry)]
    of_runs = [path for name in own for path in of_all_runs(f"{FIGURE}/{name}")]
    return of_runs + [f"{SHARED}/{name}" for name in shared if len(RUNS) > 1]
