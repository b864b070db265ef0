"""Times of jobs: summed by rule, over the runs and chunks of the configuration alone."""

from __future__ import annotations

import pytest

from kondoflow.report.job_times import RuleTime, rule_times, sum_by_rule, total
from kondoflow.report.results import Results
from kondoflow.stage.config import restart_jobs

SETTINGS = {"restarts": 6, "together": 1}
HEADER = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"


def write(folder, name, seconds, memory="1", cpu="1"):
    path = folder / f"{name}.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{HEADER}{seconds}\t0:00:10\t{memory}\t0\t0\t0\t0\t0\t0\t{cpu}\n")


def test_jobs_are_summed_over_the_runs_of_the_config(tmp_path) -> None:
    for name, seconds, memory, cpu in (
        ("solve_spectra/low/0000", "10.5", "100", "20"),
        ("solve_spectra/low/0001", "9.5", "300", "18"),
        ("solve_spectra/low/0002", "80", "1", "1"),
        ("solve_spectra/other/0000", "99", "1", "1"),
        ("train_restart/low/vae/0", "40", "-", "-"),
        ("train_restart/low/vae/1", "20", "-", "-"),
        ("train_restart/low/vae/2", "30", "1", "1"),
        ("train_restart/low/old/0", "70", "1", "1"),
        ("choose_network/low/vae", "8", "NA", "NA"),
        ("choose_network/low/old", "9", "1", "1"),
        ("collect_spectra/low", "0.25", "NA", "NA"),
        ("write_report", "5", "1", "1"),
    ):
        write(tmp_path, name, seconds, memory, cpu)
    times = sum_by_rule(tmp_path, {("low", "vae"): ["0", "1"]}, {"low": 2})
    assert [(time.rule, time.jobs, time.wall, time.cpu, time.memory) for time in times] == [
        ("train_restart", 2, 60.0, None, None),
        ("solve_spectra", 2, 20.0, 38.0, 300.0),
        ("choose_network", 1, 8.0, None, None),
        ("collect_spectra", 1, 0.25, None, None),
    ]
    assert total(times) == RuleTime("all", 6, 88.25, 38.0, 300.0)
    assert sum_by_rule(tmp_path / "nothing", {("low", "vae"): ["0", "1"]}, {}) == []


def test_the_number_of_chunks_counts_the_rejected_samples_too(tmp_path, anderson) -> None:
    """60 samples and 2 that were rejected are 4 chunks of 20, not 3."""
    for chunk in range(6):
        write(tmp_path, f"solve_spectra/set/{chunk:04d}", "1")
    results = Results(anderson.files, {}, SETTINGS, "set", "run")
    (time,) = rule_times(tmp_path, [results], {"set": 20})
    assert time.jobs == 4
    assert rule_times(tmp_path, [results], {"set": None}) == []


@pytest.mark.parametrize(
    ("size", "names"), [(1, "0 1 2 3 4 5"), (4, "0-3 4-5"), (5, "0-4 5"), (6, "0-5"), (9, "0-5")]
)
def test_a_restart_counts_in_the_job_that_trains_it_now(tmp_path, anderson, size, names) -> None:
    """Files of jobs that trained one restart, or fewer or more together, may still be there."""
    settings = {**SETTINGS, "together": size}
    assert restart_jobs(settings) == names.split()
    for name in ("0", "1", "2", "3", "4", "5", "6", "0-3", "4-5", "0-4", "0-5", "0-9"):
        write(tmp_path, f"train_restart/set/run/{name}", "1")
    results = Results(anderson.files, {}, settings, "set", "run")
    (time,) = rule_times(tmp_path, [results], {})
    assert time.jobs == len(names.split())
