"""Which equations count as a known formula."""

import dataclasses

import numpy as np
import pytest
from impurities import SYSTEM

from kondoflow.discovery.judgement.claims import MEANINGFUL, in_variables, weigh
from kondoflow.discovery.judgement.comparing import rivals_of
from kondoflow.discovery.judgement.ground import prepare
from kondoflow.discovery.judgement.limits import Rule
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.search.fitting import refit
from kondoflow.discovery.targets import Samples, Target
from kondoflow.formulas.grammar import parse

TRUE = "log(G) + log(a)/2 + 1.5708*c*(b + 1) + 1.5708/a"

# The target is Haldane's formula with the factor of the Bethe ansatz, without noise.
CASES = {
    TRUE: {"haldane_bethe"},
    "log(G) + log(a)/2 + 1.5708*c*(b + 1)": set(),  # Haldane's own, which the data exclude
    "log(G) + 0.2*log(a) + 1.58*c*(b + 1)": set(),  # close in value only
    "log(G) + log(a)/2 + 1.4*c*(b + 1)": set(),
    "log(G) + 1.2*c*(b + 1)": set(),
    "log(G) + 2.0*c*(b + 1)": set(),
    "1.57*c*(b + 1)": set(),  # no prefactor: the level sets of the exponent, not of the target
    "log(G) - 0.22*a": set(),
    "a + 2*c": set(),
}


def references(extra=()):
    texts = {**SYSTEM["references"], **dict(extra)}
    return {name: parse(text, name) for name, text in texts.items()}


def weighed(text, target, samples, score=0.9, extra=(), **settings):
    ground = prepare(references(extra), target, samples, 3, **settings)
    equation = in_variables(parse(text, "equation"), samples)
    return weigh(equation, [score, score], ground)


def recovered(found):
    return {name for name, item in found.items() if item.recovered}


@pytest.mark.parametrize("objective", [Objective.ISOTONIC, Objective.SQUARED_ERROR])
@pytest.mark.parametrize("text", CASES)
def test_hand_made_equations_are_judged(samples, targets, text, objective):
    target = dataclasses.replace(targets[2], objective=objective)
    absolute = objective is Objective.SQUARED_ERROR
    shifted = text.replace("log(G) +", "log(G) - 0.34657 +") if absolute else text
    found = weighed(shifted, target, samples, logarithmic=absolute)
    assert recovered(found) == CASES[text]
    if text == TRUE:
        exact = found["haldane_bethe"]
        assert exact.law.residual < 1e-8
        assert exact.law.angle < 0.01
        assert exact.terms == pytest.approx([1, 1, 1], abs=1e-3)
        assert found["haldane"].rival.excluded
        assert found["haldane"].rival.factor > (1e3 if absolute else 5)


def test_one_formula_is_not_recovered_from_another_law_that_it_is_near_to(samples, targets):
    """Haldane's formula leaves 0.3 % of the variance of that with the factor, at 7 degrees."""
    found = weighed("log(G) + log(a)/2 + 1.5708*c*(b + 1)", targets[0], samples)
    law = found["haldane_bethe"].law
    assert law.residual < Rule().residual
    assert law.angle > Rule().close
    assert law.status == "not"
    assert found["haldane"].law.status == "same law"
    assert "rivals" in found["haldane"].obstacles


def test_an_approximation_within_rounding_is_an_imitation(samples, targets):
    """Rounded constants leave as much, but what whole numbers distort no fit takes back."""
    target = dataclasses.replace(targets[2], objective=Objective.SQUARED_ERROR)
    text = TRUE.replace("log(G) +", "log(G) - 0.34657 +")
    for equation, obstacles in ((text, ()), (f"{text} + c/100000", ("imitation",))):
        found = weighed(equation, target, samples, logarithmic=True)["haldane_bethe"]
        assert found.law.residual < 1e-7
        assert found.obstacles == obstacles


