"""A law over the whole box: what is given is tested, parts are put together and confirmed."""

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
from impurities import SMALL

from kondoflow.discovery.engines.interface import SearchSettings
from kondoflow.discovery.engines.operon import Operon
from kondoflow.discovery.laws.closed_numbers import closed_numbers
from kondoflow.discovery.laws.collapse import find_collapse
from kondoflow.discovery.laws.combining import COMBINATIONS, combinations_of
from kondoflow.discovery.laws.composing import compose_law
from kondoflow.discovery.laws.confirmation import confirm
from kondoflow.discovery.laws.extension import beyond, goes_on
from kondoflow.discovery.laws.fixed_points import at_fixed_point
from kondoflow.discovery.laws.growth import grow_law, linearised
from kondoflow.discovery.laws.joint import fit_law, simplify_law
from kondoflow.discovery.laws.law import Law
from kondoflow.discovery.laws.question import set_question, target_of, training
from kondoflow.discovery.laws.remainder import Job, assessed
from kondoflow.discovery.laws.translation import in_numbers
from kondoflow.discovery.targets import Samples
from kondoflow.files.errors import InputError
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.printing import to_text
from kondoflow.formulas.symmetries import read_even
from kondoflow.formulas.trees import Number
from kondoflow.report.headline import law_headline
from kondoflow.stage.checks.expressions import check_systems

SYSTEM = {
    "parameters": ["U", "W", "e"],
    "inputs": {"a": "U/W", "c": "e/W", "W": "W"},
    "with_unit": {"W": "energy"},
    "targets": {"log_T": "log(T)"},
    "region": "U > 4*W",
    "law": {"target": "log_T", "symmetries": ["even in e + U/2"], "small": "W"},
}
EQUATIONS = deepcopy(SMALL) | {
    "null_restarts": 1,
    "generations": 15,
    "after": SMALL["after"]
    | {
        "restarts": 1,
        "known": 1,
        "generations": 20,
        "max_length": 12,
        "confirm": 50,
        "combine": ["multiply", "inverse_add"],
    },
}


