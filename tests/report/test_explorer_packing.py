"""What the explorer packs: containers, spectra, labels, formulas, maps, the decoder."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from flax import nnx
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from benchmarks.bcs import make_spectra
from kondoflow.autoencoder.conventions import Conventions
from kondoflow.autoencoder.encoding import decode
from kondoflow.autoencoder.layers import plain_decoder
from kondoflow.autoencoder.model import Architecture, Autoencoder
from kondoflow.autoencoder.parameters import write_weights
from kondoflow.autoencoder.scaling import Scaling
from kondoflow.autoencoder.storage import Model
from kondoflow.autoencoder.stored import ACTIVATIONS, OUTPUTS, read_stored
from kondoflow.discovery.judgement.measuring import map_content, measure
from kondoflow.discovery.objectives import Objective, fit_map
from kondoflow.discovery.targets import Target, read_samples
from kondoflow.files.atomic import write_json
from kondoflow.files.splits import assign_split
from kondoflow.files.support import far_distance
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.trees import Apply, Expression, Name, Number
from kondoflow.report.explorer.coding import decode_spectra, encode_spectra, pack, unpack
from kondoflow.report.explorer.decoder import Decoder
from kondoflow.report.explorer.formulas import in_language, mathml, source_code
from kondoflow.report.explorer.sampling import MAX_SAMPLES, MAX_VALUES, choose_part
from kondoflow.report.glyphs import html, pieces, plain


def test_containers_give_back_what_they_were_given() -> None:
    given_arrays = {
        "a": np.linspace(0, 1, 7),
        "b": np.arange(6, dtype=np.uint8).reshape(2, 3),
        "c": np.array([1.5, -0.25], np.float16),
        "d": np.arange(3, dtype=np.uint32),
        "none": np.zeros((0, 4), np.float32),
    }
    content, found = unpack(pack({"ü": [1, None, "</script>"]}, given_arrays))
    assert content == {"ü": [1, None, "</script>"]}
    for name, array in given_arrays.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


def test_containers_refuse_what_browsers_cannot_read() -> None:
    with pytest.raises(ValueError, match="a has type int64"):
        pack({}, {"a": np.arange(3)})
    with pytest.raises(ValueError, match="JSON"):
        pack({"x": np.nan}, {})


@settings(max_examples=60, deadline=None)
@given(arrays(np.float64, (3, 17), elements=st.floats(0, 1024, width=32, allow_subnormal=False)))
def test_a_spectrum_is_off_by_half_a_level_at_most(spectra: np.ndarray) -> None:
    found = decode_spectra(encode_spectra(spectra))
    largest = spectra.max(axis=1, keepdims=True)
    assert (np.abs(found - spectra) <= largest * (1 / 8190 + 1e-6)).all()


@settings(max_examples=60, deadline=None)
@given(arrays(np.float64, (3, 17), elements=st.floats(1e-34, 1e34, allow_subnormal=False)))
def test_a_spectrum_in_decades_is_off_by_half_a_step_of_the_logarithm(spectra: np.ndarray) -> None:
    found = decode_spectra(encode_spectra(spectra, decades=True))
    step = (np.log(spectra.max()) - np.log(spectra.min())) / 4095
    assert (np.abs(np.log(found / spectra)) <= step / 2 + 1e-9).all()


def test_spectra_that_touch_0_are_not_stored_in_decades() -> None:
    spectra = np.array([[0.0, 1.0, 2.0]])
    assert "spectra_max" in encode_spectra(spectra, decades=True)


@pytest.mark.parametrize(
    ("label", "found"),
    [
        (r"$T_\chi/D$", [("T", "i"), ("χ", "_"), ("/", ""), ("D", "i")]),
        (r"$\log_{10}(T_K/D)$", [("log", ""), ("10", "_"), ("(", ""), ("T", "i"), ("K", "_")]),
        (r"Haldane with $e^{\pi\Gamma/2U}$", [("Haldane with ", ""), ("e", "i"), ("πΓ/2U", "^")]),
        (r"$\frac{\mathrm{HWHM}}{D}$", [("HWHM/", ""), ("D", "i")]),
        (r"$|n_d - 1|$", [("|", ""), ("n", "i"), ("d", "_"), ("\N{MINUS SIGN}1|", "")]),
        ("costs $5", [("costs $5", "")]),
        (r"$\nonsense{", [(r"$\nonsense{", "")]),
        (r"$x_{$", [("x", "i")]),
    ],
)
def test_labels_are_cut_into_pieces(label: str, found: list[tuple[str, str]]) -> None:
    assert pieces(label)[: len(found)] == found


def test_labels_are_text_to_the_page() -> None:
    assert html("<img src=x> $T_K$") == "&lt;img src=x&gt; <i>T</i><sub>K</sub>"
    assert plain(r"$\lambda^2/\mathrm{eV}$") == "λ^2/eV"
    assert plain(r"$U^{1-r}/\Gamma$") == "U^(1\N{MINUS SIGN}r)/Γ"


NAMES = ("U", "Gamma", "eps_d")


def expressions() -> st.SearchStrategy[Expression]:
    numbers = st.one_of(
        st.integers(-9, 9).map(Number), st.floats(-9, 9).map(lambda x: Number(round(x, 3)))
    )
    leaves = st.one_of(numbers, st.sampled_from(NAMES).map(Name), st.just(Apply("pi")))
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(
                lambda f, a, b: Apply(f, (a, b)),
                st.sampled_from(["add", "sub", "mul", "div", "minimum", "maximum"]),
                inner,
                inner,
            ),
            st.builds(lambda a, n: Apply("pow", (a, Number(n))), inner, st.integers(0, 3)),
            st.sampled_from(NAMES).map(lambda a: Apply("pow", (Name(a), Number(-2)))),
            st.builds(
                lambda f, a: Apply(f, (a,)),
                st.sampled_from(["neg", "log", "exp", "sqrt", "abs", "tanh", "square"]),
                inner,
            ),
        ),
        max_leaves=8,
    )


@settings(max_examples=200, deadline=None)
@given(expressions())
def test_copied_code_means_the_same(expression: Expression) -> None:
    rng = np.random.default_rng(1)
    values = {name: rng.uniform(0.1, 2, 5) for name in NAMES}
    with np.errstate(all="ignore"):
        expected = np.broadcast_to(evaluate(expression, values), 5)
    for language, text in (
        ("python", in_language(expression, "python").replace("np.", "")),
        ("sympy", in_language(expression, "sympy").replace("sp.", "")),
        ("julia", re.sub(r"\b(min|max)\(", r"\1imum(", in_language(expression, "julia"))),
    ):
        found = np.broadcast_to(evaluate(parse(text, "code"), values), 5)
        np.testing.assert_allclose(found, expected, rtol=1e-12, err_msg=f"{language}: {text}")


def test_code_to_take_away_is_complete() -> None:
    code = source_code(parse("log10(eps_d**2)/U + 1", "x"), {"eps_d": r"\epsilon_d"})
    assert r"\epsilon_d^{2}" in code["latex"]
    assert code["python"].endswith("def formula(U, eps_d):\n    return np.log10(eps_d**2)/U + 1\n")
    assert code["sympy"].splitlines()[2:] == [
        'U, eps_d = sp.symbols("U eps_d", real=True)',
        "formula = sp.log(eps_d**2, 10)/U + 1",
    ]
    assert code["julia"] == "formula(U, eps_d) = log10(eps_d^2)/U + 1\n"


@settings(max_examples=100, deadline=None)
@given(expressions())
def test_mathml_is_well_formed(expression: Expression) -> None:
    root = ElementTree.fromstring(mathml(expression, {"eps_d": r"$\epsilon_d$", "U": "<U> & $V$"}))
    assert root.tag == "math"


def test_fractions_in_exponents_stand_in_a_line() -> None:
    text = mathml(parse("exp(-a/(2*b) - 1/(c + 1))/b", "x"), {})
    assert text.count("<mfrac>") == 1
    assert "".join(ElementTree.fromstring(text).itertext()) == (
        "e\N{MINUS SIGN}a/(2\N{INVISIBLE TIMES}b)\N{MINUS SIGN}1/(c+1)b"
    )


def test_mathml_has_no_needless_brackets() -> None:
    text = mathml(parse("-4.414*a*(b + 1) + log(c) - 2*d", "x"), {})
    assert "".join(ElementTree.fromstring(text).itertext()) == (
        "\N{MINUS SIGN}4.414\N{INVISIBLE TIMES}a\N{INVISIBLE TIMES}(b+1)"
        "+log\N{FUNCTION APPLICATION}(c)\N{MINUS SIGN}2\N{INVISIBLE TIMES}d"
    )


def test_factors_that_would_read_as_one_word_have_a_dot_between_them() -> None:
    labels = {"G": r"$\Gamma$", "x": r"$x_1$"}
    read = {
        "B*T0": "B\N{MIDDLE DOT}T0",
        "0.5*mass*T": "0.5\N{MIDDLE DOT}mass\N{MIDDLE DOT}T",
        "T*log(B)": "T\N{MIDDLE DOT}log\N{FUNCTION APPLICATION}(B)",
        "G*x*B**2": "\u0393\N{INVISIBLE TIMES}x1\N{INVISIBLE TIMES}B2",
    }
    for text, expected in read.items():
        element = ElementTree.fromstring(mathml(parse(text, "x"), labels))
        assert "".join(element.itertext()) == expected


def test_large_sets_are_sampled() -> None:
    whole = choose_part(60, 333)
    assert whole.samples.tolist() == whole.spectra.tolist() == list(range(60))
    part = choose_part(200_000, 333)
    assert (len(part.samples), part.n_total) == (MAX_SAMPLES, 200_000)
    assert len(part.spectra) == MAX_VALUES // 333
    assert (np.diff(part.samples) > 0).all()
    assert (np.diff(part.spectra) > 0).all()


def test_the_limit_is_a_quantile_of_held_out_distances() -> None:
    rng = np.random.default_rng(2)
    codes = rng.normal(size=(300, 2)) * [1, 10]
    train = np.arange(300) < 200
    spread, limit = far_distance(codes, train)
    scaled = codes / codes[train].std(axis=0)
    distance = np.linalg.norm(scaled[~train][:, None] - scaled[train], axis=2).min(axis=1)
    np.testing.assert_allclose(spread, codes[train].std(axis=0))
    assert limit == pytest.approx(np.quantile(distance, 0.99))
    assert far_distance(codes, np.ones(300, bool))[1] > 0


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("output", OUTPUTS)
def test_the_decoder_of_the_page_is_the_networks(
    activation: str, output: str, tmp_path: Path
) -> None:
    rng = np.random.default_rng(4)
    architecture = Architecture(21, (16, 8), 4, activation, output)
    numbers = {name: rng.normal(size=4) for name in ("factor", "shift", "kl", "relevance")}
    median = rng.normal(size=4).astype(np.float32)
    order, active = np.array([2, 0, 3, 1]), np.array([True, False, True, False])
    model = Model(
        network=Autoencoder(architecture, nnx.Rngs(3)),
        scaling=Scaling(rng.normal(size=21), 1.7),
        channel="up",
        omega=np.linspace(-1, 1, 21),
        variational=True,
        active_above=0.01,
        conventions=Conventions(order=order, active=active, median=median, **numbers),
    )
    write_weights(tmp_path / "weights.safetensors", nnx.state(model.network))
    write_json(
        tmp_path / "model.json",
        {
            "architecture": architecture.as_json(),
            "settings": {"kl_weight": 1, "active_above": model.active_above},
            **model.scaling.as_json(),
            **model.conventions.as_json(),
            "channel": model.channel,
            "channels": [],
            "omega": model.omega.tolist(),
        },
    )
    stored = read_stored(tmp_path / "weights.safetensors", tmp_path / "model.json")
    codes = rng.normal(size=(50, 4))
    whole = Decoder(**plain_decoder(stored))
    np.testing.assert_allclose(whole(codes), decode(model, codes), atol=1e-5)
    codes[:, [1, 3]] = median[[1, 3]]
    over = whole.over([2, 0], median)
    np.testing.assert_allclose(over(codes[:, [2, 0]]), decode(model, codes), atol=1e-5)


def test_scores_and_maps_of_a_formula() -> None:
    dataset = make_spectra(200, 5)
    dataset["split"] = (
        "sample",
        assign_split(200, {"train": 0.8, "validation": 0.1, "test": 0.1}, 1),
    )
    system = {"parameters": ["coupling", "cutoff"], "region": "coupling > 0.3"}
    samples = read_samples(dataset, system)
    log_gap = np.log(dataset["gap"].to_numpy())
    formula = parse("log(2*cutoff) - 1/coupling", "x")
    scores, onto = measure(formula, Target("t", log_gap, Objective.SQUARED_ERROR), samples)
    assert scores == pytest.approx(dict.fromkeys(("train", "validation", "test", "outside"), 1.0))
    assert onto == {"kind": "identity", "offset": 0.0, "slope": 1.0}
    falling = Target("t", -(log_gap**3), Objective.ISOTONIC)
    assert measure(formula, falling, samples)[0]["test"] == pytest.approx(1.0, abs=1e-2)
    few = read_samples(dataset, {**system, "region": "coupling > 5"})
    assert measure(formula, falling, few) == (dict.fromkeys(scores), None)


def test_steps_of_a_monotone_map_are_merged() -> None:
    x, y = np.arange(6.0), np.array([0, 0, 1, 1, 1, 3.0])
    steps = map_content(Objective.ISOTONIC, fit_map(Objective.ISOTONIC, x, y))
    assert steps == {
        "kind": "monotone map",
        "first": [0.0, 2.0, 5.0],
        "last": [1.0, 4.0, 5.0],
        "y": [0.0, 1.0, 3.0],
    }
