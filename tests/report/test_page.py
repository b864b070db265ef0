"""The page: self-contained, safe against any text, with links that lead somewhere."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
from report_files import Run

import plot_scan
import write_report
from kondoflow import __version__
from kondoflow.files.atomic import read_json, write_json
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset, write_dataset
from kondoflow.report.figures.registry import figures_of_runs


def test_every_figure_is_shown(page: str) -> None:
    names = [entry.name for entry in figures_of_runs() if entry.name != "landmarks"]  # it has none
    for name in names:
        assert f'id="set.run.{name}"' in page
    assert page.count('<img src="data:image/') == len(names)


def test_page_loads_nothing(page: str) -> None:
    sources = re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?([^"')\s>]+)""", page)
    assert len(sources) > 20
    for source in sources:
        assert not re.match(r"(?:https?:)?//", source)
    for tag in ("<script src", "<iframe", "@import"):
        assert tag not in page


def test_page_links_to_files_that_exist(anderson: Run, page: str) -> None:
    first, *links = re.findall(r'href="((?!data:)[^"#][^"]*)"', page)
    assert first == "explorer.html"  # written after the page, from the same results
    assert {"../spectra/set.nc", "../latents/set/run/scores.json"} <= set(links)
    assert {"../equations/set/run/predictions.nc", "../equations/set/run/operon.json"} <= set(links)
    assert all((anderson.page.parent / link).is_file() for link in links)


def test_page_links_to_parts_that_exist(page: str) -> None:
    anchors = re.findall(r'href="#([^"]+)"', page)
    assert len(anchors) == 12
    assert all(f'id="{anchor}"' in page for anchor in anchors)


def test_hostile_text_stays_text(page: str) -> None:
    assert page.count("&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;") >= 3


def test_a_constant_that_a_formula_lacks_is_told_beside_that_the_data_exclude_it(page: str) -> None:
    assert "(5.0; it lacks a factor of 0.57 (0.565 to 0.575))" in page
    assert "the formula lacks a factor of 0.57 (0.565 to 0.575); " in page


def test_equal_files_give_an_equal_page(anderson: Run, page: str) -> None:
    assert anderson.report() == page


def test_the_page_names_the_version_that_wrote_it(page: str) -> None:
    assert f"<footer><p>Written by KondoFlow {__version__}.</p></footer>" in page
    made = " ".join(page.partition('<p class="made">')[2].partition("</p>")[0].split())
    assert "on 14 November 2023, 22:13 UTC with KondoFlow" in made
    assert made.index("Made by ") < made.index(" on ") < made.index(__version__)
    digest = re.search(r'<a href="#configuration">([0-9a-f]{12})</a>', made)
    assert digest is not None


def test_runs_are_shown_side_by_side(anderson: Run, tmp_path: Path) -> None:
    """The same files as those of a second run, a plain autoencoder."""
    runs = [
        {"name": "run", "ensemble": "set"},
        {"name": "plain", "ensemble": "set", "kl_weight": 0.0},
    ]
    config = anderson.config | {"runs": runs}
    figures = anderson.figures
    plain = tmp_path / "set/plain"
    shutil.copytree(figures[0].parent, plain)
    scan = [tmp_path / f"scan{suffix}" for suffix in (".png", ".svg", ".csv")]
    of_runs = {name: [anderson.files[name]] * 2 for name in ("scores", "model")}
    plot_scan.main(**of_runs, figures=scan, config=config)
    write_report.main(
        **{name: [path] * 2 for name, path in anderson.files.items()},
        equations=anderson.found,
        laws=anderson.laws,
        figures=[*figures, *sorted(plain.iterdir()), *scan],
        report=tmp_path / "report.html",
        missing=tmp_path / "missing.json",
        config=config,
    )
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert (
        page.count('<img src="data:image/') == 2 * (len(figures_of_runs()) - 1) + 1
    )  # no landmarks
    words = " ".join(page.split())
    first = "60 spectra were compressed to 2 active latents. Latent 0 follows"
    for name in ("run", "plain"):
        assert f'<li><a href="#set.{name}">set, {name}</a>: {first}' in words
    assert "Run run has the lowest error (0.062) with 2 active latents." in words
    assert "A plain autoencoder stands at" in words
    assert '<a href="#set.plain">set, plain</a>' in page


