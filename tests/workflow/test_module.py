"""KondoFlow as a module of another workflow."""

import pytest
from running import snakemake

from kondoflow.files.netcdf import read_dataset
from kondoflow.stage.paths import ROOT

pytestmark = pytest.mark.workflow

SNAKEFILE = f"""
module kondoflow:
    snakefile: "{ROOT}/Snakefile"
    config: config["kondoflow"]
    prefix: "kondo"
use rule * from kondoflow as kondoflow_*
rule mine:
    output: "data/mine.nc"
    shell: "touch {{output}}"
"""
CONFIG = """
lattice: square
kondoflow:
  ensembles:
    mine: {source: file, system: mine, path: data/mine.nc,
           split: {train: 0.8, validation: 0.1, test: 0.1}}
    theirs: {system: anderson, points: data/points.csv, chunk_size: 2,
             split: {train: 0.8, validation: 0.1, test: 0.1}}
  systems:
    mine: {parameters: [coupling], descriptors: {coupling: coupling}}
  runs:
    - {name: vae, ensemble: mine}
    - {name: vae, ensemble: theirs}
"""


@pytest.fixture
def folder(tmp_path):
    """A folder with the other workflow, its configuration and the user's files."""
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "data").mkdir()
    points = "".join(f"0.{U},0.02,-0.05,1e-4\n" for U in (1, 2, 3))
    (tmp_path / "data/points.csv").write_text(f"U,Gamma,eps_d,T\n{points}")
    return tmp_path


def test_the_files_of_a_module_have_its_prefix_and_those_of_the_user_none(folder):
    planned = snakemake(folder, "-n", "--configfile", "config.yaml").stdout
    assert "rule kondoflow_import_spectra:" in planned
    assert "rule mine:" in planned
    for path in (
        "output: kondo/results/report/report.html",
        "input: data/mine.nc",
        "output: kondo/results/spectra/theirs/chunks/0001.nc",
        "log: kondo/logs/write_report.log",
        "benchmark: kondo/results/benchmarks/train_restart/mine/vae/5.tsv",
    ):
        assert path in planned


def test_a_stage_of_a_module_runs(folder):
    points = "kondo/results/spectra/theirs/parameters/0001.nc"
    run = snakemake(folder, "--configfile", "config.yaml", "--", points)
    # Which jobs are no jobs of a cluster is said in the rules, whose names are others here.
    assert "localrule kondoflow_sample_parameters:" in run.stdout + run.stderr
    assert "localrules directive" not in run.stdout + run.stderr
    assert read_dataset(folder / points).sizes["sample"] == 1
