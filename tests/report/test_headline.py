"""The lines that the terminal shows at the end of a run."""

from copy import deepcopy
from typing import Any

import pytest
from report_files import make_verdict

from kondoflow.report.headline import MAX_LENGTH, MAX_LINES, law_headline, write_headline
from kondoflow.report.words import lack_in_words, obstacles_of

NOTHING = {"active_latents": [], "leading_latent": None, "descriptors": {}}
SYSTEM = {
    "parameters": ["U", "Gamma"],
    "region": "abs(U + 1/2) < 0.35 and U > 4*Gamma",
    "references": {"first": "U", "second": "Gamma"},
}
SCORES = {
    "active_latents": [0, 1],
    "leading_latent": 1,
    "best_descriptor": {"1": "width"},
    "descriptors": {
        "scale": {"1": {"pearson": 0.9, "spearman": 0.97, "isotonic_r2": 0.9}},
        "width": {"1": {"pearson": 0.9, "spearman": 0.99, "isotonic_r2": 0.9}},
    },
}


@pytest.fixture
def verdict() -> dict[str, Any]:
    return make_verdict({"latent_0": "x", "latent_1": "x", "log_T": "x"}, SYSTEM)


def headline(verdict: dict[str, Any], scores: dict[str, Any] | None = None) -> list[str]:
    return write_headline(verdict["targets"], verdict["region"], scores or SCORES, "scale")


def test_without_active_latents():
    region = {"expression": None, "conditions": []}
    assert write_headline([], region, NOTHING, None) == ["No latent is active."]


def test_the_verdict_is_told_in_four_lines(verdict):
    assert headline(verdict) == [
        "The equation T = exp(x) recovers first.",
        "  In the region (abs(U + 1/2) below 0.35 and U above 4*Gamma; 33 of 60 samples) its R^2 "
        "is 0.965 on 7 test samples, off by a factor of 1.65 at most; outside it is 0.47 on 27 "
        "samples, off by a factor of 1.65 at most.",
        "latent_1, of 2 active, follows scale (Spearman 0.970) and, better still, width "
        "(Spearman 0.990).",
        "The equation latent_1 = g(1.571*x) recovers first; its R^2 is 0.965 on 7 test samples; "
        "outside it is 0.47 on 27 samples.",
    ]


@pytest.mark.parametrize(
    ("n", "undefined", "words"),
    [
        (0, 0, "; there are no samples outside."),
        (0, 192, "; it has no value on the 192 samples outside."),
        (27, 3, " at most, and it has no value on 3 others."),
        (27, 1, " at most, and it has no value on 1 other."),
    ],
)
def test_samples_on_which_an_equation_has_no_value_are_told(verdict, n, undefined, words):
    verdict["targets"][2]["errors"]["outside"] |= {"n": n, "undefined": undefined}
    assert headline(verdict)[1].endswith(words)


def test_the_map_has_a_letter_that_the_equation_leaves_free(verdict):
    entry = verdict["targets"][1]
    for shown, latex, letter in (
        ("g - abs(x)", "g - x", "h"),
        ("g_0*x", "x h", "k"),
        ("log(x)", r"\log{\gamma}", "g"),
        ("x", r"g h k q w", "map"),
    ):
        entry |= {"shown": shown, "latex": latex}
        assert any(f"latent_1 = {letter}({shown}) rec" in line for line in headline(verdict))


def test_a_latent_far_from_the_scale_is_not_said_to_follow_it(verdict):
    scores = deepcopy(SCORES)
    scores["descriptors"]["scale"]["1"]["spearman"] = -0.46
    line = next(line for line in headline(verdict, scores) if line.startswith("latent_1, of"))
    assert line.startswith("latent_1, of 2 active, is nearest to scale (Spearman -0.460)")


@pytest.mark.parametrize(
    ("law", "told"),
    [
        ({"reason": "factor", "lacks": 6.0}, "has the form of second, but does not recover it: "),
        ({"reason": None}, "recovers no known formula (nearest second: another law, whose"),
    ],
)
def test_a_reference_that_lacks_a_factor_is_told_from_another_law(verdict, law, told):
    entry = next(item for item in verdict["targets"] if item["target"] == "log_T")
    entry |= {"recovered": [], "nearest": "second"}
    found = entry["references"]["second"]
    found["law"] |= {"status": "not", "angle": 1e-6, **law}
    found |= {"recovered": False, "obstacles": ["law", "data"], "lacks": None}
    line = headline(verdict)[0]
    assert told in line
    assert ("the formula lacks a factor of 6" in line) == (law["reason"] == "factor")
    assert "0.0 degrees" not in line


