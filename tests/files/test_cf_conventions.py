"""Every kind of netCDF file passes the checker of the CF conventions, where that is installed.

pip install compliance-checker
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from kondoflow.autoencoder.contract import HISTORY, LATENTS
from kondoflow.discovery.contract import PREDICTIONS
from kondoflow.files.contract import OF_THE_MODEL, Variable, assemble, unit_of
from kondoflow.files.netcdf import write_dataset
from kondoflow.systems.registry import find_system, system_names

SIZE = 3
SYSTEMS = {name: find_system(name).variables for name in system_names()}
TABLES = {**SYSTEMS, "latents": LATENTS, "history": HISTORY, "predictions": PREDICTIONS}
LABELS = {
    "history": {"epoch": np.arange(SIZE), "part": np.array(["a", "b", "c"])},
    "predictions": {"target": np.array(["a", "b", "c"])},
}


def values_of(variable: Variable) -> np.ndarray:
    """Any values, increasing along every dimension."""
    shape = (SIZE,) * len(variable.dims)
    numbers = np.arange(np.prod(shape)).reshape(shape)
    return numbers.astype(str) if variable.dtype.startswith(("<U", "str")) else numbers % 100


@pytest.mark.parametrize("name", TABLES)
def test_a_file_passes_the_cf_checker(name: str, tmp_path: Path) -> None:
    runner = pytest.importorskip("compliance_checker.runner")
    path, report = tmp_path / f"{name}.nc", tmp_path / "report.json"
    write(path, TABLES[name], LABELS.get(name, {}))
    runner.CheckSuite.load_all_available_checkers()
    runner.ComplianceChecker.run_checker(
        str(path), ["cf:1.11"], 0, "normal", output_filename=str(report), output_format="json"
    )
    found = json.loads(report.read_text())["cf:1.11"]
    assert found["high_priorities"]
    lacking = [
        message
        for kind in ("high_priorities", "medium_priorities", "low_priorities")
        for entry in found[kind]
        if entry["value"][0] < entry["value"][1]
        for message in entry["msgs"]
    ]
    assert lacking == []


def write(path: Path, table: Mapping[str, Variable], labels: Mapping[str, np.ndarray]) -> None:
    values = {key: values_of(variable) for key, variable in table.items()}
    attributes = {"title": "test", "source": "test", "references": "none"}
    write_dataset(path, assemble(values, table, attributes, labels))


@pytest.mark.parametrize("symbol", OF_THE_MODEL)
def test_units_of_the_model_are_numbers_to_a_library(symbol: str) -> None:
    attributes = Variable(("x",), "float64", symbol, "a quantity").attributes
    assert attributes["units"] == "1"
    assert unit_of(attributes) == symbol
    assert attributes["comment"].startswith("in units of the ")


def test_other_units_stand_as_they_are() -> None:
    attributes = Variable(("x",), "float64", "meV", "a quantity").attributes
    assert attributes == {"units": "meV", "long_name": "a quantity"}
    assert unit_of(attributes) == "meV"
    assert unit_of({"units": "1"}) == unit_of({}) == ""
