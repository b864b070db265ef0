"""Which equations count as a known formula."""

import dataclasses

import numpy as np
import pytest
from impurities import SYSTEM

from kondoflow.discovery.evidence import Thresholds
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.references import read_references
from kondoflow.discovery.verdict import judge

TRUE = "log(G) + log(a)/2 + 1.5708*c*(b + 1) + 1.5708/a"


CASES = {
    TRUE: {"haldane", "haldane_bethe"},
    "log(G) + log(a)/2 + 1.5708*c*(b + 1)": {"haldane", "haldane_bethe"},
    "log(G) + 0.2*log(a) + 1.58*c*(b + 1)": {"haldane_bethe"},
    "log(G) + log(a)/2 + 1.4*c*(b + 1)": set(),  # close in value, the coefficient is 11 % off
    "log(G) + 1.2*c*(b + 1)": set(),  # another prefactor, half made up for by the coefficient
    "log(G) + 2.0*c*(b + 1)": set(),
    "1.57*c*(b + 1)": {"exponent"},  # the original study's formula: no prefactor
    "log(G) - 0.22*a": set(),
    "a + 2*c": {"asymmetry"},
}


@pytest.mark.parametrize("objective", [Objective.ISOTONIC, Objective.SQUARED_ERROR])
@pytest.mark.parametrize("text", CASES)
def test_hand_made_equations_are_judged(samples, targets, text, objective):
    target = dataclasses.replace(targets[2], objective=objective)
    thresholds = Thresholds(residual=0.003, constants=0.08)
    if objective is Objective.SQUARED_ERROR:
        text = text.replace("log(G) +", "log(G) - 0.34657 +")
    equation = {"equation": "U", "equation_inputs": text, "score_validation": 0.9}
    found = judge(target, equation, read_references(SYSTEM, samples), samples, thresholds, {}, 3)[
        "references"
    ]
    absolute = objective is Objective.SQUARED_ERROR
    expected = CASES[text.replace("log(G) - 0.34657 +", "log(G) +")]
    if absolute:
        # A coefficient of its own must be right as well: 1.57 q is no q.
        expected = expected - {"exponent"}
    assert {name for name, item in found.items() if item["recovered"]} == expected
    for item in found.values():
        assert item["recovered_below"] == 0.003
        assert item["residual"]["map"] == ("affine" if absolute else "monotone")
        assert item["residual"]["monotone"]["inside"] <= item["residual"]["affine"]["inside"] + 1e-9
    if text.endswith("1.5708/a"):
        exact = found["haldane_bethe"]
        assert exact["residual"]["inside"] < 1e-8
        assert exact["residual"]["outside"] < 1e-8
        assert exact["isotonic_r2"] > 0.999
        for term in exact["constants"]:
            assert term["in_equation"] == pytest.approx(1, abs=0.02)
            assert term["in_target"] == pytest.approx(1, abs=0.02)


def test_a_formula_of_noise_recovers_nothing(samples, targets):
    noise = np.random.default_rng(0).normal(size=600)
    target = dataclasses.replace(targets[0], values=noise)
    equation = {"equation": "U", "equation_inputs": TRUE, "score_validation": -0.1}
    thresholds = Thresholds(residual=0.003, constants=0.08)
    references = read_references(SYSTEM, samples)
    found = judge(target, equation, references, samples, thresholds, {}, 3)["references"]
    assert not any(item["recovered"] for item in found.values())
    assert found["haldane_bethe"]["isotonic_r2"] < 0.2