def table(n=500, seed=0, shift=0.0):
    """W/T is exp(a/4 - y/2) and a smooth rest; W corrects U by 1 + 0.6 W and T by 1 - 0.6 W."""
    rng = np.random.default_rng(seed)
    W, a, r = 0.01 * 10 ** rng.random(n), 40 ** rng.random(n), rng.uniform(-0.8, -0.2, n)
    U = a * W
    e = r * U
    y = np.abs(e + U / 2 + shift * U) / W
    z = 1 + 0.6 * W
    V = 1 / (np.exp(0.25 * a * z - 0.5 * y) + 1 / (1 + 0.3 * y))
    parts = {name: np.zeros(n, dtype=bool) for name in ("train", "validation", "test")}
    parts["train"][: 8 * n // 10] = parts["validation"][8 * n // 10 : 9 * n // 10] = True
    parts["test"][9 * n // 10 :] = True
    variables = {"U": U, "W": W, "e": e, "T": W * V * (1 - 0.6 * W)}
    return Samples(
        variables=variables,
        definitions={name: parse(text, name) for name, text in SYSTEM["inputs"].items()},
        inputs={"a": U / W, "c": e / W, "W": W},
        region=U > 4 * W,
        parts=parts,
        dimensions={"W": {"energy": 1.0}},
    )


@pytest.fixture(scope="module")
def samples():
    return table()


@pytest.fixture(scope="module")
def setting(samples):
    return set_question(samples, target_of(samples, SYSTEM, EQUATIONS), SYSTEM, 1)


def test_a_symmetry_is_used_if_the_data_have_it_and_not_otherwise(setting):
    (tested,) = setting.tested
    assert tested.holds
    assert "c_upper" in setting.posed.numbers
    uneven = table(shift=0.1)
    other = set_question(uneven, target_of(uneven, SYSTEM, EQUATIONS), SYSTEM, 1)
    assert not other.tested[0].holds
    assert "c_upper" not in other.posed.numbers


def test_a_region_without_samples_ends_in_words(samples):
    empty = replace(samples, region=np.zeros_like(samples.region))
    found = compose_law(empty, SYSTEM, EQUATIONS, [], Operon(), 1, 1)
    told = confirm(found, empty, empty, SYSTEM, EQUATIONS, 1, "fresh points")
    assert law_headline(found, told).startswith("No law of T over the whole box is announced: ")


class PosedError(Exception):
    """Ends a composition where its question is posed."""


def test_an_input_that_is_the_same_at_all_samples_has_no_part_in_a_law(samples, monkeypatch):
    def stop(given, *_):
        raise PosedError(*given.inputs)

    monkeypatch.setattr("kondoflow.discovery.laws.composing.set_question", stop)
    same = np.full(samples.region.size, 4.2)
    given = replace(
        samples,
        inputs={**samples.inputs, "same": same},
        definitions={**samples.definitions, "same": parse("4.2", "same")},
    )
    with pytest.raises(PosedError) as caught:
        compose_law(given, SYSTEM, EQUATIONS, [], Operon(), 1, 1)
    assert set(caught.value.args) == set(samples.inputs)


@pytest.mark.parametrize("text", ["odd in x", "even in 3", "even in", "even in x +"])
def test_what_is_no_symmetry_is_refused_in_one_line(text):
    with pytest.raises(InputError, match="law"):
        read_even(text, "law.symmetries.0")


def test_a_limit_is_used_if_the_data_confirm_it_and_not_otherwise(samples):
    at = {"U": "W/100", "e": "e/U*W/100"}
    limits = {
        "right": {"at": at, "value": "log(W/2)"},
        "wrong": {"at": at, "value": "log(W)"},
    }
    system = {**SYSTEM, "law": {**SYSTEM["law"], "limits": limits}}
    target = target_of(samples, system, EQUATIONS)
    setting = set_question(samples, target, system, 1)
    assert [item.holds for item in setting.limits] == [True, False]
    train = training(setting, target, samples)
    fixed = at_fixed_point(train.part(np.arange(400)), "folded_e", setting.factors)
    added = train.part(np.arange(400 + fixed.target.size, train.target.size))
    assert added.target.size == 40
    np.testing.assert_allclose(added.target, np.log(added.values["W"] / 2))
    numbers = added.inputs([0.0] * 3, ["a"])
    np.testing.assert_allclose(numbers["a"], 0.01)


@pytest.mark.parametrize(
    ("limit", "place"),
    [
        ({"at": {"U": "W/"}, "value": "W"}, "free.at.U"),
        ({"at": {"V": "W/100"}, "value": "W"}, "free.at"),
        ({"at": {"U": "W/100"}, "value": "log(V)"}, "free.value"),
    ],
)
def test_a_limit_that_cannot_be_read_is_refused_before_any_work(limit, place):
    entry = {**SYSTEM, "law": {**SYSTEM["law"], "limits": {"free": limit}}}
    with pytest.raises(InputError, match=f"law.limits.{place}"):
        check_systems({"mine": entry}, {"mine": ["U", "W", "e", "T"]})


def test_a_recovered_formula_goes_on_beyond_the_samples(samples, setting):
    known = parse("exp(0.5*c - 0.25*a)", "k")
    regional = setting.posed.part(samples.region & samples.parts["train"])
    assert goes_on(regional, known, setting.factors)
    assert not goes_on(regional, parse("2*exp(0.5*c - 0.25*a)", "k"), setting.factors)
    # Of small values some are left out.
    train = samples.parts["train"] & (setting.posed.reduced(setting.factors) > -3)
    found = beyond(setting.posed, known, setting.factors, samples, train, SYSTEM, 1)
    numbers = found.inputs(setting.factors, ["a", "c"])
    expected = 0.5 * numbers["c"] - 0.25 * numbers["a"]
    np.testing.assert_allclose(found.reduced(setting.factors), expected, rtol=1e-9)
    assert (
        found.reduced(setting.factors).max()
        < setting.posed.part(train).reduced(setting.factors).min()
    )
    assert (found.values["U"] > 4 * found.values["W"]).all()


@pytest.mark.parametrize(
    ("smooth", "moved"), [("0.5*sqrt(1 + c**2)", True), ("0.5*c", False)], ids=["smooth", "cusp"]
)
def test_a_law_has_a_value_where_a_symmetry_has_its_fixed_point(setting, samples, smooth, moved):
    train = setting.posed.part(samples.parts["train"])
    numbers = train.inputs(setting.factors, train.numbers)
    y = np.log1p(numbers["a"]) - evaluate(parse(smooth, "y"), numbers)
    target = y + train.log_scale() + np.log(train.corrections(setting.factors)[-1])
    found = at_fixed_point(replace(train, target=target), "folded_e", setting.factors)
    assert (found is not None) == moved
    if found is not None:
        there = found.inputs(setting.factors, ["a", "c", "b"])
        assert not there["c"].any()
        np.testing.assert_allclose(
            found.reduced(setting.factors), np.log1p(there["a"]) - 0.5, atol=0.003
        )
        singular = Law(parse("exp(-0.001*log(c))", "x"), tuple(map(Number, setting.factors)))
        assert np.isfinite(singular.errors(train)).all()
        assert not np.isfinite(singular.errors(found)).all()


def test_a_law_grows_by_the_term_that_it_lacks(samples, setting):
    train = setting.posed.part(samples.parts["train"])
    (combination,) = (c for c in combinations_of(COMBINATIONS) if c.label == "inverse_add-plain")
    known, tau = parse("1/exp(0.25*a - 0.5*c)", "k"), parse("0.9 - 0.02*c", "t")
    law = Law(combination.compose(known, tau), tuple(map(Number, setting.factors)))
    settings = SearchSettings.from_config(EQUATIONS)
    job = Job("grow", (), train, train, Law(known), "", combination, True, settings, 500, 1)
    _, slope = linearised(law, known, tau, train, combination)
    moved = Law(combination.compose(known, parse("0.9001 - 0.02*c", "t")), law.factors)
    change = (moved.values(train) - law.values(train)) / 1e-4
    np.testing.assert_allclose(change, slope, rtol=1e-3, atol=1e-6)
    start = assessed(fit_law(law, train), job, 0)
    grown = grow_law(start, job, ["add", "mul", "div"], 0.1, 10)
    assert grown[-1].size < start.size / 3
    sizes = [item.size for item in grown]
    assert sizes == sorted(sizes, reverse=True)


def test_a_law_is_reduced_to_a_number_of_constants_at_any_price(samples, setting):
    train = setting.posed.part(samples.parts["train"])
    law = Law(
        parse("1/(exp(0.26*a - 0.49*c)*1.02 + 1/(1.01 + 0.3*c))", "x"),
        tuple(parse(k, "k") for k in ("0.5", "0.01", "-0.5")),
    )
    reduced, _ = simplify_law(law, train, 0.0, most=2)
    assert len(reduced.constants) <= 2


def test_corrections_in_a_small_quantity_are_found_without_a_formula(setting):
    k = dict(zip([*setting.posed.corrected, "target"], setting.factors, strict=True))
    assert k["U"] == pytest.approx(0.6, abs=0.15)
    assert k["target"] == pytest.approx(-0.6, abs=0.15)
    assert k["folded_e"] == pytest.approx(0.0, abs=0.15)
    assert setting.collapse.after < setting.collapse.before


def test_nothing_is_corrected_where_nothing_depends_on_it():
    rng = np.random.default_rng(3)
    x, g = rng.random(400) + 0.5, 0.1 * rng.random(400)
    found = find_collapse(lambda f: (x * f[0])[:, None], g, np.sin(3 * x), 1)
    assert np.abs(found.factors).max() < 0.01


@pytest.mark.parametrize("combination", combinations_of(COMBINATIONS), ids=lambda c: c.label)
def test_the_parts_of_a_law_give_it_back(combination):
    V, known = np.array([0.5, 1.0, 2.0]), np.array([0.7, 1.5, 3.0])
    if combination.name == "add":
        known = known / 4
    tau = combination.remainder(V, known)
    law = combination.compose(parse("k", "k"), parse("t", "t"))
    assert evaluate(law, {"k": known, "t": tau}) == pytest.approx(V)
    assert combination.first(V, tau) == pytest.approx(known)
    assert combination.parts_of(law) == (parse("k", "k"), parse("t", "t"))
    step = 1e-6
    moved = evaluate(law, {"k": known, "t": tau + step})
    assert combination.weights(V, known, tau) == pytest.approx(((moved - V) / step) ** 2, rel=1e-4)
    moved = evaluate(law, {"k": known + step, "t": tau})
    assert combination.weights_of_first(V, known) == pytest.approx(
        ((moved - V) / step) ** 2, rel=1e-4
    )


def test_a_known_formula_is_written_in_the_numbers(samples, setting):
    text = "log(U*W)/2 + (e + U/2)**2/(U*W)"
    V = in_numbers(parse(text, "x"), setting.posed)
    numbers = setting.posed.inputs([0.0, 0.0, 0.0], setting.posed.numbers)
    expected = np.exp(evaluate(parse(text, "x"), samples.variables)) / samples.variables["W"]
    assert evaluate(V, numbers) == pytest.approx(expected)


def test_constants_are_closed_or_left_out_only_where_the_data_allow_it(samples, setting):
    train = setting.posed.part(samples.parts["train"])
    start = Law(
        parse("1/(exp(0.26*a - 0.49*c)*1.02 + 1/(1.01 + 0.3*c))", "x"),
        tuple(parse(k, "k") for k in ("0.5", "0.01", "-0.5")),
    )
    fitted = fit_law(start, train)
    assert np.std(fitted.errors(train)) < 1e-4
    law, compared = simplify_law(fitted, train, 0.1)
    assert compared > 0
    assert len(law.constants) < len(fitted.constants)
    assert np.std(law.errors(train)) < 2e-4
    assert "1/4*a" in to_text(law.reduced)
    crude, _ = simplify_law(fitted, train, 100.0)  # at any price
    assert np.std(crude.errors(train)) > np.std(law.errors(train))


def test_closed_numbers_are_near():
    for value in (0.39, -1.58, 2.1):
        for number in closed_numbers(value):
            assert abs(evaluate(number, {}) / value - 1) < 0.13


@pytest.mark.slow
def test_a_law_is_composed_confirmed_and_not_found_in_noise(samples):
    found = compose_law(samples, SYSTEM, EQUATIONS, [], Operon(), 1, 2)
    assert found["errors"]["law"]["test"]["rms"] < 0.1
    assert [null["law"] for null in found["null"]] == [False]
    fresh = table(100, seed=9)
    fresh.parts["test"][:] = True
    result = confirm(found, fresh, samples, SYSTEM, EQUATIONS, 1, "fresh points")
    assert result["announced"]
    assert result["slices"]
    again = compose_law(samples, SYSTEM, EQUATIONS | {"null_restarts": 0}, [], Operon(), 1, 1)
    assert again["law"] == found["law"]
    # A law that fails on new points is not announced.
    found["law"]["formula"] = f"1.2*({found['law']['formula']})"
    assert not confirm(found, fresh, samples, SYSTEM, EQUATIONS, 1, "fresh points")["announced"]
