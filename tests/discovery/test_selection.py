"""Scores of candidates, the front, and the choice on it."""

import pytest

from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.selection import Candidate, Part, assess, pareto_front, select
from kondoflow.formulas.grammar import parse


def test_candidates_are_scored_on_each_part(samples, targets):
    target = targets[2]
    parts = {
        name: Part(samples.select(mask & samples.region), target.values[mask & samples.region])
        for name, mask in samples.parts.items()
    }
    good = assess(parse("log(G) + 1.57*c*(b + 1) + 0.7", "key"), parts, Objective.PEARSON)
    assert good.complexity == 14
    assert 0 < good.train < 0.02
    assert good.validation == pytest.approx(good.train, rel=1.0)
    assert good.test == pytest.approx(good.train, rel=1.0)
    assert assess(parse("log(b)", "key"), parts, Objective.PEARSON) is None


def candidate(length, validation):
    return Candidate(parse(f"x + {float(length)}", "key"), length, validation, validation, 0.0)


def test_selection_weighs_error_against_length():
    pooled = [candidate(*pair) for pair in [(1, 0.5), (5, 0.2), (5, 0.1), (7, 0.3), (9, 0.0999)]]
    front = pareto_front(pooled)
    assert [(item.complexity, item.validation) for item in front] == [(1, 0.5), (5, 0.1)]
    steps = [candidate(*pair) for pair in [(1, 0.5), (5, 0.1), (9, 0.01), (20, 0.009)]]
    assert select(steps, 0.1) == 2
    assert select(steps, 1.0) == 0
    assert select(steps, 0.0) == 3
