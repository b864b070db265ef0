"""Symmetries that samples show, forms with one ratio or exponential, and the archive."""

from dataclasses import replace

import numpy as np
import pytest

from kondoflow.discovery.engines.forms import exponential
from kondoflow.discovery.engines.interface import SearchProblem, SearchSettings
from kondoflow.discovery.engines.operon import Operon
from kondoflow.discovery.engines.polynomial import fit_polynomial
from kondoflow.discovery.engines.sums import cheapest, short_sums
from kondoflow.discovery.engines.symmetric import squared, symmetric
from kondoflow.discovery.monotone import unexplained
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.search.archive import archive
from kondoflow.discovery.search.polishing import polish
from kondoflow.discovery.selection import Candidate, Part
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse

SYMBOLS = ("add", "sub", "mul", "div", "sqrt", "exp", "sin", "cos")
SETTINGS = SearchSettings(SYMBOLS, 20, 100, 10, 10.0)


def problem(law: str, noise: float = 0.0, **ranges: tuple[float, float]) -> SearchProblem:
    rng = np.random.default_rng(1)
    inputs = {name: rng.uniform(*span, 200) for name, span in ranges.items()}
    y = evaluate(parse(law, "law"), inputs) * (1 + noise * rng.normal(size=200))
    X = np.column_stack(list(inputs.values()))
    return SearchProblem("x", tuple(inputs), X, y, Objective.SQUARED_ERROR, SETTINGS, 1)


@pytest.mark.parametrize("noise", [0.0, 0.01])
@pytest.mark.parametrize(
    ("law", "ranges", "numbers", "factor"),
    [
        ("m/sqrt(1 - v**2/c**2)", {"m": (1, 5), "v": (1, 2), "c": (3, 10)}, {"v/c"}, "m"),
        ("m*x**2*(w**2 + z**2)", {k: (1, 3) for k in "mxwz"}, {"w/z"}, "m*x**2*z**2"),
        ("exp(-(t/s)**2/2)/s", {"t": (1, 3), "s": (1, 3)}, {"t/s", "s/t"}, None),
        (
            "sqrt((a - b)**2 + (f - g)**2)",
            {k: (1, 5) for k in "abfg"},
            {"a - b", "f - g"},
            "1",
        ),
        ("-m*B*cos(t)", {"m": (1, 5), "B": (1, 5), "t": (1, 5)}, {"t"}, "m*B"),
    ],
)
def test_symmetries_show_in_the_samples(law, ranges, numbers, factor, noise):
    posed = problem(law, noise, **ranges)
    found = symmetric(posed)[0]
    inputs = dict(zip(posed.names, posed.X.T, strict=True))
    assert found.problem.X.shape[1] == len({n for n in numbers if "/t" not in n})
    for index, name in enumerate(found.problem.names):
        own = evaluate(parse(name, "key"), inputs)
        np.testing.assert_allclose(own, found.problem.X[:, index])
        assert any(np.allclose(own, evaluate(parse(n, "key"), inputs)) for n in numbers)
    if factor is not None:
        np.testing.assert_allclose(
            posed.y, evaluate(parse(factor, "key"), inputs) * found.problem.y
        )
    (restored,) = found.restored(["1.0"])
    np.testing.assert_allclose(
        evaluate(parse(restored, "key"), inputs) * found.problem.y, posed.y, rtol=1e-9
    )


def test_no_symmetry_is_seen_where_there_is_none():
    spans = {"x": (1, 3), "y": (1, 3)}
    assert symmetric(problem("x + y**2*exp(x)", **spans)) == []
    assert symmetric(problem("x**2/y", **spans)) == []  # a power law needs no search
    assert symmetric(problem("2 + 0*x", **spans)) == []
    shuffled = problem("x + y", **spans)
    assert symmetric(SearchProblem(**{**vars(shuffled), "y": shuffled.y[::-1].copy()})) == []
    repeated = problem("x*y", **spans)
    twice = np.column_stack([repeated.X, repeated.X[:, 0]])
    names = (*repeated.names, "z")
    assert symmetric(SearchProblem(**{**vars(repeated), "X": twice, "names": names})) == []


def test_rounding_shows_no_symmetry_and_no_degree():
    """Errors at the level of rounding are another number on each kind of CPU."""
    for seed in range(8):
        X = np.random.default_rng(seed).uniform(1, 3, (200, 2))
        y = X[:, 0] ** 2 / X[:, 1]
        posed = SearchProblem("x", ("x", "y"), X, y, Objective.SQUARED_ERROR, SETTINGS, 1)
        assert symmetric(posed) == []
        assert fit_polynomial(np.log(X), np.log(y)).degree == 1


