"""What a latent does to a spectrum, as sentences."""

import numpy as np
import xarray as xr

from kondoflow.discovery.latents.effects import traversal_effects
from kondoflow.report.effects import effect_in_words
from kondoflow.report.labels import Labels
from kondoflow.report.numbers import GAP, significant

GRID = np.linspace(0.0, 10.0, 501)
LABELS = Labels({}, xr.Dataset(coords={"omega": ("omega", GRID, {"units": "T"})}))


def said(first, last, grid=GRID):
    curves = np.stack([first, last])[None]
    effects = traversal_effects(grid, curves, np.ones((1, 2), bool), [0])
    return str(effect_in_words(effects["0"], [0.01, 0.99], LABELS, grid))


def test_a_line_of_absorption_is_a_dip():
    line = np.exp(-((GRID - 5) ** 2))
    words = said(1 - 0.4 * line, 1 - 0.8 * line**0.25)
    assert (
        "the deepest dip at 5.0 T gets wider (half-width from 0.83 T to 1.7 T) and "
        in words.replace(GAP, " ")
    )
    assert "gets deeper (from 0.60 to 0.20); " in words


def test_a_curve_that_saturates_has_no_peak():
    words = said(np.tanh(GRID), 3 * np.tanh(2 * GRID))
    assert "peak" not in words
    assert "dip" not in words
    assert "changes most at" in words


def test_heights_of_any_unit_are_told():
    line = np.exp(-((GRID - 5) ** 2))
    small = (significant(2e-7), significant(5e-7))
    assert "gets higher (from {} to {})".format(*small) in said(2e-7 * line, 5e-7 * line)
    assert "gets higher (from 2,000 to 71,235)" in said(2e3 * line, 71234.6 * line)


def test_places_on_a_narrow_grid_are_told_apart():
    line = np.exp(-((GRID - 5) ** 2))
    words = said(line, np.roll(line, 100), 6000 + 0.1 * GRID)
    assert "the largest peak moves from 6,000.50 T to 6,000.70 T; " in words.replace(GAP, " ")
