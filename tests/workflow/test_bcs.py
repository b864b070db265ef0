"""The page of a run on BCS spectra speaks of a superconductor and of nothing else."""

import html
import json
import re

import numpy as np
import pytest
from running import copy_workflow, snakemake

from kondoflow.files.netcdf import read_dataset
from kondoflow.stage.paths import ROOT
from kondoflow.stage.yaml_files import read_yaml

pytestmark = [pytest.mark.slow, pytest.mark.workflow]

PRESET = "workflow/presets/bcs.yaml"
SMALL = """
ensembles:
  tunnelling:
    {n_samples: 90, chunk_size: 45, split: {train: 0.6, validation: 0.2, test: 0.2}}
autoencoder:
  {hidden: [64, 32], n_latents: 3, epochs: 60, batch_size: 16, restarts: 1, refine_epochs: 10}
equations:
  {engines: [operon], max_length: 8, restarts: 2, population: 200, generations: 20, seconds: 20}
systems: {bcs: {region: T < T_c/2}}
"""
# Words of the Anderson model. The product's own name, KondoFlow, is one word and is not found.
FOREIGN = {
    "Kondo": r"\bkondo\b",
    "T_K": r"\bT_\{?K\b",
    "impurity": r"impurit",
    "Anderson": r"anderson",
    "Haldane": r"haldane",
    "NRG": r"\bNRG\b|renormali[sz]ation",
    "pi Gamma A": r"pi\s*\\?\\?Gamma\s*A\b|\u03c0\s*\u0393\s*A\b",
    "the half-bandwidth D": r"half-bandwidth|(?-i:/D\b|\bunits? of D\b)",
    "spin": r"\bspin\b|\bn_d\b|occupation",
    "resonance": r"\bresonance\b|half-width",
    "frequency": r"\bfrequenc",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A copy of the workflow in which a small version of the preset has run."""
    target = tmp_path_factory.mktemp("bcs") / "workflow"
    copy_workflow(target, ignored=(".*", "results", "logs", "tests"))
    (target / "small.yaml").write_text(SMALL)
    snakemake(target, "--configfile", PRESET, "small.yaml")
    return target


@pytest.fixture(scope="module")
def words(folder):
    """What the page says: its text and the texts that stand for pictures, without the pictures."""
    page = (folder / "results/report/report.html").read_text()
    page = re.sub(r"<style.*?</style>|<script.*?</script>|<svg.*?</svg>", " ", page, flags=re.S)
    page = re.sub(r"data:[\w/+;,-]+base64,[\w+/=]+", " ", page)
    return html.unescape(page)


@pytest.mark.parametrize("name", FOREIGN)
def test_the_page_has_no_word_of_another_system(words, name):
    found = [
        words[max(0, match.start() - 60) : match.end() + 60]
        for match in re.finditer(FOREIGN[name], words, flags=re.I if name != "NRG" else 0)
    ]
    assert not found


def test_the_page_speaks_of_the_superconductor(words):
    for phrase in ("Tunnelling spectra of a BCS superconductor", "meV", "Bardeen", "coupling"):
        assert phrase in words


def test_figures_label_the_axis_by_the_system(folder):
    """Text in the figures is drawn as paths; what was drawn stands in comments."""
    figure = (folder / "results/report/tunnelling/vae/examples.svg").read_text()
    drawn = set(re.findall(r"<!-- (.*?) -->", figure))
    assert any("eV" in text and "meV" in text for text in drawn)
    assert not any("omega" in text for text in drawn)
    # A linear grid has a linear axis: its labels are no powers of ten.
    assert not any(re.search(r"10\^\{-?\d", text) for text in drawn)


def test_all_samples_have_a_gap(folder):
    spectra = read_dataset(folder / "results/spectra/tunnelling.nc")
    low, high = read_yaml(ROOT / PRESET)["ensembles"]["tunnelling"]["accept"]["log10_gap"]
    gap = np.log10(spectra["gap"])
    assert ((gap >= low) & (gap <= high)).all()
    assert {"coupling", "omega_D", "T", "dynes", "gap_0", "T_c"} <= set(spectra.data_vars)


def test_the_gap_is_a_target_and_its_law_a_reference(folder):
    verdict = json.loads((folder / "results/equations/tunnelling/vae/verdict.json").read_text())
    entries = {entry["target"]: entry for entry in verdict["targets"]}
    references = entries["gap"]["references"]
    missed = {name: 1 - references[name]["isotonic_r2"] for name in ("bcs", "weak_coupling")}
    assert missed["bcs"] < 0.01
    assert missed["bcs"] < missed["weak_coupling"] / 2
