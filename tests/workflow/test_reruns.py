"""What a change makes Snakemake do again, asked of the real DAG after a run of the tiny preset."""

import json
import os
from collections import Counter
from contextlib import contextmanager

import numpy as np
import pytest
from running import TINY, copy_workflow, planned_jobs, snakemake

from kondoflow.files.atomic import read_json
from kondoflow.files.netcdf import read_dataset

pytestmark = [pytest.mark.slow, pytest.mark.workflow]

PLOTS = {"plot_figures"}
AFTER_SCORES = {
    "judge_equations",
    "plot_figures",
    "write_report",
    "write_explorer",
    "check_report",
}
AFTER_LATENTS = {"score_latents", "regress_operon"} | AFTER_SCORES
AFTER_RESTARTS = {"choose_network", "encode_spectra"} | AFTER_LATENTS
LAW = {"compose_law", "confirm_law"}
AFTER_SPECTRA = {"train_restart"} | AFTER_RESTARTS
ALL = {"sample_parameters", "solve_spectra", "collect_spectra"} | AFTER_SPECTRA | LAW


@pytest.fixture(scope="module")
def folder(finished, tmp_path_factory):
    """A copy of the finished run, with what Snakemake remembers of it."""
    return copy_workflow(tmp_path_factory.mktemp("reruns") / "copy", finished[0])


@contextmanager
def edited(path, addition="\nEDITED = 1\n"):
    """A statement more in a source file, or something else at its end."""
    original = path.read_text()
    path.write_text(original + addition)
    try:
        yield
    finally:
        path.write_text(original)


def test_nothing_runs_if_nothing_changed(folder):
    assert planned_jobs(folder) == {}


def test_joint_quantities_are_read_before_the_searches_for_latents_and_the_law(folder):
    knowledge = "{joint: {x: log(T_FL)}, law: {target: x, run: vae, truth: log(T_chi)}}"
    (folder / "joint.yaml").write_text(f"systems: {{anderson: {knowledge}}}\n")
    planned = planned_jobs(folder, "joint.yaml")
    assert set(planned) == {"join_latents", "regress_operon"} | AFTER_SCORES | LAW
    assert planned["regress_operon"] == 1  # the targets stay


def test_results_in_a_fresh_checkout_are_taken_for_its_own_if_told_so(finished, tmp_path):
    checkout = copy_workflow(tmp_path / "checkout", finished[0], ignored=(".snakemake", "logs"))
    for source in [checkout / "Snakefile", *checkout.glob("*/**/*.py")]:
        source.touch()  # which makes them newer than the results
    chunk = checkout / "results/spectra/tiny/chunks/0000.nc"
    content = chunk.read_bytes()
    snakemake(checkout, "--touch", "--configfile", TINY)
    assert planned_jobs(checkout) == {}
    assert chunk.read_bytes() == content
    (checkout / "results/equations/tiny/vae/verdict.json").unlink()
    touched = snakemake(checkout, "--touch", "--configfile", TINY)  # of a lost file it says nothing
    assert "Traceback" not in touched.stdout + touched.stderr


@pytest.mark.parametrize(
    ("module", "rules"),
    [
        ("systems/anderson/baths/chain.py", ALL),
        ("systems/sampling.py", ALL),
        ("systems/bcs/gap_equation.py", set()),
        ("systems/anderson/contract.py", set()),
        ("autoencoder/model.py", AFTER_SPECTRA),
        ("discovery/latents/scores.py", AFTER_LATENTS | LAW),
        (
            "report/headline.py",
            PLOTS
            | {"judge_equations", "confirm_law", "write_report", "write_explorer", "check_report"},
        ),
        ("report/style.py", PLOTS | {"write_report", "write_explorer", "check_report"}),
        ("report/templates/page.html", PLOTS | {"write_report", "write_explorer", "check_report"}),
    ],
)
def test_an_edited_package_reruns_what_depends_on_it(folder, module, rules):
    with edited(folder / "scripts/kondoflow" / module):
        assert set(planned_jobs(folder)) == rules


