"""Bad input at the front door: Snakemake and the command line refuse it before any work."""

import re
import shutil
import subprocess
import sys

import pytest
from files.test_bad_spectra import with_value

from kondoflow.stage.paths import ROOT

SPLIT = "split: {train: 0.8, validation: 0.1, test: 0.1}"
HEAD = "U,Gamma,eps_d,B,T\n"
POINT = "0.1,0.01,-0.05,0,1e-6\n"
RUN_OWN = """
ensembles:
  own:
    {source: file, system: anderson, path: own.nc,
     split: {train: 0.8, validation: 0.1, test: 0.1}}
runs: [{name: vae, ensemble: own}]
"""
RUN_TABLE = """
ensembles:
  mine:
    {system: anderson, points: points.csv, chunk_size: 10,
     split: {train: 0.8, validation: 0.1, test: 0.1}}
runs: [{name: vae, ensemble: mine}]
"""
IMPOSSIBLE = "ensembles: {low_field: {accept: {log10_T_K: [50.0, 60.0]}}}"
THROUGH_SNAKEMAKE = [
    (
        "ensembles: {low_field: {solver: {Lambda: .nan}}}",
        "config: ensembles.low_field.solver.Lambda = nan is not usable: must be a finite number",
    ),
    ("sead: 1", "config: keys of top level = ['sead'] is not usable: must be among archive, "),
    (
        'ensembles: {"../x": {source: file, system: anderson, path: absent.nc, ' + SPLIT + "}}",
        "config: ensembles = '../x' is not usable: must be a letter followed by",
    ),
    (
        "ensembles: {low_field: {axes: {T: 1e-6}}}",
        "config: ensembles.low_field.axes.T = '1e-6' is not usable: must be a number, or a range",
    ),
    (
        """systems: {anderson: {descriptors: {x: "__import__('os').system('touch results')"}}}""",
        "config: systems.anderson.descriptors.x = \"__import__('os').system('touch results')\"",
    ),
    (
        "runs: []\nruns: []\n",
        "content = \"the key 'runs' stands twice in one mapping, again in line 2",
    ),
    ("[1, 2]", "Config file must be given as JSON or YAML with keys at top level"),
    ("solver: {Lambda: [", "Config file is not valid JSON or YAML"),
    (
        RUN_OWN.replace("own.nc", "absent.nc"),
        "config: ensembles.own.path = 'absent.nc' is not usable",
    ),
    (
        RUN_OWN,
        "own.nc: spectral_function of sample 2 = 'NaN or infinity' is not usable: must be fin",
    ),
    (RUN_TABLE, "\npoints.csv: T = 0.0 is not usable: must be between 1e-09 and 1"),
    (
        IMPOSSIBLE,
        "error: ensemble: accept = {'log10_T_K': [50.0, 60.0]} is not usable: must be met",
    ),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A copy of the workflow with a table and spectra that can't be used."""
    folder = tmp_path_factory.mktemp("front") / "copy"
    ignored = shutil.ignore_patterns(".*", "*.pyc.*", "results", "logs", "tests", "benchmarks")
    shutil.copytree(ROOT, folder, ignore=ignored)
    with_value(float("nan")).to_netcdf(folder / "own.nc", engine="netcdf4")
    (folder / "points.csv").write_text(HEAD + 2 * POINT + "0.1,0.01,-0.05,0,0\n")
    return folder


def assert_refused(folder, command, message):
    """Run a command that must fail with a message, without a traceback and without results."""
    run = subprocess.run(command, cwd=folder, text=True, capture_output=True, timeout=300)
    printed = run.stdout + run.stderr
    assert run.returncode != 0
    assert message in printed
    assert "Traceback" not in printed
    assert not [path for path in folder.glob("results/**/*") if path.is_file()]


@pytest.mark.slow
@pytest.mark.parametrize(("text", "message"), THROUGH_SNAKEMAKE, ids=range(len(THROUGH_SNAKEMAKE)))
def test_snakemake_refuses(folder, text, message):
    (folder / "bad.yaml").write_text(text)
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--configfile", "bad.yaml"]
    assert_refused(folder, command, message)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--points", "absent.csv"], "error: absent.csv: file = "),
        (["--points", "points.csv"], "error: points.csv: T = 0.0 is not usable: must be between"),
        (["--points", "own.nc"], "error: own.nc: U = None is not usable: must be a variable with"),
        (["--points", "points.csv", "--threads", "0"], "error: command line: --threads = 0 is not"),
        (
            ["--points", "points.csv", "--threads", "x"],
            "error: command line: --threads = 'x' is not",
        ),
        (["--points", "points.csv", "--first", "3"], "error: points.csv: first = 3 is not usable"),
        (["--points", "points.csv", "--config", "points.csv"], "error: points.csv: content = "),
    ],
    ids=" ".join,
)
def test_a_script_refuses(folder, arguments, message):
    command = [sys.executable, "scripts/solve_spectra.py", *arguments, "--output", "results/out.nc"]
    assert_refused(folder, command, message)


@pytest.mark.slow
def test_the_command_line_names_an_experiment_and_gives_numbers(folder):
    own = [
        "name=gold",
        'autoencoder={"kl_weight": 3.0e-1}',
        "runs=[{name: a, ensemble: low_field}]",
    ]
    archive = re.search(r"^archive:.*?-- (\S+)$", (ROOT / "Makefile").read_text(), re.M | re.S)
    targets = ["--", "all", archive[1]]
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "-n", "--config", *own, *targets]
    run = subprocess.run(command, cwd=folder, text=True, capture_output=True, timeout=300)
    assert run.returncode == 0, run.stderr
    assert "output: results/gold/report/report.html" in run.stdout
    assert "output: results/gold/archive.zip" in run.stdout  # of `make archive`
    packed = run.stdout.split("output: results/gold/archive.zip")[0].rpartition("input: ")[2]
    assert {"law.json", "confirmation.json", "points.nc"} <= {
        path.rpartition("/")[2] for path in packed.strip().split(", ") if "/laws/" in path
    }
    assert "log: logs/gold/write_report.log" in run.stdout
    assert "results/report" not in run.stdout
