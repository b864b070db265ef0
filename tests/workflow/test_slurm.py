"""The tiny preset on a real SLURM cluster, one job of which is cancelled while it runs."""

import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec

import pytest
from running import TINY, copy_workflow


def absence():
    """What is missing for a run on SLURM; None if nothing is."""
    if shutil.which("sinfo") is None:
        return "SLURM is not installed"
    if find_spec("snakemake_executor_plugin_slurm") is None:
        return "snakemake-executor-plugin-slurm is not installed"
    try:
        nodes = subprocess.run(
            ["sinfo", "-h", "-o", "%T"], check=False, capture_output=True, text=True, timeout=10
        )
    except subprocess.TimeoutExpired:
        return "SLURM does not answer"
    return None if "idle" in nodes.stdout else "no SLURM node is idle"


pytestmark = [
    pytest.mark.slow,
    pytest.mark.slurm,
    pytest.mark.skipif(absence() is not None, reason=str(absence())),
]

FOR_ONE_NODE = [
    *("--slurm-status-command", "squeue", "--slurm-no-account"),
    *("--slurm-init-seconds-before-status-checks", "3", "--seconds-between-status-checks", "1"),
    *("--latency-wait", "10", "--set-threads", "solve_spectra=1", "regress_operon=2"),
    *("--set-resources", "solve_spectra:runtime=30", "train_restart:runtime=30"),
]
COLUMNS = ("JobID", "StateCompact", "Comment", "MinMemory", "tres-per-job")


@dataclass(frozen=True)
class Job:
    """What SLURM says of a job."""

    number: str
    state: str
    comment: str
    memory: str
    devices: str


def jobs():
    """Jobs that SLURM knows."""
    form = ",".join(f"{column}:|" for column in COLUMNS)
    listed = subprocess.run(
        ["squeue", "-h", "-t", "all", "-O", form], check=True, text=True, capture_output=True
    )
    return [
        Job(*(cell.strip() for cell in line.split("|")[:5])) for line in listed.stdout.splitlines()
    ]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Folder of the run, all its jobs by rule, and the number of the job that was cancelled."""
    folder = copy_workflow(
        tmp_path_factory.mktemp("slurm") / "copy", ignored=(".*", "results", "logs", "tests")
    )
    command = [sys.executable, "-m", "snakemake", "--workflow-profile", "workflow/profiles/slurm"]
    (folder / "gpu.yaml").write_text("conda: {train_restart: cuda, choose_network: cuda}\n")
    command += [*FOR_ONE_NODE, "--configfile", TINY, "gpu.yaml"]
    with (folder / "printed").open("w") as printed:
        snakemake = subprocess.Popen(command, cwd=folder, stdout=printed, stderr=printed)
        seen, cancelled = {}, None
        while snakemake.poll() is None:
            seen |= {job.number: job for job in jobs()}
            training = [job for job in seen.values() if "train_restart" in job.comment]
            if cancelled is None and training and training[0].state == "R":
                cancelled = training[0].number
                subprocess.run(["scancel", cancelled], check=True)
            time.sleep(0.5)
    assert snakemake.returncode == 0, (folder / "printed").read_text()
    return folder, list(seen.values()), cancelled


def test_the_pipeline_ends_with_its_report(run):
    folder, _, _ = run
    assert (folder / "results/report/report.html").is_file()


def test_each_chunk_of_spectra_is_a_job(run):
    _, seen, _ = run
    assert len([job for job in seen if "solve_spectra" in job.comment]) == 2


def test_each_restart_is_a_job_and_one_lost_restart_costs_one(run):
    _, seen, _ = run
    assert len([job for job in seen if "train_restart" in job.comment]) == 2 + 1


def test_the_cancelled_training_is_repeated_with_more_memory(run):
    _, seen, cancelled = run
    (first,) = [job for job in seen if job.number == cancelled]
    (second,) = [job for job in seen if job.comment == first.comment and job != first]
    assert (first.state, second.state) == ("CA", "CD")
    least, twice = (int(job.memory.removesuffix("M")) for job in (first, second))
    assert least >= 2000
    assert twice == pytest.approx(2 * least, abs=2)


def test_training_alone_asks_for_a_gpu(run):
    _, seen, _ = run
    assert {job.comment for job in seen if "gpu" in job.devices} == {
        job.comment
        for job in seen
        if "train_restart" in job.comment or "choose_network" in job.comment
    }