def test_a_constant_that_a_reference_lacks_by_the_data_is_told(verdict):
    entry = next(item for item in verdict["targets"] if item["target"] == "log_T")
    entry |= {"recovered": [], "nearest": "second"}
    found = entry["references"]["second"]
    found["law"] |= {"status": "not", "reason": None}
    lacks = {"kind": "factor", "constant": 0.5704, "interval": [0.5651, 0.5749]}
    found |= {"recovered": False, "obstacles": ["law", "rivals"], "lacks": lacks}
    told = "the formula lacks a factor of 0.57 (0.565 to 0.575)"
    assert f"(nearest second: {told})" in headline(verdict)[0]
    assert obstacles_of(found)[-1] == "another formula describes the data better"
    assert lack_in_words({**lacks, "kind": "offset", "interval": None}) == (
        "it lacks the summand 0.57"
    )


def test_landmarks_are_told_in_a_line_each(verdict):
    known = {"below": 40, "above": 20, "latent": 1, "right": 0.95, "n": 24}
    scores = SCORES | {"landmarks": {"gap": known, "kink": known | {"latent": None}}}
    of = {"quantity": "order", "at": 0.5, "below": "closed", "above": "open"}
    named = {"gap": of, "kink": of}
    lines = write_headline(verdict["targets"], verdict["region"], scores, "scale", named)[-2:]
    sides = "order = 0.5: 40 samples below (closed), 20 above (open)"
    right = "right for 95.0 % of 24 samples outside training"
    assert lines == [f"gap, {sides}; a threshold of latent_1 is {right}.", f"kink, {sides}."]


def test_what_all_latents_say_has_a_line_and_its_equation(verdict):
    entry = verdict["targets"][2]
    entry["joint"] = {"n": 7, "latents": 2, "r2": 0.99871, "rms": 0.0312, "largest": 0.1}
    lines = headline(verdict)
    assert lines[0].startswith("latent_1, of 2 active")  # no target is left beside the latents
    assert lines[-3:-1] == [
        "All 2 active latents together give log_T with R^2 0.9987 and an error of 0.031 on 7 test "
        "samples.",
        "The equation T = exp(x) recovers first.",
    ]
    entry["joint"]["r2"] = None
    assert headline(verdict)[-1] == "All active latents together say nothing of log_T."


def test_scores_are_those_of_the_test_and_no_other(verdict):
    for entry in verdict["targets"][:3]:
        entry["errors"]["test"]["r2"] = 0.875
    shown = " ".join(headline(verdict))
    assert "R^2 is 0.88 on 7 test samples" in shown
    for word in ("held-out", "held out", "validation", "0.97 on"):
        assert word not in shown


def test_a_law_that_is_not_the_same_is_the_nearest_and_why(verdict):
    entry = verdict["targets"][1]
    entry["recovered"], entry["nearest"] = [], "second"
    expected = "recovers no known formula (nearest second: another law, whose gradients point 6.5"
    assert expected in headline(verdict)[3]


def test_the_form_of_a_formula_is_named_where_the_data_depart_from_it(verdict):
    entry = verdict["targets"][1]
    entry["recovered"], entry["nearest"] = [], "second"
    entry["references"]["second"]["law"]["status"] = "same law"
    entry["references"]["second"]["obstacles"] = ["misfit"]
    expected = "has the form of second, but does not recover it: corrected by what it misses of the"
    assert expected in headline(verdict)[3]
    entry["references"]["second"]["obstacles"] = ["imitation"]
    expected = "recovers no known formula (nearest second: the data prefer the formula to the"
    assert expected in headline(verdict)[3]


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("one input", "it cannot be told from another law of the same variable, so nothing is"),
        ("narrow", "the samples extend too little to tell it from a power law"),
    ],
)
def test_what_cannot_be_decided_is_not_claimed(verdict, reason, expected):
    entry = verdict["targets"][1]
    entry["recovered"], entry["nearest"] = [], "second"
    entry["references"]["second"]["law"] |= {"status": "undecidable", "reason": reason}
    shown = headline(verdict)[3]
    assert f"(nearest second: {expected}" in shown
    assert "recovers no known formula" in shown


