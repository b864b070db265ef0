"""One BLAS thread in every test, as in the solver's workers; the tiny preset, run once."""

import os

import pytest
from running import TINY, copy_workflow, snakemake

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A copy of the workflow in which the tiny preset has run, to be copied and never changed.

    Returns:
        The folder, and what the run printed.
    """
    folder = copy_workflow(
        tmp_path_factory.mktemp("kondoflow") / "finished",
        ignored=(".*", "results", "logs", "tests"),
    )
    run = snakemake(folder, "--configfile", TINY)
    return folder, run.stdout + run.stderr
