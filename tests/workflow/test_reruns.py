"""What a change makes Snakemake do again, asked of the real DAG after a run of the tiny preset."""

from collections import Counter
from contextlib import contextmanager

import numpy as np
import pytest
from running import TINY, copy_workflow, planned_jobs, snakemake

from kondoflow.files.netcdf import read_dataset

pytestmark = [pytest.mark.slow, pytest.mark.workflow]

PLOTS = {"plot_spectra", "plot_training", "plot_latents", "plot_equations"}
AFTER_SCORES = {"judge_equations", "plot_latents", "plot_equations", "write_report"}
AFTER_LATENTS = {"score_latents", "regress_operon", "plot_training"} | AFTER_SCORES
AFTER_SPECTRA = {"train_vae", "encode_spectra", "plot_spectra"} | AFTER_LATENTS
ALL = {"sample_parameters", "solve_spectra", "collect_spectra"} | AFTER_SPECTRA


@pytest.fixture(scope="module")
def folder(finished, tmp_path_factory):
    """A copy of the finished run, with what Snakemake remembers of it."""
    return copy_workflow(tmp_path_factory.mktemp("reruns") / "copy", finished[0])


@contextmanager
def edited(path):
    """A comment more in a source file."""
    original = path.read_text()
    path.write_text(original + "\n# edited\n")
    try:
        yield
    finally:
        path.write_text(original)


def test_nothing_runs_if_nothing_changed(folder):
    assert planned_jobs(folder) == {}


def test_results_in_a_fresh_checkout_are_taken_for_its_own_if_told_so(finished, tmp_path):
    checkout = copy_workflow(tmp_path / "checkout", finished[0], ignored=(".snakemake", "logs"))
    for source in [checkout / "Snakefile", *checkout.glob("*/**/*.py")]:
        source.touch()  # which makes them newer than the results
    chunk = checkout / "results/spectra/tiny/chunks/0000.nc"
    content = chunk.read_bytes()
    snakemake(checkout, "--touch", "--configfile", TINY)
    assert planned_jobs(checkout) == {}
    assert chunk.read_bytes() == content


@pytest.mark.parametrize(
    ("module", "rules"),
    [
        ("anderson/chain.py", ALL),
        ("autoencoder/model.py", AFTER_SPECTRA - {"plot_spectra"}),
        ("discovery/scores.py", {"plot_spectra"} | AFTER_LATENTS - {"plot_training"}),
        ("report/style.py", PLOTS | {"write_report"}),
        ("report/template.html", PLOTS | {"write_report"}),
    ],
)
def test_an_edited_package_reruns_what_depends_on_it(folder, module, rules):
    with edited(folder / "scripts" / module):
        assert set(planned_jobs(folder)) == rules


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        ("autoencoder: {kl_weight: 0.5}", AFTER_SPECTRA - {"plot_spectra"}),
        ("solver: {alpha: 0.4}", ALL - {"sample_parameters"}),
        ("solver: {max_invalid: 0.5}", ALL - {"sample_parameters", "solve_spectra"}),
        ("ensembles: {tiny: {T: 2.0e-4}}", ALL),
        ("equations: {restarts: 3}", {"regress_operon"} | AFTER_SCORES - {"plot_latents"}),
        ("equations: {recovered_below: 0.01}", AFTER_SCORES - {"plot_latents"}),
        ("systems: {anderson: {labels: {U: $V$}}}", AFTER_SCORES | {"plot_spectra"}),
        ("systems: {anderson: {published: {source: another}}}", {"write_report"}),
    ],
)
def test_a_changed_setting_reruns_what_uses_it(folder, change, rules):
    (folder / "change.yaml").write_text(change)
    assert set(planned_jobs(folder, "change.yaml")) == rules


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
        single = dict.fromkeys(AFTER_SPECTRA | {"collect_spectra"}, 1)
        assert Counter(planned) == Counter(single | {"sample_parameters": 1, "solve_spectra": 1})
        snakemake(folder, "--configfile", TINY, "more.yaml", "--", spectra.relative_to(folder))
        return (folder / "logs/solve_spectra/tiny/0002.log").read_text()

    assert "3 of 3 solutions to find" in grow(43)
    assert "2 of 5 solutions to find" in grow(45)
    assert [path.stat().st_mtime_ns for path in chunks] == times
    after = read_dataset(spectra)
    assert after.sizes["sample"] == 45
    for name in ("U", "spectral_function", "cpu_seconds"):
        np.testing.assert_array_equal(after[name][:40], before[name])