def thermal(noise, objective):
    """Bose's law at high temperatures, with noise in units of its spread."""
    rng = np.random.default_rng(1)
    box = {"E": (0.1, 0.5), "T": (1.0, 5.0), "g": (1.0, 5.0)}
    values = {name: low * (high / low) ** rng.random(400) for name, (low, high) in box.items()}
    law = values["g"] / np.expm1(values["E"] / values["T"])
    part = np.arange(400) % 4
    samples = Samples(
        variables=values,
        definitions={name: parse(name, name) for name in values},
        inputs=values,
        region=np.ones(400, bool),
        parts={"train": part < 2, "validation": part == 2, "test": part == 3},
    )
    return samples, Target("n", law + noise * law.std() * rng.standard_normal(400), objective)


BOSE = "g/(exp(E/T) - 1)"
EXPANSIONS = ["1.0*g*T/E - 0.5*g", "1.0*g*T/E - 0.5*g + 0.0833*g*E/T"]


@pytest.mark.parametrize("objective", list(Objective))
def test_a_truncated_expansion_does_not_recover_its_law(objective):
    """Its constants are fitted to data with so little noise that they tell it from no power law."""
    against = set()
    for noise in (0.0005, 0.003):
        samples, target = thermal(noise, objective)
        train = samples.parts["train"]
        inputs, y = samples.select(train), target.values[train]
        ground = prepare({"bose": parse(BOSE, "bose")}, target, samples, 3)
        for text in EXPANSIONS:
            fitted = refit(parse(text, "f"), inputs, y, objective)
            found = weigh(fitted, [0.9, 0.9], ground)["bose"]
            assert not found.recovered
            against |= {*found.obstacles}
        for text in (
            "0.98*g/(exp(1.01*E/T) - 1)",
            "1.01*g*exp(-E/T)/(1 - exp(-0.99*E/T))",
        ):
            fitted = refit(parse(text, "f"), inputs, y, objective)
            assert weigh(fitted, [0.9, 0.9], ground)["bose"].recovered
    assert "open" in against


def occupied(noise, relative):
    """Fermi's law down to values far below the noise, which is relative or not."""
    rng = np.random.default_rng(2)
    values = {"E": rng.uniform(-2, 2, 400), "T": rng.uniform(0.1, 0.5, 400)}
    law = 1 / (np.exp(values["E"] / values["T"]) + 1)
    part = np.arange(400) % 4
    samples = Samples(
        variables=values,
        definitions={name: parse(name, name) for name in values},
        inputs=values,
        region=np.ones(400, bool),
        parts={"train": part < 2, "validation": part == 2, "test": part == 3},
    )
    error = noise * rng.standard_normal(400) * (law if relative else 1)
    return samples, Target("n", law + error, Objective.SQUARED_ERROR)


@pytest.mark.parametrize(
    ("equation", "noise", "relative", "named"),
    [
        ("0.4999 - 0.5002*tanh(0.5001*E/T)", 0.01, False, True),
        ("0.4999 - 0.5002*tanh(0.5001*E/T)", 0.0, False, False),
        ("0.4999 - 0.5002*tanh(0.5001*E/T)", 0.01, True, False),  # seen where the law is small
        ("0.49 - 0.5*tanh(0.5*E/T)", 0.01, False, False),  # ten standard deviations of a mean
        ("0.49 - 0.5*tanh(0.5*E/T)", 0.3, False, False),  # noise that hides the law
    ],
)
def test_a_constant_that_the_data_cannot_tell_denies_no_law(equation, noise, relative, named):
    """Relative to a value far below the noise every difference is large."""
    samples, target = occupied(noise, relative)
    ground = prepare({"fermi": parse("1/(exp(E/T) + 1)", "fermi")}, target, samples, 3)
    score = 0.9 if noise < 0.1 else 0.4
    assert weigh(parse(equation, "f"), [score, score], ground)["fermi"].recovered is named


def test_a_formula_of_noise_recovers_nothing(samples, targets):
    noise = np.random.default_rng(0).normal(size=600)
    target = dataclasses.replace(targets[0], values=noise)
    found = weighed(TRUE, target, samples, score=-0.1)
    assert recovered(found) == set()
    assert "score" in found["haldane_bethe"].obstacles


