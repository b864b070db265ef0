"""Of each kind of hostile inputs of `studies.hostile` those that come furthest."""

import pytest

from studies.hostile.drawing import outcome
from studies.hostile.kinds import KINDS
from studies.hostile.pages import prepare

SEED = 1
CASES = [(name, index) for name, kind in KINDS.items() for index in kind.best]


@pytest.fixture(scope="module")
def folder(finished, tmp_path_factory):
    """A folder with the results of a finished run, as the study has it."""
    folder = tmp_path_factory.mktemp("hostile")
    prepare(folder, finished[0] / "results")
    return folder


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # which stages log
@pytest.mark.parametrize(("name", "index"), CASES, ids=[f"{name}-{k}" for name, k in CASES])
def test_an_input_is_used_rightly_or_refused_in_one_line(folder, name, index):
    assert outcome(name, KINDS[name].attempt, SEED, index, folder) in ("right", "refused")


def test_there_are_eleven_kinds_and_thousands_of_inputs():
    assert len(KINDS) >= 11
    assert sum(kind.n for kind in KINDS.values()) >= 5000
