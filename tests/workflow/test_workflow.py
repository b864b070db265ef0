"""The real DAG, rules and scripts on the tiny preset, in a copy of the workflow."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest
import xarray as xr
from running import TINY, copy_workflow, snakemake

from kondoflow.autoencoder.contract import LATENTS
from kondoflow.files.contract import check
from kondoflow.files.netcdf import read_dataset
from kondoflow.files.spectra import read_spectra
from kondoflow.report.advice import advice_lines
from kondoflow.report.figures.registry import figures_of_runs
from kondoflow.stage.paths import ROOT
from kondoflow.systems.anderson.definition import SYSTEM

pytestmark = [pytest.mark.slow, pytest.mark.workflow]


COMMANDS = {"encode", "decode", "export_onnx"}  # scripts for users, beside the rules


@pytest.fixture(scope="module")
def tiny(finished, tmp_path_factory):
    """A copy of the finished run of the tiny preset, and what that run printed."""
    folder, printed = finished
    return copy_workflow(tmp_path_factory.mktemp("workflow") / "copy", folder), printed


def test_every_stage_leaves_its_file(tiny):
    folder, _ = tiny
    results = folder / "results"
    spectra = read_spectra(results / "spectra/tiny.nc")
    check(spectra, SYSTEM.variables, "tiny")
    assert spectra.sizes["sample"] == 40
    assert set(np.unique(spectra["split"])) == {0, 1, 2}
    assert {"ensemble", "solver", "seed", "software", "code_version"} <= set(spectra.attrs)
    latents = read_dataset(results / "models/tiny/vae/latents.nc")
    check(latents, LATENTS, "latents")
    scores = json.loads((results / "latents/tiny/vae/scores.json").read_text())
    assert {"active_latents", "kl", "reconstruction", "descriptors"} <= set(scores)
    equations = json.loads((results / "equations/tiny/vae/operon.json").read_text())
    assert equations["targets"]
    assert (results / "equations/tiny/vae/verdict.json").is_file()
    page = (results / "report/report.html").read_text()
    assert "data:image/png" in page


def test_the_run_ends_with_report_and_verdict(tiny):
    folder, printed = tiny
    verdict = json.loads((folder / "results/equations/tiny/vae/verdict.json").read_text())
    assert verdict["headline"]
    model = json.loads((folder / "results/models/tiny/vae/model.json").read_text())
    law = json.loads((folder / "results/laws/tiny/confirmation.json").read_text())
    lines = [*verdict["headline"], *advice_lines(model)]
    pages = [f"{name.title()}: results/report/{name}.html" for name in ("explorer", "report")]
    told = ["Verdict", "=======", "Run vae on tiny:", *(f"  {line}" for line in lines)]
    assert "\n".join([*told, law["headline"], "", *pages]) in printed
    assert "warning" not in printed.lower()


def test_every_rule_has_a_log_and_a_benchmark(tiny):
    folder, _ = tiny
    rules = {path.stem for path in (folder / "logs").iterdir()}
    assert {"sample_parameters", "solve_spectra", "train_restart", "choose_network"} <= rules
    assert rules <= {path.stem for path in (ROOT / "scripts").glob("*.py")}
    assert {path.stem for path in (folder / "results/benchmarks").iterdir()} == rules


def test_rules_scripts_and_environments_have_the_same_names(tiny):
    folder, _ = tiny
    listed = snakemake(folder, "--list-rules", "--configfile", TINY).stdout.split()
    rules = set(listed) - {"all"}
    scripts = {path.stem for path in (ROOT / "scripts").glob("*.py")}
    assert rules == scripts - COMMANDS
    environments = {path.name.removesuffix(".yaml") for path in (ROOT / "envs").glob("*.yaml")}
    assert rules <= environments


def test_snakemakes_own_report_is_complete(tiny):
    folder, _ = tiny
    command = [sys.executable, "-m", "snakemake", "--report", "own.html", "--configfile", TINY]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    page = (folder / "own.html").read_text()
    shown = dict(re.findall(r'"(results/report/[^"]+)": \{"name".*?"caption": "(<p>.*?</p>)', page))
    figures = (folder / "results/report/tiny/vae").glob("*.svg")
    files = {path.relative_to(folder).as_posix() for path in figures}
    assert len(files) == len(figures_of_runs())
    assert set(shown) == files | {"results/report/report.html", "results/report/explorer.html"}
    for category in ("Verdict", "Data", "Autoencoder", "Latents", "Equations", "Law", "Report"):
        assert f'"{category}"' in page
    for path in (folder / "logs").iterdir():
        assert f'"rule": "{path.stem}"' in page


def test_jobs_of_several_processes_take_all_cores_or_half_of_them_each(tiny):
    planned = snakemake(tiny[0], "-n", "--forceall", "--configfile", TINY, "--cores", "65")
    assert planned.stdout.count("threads: 65") == 2  # two chunks
    assert planned.stdout.count("threads: 33") == 1  # the search for latents
    # Beside it, the search for targets, a law and its confirmation.
    assert planned.stdout.count("threads: 32") == 3


def test_the_command_line_draws_the_numbers_of_the_rules(tiny, tmp_path):
    spectra = tiny[0] / "results/spectra"

    def by_hand(script, *arguments):
        command = [sys.executable, f"scripts/{script}.py", *arguments, "--config", TINY]
        subprocess.run(command, cwd=ROOT, check=True)

    points, joined = tmp_path / "points.nc", tmp_path / "joined.nc"
    by_hand("sample_parameters", "--parameters", points, "--n-samples", "20")
    xr.testing.assert_equal(read_dataset(points), read_dataset(spectra / "tiny/parameters/0000.nc"))
    parts = {
        kind: sorted((spectra / "tiny" / kind).glob("*.nc")) for kind in ("parameters", "chunks")
    }
    flags = [item for kind, paths in parts.items() for item in (f"--{kind}", *paths)]
    of_rule = read_dataset(spectra / "tiny.nc")
    flags += ["--code", of_rule.attrs["code_version"], "--spectra", joined]
    by_hand("collect_spectra", *flags)
    xr.testing.assert_equal(read_dataset(joined), of_rule)


def test_a_broken_config_is_one_clear_message(tiny):
    folder, _ = tiny
    (folder / "broken.yaml").write_text("ensembles: {low_field: {solver: {Lambda: 0.5}}}\n")
    failed = snakemake(folder, "-n", "--configfile", "broken.yaml", check=False)
    assert failed.returncode != 0
    message = "config: ensembles.low_field.solver.Lambda = 0.5 is not usable: must be at least 1.5"
    assert message in failed.stderr + failed.stdout
    assert "Traceback" not in failed.stderr + failed.stdout


def test_own_spectra_go_through_all_later_stages(tiny):
    folder, _ = tiny
    brought = read_spectra(folder / "results/spectra/tiny.nc").isel(spin=0, drop=True)
    own = xr.Dataset(
        {
            "spectral_function": brought["spectral_function"],
            "coupling": brought["Gamma"],
            "level": brought["eps_d"],
        },
        attrs={"title": "<script>alert(1)</script>"},
    )
    own.to_netcdf(folder / "own.nc", engine="netcdf4")
    (folder / "own.yaml").write_text(
        json.dumps(
            {
                "ensembles": {
                    "own": {
                        "source": "file",
                        "system": "own",
                        "path": "own.nc",
                        "split": {"train": 0.8, "validation": 0.1, "test": 0.1},
                    }
                },
                "systems": {
                    "own": {
                        "parameters": ["coupling", "level"],
                        "descriptors": {"log_coupling": "log10(coupling)", "level": "level"},
                    }
                },
                "runs": [{"name": "vae", "ensemble": "own"}],
            }
        )
    )
    run = snakemake(folder, "--configfile", TINY, "own.yaml", check=False)
    assert run.returncode == 0, run.stderr
    scores = json.loads((folder / "results/latents/own/vae/scores.json").read_text())
    assert set(scores["descriptors"]) == {"log_coupling", "level"}
    page = (folder / "results/report/report.html").read_text()
    assert "<script>alert(1)</script>" not in page


def test_stages_run_on_the_command_line(tiny, tmp_path):
    folder, _ = tiny
    points = tmp_path / "points.csv"
    points.write_text("U,Gamma,eps_d,B,T\n0.1,0.05,-0.05,0,1e-3\n0.1,0.05,-0.05,0.01,1e-3\n")
    output = tmp_path / "out.nc"
    command = [sys.executable, "scripts/solve_spectra.py", "--points", points, "--output", output]
    subprocess.run([*command, "--config", TINY], cwd=folder, check=True)
    solved = read_dataset(output)
    assert solved.sizes["sample"] == 2
    difference = solved["occupation"].sel(spin="up") - solved["occupation"].sel(spin="down")
    assert abs(float(difference[0])) < 1e-12
    assert float(difference[1]) > 0.01


@pytest.mark.parametrize(
    "script", sorted(path.name for path in (ROOT / "scripts").glob("*.py")), ids=str
)
def test_every_script_explains_itself(script):
    command = [sys.executable, f"scripts/{script}", "--help"]
    shown = subprocess.run(command, cwd=ROOT, check=True, text=True, capture_output=True)
    assert "usage:" in shown.stdout
    assert not shown.stderr


def test_solutions_do_not_depend_on_processes_and_chunks(tmp_path):
    """The same points give the same numbers from 1 or 2 processes, in one chunk or in two."""
    points = tmp_path / "points.csv"
    rows = [f"0.1,0.05,{eps_d},{B},1e-3" for eps_d in (-0.08, -0.05) for B in (0.0, 0.01)]
    points.write_text("\n".join(["U,Gamma,eps_d,B,T", *rows]) + "\n")

    def solve(name, *arguments):
        output = tmp_path / name
        command = [sys.executable, "scripts/solve_spectra.py", "--points", points]
        command += ["--output", output, "--config", TINY, *arguments]
        subprocess.run(command, cwd=ROOT, check=True)
        return read_dataset(output).drop_vars("cpu_seconds")

    one = solve("one.nc", "--threads", "1")
    xr.testing.assert_identical(one, solve("two.nc", "--threads", "2"))
    halves = [
        solve(f"half{first}.nc", "--first", str(first), "--n-samples", "2") for first in (0, 2)
    ]
    joined = xr.concat(halves, "sample", data_vars="minimal", coords="minimal", join="exact")
    xr.testing.assert_equal(one, joined)
