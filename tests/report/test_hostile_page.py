"""A user's file and labels that may hold anything: page, figures and archive are made of them."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from report_files import Run

import plot_figures
from kondoflow.files.atomic import read_json
from kondoflow.files.netcdf import plain_attributes, read_dataset, write_dataset
from kondoflow.report.datasheet import licence_of, write_datasheet
from kondoflow.report.runs import read_runs
from studies.hostile.pages import is_whole

BELL = "a\x07b\x1b[1m\x00\u2028c"
BRACKETS = "[" * 3000
ROOTS = "$" + r"\sqrt{" * 25 + "x" + "}" * 25 + "$"
ATTRIBUTES: dict[str, Any] = {
    "text": "ALPS 2.3",
    "JSON list": '["ALPS", 2.3]',
    "list": ["ALPS", "2.3"],
    "numbers": np.array([1, 2, 3]),
    "number": 2.3,
    "null": "null",
    "control characters": BELL,
    "brackets": BRACKETS,
    "script": "</script><script>alert(1)</script>",
}
LABELS = ["$ $", "$$", ROOTS, "$" + "x_" * 300 + "$", r"$\frac{}{}$", "$x", "<b>", r"$\left($"]


@pytest.fixture
def hostile(gap: Run, tmp_path: Path) -> Run:
    """A copy of a run, to be changed."""
    shutil.copytree(gap.root, tmp_path / "results")
    return Run(tmp_path / "results", copy.deepcopy(gap.config))


@pytest.fixture(scope="module")
def missing(gap: Run) -> list[str]:
    """What the page of the run lacks without any of this."""
    gap.report()
    found: list[str] = read_json(gap.missing)
    return found


def bring(run: Run, value: Any) -> None:
    """Give the run's spectra an attribute everywhere, as the import hands it on."""
    dataset = read_dataset(run.files["spectra"])
    names = ("software", "title", "source", "ensemble", "solver", "license", "parameters")
    dataset.attrs = plain_attributes(dict.fromkeys(names, value) | {"source_file": "own.nc"})
    for variable in dataset.variables.values():
        variable.attrs = plain_attributes({"units": value, "long_name": value})
    dataset["rejected_status"] = "sample", np.full(dataset.sizes["sample"], np.nan)
    write_dataset(run.files["spectra"], dataset)


@pytest.mark.parametrize("kind", ATTRIBUTES)
def test_any_attribute_is_told(hostile: Run, missing: list[str], kind: str) -> None:
    bring(hostile, ATTRIBUTES[kind])
    page = hostile.report()
    assert is_whole(page)
    assert read_json(hostile.missing) == missing
    assert "<script>alert(1)" not in page
    files = {name: [path] for name, path in hostile.files.items()}
    results = read_runs(hostile.config, files)
    sheet = write_datasheet(results, "Title", "MIT", "2026-01-01")
    assert sheet.count("## Spectra: set") == 1
    assert licence_of(results[0].spectra, "MIT") != "MIT"


@pytest.mark.parametrize("label", LABELS, ids=range(len(LABELS)))
def test_any_label_is_shown(hostile: Run, missing: list[str], label: str) -> None:
    names = [*hostile.system["labels"], "coupling", "log_gap", "weak", "latent_0"]
    hostile.system["labels"] |= dict.fromkeys(names, label)
    assert is_whole(hostile.report())
    assert read_json(hostile.missing) == missing


def test_figures_of_control_characters_and_blank_formulas_are_well_formed(hostile: Run) -> None:
    bring(hostile, BELL)
    hostile.system["labels"] |= {"omega": "$ $", "gap": ROOTS, "spectral_function": "<b> & $x$"}
    files = {name: path for name, path in hostile.files.items() if name != "model"}
    drawn = [path for name in ("samples",) for path in hostile.figure(name)]
    plot_figures.main(**files, found=hostile.found, laws=[], figures=drawn, system=hostile.system)
    for path in drawn:
        if path.suffix == ".svg":
            ElementTree.parse(path)