@pytest.mark.parametrize(
    "addition", ["\n# a comment\n", '\n"""A text that stands alone."""\n'], ids=["comment", "text"]
)
@pytest.mark.parametrize("module", ["systems/anderson/baths/chain.py", "autoencoder/model.py"])
def test_comments_and_docstrings_make_nothing_old(folder, module, addition):
    with edited(folder / "scripts/kondoflow" / module, addition):
        assert planned_jobs(folder) == {}


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        ("autoencoder: {kl_weight: 0.5}", AFTER_SPECTRA),
        ("autoencoder: {active_above: 0.02}", AFTER_RESTARTS),
        ("autoencoder: {refine_epochs: 10}", AFTER_RESTARTS),
        ("autoencoder: {together: 2}", AFTER_SPECTRA),
        ("autoencoder: {checkpoint_every: 7}", {"write_report", "write_explorer", "check_report"}),
        ("systems: {anderson: {solver: {alpha: 0.4}}}", ALL - {"sample_parameters"}),
        ("ensembles: {tiny: {solver: {alpha: 0.4}}}", ALL - {"sample_parameters"}),
        (
            "ensembles: {tiny: {solver: {max_invalid: 0.5}}}",
            ALL - {"sample_parameters", "solve_spectra"},
        ),
        ("ensembles: {tiny: {axes: {T: 2.0e-4}}}", ALL),
        ("equations: {restarts: 3}", {"regress_operon"} | AFTER_SCORES | LAW),
        ("equations: {recovered_below: 0.01}", AFTER_SCORES | LAW),
        (
            "equations: {after: {confirm: 12}}",
            {"confirm_law", "write_report", "write_explorer", "check_report"} | PLOTS,
        ),
        ("archive: {title: mine}", {"write_report", "check_report"}),
        ("systems: {anderson: {labels: {U: $V$}}}", AFTER_SCORES),
        ("systems: {anderson: {published: {source: another}}}", {"score_latents"} | AFTER_SCORES),
    ],
)
def test_a_changed_setting_reruns_what_uses_it(folder, change, rules):
    (folder / "change.yaml").write_text(change)
    assert set(planned_jobs(folder, "change.yaml")) == rules


def test_a_further_run_of_a_scan_searches_no_target_anew(folder):
    runs = "[{name: vae, ensemble: tiny}, {name: other, ensemble: tiny, kl_weight: 0.3}]"
    (folder / "scan.yaml").write_text(f"runs: {runs}")
    planned = planned_jobs(folder, "scan.yaml")
    assert planned["regress_operon"] == 1  # for the latents of the new run
    assert planned["judge_equations"] == 1


def test_an_engine_that_could_not_run_is_tried_again_when_it_is_at_hand(finished, tmp_path):
    folder = copy_workflow(tmp_path / "copy", finished[0])
    julia = tmp_path / "bin/julia"
    julia.parent.mkdir()
    julia.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo "julia version 1.10.8" && exit\n'
        'echo "ERROR: could not load system image /opt/sys.so" >&2\nexit 1\n'
    )
    julia.chmod(0o755)
    with_julia = {
        "PATH": f"{julia.parent}:{os.environ['PATH']}",
        "PYTHON_JULIAPKG_PROJECT": str(tmp_path / "project"),
        "PYTHON_JULIAPKG_OFFLINE": "yes",
    }
    n_files = 2  # for the latents and for the targets
    expected = {"regress_pysr": n_files, **dict.fromkeys(AFTER_SCORES | LAW, 1)}
    both = folder / "both.yaml"
    both.write_text("equations: {engines: [operon, pysr]}")
    of_pysr = [f"results/equations/tiny/{of}/pysr.json" for of in ("vae", "targets")]
    snakemake(folder, "--configfile", TINY, both, "--", *of_pysr)
    assert planned_jobs(folder, both) == dict.fromkeys(AFTER_SCORES | LAW, 1)
    assert planned_jobs(folder, both, env=with_julia) == expected

    snakemake(folder, "--configfile", TINY, both, env=with_julia)
    found = folder / "results/equations/tiny/vae/pysr.json"
    result = json.loads(found.read_text())
    assert not result["available"]
    assert result["reason"] == "ERROR: could not load system image sys.so"
    page = (folder / "results/report/report.html").read_text()
    assert "PySR did not take part: ERROR: could not load system image sys.so" in page
    # Without Julia there is nothing to be done; with it, and it may be mended, there is.
    assert planned_jobs(folder, both) == {}
    assert planned_jobs(folder, both, env=with_julia) == expected

    for path in folder.glob("results/equations/tiny/*/pysr.json"):
        times = path.stat().st_atime_ns, path.stat().st_mtime_ns
        path.write_text(path.read_text().replace('"available": false', '"available": true'))
        os.utime(path, ns=times)
    assert planned_jobs(folder, both) == planned_jobs(folder, both, env=with_julia) == {}


