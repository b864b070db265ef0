"""Attributes, names and labels of a user's file, through to the pages and the archive.

The file is the set of spectra of a small finished run with attributes of any content, and with
variables of any name. It is imported as a user's file is; then all is written that comes after the
search: the report, and for some inputs the figures, the explorer and the archive.
"""

from __future__ import annotations

import random
import shutil
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import xarray as xr

import plot_figures
import write_archive
import write_explorer
import write_report
from benchmarks.common import ROOT
from kondoflow.files.atomic import read_json
from kondoflow.files.brought.reading import read_any
from kondoflow.files.importing import usable_set
from kondoflow.files.netcdf import read_dataset, write_dataset
from kondoflow.files.text import is_plain
from kondoflow.stage.config import load_config
from studies.hostile.drawing import SIGNS, drawn

ATTRIBUTES = [
    "software",
    "title",
    "source",
    "references",
    "ensemble",
    "solver",
    "license",
    "comment",
]
ATTRIBUTES += ["parameters", "omega_grid", "relevance", "institution", "seed", "code_version"]
OF_VARIABLES = ["units", "unit_symbol", "long_name", "flag_values", "flag_meanings", "comment"]
NAMES = [
    "rejected_status",
    "rejected_U",
    "latent_0",
    "script",
    "weight",
    "pi_",
    "x",
    "sample_in_file",
]
LABELLED = ["U", "Gamma", "eps_d", "omega", "spectral_function", "n_d", "T_chi", "log10_T_K"]
FORMULAS = [
    "$$",
    "$ $",
    "$\\,$",
    "$\\frac{}{}$",
    "${}$",
    "$x$ & <b>",
    "$\\left($",
    "$\\undefined{x}$",
]
FORMULAS += [
    "$" + "\\sqrt{" * 25 + "x" + "}" * 25 + "$",
    "$" + "x_" * 400 + "$",
    "</script>",
    "$" * 7,
]
FORMULAS += ["$" + "\\sqrt" * 300 + "$", "$\\href{javascript:alert(1)}{x}$", "\\", "$\\text{$x$}$"]
VOID = {"meta", "link", "img", "br", "hr", "input", "source", "wbr", "col", "base"}
RUN = "tiny/vae"


class Balance(HTMLParser):
    """Follows the elements of a page that are open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.whole = True

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """An element begins."""
        del attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        """An element without content."""
        del tag, attrs

    def handle_endtag(self, tag: str) -> None:
        """An element ends: the one that was opened last, if all is well."""
        self.whole = self.whole and bool(self.open) and self.open.pop() == tag


def is_whole(page: str) -> bool:
    """Whether all elements of a page are closed in their order, and its text can be shown."""
    balance = Balance()
    balance.feed(page)
    balance.close()
    return balance.whole and not balance.open and is_plain(page)


def value(rng: random.Random) -> Any:
    """A text, a list, a number or an array."""
    text = drawn(rng, SIGNS, 12).replace("\ud800", "?")
    choices: list[Any] = [
        text,
        "ALPS 2.3",
        ["ALPS", "2.3"],
        2.3,
        np.array([1, 2, 3]),
        np.array([], dtype=float),
        "[" * rng.randrange(1, 3000) + text,
        rng.choice(
            ["[1, 2]", "3", "null", "true", '"x"', '{"a": {"b": [1]}}', '{"<b>": "\\u0007"}']
        ),
        rng.choice(FORMULAS),
        float("nan"),
        "\u202e\u2028\x85" + text,
        "x" * 20_000,
    ]
    return rng.choice(choices)


def prepare(folder: Path, results: Path) -> None:
    """Copies of the results of a tiny run, into which each of two kinds writes its own."""
    tiny_config()  # a refusal of it is no refusal of an input
    for kind in ("page", "expression"):
        if not (folder / kind).is_dir():
            shutil.copytree(results, folder / kind / "results")
            shutil.copy(results / "spectra/tiny.nc", folder / kind / "whole.nc")


def tiny_config() -> dict[str, Any]:
    """The configuration of the run."""
    return load_config(ROOT / "workflow" / "presets" / "tiny.yaml")


def brought(rng: random.Random, whole: xr.Dataset, path: Path) -> xr.Dataset:
    """The spectra as a user's file with hostile additions, imported."""
    dataset = whole[["spectral_function", "split", *load_parameters(whole)]]
    dataset.attrs = {name: value(rng) for name in rng.sample(ATTRIBUTES, 5)}
    dataset.attrs["a" + drawn(rng, ["<b>", "'", '"', "$x$"], 6)] = value(rng)
    n = whole.sizes["sample"]
    for name in rng.sample(NAMES, 2):
        numbers = rng.choice([np.arange(n), np.full(n, np.nan), np.linspace(-1, 1, n)])
        dataset[name] = "sample", numbers
    for variable in rng.sample(sorted(map(str, dataset.variables)), 4):
        dataset[variable].attrs[rng.choice(OF_VARIABLES)] = value(rng)
    dataset.to_netcdf(path, engine="netcdf4")
    ensemble = {"split": {"train": 0.8, "validation": 0.1, "test": 0.1}}
    return usable_set(read_any(path, ensemble), ensemble, 0, path)[0]


