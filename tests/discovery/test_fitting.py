"""Losses of the three objectives; constants are fitted and equations polished."""

import re
import warnings

import numpy as np
import pytest

from kondoflow.discovery.objectives import Objective, fit_map, loss
from kondoflow.discovery.search.fitting import descend, refit
from kondoflow.discovery.search.polishing import polish
from kondoflow.discovery.selection import Part
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.printing import to_text
from kondoflow.formulas.trees import constants_of


@pytest.mark.parametrize("objective", Objective)
def test_a_loss_is_blind_to_the_maps_of_its_family(target, objective):
    f = target + 0.1 * np.sin(40 * target)
    expected = loss(objective, f, target)
    maps = {
        Objective.ISOTONIC: [np.exp, lambda x: -(x**3), lambda x: 2 - 3 * x],
        Objective.PEARSON: [lambda x: 2 - 3 * x],
        Objective.SQUARED_ERROR: [lambda x: x],
    }
    assert 1e-5 < expected < 0.1
    for change in maps[objective]:
        assert loss(objective, change(f), target) == pytest.approx(expected, rel=1e-9)
    if objective is not Objective.ISOTONIC:
        assert loss(objective, np.exp(f), target) > 10 * expected
    assert loss(objective, np.where(f > f.mean(), np.nan, f), target) == np.inf
    assert fit_map(objective, target, target)(target) == pytest.approx(target)


@pytest.mark.parametrize(
    ("objective", "distort"),
    [
        (Objective.SQUARED_ERROR, lambda x: x),
        (Objective.PEARSON, lambda x: 5 - 2 * x),
        (Objective.ISOTONIC, lambda x: np.tanh(0.4 * (x + 5))),
    ],
)
def test_constants_are_found_again(samples, target, objective, distort):
    values = samples.select(samples.region)
    text = "log(G) + 0.3*log(a) + 1.3*c*(b + 1) + 1.0/a"
    if objective is Objective.SQUARED_ERROR:
        text += " - 0.5"
    found = refit(parse(text, "key"), values, distort(target[samples.region]), objective)
    prefactor, exponent, factor = constants_of(found)[:3]
    tolerance = 0.02 if objective is Objective.ISOTONIC else 1e-4
    assert prefactor == pytest.approx(0.5, abs=2 * tolerance)
    assert exponent == pytest.approx(np.pi / 2, abs=tolerance)
    assert factor == pytest.approx(np.pi / 2, abs=20 * tolerance)


def test_polishing_finds_integers_and_drops_what_says_nothing(samples):
    region = samples.region
    y = (np.log(samples.inputs["G"]) + 1.5 * samples.inputs["b"])[region]
    part = Part(samples.select(region), y)
    evolved = parse("1.02*log(950.0*G) + 1.4*(b + 0.003*a) - 6.7", "key")
    found = polish(evolved, part, Objective.SQUARED_ERROR, 0.1)
    assert to_text(found) in ("1.5*b + log(G)", "log(G) + 1.5*b")
    assert polish(parse("log(-2.0)*a", "key"), part, Objective.SQUARED_ERROR, 0.1) is None
    isotonic = polish(evolved, Part(part.inputs, np.exp(y)), Objective.ISOTONIC, 0.1)
    assert re.fullmatch(r"1\.\d+\*b \+ log\(G\)", to_text(isotonic))
    assert constants_of(isotonic) == pytest.approx([1.5], abs=0.02)


def test_corners_without_a_loss_give_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert descend(lambda _: np.inf, np.ones(2), 1.0).tolist() == [1.0, 1.0]
