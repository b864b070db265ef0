"""The lines that the terminal shows at the end of a run."""

from kondoflow.report.headline import MAX_LENGTH, write_headline

NOTHING = {"active_latents": [], "leading_latent": None, "descriptors": {}}


def test_without_active_latents():
    assert write_headline([], NOTHING, None) == ["No latent is active."]


def test_a_long_equation_is_cut():
    entry = {
        "target": "log_T",
        "equation": "U" * (MAX_LENGTH + 1),
        "score_validation": 0.5,
        "null": {"score_validation": None},
        "nearest": None,
        "recovered": [],
    }
    first = write_headline([entry], {**NOTHING, "active_latents": [0]}, None)[0]
    assert first == f"log_T = {'U' * MAX_LENGTH}... (held-out R^2 0.50000)."