def load_parameters(whole: xr.Dataset) -> list[str]:
    """Per-sample numbers of the run on which its descriptors rest."""
    return [
        str(name)
        for name, each in whole.data_vars.items()
        if each.dims[0] == "sample" and name not in ("spectral_function", "split", "status")
    ]


def write_pages(rng: random.Random, folder: Path) -> bool:
    """Write the report of hostile attributes; for every tenth input all else too."""
    results = folder / "page" / "results"
    dataset = brought(rng, read_dataset(folder / "page/whole.nc"), folder / "page/own.nc")
    write_dataset(results / "spectra/tiny.nc", dataset)
    config = tiny_config()
    labels = {name: rng.choice([*FORMULAS, value_text(rng)]) for name in rng.sample(LABELLED, 3)}
    config["systems"]["anderson"]["labels"] |= labels
    model, found = results / "models" / RUN, results / "equations" / RUN
    common: dict[str, Any] = {
        "spectra": [results / "spectra/tiny.nc"],
        "model": [model / "model.json"],
        "scores": [results / "latents" / RUN / "scores.json"],
        "verdict": [found / "verdict.json"],
    }
    equations = [found / "operon.json", results / "equations/tiny/targets/operon.json"]
    laws = [results / "laws/tiny" / f"{name}.json" for name in ("law", "confirmation")]
    more: dict[str, Any] = {"history": [model / "history.nc"], "latents": [model / "latents.nc"]}
    predictions = [found / "predictions.nc"]
    read: dict[str, Any] = {"predictions": predictions, "equations": equations, "laws": laws}
    good = report_is_whole(results, config, **common, **more, **read)
    if rng.random() < 0.9:
        return good
    report, explorer = results / "report/report.html", results / "report/explorer.html"
    archive = results / "archive.zip"
    write_explorer.main(
        **common,
        weights=[model / "weights.safetensors"],
        latents=more["latents"],
        equations=equations,
        explorer=explorer,
        config=config,
    )
    write_archive.main(
        **common, files=[report, explorer, *predictions], archive=archive, config=config
    )
    drawings = [
        folder / "page/drawn" / f"{name}.svg" for name in ("samples", "latent_plane", "examples")
    ]
    plot_figures.main(
        spectra=common["spectra"][0],
        history=more["history"][0],
        latents=more["latents"][0],
        scores=common["scores"][0],
        found=equations,
        verdict=common["verdict"][0],
        predictions=predictions[0],
        laws=laws,
        figures=drawings,
        system=config["systems"]["anderson"],
    )
    for path in drawings:
        ElementTree.parse(path)
    with zipfile.ZipFile(archive) as packed:
        good = good and packed.testzip() is None
    return good and is_whole(explorer.read_text(encoding="utf-8"))


def report_is_whole(results: Path, config: dict[str, Any], **read: Any) -> bool:
    """Write the report of a run anew, and whether it can be shown and nothing is missing.

    Args:
        results: Folder of all results, in which the report is written.
        config: The configuration.
        read: Files, or lists of them, that the report reads, beside the figures.
    """
    report, missing = results / "report/report.html", results / "report/missing.json"
    report.unlink(missing_ok=True)
    figures = sorted((results / "report" / RUN).iterdir())
    write_report.main(**read, figures=figures, report=report, missing=missing, config=config)
    return is_whole(report.read_text(encoding="utf-8")) and read_json(missing) == []


def value_text(rng: random.Random) -> str:
    """A label that a configuration accepts."""
    return "".join(sign for sign in drawn(rng, SIGNS, 12) if is_plain(sign))
