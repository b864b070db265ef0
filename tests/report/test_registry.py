"""The registry of figures: read without libraries, and all that a new figure touches."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import jinja2
import pytest
from report_files import Run
from running import TINY, copy_workflow, snakemake

from kondoflow.files.errors import InputError
from kondoflow.report import templating
from kondoflow.report.figures import registry
from kondoflow.report.figures.drawing import draw_figures, drawing_of
from kondoflow.report.figures.registry import FIGURES, Entry
from kondoflow.report.results import Results
from kondoflow.stage.paths import ROOT

TOY = '''
"""A figure that no other file knows."""

from matplotlib.figure import Figure

from kondoflow.report.templating import fill_caption


def draw(results):
    figure = Figure(figsize=(2, 1))
    figure.subplots().plot(results.latents["kl"].to_numpy())
    return figure


def caption(results):
    return fill_caption("toy", n=len(results.active))
'''
CAPTION = "A toy over {{ n }} active\nlatents.\n"


def test_the_registry_needs_the_standard_library_alone() -> None:
    """`-S` hides all installed packages."""
    code = f"import sys; sys.path.insert(0, {str(ROOT / 'scripts')!r}); "
    code += "from kondoflow.report.figures.registry import FIGURES; print(len(FIGURES))"
    run = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (0, f"{len(FIGURES)}\n"), run.stderr


@pytest.mark.parametrize("entry", FIGURES, ids=lambda entry: entry.name)
def test_an_entry_has_a_rule_a_drawing_and_the_words_of_its_caption(entry: Entry) -> None:
    assert (ROOT / "scripts" / f"{entry.rule}.py").is_file()
    assert entry.category in (
        "Verdict",
        "Data",
        "Autoencoder",
        "Latents",
        "Law",
        "Equations",
        "Report",
    )
    assert callable(drawing_of(entry).draw)
    assert (templating.FOLDER / "captions" / f"{entry.name}.html").is_file()


def test_names_of_figures_are_unique() -> None:
    assert len({entry.name for entry in FIGURES}) == len(FIGURES)


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Entry:
    """A figure that is registered here: an entry, a module and the words of a caption."""
    entry = Entry("toy", "plot_figures", "Latents", "a toy", module="toy_figure")
    (tmp_path / "toy_figure.py").write_text(TOY)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(registry, "FIGURES", (*FIGURES, entry))
    words = jinja2.DictLoader({"captions/toy.html": CAPTION})
    environment = templating.environment()
    monkeypatch.setattr(environment, "loader", jinja2.ChoiceLoader([environment.loader, words]))
    return entry


def test_a_registered_figure_is_drawn_and_shown(anderson: Run, toy: Entry) -> None:
    results = Results(anderson.files, anderson.system, {"channel": "up"})
    draw_figures("plot_figures", results, anderson.figure(toy.name))
    assert all(path.stat().st_size > 10 for path in anderson.figure(toy.name))
    page = anderson.report()
    assert 'id="set.run.toy"' in page
    assert "A toy over 2 active latents." in page
    assert 'alt="A toy"' in page
    assert 'download="toy.csv"' in page


def test_a_registered_figure_is_made_by_its_rule(tmp_path: Path) -> None:
    """A line in the registry is all that the rules need."""
    ignored = (".*", "results", "logs", "tests", "studies", "validation")
    folder = copy_workflow(tmp_path / "copy", ignored=ignored)
    source = folder / "scripts/kondoflow/report/figures/registry.py"
    line = '    Entry("toy", "plot_figures", "Latents", "a toy"),\n)\n\n\ndef figures_of_rule'
    text = source.read_text()
    assert text.count(")\n\n\ndef figures_of_rule") == 1
    source.write_text(text.replace(")\n\n\ndef figures_of_rule", line))
    planned = snakemake(folder, "-n", "--configfile", TINY).stdout
    job = planned[planned.index("rule plot_figures:") :].partition("\n\n")[0]
    outputs = job[job.index("output:") :].partition("\n")[0]
    for suffix in ("png", "svg", "pdf", "csv"):
        assert f"results/report/tiny/vae/toy.{suffix}" in outputs
    report = planned[planned.index("rule write_report:") :].partition("\n\n")[0]
    assert "results/report/tiny/vae/toy.svg" in report


def test_a_file_with_the_name_of_no_figure_is_refused(anderson: Run, tmp_path: Path) -> None:
    results = Results(anderson.files, anderson.system, {"channel": "up"})
    with pytest.raises(InputError) as caught:
        draw_figures("plot_figures", results, [tmp_path / "scan.png"])
    expected = "figures: name of a figure = 'scan' is not usable: must be one of triptych"
    assert str(caught.value).startswith(expected)


@pytest.mark.parametrize(
    ("wildcards", "expected"),
    [
        (SimpleNamespace(ensemble="low", run="vae"), "A figure of run vae on the spectra low."),
        (SimpleNamespace(), "A figure of all runs of the configuration side by side."),
    ],
)
def test_captions_of_snakemakes_report_ask_for_what_their_jobs_have(
    wildcards: SimpleNamespace, expected: str
) -> None:
    sources = {path.stem: path.read_text() for path in (ROOT / "workflow/report").glob("*.rst")}
    assert set(sources) == {"explorer", "figure", "report", "workflow"}
    shown = {
        name: jinja2.Template(text, undefined=jinja2.StrictUndefined).render(
            snakemake=SimpleNamespace(wildcards=wildcards)
        )
        for name, text in sources.items()
    }
    assert all(shown.values())
    assert shown["figure"].strip().startswith(expected)