def test_an_equation_that_explains_too_little_recovers_nothing(samples, targets):
    assert recovered(weighed(TRUE, targets[0], samples, score=MEANINGFUL)) == {"haldane_bethe"}
    assert recovered(weighed(TRUE, targets[0], samples, score=MEANINGFUL - 0.01)) == set()


def test_the_same_law_written_twice_is_recovered_twice_and_says_so(samples, targets):
    scale = "sqrt(U*Gamma/2)*exp(pi*eps_d*(eps_d + U)/(2*U*Gamma) + pi*Gamma/(2*U))"
    found = weighed(TRUE, targets[0], samples, extra={"scale": scale}.items())
    assert recovered(found) == {"haldane_bethe", "scale"}
    assert found["scale"].same_as == ("haldane_bethe",)
    assert found["haldane_bethe"].same_as == ("scale",)


def test_references_that_differ_outside_the_samples_only_are_not_told_apart(samples, targets):
    bent = f"{SYSTEM['references']['haldane_bethe']} + maximum(0, U - 0.45)"
    found = weighed(TRUE, targets[0], samples, extra={"bent": bent}.items())
    assert recovered(found) == set()
    assert found["haldane_bethe"].obstacles == ("ambiguous",)


@pytest.mark.parametrize("objective", list(Objective))
def test_a_reference_without_variables_is_left_out_of_the_comparison(samples, targets, objective):
    target = dataclasses.replace(targets[2], objective=objective)
    text = TRUE.replace("log(G) +", "log(G) - 0.34657 +")
    found = weighed(text, target, samples, extra={"number": "pi/2"}.items())
    assert recovered(found) == {"haldane_bethe"}
    assert found["number"].law.status == "undecidable"
    assert found["number"].law.reason == "constant"
    assert found["number"].rival is None


def test_a_crude_equation_does_not_recover_a_crude_law(samples, targets):
    """The equation is the reference, but a better equation is known."""
    text = "log(G) + log(a)/2 + 1.5708*c*(b + 1) - 0.34657"
    with_bethe = {name: parse(SYSTEM["references"]["haldane"], name) for name in ("haldane",)}
    ground = prepare(with_bethe, targets[2], samples, 3, logarithmic=True, lowest=1e-6)
    found = weigh(in_variables(parse(text, "equation"), samples), [0.98, 0.98], ground)
    assert found["haldane"].law.status == "same law"
    assert not found["haldane"].recovered
    assert {"data", "misfit"} & set(found["haldane"].obstacles)


def test_too_few_held_out_samples_are_no_departure_of_the_data(samples, targets):
    """Eight samples outside training say nothing against a reference, and nothing for it."""
    train = np.ones_like(samples.parts["train"])
    inside = np.flatnonzero(samples.usable(targets[2]))
    train[inside[:8]] = False
    empty = np.zeros_like(train)
    few = dataclasses.replace(samples, parts={"train": train, "validation": empty, "test": ~train})
    obstacles = weighed(TRUE, targets[2], few)["haldane_bethe"].obstacles
    assert "unmeasured" in obstacles
    assert not {"data", "rivals"} & {*obstacles}


def test_a_reference_without_a_value_somewhere_is_not_called_worse_than_another(samples, targets):
    """It stands alone, so that no other formula can describe the data better."""
    somewhere = np.flatnonzero(samples.usable(targets[2]) & ~samples.parts["train"])[0]
    there = samples.variables["Gamma"][somewhere]
    hole = f"{SYSTEM['references']['haldane_bethe']} + 0/(Gamma - {float(there)!r})"
    ground = prepare({"hole": parse(hole, "hole")}, targets[2], samples, 3, logarithmic=True)
    text = TRUE.replace("log(G) +", "log(G) - 0.34657 +")
    found = weigh(in_variables(parse(text, "equation"), samples), [0.9, 0.9], ground)
    assert found["hole"].law.status == "same law"
    assert "undefined" in found["hole"].obstacles
    assert "rivals" not in found["hole"].obstacles
    assert rivals_of(found)["best"] is None
