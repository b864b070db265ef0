"""The tables of figures hold what is drawn."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import font_manager
from matplotlib.figure import Figure
from report_files import Run

from kondoflow.files.netcdf import read_dataset
from kondoflow.report.drawn import columns_of, table_of
from kondoflow.report.style import prefer_own_fonts


def test_curves_points_cells_and_bars_become_columns() -> None:
    figure = Figure()
    curves, cells, bars = figure.subplots(1, 3)
    x = np.array([1.0, 2.0, 3.0])
    for k in (1, 2):
        curves.plot(x, k * x, label=f"{k} x")
    curves.axhline(5.0, label="limit")
    curves.plot(x, [1.0, np.nan, 3.0], label="gap")
    marks = curves.scatter(x, -x, c=[7.0, 8.0, 9.0])
    marks.set_gid("heat")
    curves.set(xlabel=r"$\omega/D$", ylabel="A", title="first")
    cells.pcolormesh([0, 1, 2], [0, 1], [[4.0, np.nan]])
    bars.hist([1.0, 1.0, 2.0], bins=[0, 1.5, 3])
    columns = columns_of(figure)
    assert columns["ω/D"].tolist() == [1, 2, 3]
    assert columns["2 x"].tolist() == [2, 4, 6]
    assert columns["limit"].tolist() == [5]
    assert columns["A"].tolist() == [-1, -2, -3]
    assert columns["heat"].tolist() == [7, 8, 9]
    assert columns["value"].tolist() == [4]  # the empty cell has no row
    assert columns["samples of x"].tolist() == [2, 1]
    rows = list(csv.reader(io.StringIO(table_of(figure))))
    assert rows[0] == list(columns)
    assert rows[2][rows[0].index("gap")] == ""


def test_a_figure_has_the_numbers_of_its_file(anderson: Run) -> None:
    text = anderson.figure("prediction")[2].read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    found = read_dataset(anderson.files["predictions"]).sel(target="latent_0")
    split = read_dataset(anderson.files["latents"])["split"].to_numpy()
    for index, part in ((1, "validation"), (2, "test")):
        name = f"latent 0, {part}"
        drawn = [float(row[name]) for row in rows if row[name]]
        shown = (found["region"].to_numpy() == 2) & (split == index)
        np.testing.assert_allclose(drawn, found["value"].to_numpy()[shown], rtol=1e-4)


def test_fonts_that_a_cache_lacks_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where it was written while the environment was incomplete."""
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [])
    prefer_own_fonts()
    found = font_manager.fontManager.findfont("STIXGeneral", rebuild_if_missing=False)
    assert Path(found).is_relative_to(mpl.get_data_path())
