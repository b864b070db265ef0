"""The battery of judgement: cases whose truth is known, see `studies/judgement.md`."""

import pytest

from studies.judgement import CASES, judge_case
from studies.judgement_cases import SYSTEMS


@pytest.fixture(scope="module")
def outcomes():
    return [judge_case(case, seed) for seed, case in enumerate(CASES)]


def test_the_battery_is_as_broad_as_it_has_to_be():
    assert len(CASES) >= 60
    assert len(SYSTEMS) >= 6
    assert {case.system for case in CASES} == set(SYSTEMS)
    assert {system.confirms for system in SYSTEMS.values()} == {True, False}
    assert any(case.permuted for case in CASES)
    assert {0.0, 0.05} <= {case.noise for case in CASES}


def test_no_law_is_falsely_recovered(outcomes):
    false = [
        (case, sorted(outcome.recovered - set(case.true)))
        for case, outcome in zip(CASES, outcomes, strict=True)
        if outcome.recovered - set(case.true)
    ]
    assert false == []


@pytest.mark.parametrize("confirms", [False, True])
def test_true_laws_are_named(outcomes, confirms):
    """Of those that took part in choosing the thresholds, and of the others."""
    named = [
        bool(outcome.recovered & set(case.true))
        for case, outcome in zip(CASES, outcomes, strict=True)
        if case.true and SYSTEMS[case.system].confirms is confirms
    ]
    assert sum(named) >= (0.95 if confirms else 0.93) * len(named)


def test_all_true_laws_together(outcomes):
    named = [
        bool(outcome.recovered & set(case.true))
        for case, outcome in zip(CASES, outcomes, strict=True)
        if case.true
    ]
    assert sum(named) >= 0.95 * len(named)


def test_the_residual_alone_does_not_suffice(outcomes):
    false = sum(
        len(outcome.by_residual - set(case.true))
        for case, outcome in zip(CASES, outcomes, strict=True)
    )
    assert false > 50