def test_what_the_samples_do_tell_of_a_formula_is_said(verdict):
    entry = verdict["targets"][1]
    entry["recovered"], entry["nearest"] = [], "second"
    found = entry["references"]["second"]
    found |= {"obstacles": ["law"], "varies_by": 0.25, "lacks": None}
    found["law"] |= {"status": "undecidable", "reason": "little", "little": {"T": 0.13}}
    expected = "agrees with second in all that the samples tell, but does not recover it: T varies"
    assert expected in headline(verdict)[3]
    found["obstacles"] = ["law", "rivals"]
    assert "recovers no known formula (nearest second: T varies" in headline(verdict)[3]
    found["obstacles"], found["law"]["little"] = ["law"], None
    assert "recovers no known formula (nearest second: one of its" in headline(verdict)[3]


def test_an_equation_below_the_threshold_is_not_found(verdict):
    for entry in verdict["targets"][:3]:
        entry["found"] = False
        entry["errors"]["test"]["r2"] = -10.9
    lines = headline(verdict)
    candidate = "the best candidate has R^2 -10.9 on test samples."
    assert lines[0] == f"No equation was found for log_T; {candidate}"
    assert lines[-1] == f"No equation was found for latent_1; {candidate}"
    assert "recovers" not in " ".join(lines)
    assert "1.571*x" not in " ".join(lines)


def test_without_a_scale_the_latent_that_has_an_equation_is_told(verdict):
    latents = verdict["targets"][:2]
    latents[0]["found"] = False
    scores = {**NOTHING, "active_latents": [0, 1]}
    (first, *_) = write_headline(latents, verdict["region"], scores, None)
    assert first.startswith("The equation latent_1 = ")
    latents[1]["found"] = False
    (only,) = write_headline(latents, verdict["region"], scores, None)
    assert only.startswith("No equation was found for latent_0; ")


def test_all_samples_may_be_the_region(verdict):
    verdict["region"] = {"expression": None, "conditions": []}
    for entry in verdict["targets"][:3]:
        entry["errors"]["outside"] |= {"n": 0, "r2": None}
    shown = headline(verdict)[1]
    assert "In the region (all samples; 33 of 33 samples) its R^2" in shown
    assert "there are no samples outside" in shown


def test_a_long_equation_is_cut(verdict):
    entry = deepcopy(verdict["targets"][2])
    entry["solved_for_scale"] = None
    entry["shown"] = "U" * (MAX_LENGTH + 1)
    first = write_headline([entry], verdict["region"], NOTHING | {"active_latents": [0]}, None)[0]
    assert first.startswith("The equation log_T = U")
    assert first.endswith("U... recovers first.")
    assert len(first) < MAX_LENGTH + 42


def test_there_are_never_more_lines(verdict):
    assert len(headline(verdict, SCORES | {"active_latents": []})) == MAX_LINES


def test_a_law_is_told_with_its_error_on_new_points_or_with_what_stands_against_it():
    found = {"quantity": "T", "target": "log_T", "law": {"constants": 3}}
    error = {"rms": 0.0123, "largest": 0.0456}
    told = {"announced": True, "reasons": [], "n": 40, "source": "fresh points"}
    assert law_headline(found, told | {"errors": {"test": error}}) == (
        "A law of T over the whole box has 3 fitted constants. "
        "Its error on 40 fresh points is 1.2 %, root mean square, and 4.6 % at most."
    )
    of_latents = found | {"run": "vae", "truth": "log(T_chi)"}
    assert law_headline(of_latents, told | {"errors": {"test": error}}) == (
        "A law of T over the whole box, from all latents of vae, has 3 fitted constants. Its error "
        "on 40 fresh points against log(T_chi) is 1.2 %, root mean square, and 4.6 % at most."
    )
    told_of_log = law_headline(
        {**found, "quantity": None, "law": {"constants": 1}}, told | {"errors": {"test": error}}
    )
    assert told_of_log == (
        "A law of log_T over the whole box has 1 fitted constant. "
        "Its error on 40 fresh points is 0.012, root mean square, and 0.046 at most."
    )
    refused = {"announced": False, "reasons": ["it is off", "so is its null"]}
    assert law_headline(found | {"quantity": None}, refused) == (
        "No law of log_T over the whole box is announced: it is off; so is its null."
    )


@pytest.mark.parametrize(
    ("little", "expected"),
    [
        ({"c": 0.2}, "c varies too little for its power to be seen (standard deviation of its"),
        ({"c": 0.2, "W": 0.031}, "of their logarithms 0.2 and 0.031; 0.25 is asked)"),
    ],
)
def test_what_varies_too_little_is_named_with_how_much(verdict, little, expected):
    found = verdict["targets"][1]["references"]["second"] | {"varies_by": 0.25, "lacks": None}
    found["law"] |= {"status": "undecidable", "reason": "little", "little": little}
    found["obstacles"] = ["law"]
    (words,) = obstacles_of(found)
    assert expected in words