def test_a_lost_or_a_new_restart_trains_that_one_alone(finished, tmp_path):
    folder = copy_workflow(tmp_path / "copy", finished[0])
    (folder / "third.yaml").write_text("autoencoder: {restarts: 3}")
    planned = planned_jobs(folder, "third.yaml")
    assert planned == {"train_restart": 1, **dict.fromkeys(AFTER_RESTARTS, 1), "regress_operon": 1}
    restarts = folder / "results/models/tiny/vae/restarts"
    kept = restarts / "0/weights.safetensors"
    time = kept.stat().st_mtime_ns
    lost = restarts / "1/weights.safetensors"
    content = lost.read_bytes()
    lost.unlink()
    (folder / "results/models/tiny/vae/model.json").unlink()
    snakemake(folder, "--configfile", TINY, "--", "results/models/tiny/vae/model.json")
    assert lost.read_bytes() == content
    assert kept.stat().st_mtime_ns == time


def test_one_job_trains_restarts_together(finished, tmp_path):
    folder = copy_workflow(tmp_path / "copy", finished[0])
    (folder / "together.yaml").write_text("autoencoder: {together: 2}")
    planned = planned_jobs(folder, "together.yaml")
    assert planned["train_restart"] == planned["choose_network"] == 1
    model = folder / "results/models/tiny/vae/model.json"
    alone = read_json(model)["restarts"]
    snakemake(folder, "--configfile", TINY, "together.yaml", "--", model.relative_to(folder))
    assert (model.parent / "restarts/0-1/weights.safetensors").is_file()
    losses = [[each["loss"] for each in found] for found in (alone, read_json(model)["restarts"])]
    assert losses[1] == pytest.approx(losses[0], rel=0.05)


def test_one_stage_can_be_forced(folder):
    forced = planned_jobs(folder, "-R", "score_latents", "--", "all")
    assert set(forced) == {"score_latents"} | AFTER_SCORES


def test_more_samples_solve_only_the_new_ones(finished, tmp_path):
    folder = copy_workflow(tmp_path / "copy", finished[0])
    spectra = folder / "results/spectra/tiny.nc"
    before = read_dataset(spectra)
    chunks = sorted((folder / "results/spectra/tiny/chunks").iterdir())
    times = [path.stat().st_mtime_ns for path in chunks]

    def grow(n_samples):
        (folder / "more.yaml").write_text(f"ensembles: {{tiny: {{n_samples: {n_samples}}}}}")
        planned = planned_jobs(folder, "more.yaml")
        single = dict.fromkeys(AFTER_SPECTRA | LAW | {"collect_spectra"}, 1)
        several = {"regress_operon": 2, "train_restart": 2}  # latents and targets; both restarts
        new = {"sample_parameters": 1, "solve_spectra": 1}
        assert Counter(planned) == Counter(single | several | new)
        snakemake(folder, "--configfile", TINY, "more.yaml", "--", spectra.relative_to(folder))
        return (folder / "logs/solve_spectra/tiny/0002.log").read_text()

    assert "3 of 3 solutions to find" in grow(43)
    assert "2 of 5 solutions to find" in grow(45)
    assert [path.stat().st_mtime_ns for path in chunks] == times
    after = read_dataset(spectra)
    assert after.sizes["sample"] == 45
    for name in ("U", "spectral_function", "cpu_seconds"):
        np.testing.assert_array_equal(after[name][:40], before[name])
