"""References that are exactly true, or that have no variables, cost no figure and no page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import judge_equations
from kondoflow.autoencoder.contract import LATENTS
from kondoflow.files.atomic import read_json, write_json
from kondoflow.files.contract import assemble
from kondoflow.files.netcdf import write_dataset
from kondoflow.files.splits import assign_split
from kondoflow.report.figures.drawing import draw_into
from kondoflow.report.figures.registry import figures_of_runs
from kondoflow.report.results import Results
from kondoflow.report.style import note_of
from kondoflow.stage.config import load_config

N = 120
FORMULAS = [
    "x",
    "2*x",
    "x/3",
    "-x",
    "x**2",
    "x**3",
    "1/x",
    "sqrt(x)",
    "log(x)",
    "exp(x)",
    "exp(-1/x)",
    "x*y",
    "x/y",
    "y/x**2",
    "x + y",
    "x - y",
    "2*x - 3*y",
    "x**2 + y**2",
    "sqrt(x*y)",
    "log(x) + log(y)",
    "log(x/y)",
    "log(x) - 1/y",
    "x*exp(y)",
    "x*exp(-1/y)",
    "x*log(y)",
    "(x + y)/(x*y)",
    "x/(x + y)",
    "x*y/(x + y)",
    "1/(1 + x*y)",
    "log(1 + x*y)",
    "exp(-x*y)",
    "exp(x) - exp(y)",
    "sqrt(x**2 + y**2)",
    "tanh(x*y)",
    "pi*x/2 + log(y)",
    "x*y*(x + y)",
]
BLOCK = 6  # targets of a run, each compared with the references of all


def make_files(folder: Path, formulas: list[str], scores: dict[str, float]) -> dict[str, Any]:
    """Spectra whose targets are formulas, and an engine that found each of them exactly."""
    rng = np.random.default_rng(3)
    table = {"x": rng.uniform(0.3, 3.0, N), "y": rng.uniform(0.3, 3.0, N)}
    split = assign_split(N, {"train": 0.6, "validation": 0.2, "test": 0.2}, 1)
    spectra = xr.Dataset(
        {
            "spectral_function": (("sample", "omega"), np.ones((N, 5), np.float32)),
            "split": ("sample", split),
            **{name: ("sample", values) for name, values in table.items()},
        },
        {"omega": np.linspace(-1.0, 1.0, 5)},
    )
    encoded = {
        "mean": np.zeros((N, 1)),
        "log_variance": np.zeros((N, 1)),
        "kl": [0.0],
        "active": [False],
        "reconstruction_error": np.ones(N),
        "absolute_error": np.ones(N),
        "split": split,
        "omega": np.linspace(-1, 1, 5),
        "step": [0.5],
        "traversal_latents": np.zeros((1, 1, 1)),
        "traversal": np.zeros((1, 1, 5)),
        "example": [0],
        "example_input": np.zeros((1, 5)),
        "example_reconstruction": np.zeros((1, 5)),
    }
    write_dataset(folder / "spectra.nc", spectra)
    write_dataset(folder / "latents.nc", assemble(encoded, LATENTS, {"title": "test"}))
    write_json(
        folder / "scores.json", {"active_latents": [], "leading_latent": None, "descriptors": {}}
    )
    found = [
        {
            "target": f"t{index}",
            "engine": "operon",
            "skipped": None,
            "selected": 0,
            "front": [{"equation": text, "equation_inputs": text, "complexity": 5, **scores}],
            "restarts": [],
            "null": None,
            "seconds": 1.0,
        }
        for index, text in enumerate(formulas)
    ]
    engine = {"engine": "operon", "available": True, "reason": None, "targets": found}
    write_json(folder / "operon.json", engine)
    return {
        "parameters": ["x", "y"],
        "descriptors": {"x": "x"},
        "targets": {f"t{index}": text for index, text in enumerate(formulas)},
        "references": {f"r{index}": text for index, text in enumerate(formulas)}
        | {"constant": "pi/2"},
    }


def judge_and_plot(
    folder: Path, formulas: list[str], score: float, objective: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """The verdict, and the text of each figure's SVG."""
    scores = {f"score_{part}": score for part in ("train", "validation", "test")}
    system = make_files(folder, formulas, scores)
    files = {name: folder / f"{name}.nc" for name in ("spectra", "predictions")}
    files |= {name: folder / f"{name}.json" for name in ("scores", "verdict")}
    equations = load_config()["equations"] | {
        "objectives": {"latents": "isotonic", "targets": objective}
    }
    found = [folder / "operon.json"]
    judge_equations.main(
        **files,
        latents=folder / "latents.nc",
        found=found,
        system=system,
        equations=equations,
        seed=1,
    )
    results = Results(files, system, {}, engine_files=found)
    drawn = {}
    for entry in figures_of_runs():
        if entry.category == "Equations":
            figure = folder / f"{entry.name}.svg"
            draw_into(entry, results, [figure])
            drawn[entry.name] = figure.read_text()
    return read_json(files["verdict"]), drawn


@pytest.mark.parametrize("start", range(0, len(FORMULAS), BLOCK))
@pytest.mark.parametrize(
    "objective",
    [
        "squared_error",
        pytest.param("isotonic", marks=pytest.mark.slow),
    ],
)
def test_an_exact_reference_costs_no_figure(tmp_path: Path, start: int, objective: str) -> None:
    verdict, drawn = judge_and_plot(tmp_path, FORMULAS[start : start + BLOCK], 1.0, objective)
    assert len(verdict["targets"]) == BLOCK
    assert {name: note_of(text) for name, text in drawn.items()} == dict.fromkeys(drawn, "")
    # A monotone map that was fitted to 72 samples is not exact between them.
    exact = 1 - 1e-9 if objective == "squared_error" else 0.9
    for index, entry in enumerate(verdict["targets"]):
        assert entry["found"]
        rows = {row["name"]: row for row in entry["front"]}
        assert rows[f"r{index}"]["errors"]["test"]["r2"] > exact
        assert "constant" not in rows
        assert not entry["references"]["constant"]["recovered"]


@pytest.mark.parametrize("score", [-10.9, 0.0, 0.49])
def test_a_poor_equation_is_drawn_and_not_said_to_be_found(tmp_path: Path, score: float) -> None:
    verdict, drawn = judge_and_plot(tmp_path, FORMULAS[14:18], score, "squared_error")
    assert {note_of(text) for text in drawn.values()} == {""}
    for entry in verdict["targets"]:
        assert not entry["found"]
        assert entry["recovered"] == []
    assert verdict["headline"][0].startswith("No equation was found for t0; the best candidate has")