def test_a_figure_without_its_files_is_named(anderson: Run, tmp_path: Path) -> None:
    figures = [path for path in anderson.figures if path.name != "samples.svg"]
    with pytest.raises(InputError) as caught:
        write_report.main(
            **{name: [path] for name, path in anderson.files.items()},
            equations=anderson.found,
            laws=anderson.laws,
            figures=figures,
            report=tmp_path / "report.html",
            missing=tmp_path / "missing.json",
            config=anderson.config,
        )
    assert str(caught.value).startswith("figure samples: .svg = ")


def test_a_run_without_its_files_is_refused(anderson: Run, tmp_path: Path) -> None:
    empty: dict[str, list[Path]] = {name: [] for name in anderson.files}
    with pytest.raises(InputError) as caught:
        write_report.main(
            **empty,
            equations=[],
            laws=[],
            figures=[],
            report=tmp_path / "report.html",
            missing=tmp_path / "missing.json",
            config=anderson.config,
        )
    assert str(caught.value) == "report: number of spectra files = 0 is not usable: must be 1"


def test_stages_explain_themselves() -> None:
    script = Path(write_report.__file__)
    shown = subprocess.run(
        [sys.executable, script, "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert "--verdict" in shown
    assert "set of spectra of each run" in shown


def test_a_law_of_all_latents_together_is_said_to_be_one(anderson: Run, tmp_path: Path) -> None:
    config = deepcopy(anderson.config)
    next(iter(config["systems"].values()))["joint"] = {"log_T_chi": "log(T_chi)"}
    verdict = read_json(anderson.files["verdict"])
    kept = {"definition": "log(T_chi)", "latents": 2, "n": 7, "r2": 0.9987, "rms": 0.031}
    verdict["targets"][-1]["joint"] = kept | {"largest": 0.2}
    law, confirmation = (read_json(path) for path in anderson.laws)
    files = {"law": law | {"run": "kept", "truth": "log(truth)"}, "confirmation": confirmation}
    for name, content in files.items():
        write_json(tmp_path / f"set/{name}.json", content)
    write_json(tmp_path / "verdict.json", verdict)
    write_report.main(
        **{name: [path] for name, path in anderson.files.items() if name != "verdict"},
        verdict=[tmp_path / "verdict.json"],
        equations=anderson.found,
        laws=[tmp_path / f"set/{name}.json" for name in files],
        figures=anderson.figures,
        report=tmp_path / "report.html",
        missing=tmp_path / "missing.json",
        config=config,
    )
    words = " ".join((tmp_path / "report.html").read_text(encoding="utf-8").split())
    assert "All 2 active latents together say what" in words
    assert "and the error is 0.031 (root mean square) and 0.20 at most, on 7 test samples" in words
    assert "This is the equation for joint latents: " in words
    assert "Over the whole box a formula from all latents together, with" in words
    assert "what all active latents of the run kept say of" in words
    assert "compared with <code>log(truth)</code>" in words


def test_the_page_says_that_errors_weigh_the_points(gap: Run, tmp_path: Path) -> None:
    dataset = read_dataset(gap.files["spectra"])
    errors = ("omega", np.ones(dataset.sizes["omega"]))
    write_dataset(tmp_path / "spectra.nc", dataset.assign(uncertainty=errors))
    write_report.main(
        **{name: [path] for name, path in gap.files.items() if name != "spectra"},
        spectra=[tmp_path / "spectra.nc"],
        equations=gap.found,
        laws=gap.laws,
        figures=gap.figures,
        report=tmp_path / "report.html",
        missing=tmp_path / "missing.json",
        config=gap.config,
    )
    sentence = "The error of a point has the weight of the inverse square of its uncertainty."
    assert sentence in " ".join((tmp_path / "report.html").read_text(encoding="utf-8").split())
    assert sentence not in " ".join(gap.report().split())
