"""Runs whose files were written by hand, for all tests of the report."""

import os
import shutil
import subprocess
import tarfile

import pytest
from report_files import Run, make_run

AXE = "axe-core@4.14.1"
os.environ["SOURCE_DATE_EPOCH"] = "1700000000"  # pages of equal files are equal


@pytest.fixture(scope="session")
def anderson(tmp_path_factory) -> Run:
    """A run on spectra of the Anderson model."""
    return make_run(tmp_path_factory.mktemp("anderson"), anderson=True, n_active=2)


@pytest.fixture(scope="session")
def page(anderson: Run) -> str:
    """Its page."""
    return anderson.report()


@pytest.fixture(scope="session")
def gap(tmp_path_factory) -> Run:
    """A run on spectra of a system without an impurity, on a linear grid."""
    return make_run(tmp_path_factory.mktemp("gap"), anderson=False, n_active=2)


@pytest.fixture(scope="session")
def axe(tmp_path_factory) -> str:
    """Source of axe-core, from its package."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("axe-core comes from npm, which is not here")
    folder = tmp_path_factory.mktemp("axe")
    pack = subprocess.run([npm, "pack", AXE], cwd=folder, capture_output=True, check=False)
    archives = list(folder.glob("*.tgz"))
    if pack.returncode or not archives:
        pytest.skip(f"npm can't fetch {AXE}")
    with tarfile.open(archives[0]) as archive:
        source = archive.extractfile("package/axe.min.js")
        assert source is not None
        return source.read().decode()
