"""Every rule in its own conda environment, driven from an environment that holds only Snakemake."""

import os
import re
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest
from running import TINY, copy_workflow

from kondoflow.stage.paths import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.conda,
    pytest.mark.skipif(shutil.which("conda") is None, reason="there is no conda on the PATH"),
]
# Rules that tiny lacks, and commands.
NOT_RUN = {"import_spectra", "plot_scan", "regress_pysr", "scan_weights", "write_archive"}
NOT_RUN |= {"encode", "decode", "export_onnx"}  # commands


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    """Environment variables with which `snakemake` is one that has no library of the scripts.

    Snakemake appends the libraries it runs with to those of a script, so that the environment of
    the tests would hide what a rule's environment lacks.
    """
    folder = tmp_path_factory.mktemp("driver") / "venv"
    uv = ROOT / ".tools/bin/uv"
    subprocess.run([uv, "venv", "-q", folder], check=True)
    install = [uv, "pip", "install", "-q", "--python", folder / "bin/python"]
    subprocess.run([*install, f"snakemake=={version('snakemake')}"], check=True)
    variables = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    return {**variables, "PATH": f"{folder}/bin:{os.environ['PATH']}", "PYTHONPATH": ""}


def run_with(driver, folder, *arguments):
    """Run the driver's Snakemake under conda."""
    command = ["snakemake", "--sdm", "conda", *arguments]
    return subprocess.run(
        command, cwd=folder, env=driver, check=False, text=True, capture_output=True
    )


@pytest.fixture(scope="module")
def folder(driver, tmp_path_factory):
    """A copy of the workflow in which tiny has run under conda, with a joint quantity."""
    ignored = (".*", "results", "logs", "tests")
    folder = copy_workflow(tmp_path_factory.mktemp("conda") / "copy", ignored=ignored)
    (folder / "joint.yaml").write_text("systems: {anderson: {joint: {log_T_FL: log(T_FL)}}}\n")
    run = run_with(driver, folder, "--cores", "2", "--configfile", TINY, "joint.yaml")
    assert run.returncode == 0, run.stdout + run.stderr
    return folder


def test_the_pipeline_ends_with_its_report(folder):
    assert (folder / "results/report/report.html").is_file()


def test_each_rule_ran_in_its_own_environment(folder):
    logs = {}
    for path in (folder / "logs").rglob("*.log"):
        rule = path.relative_to(folder / "logs").parts[0].removesuffix(".log")
        logs.setdefault(rule, []).append(path)
    scripts = {path.stem for path in (ROOT / "scripts").glob("*.py")}
    assert set(logs) == scripts - NOT_RUN
    for rule, paths in logs.items():
        for path in paths:
            prefix = Path(re.search(r"Python \S+ in (\S+)", path.read_text())[1])
            assert prefix.parent == folder / ".snakemake/conda"
            written = prefix.with_suffix(".yaml").read_text()
            assert written == (folder / f"envs/{rule}.yaml").read_text()


@pytest.mark.parametrize(
    ("change", "environment"),
    [
        ("conda: {train_restart: cuda}", "train_restart.cuda.yaml"),
        ("equations: {engines: [operon, pysr]}", "regress_pysr.yaml"),
    ],
)
def test_the_configuration_chooses_environments(folder, driver, change, environment):
    (folder / "change.yaml").write_text(change)
    run = run_with(driver, folder, "-n", "--forceall", "--configfile", TINY, "change.yaml")
    assert f"{environment} will be created" in run.stdout + run.stderr
