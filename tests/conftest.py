"""One BLAS thread in every test, as in the solver's workers; the tiny preset, run once."""

import fcntl
import os
import shutil

import pytest
from running import TINY, copy_workflow, snakemake

import kondoflow.files  # noqa: F401  # turns HDF5's locks off, before a test loads the library

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def pytest_collection_modifyitems(items):
    """Long tests come first, so that no process is left alone with them at the end."""
    items.sort(key=lambda item: item.get_closest_marker("workflow") is None)


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A copy of the workflow in which the tiny preset has run, to be copied and never changed.

    Of several processes of pytest-xdist the first to need it makes it for all.

    Returns:
        The folder, and what the run printed.
    """
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, printed = base / "finished", base / "finished.txt"
    with (base / "finished.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not printed.is_file():
            shutil.rmtree(folder, ignore_errors=True)
            copy_workflow(folder, ignored=(".*", "results", "logs", "tests"))
            run = snakemake(folder, "--configfile", TINY)
            printed.write_text(run.stdout + run.stderr)
    return folder, printed.read_text()
