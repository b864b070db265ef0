"""The notebook of the solver runs, and says what it should."""

import os
import re
import subprocess
import sys

import nbformat

from kondoflow.stage.paths import ROOT

NOTEBOOK = ROOT / "studies" / "one_impurity.ipynb"


def _numbers(printed, label):
    line = next(line for line in printed.splitlines() if line.startswith(label))
    return [float(number) for number in re.findall(r"-?\d+\.?\d*", line.removeprefix(label))]


def test_all_cells_run_in_order(tmp_path):
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    script = tmp_path / "cells.py"
    script.write_text("\n\n".join(cells))
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts"), "MPLBACKEND": "agg"}
    run = subprocess.run(
        [sys.executable, str(script)], env=environment, check=True, text=True, capture_output=True
    )
    high, low = _numbers(run.stdout, "entropy / log 2 at the highest and the lowest T:")
    assert abs(high - 2) < 0.03
    assert abs(low) < 0.03
    assert _numbers(run.stdout, "largest distance below 10 T_K:")[0] < 0.03
    assert abs(_numbers(run.stdout, "Shiba ratio below 0.2 T_chi:")[0] - 1) < 0.1
