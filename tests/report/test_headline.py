"""The lines that the terminal shows at the end of a run."""

from kondoflow.report.headline import MAX_LENGTH, write_headline

NOTHING = {"active_latents": [], "leading_latent": None, "descriptors": {}}


def test_without_active_latents():
    assert write_headline([], NOTHING, None) == ["No latent is active."]


NONE = {"n": 0, "r2": None}


def entry_of(r2=0.9, **changes):
    return {
        "target": "log_T",
        "equation": "0.961234*U",
        "shown": "0.961*U",
        "found": True,
        "found_above": 0.5,
        "errors": {"test": {"n": 51, "r2": r2}, "outside": {"n": 149, "r2": 0.61}},
        "null": {"score_validation": None},
        "nearest": None,
        "recovered": [],
        **changes,
    }


def first_line(**changes):
    return write_headline([entry_of(**changes)], {**NOTHING, "active_latents": [0]}, None)[0]


def test_a_long_equation_is_cut():
    line = first_line(shown="U" * (MAX_LENGTH + 1), errors={"test": NONE, "outside": NONE})
    assert line == f"log_T = {'U' * MAX_LENGTH}... (R^2 undefined on 0 test samples of the region)."


def test_test_samples_are_named_and_what_lies_outside_the_region():
    assert first_line() == (
        "log_T = 0.961*U (R^2 0.9000 on 51 test samples of the region, "
        "0.6100 on 149 samples outside it)."
    )


def test_an_equation_that_explains_nothing_is_not_printed_as_found():
    line = first_line(r2=-10.9, found=False)
    assert "=" not in line
    assert line == (
        "log_T: no equation explains it, the best has R^2 -10.9000 on 51 test samples "
        "(at least 0.5 is asked)."
    )


def test_what_cannot_be_decided_is_said():
    def law(reason):
        item = {"residual": {"inside": 0.0}, "law": {"reason": reason, "angle": None}}
        return first_line(nearest="weber", references={"weber": item})

    assert "with one input no law can be told from another" in law("one input")
    assert "vary too little" in law("narrow")
    assert law(None).endswith("recovers no reference, nearest is weber (1 - R^2 = 0.0e+00).")
