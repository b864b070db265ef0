"""What Snakemake was told of jobs."""

import pytest
from stage.refusals import refused

from kondoflow.stage.given import check_cores, remarks_on_rules


@pytest.mark.parametrize("cores", [0, -3])
def test_a_run_without_cores_is_refused(cores):
    with refused("command line", "--cores", cores, "a whole number of at least 1, or all"):
        check_cores(cores)


@pytest.mark.parametrize("cores", [None, 1, 64])
def test_any_cores_will_do(cores):
    check_cores(cores)


def test_settings_for_rules_that_do_not_exist_are_told():
    rules = ["solve_spectra", "train_restart"]
    given = {"--set-threads": ["solve_spectrum", "train_restart"], "--set-resources": ["xy"]}
    assert remarks_on_rules(given, rules) == [
        "--set-threads solve_spectrum changes nothing: no rule has this name; "
        "did you mean solve_spectra?",
        "--set-resources xy changes nothing: no rule has this name",
    ]
