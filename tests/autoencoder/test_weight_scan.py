"""The scan over the KL weight: its plateau, its answer, and who takes it."""

import re

import pytest
from small_runs import SETTINGS, two_factors, write_spectra

import scan_weights
from kondoflow.autoencoder import weight_scan
from kondoflow.autoencoder.weight_scan import plateau, with_weight
from kondoflow.files.atomic import read_json
from kondoflow.files.errors import InputError
from kondoflow.report.advice import FALL, advice_lines
from kondoflow.stage.paths import ROOT


@pytest.mark.parametrize(
    ("counts", "found"),
    [
        ([0, 1, 2, 3, 3, 3, 4, 10], (3, 5)),
        ([0, 1, 1, 2, 2, 10, 10, 10], (1, 2)),  # of equal length: fewer latents
        ([0, 0, 0, 0, 0, 0, 0, 2], (7, 7)),
        ([3, 3, 2, 3, 3, 3, 10, 10], (3, 5)),
        ([1, 1, 1, 1, 1, 1, 1, 1], (0, 7)),
    ],
)
def test_the_longest_plateau_is_found(counts, found):
    assert plateau(counts, 10) == found


@pytest.mark.parametrize("counts", [[0] * 8, [0, 0, 10, 10, 10, 10, 10, 10]])
def test_without_a_plateau_there_is_no_answer(counts):
    with pytest.raises(InputError, match=r"kl_weight = .scan: 0, .* active latents. is not usable"):
        plateau(counts, 10)


@pytest.mark.slow
def test_a_scan_finds_the_factors_of_the_spectra(tmp_path, monkeypatch):
    monkeypatch.setattr(weight_scan, "WEIGHTS", (50.0, 0.4))
    write_spectra(tmp_path / "s.nc", two_factors()[0])
    settings = {**SETTINGS, "kl_weight": "scan", "epochs": 100}
    scan_weights.main(
        spectra=tmp_path / "s.nc", scan=tmp_path / "scan.json", settings=settings, seed=1
    )
    found = read_json(tmp_path / "scan.json")
    assert [network["active"] for network in found["networks"]] == [0, 2]
    assert (found["n_active"], found["plateau"], found["kl_weight"]) == (2, [0.4, 0.4], 0.4)
    assert with_weight(settings, found) == {**settings, "kl_weight": 0.4}
    (line,) = advice_lines({"scan": found})
    assert line == (
        "Scan of the KL weight: 2 latents are active from 0.4 to 0.4, the widest plateau; 0.4 was "
        "taken."
    )


def test_a_run_without_a_scan_keeps_its_weight():
    assert with_weight(SETTINGS, None) == SETTINGS
    with pytest.raises(InputError, match="kl_weight = 'scan' is not usable"):
        with_weight({**SETTINGS, "kl_weight": "scan"}, None)


def test_what_to_change_is_told_with_its_value():
    folded = {"code": "folded", "setting": "kl_weight", "value": 0.08, "advised": 0.16}
    words = (
        "The latents are folded: several of them share one quantity of the data. Try kl_weight: "
        "0.16 in place of 0.08."
    )
    assert advice_lines({"advice": [folded], "settings": {"kl_start": 32}}) == [words]
    (line,) = advice_lines({"advice": [folded], "settings": {"kl_start": 0.0}})
    assert line == f"{words} {FALL}"
    told = re.findall(r"(\w+): (\[.*?\]|[\d.]*\d)", FALL)  # the same settings as in the README
    paragraph = next(
        line
        for line in (ROOT / "README.md").read_text().splitlines()
        if "come out **folded**" in line
    )
    assert len(told) == 5
    assert all(name in paragraph and value in paragraph for name, value in told)
