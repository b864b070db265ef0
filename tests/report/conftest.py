"""Runs whose files were written by hand, for all tests of the report."""

import pytest
from report_files import Run, make_run


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