def test_a_polynomial_has_the_gradient_of_what_it_fits():
    rng = np.random.default_rng(2)
    u = rng.uniform(-1, 1, (300, 2))
    fit = fit_polynomial(u, u[:, 0] ** 3 * u[:, 1] + 2 * u[:, 1])
    assert fit.error < 1e-20
    np.testing.assert_allclose(fit.gradient[:, 0], 3 * u[:, 0] ** 2 * u[:, 1], atol=1e-9)
    np.testing.assert_allclose(fit.gradient[:, 1], u[:, 0] ** 3 + 2, atol=1e-9)


@pytest.mark.parametrize(
    "law",
    [
        "(1 + 2*x)/(1 - x/7)",
        "1/(exp(0.159*x) - 1)",
        "1/sqrt(9.5 - x**2)",
        "3.0*exp(-1.7*x) + 0.2",
        "(1 + x*y)/(1 + y)",
    ],
)
def test_ratios_and_exponentials_are_found_without_a_search(law):
    posed = problem(law, x=(0.5, 3.0), y=(1.0, 2.0))
    inputs = dict(zip(posed.names, posed.X.T, strict=True))
    texts = cheapest(short_sums(posed.names, posed.X, posed.y, SYMBOLS), inputs, posed.y)
    part = Part(inputs, posed.y)
    errors = [
        np.abs(part.values(found) / posed.y - 1).max()
        for text in texts[:4]
        if (found := polish(parse(text, "key"), part, Objective.SQUARED_ERROR, 0.1)) is not None
    ]
    assert min(errors) < 1e-5


def test_a_search_over_fewer_inputs_finds_a_law_of_the_inputs():
    posed = problem("m/sqrt(1 - v**2/c**2)", m=(1, 5), v=(1, 2), c=(3, 10))
    inputs = dict(zip(posed.names, posed.X.T, strict=True))
    texts = Operon().search(posed).equations
    errors = [unexplained(posed.y, evaluate(parse(text, "key"), inputs)) for text in texts]
    assert min(errors) < 1e-20


def test_short_forms_end_where_values_have_no_reciprocal_square():
    posed = problem("x", x=(1.0, 3.0), y=(1.0, 2.0))
    tiny = posed.y * 1e-200
    with np.errstate(all="raise", under="ignore"):
        texts = short_sums(posed.names, posed.X, tiny, SYMBOLS)
    assert texts


@pytest.mark.parametrize(
    ("law", "ranges"),
    [
        ("g**2/((x - y)**2 + g**2)", {"x": (1, 3), "y": (1.5, 2.5), "g": (0.5, 1.5)}),
        ("1/(1 + d**2/g**2)", {"d": (-2, 3), "g": (0.2, 1)}),
    ],
)
@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_a_search_finds_a_resonance(law, ranges, noise):
    """It depends on a detuning of both signs through its square."""
    posed = problem(law, noise, **ranges)
    brief = SearchSettings(("add", "sub", "mul", "div"), 20, 50, 2, 10.0)
    inputs = dict(zip(posed.names, posed.X.T, strict=True))
    exact = evaluate(parse(law, "law"), inputs)
    texts = Operon().search(replace(posed, settings=brief)).equations
    found = [parse(text, "key") for text in texts]
    left = [unexplained(exact, evaluate(form, inputs)) for form in found]
    assert min(left) < (1e-20 if noise == 0 else 2e-4)


def test_squares_are_tried_only_where_an_input_changes_sign():
    assert squared(problem("x*y", x=(1, 2), y=(1, 2))) is None
    posed = squared(problem("x*y", x=(-1, 2), y=(1, 2)))
    assert posed is not None
    assert posed.names == ("x**2", "y**2")


def test_an_exponential_that_overflows_is_not_tried():
    """Of an input that varies little, exp(kappa x) may have no value where exp(kappa dx) has."""
    rng = np.random.default_rng(0)
    x, y = 1.52 + 1e-3 * rng.random(200), rng.normal(size=200)
    text = exponential([("x", x)], y, np.ones(200))
    assert np.isfinite(evaluate(parse(text, "key"), {"x": x})).all()


def test_the_archive_keeps_equations_that_differ_in_kind():
    def candidate(text: str, error: float) -> Candidate:
        expression = parse(text, "key")
        return Candidate(expression, 5, error, error, error)

    given = [
        candidate("x*y", 0.10),
        candidate("x + y", 0.11),
        candidate("x*sin(y)", 0.2),
        candidate("x + sin(y)", 0.3),
        candidate("sin(y)", 0.4),
    ]
    kept = archive(given, 0.1)
    assert [item.text for item in kept] == ["x*y", "x*sin(y)", "sin(y)"]
    assert archive(given[::-1], 0.1) == kept
