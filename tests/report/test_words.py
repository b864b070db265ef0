"""The words of the page: the numbers of the files, and of the system what the files say."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from report_files import Run, make_model, make_run

from kondoflow.files.atomic import read_json, write_json
from kondoflow.report.labels import Labels, colours_of
from kondoflow.report.sections.data import meaning_of, own_parameters
from kondoflow.report.sections.equations import seen_inputs
from kondoflow.report.sections.judgement import rivals_of
from kondoflow.report.sections.law import factors_of
from kondoflow.report.templating import environment, fill

FOREIGN = r"\b(Kondo|T_K|impurity|Anderson|NRG|Haldane|hybridi[sz]ation|half-width|Gamma|spin)\b"


def words_of(page: str) -> str:
    """Text of a page without its configuration; formulas as their LaTeX."""
    text = re.sub(r'<math alttext="([^"]*)".*?</math>', r"\1", page, flags=re.DOTALL)
    apart = r"<style>.*?</style>|<script.*?</script>|<details id=.configuration.*"
    text = re.sub(apart, "", text, flags=re.DOTALL)
    text = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())
    return re.sub(r" ([.,;:)])", r"\1", text).replace("( ", "(")


@pytest.fixture(scope="module")
def words(page: str) -> str:
    """Text of the page of the Anderson run."""
    return words_of(page)


def test_the_page_tells_the_numbers_of_the_files(words: str) -> None:
    assert "36 spectra are for training, 12 for validation and 12 for the test." in words
    assert "The same for all samples: B = 0, T = 10 \N{MINUS SIGN}6 D." in words
    assert "The median spectrum took 0.75 s of processor time, all spectra together 45 s." in words
    assert "2 of 4 latents are active." in words
    assert "Operon ran 3 searches for 3 targets, whose wall times add up to 6.0 s." in words
    assert "latent 3 was left out: it does not vary." in words
    assert "PySR did not take part: no Julia" in words
    assert "Lambda = 3.0" in words
    assert "pyoperon 0.6.2" in words


def test_reasons_of_rejected_samples_are_those_of_the_data_set(words: str) -> None:
    rejected = "Further samples could not be used and are set apart: 1 failed, 1 weight off."
    assert rejected in words


def test_the_verdict_names_what_was_found(words: str) -> None:
    verdict = words.partition("Published values")[0]
    assert "Latent 0, one of 2 active latents, follows \\log_{10}(T_\\chi/D)" in verdict
    assert "Pearson \N{MINUS SIGN}0.910, Spearman \N{MINUS SIGN}0.920, R² 0.930" in verdict
    assert "It holds 33 of 60 samples." in verdict
    interval = "0.945 to 0.975 in 95 % of resamples"
    test = f"On the 7 test samples of the region after a monotone map, R² is 0.965 ({interval})"
    assert (
        f"{test}, and the error is 0.12 (root mean square) and 0.50 at most in the unit of"
        in verdict
    )
    assert "Outside the region, on 27 samples, R² is 0.47" in verdict
    assert "It recovers Haldane: the gradients of the two differ by at most 0.50°" in verdict
    scale = "T_\\chi is off by a factor of 1.13 (root mean square) and 1.65 at most"
    assert f"On the 7 test samples of the region, R² is 0.965 ({interval}), and {scale}" in verdict


def test_where_nothing_is_recovered_the_nearest_reference_stands(gap: Run) -> None:
    path = gap.files["verdict"]
    before = path.read_bytes()
    verdict = read_json(path)
    for entry in verdict["targets"]:
        entry["recovered"] = []
        if entry["equation"]:
            entry["references"]["weak"]["law"] |= {"status": "undecidable", "reason": "one input"}
            entry["references"]["weak"]["obstacles"] = ["law"]
    write_json(path, verdict)
    words = words_of(gap.report())
    path.write_bytes(before)
    nothing = "it cannot be told from another law of the same variable, so nothing is claimed"
    assert (
        f"It recovers no known formula. The nearest is weak. What stands against it: {nothing}."
        in words
    )


def test_words_of_the_judgement_are_defined_in_one_place(words: str) -> None:
    """What depends on the run stands in the verdict, what the words mean stands at the end."""
    verdict = words.partition("Published values")[0]
    for told in (
        "Equations are sought in a region: the samples where",
        "20 of these are for training, 6 for validation and 7 for the test.",
        "solved for T_\\chi (1/(4 spin susceptibility)",
        "Over the whole box, a closed formula with",
    ):
        assert told in verdict
    definitions = words.rpartition("Definitions")[2]
    for told in (
        "Test samples take no part in these choices.",
        "It is compared with other quantities up to a monotone map and a sign only",
        "An equation recovers a formula if the two are the same law",
    ):
        assert words.count(told) == 1
        assert told in definitions


def test_every_part_of_the_data_has_its_error(words: str) -> None:
    table = words.partition("Errors are factors by which T_\\chi is missed.")[2]
    for row in ("training 20 0.965 1.13 1.65", "outside the region 27 0.47 1.13 1.65"):
        assert row in table
    assert "test samples among these 5" in table


def test_the_whole_front_is_told_with_its_references_and_its_choice(words: str) -> None:
    front = words.partition("The whole front of latent 0")[2].partition("Coefficients")[0]
    assert front.index("Haldane log(x0)") < front.index("1.571*x")
    assert "9 0.035 0.035 0.035 0.53 1.571*x" in front
    choice = "From complexity 1 the error falls by a factor of 30.0, where 2.20 is required."
    assert choice in words


def test_constants_end_at_their_uncertainty(words: str) -> None:
    assert "bootstrap: 1.571(12)." in words
    assert "0.961(20)" in words
    assert "±" not in words


def test_an_equation_that_explains_too_little_is_not_found(anderson: Run) -> None:
    path = anderson.files["verdict"]
    before = path.read_bytes()
    verdict = read_json(path)
    for entry in verdict["targets"]:
        if entry["equation"]:
            entry["found"] = False
            entry["errors"]["test"]["r2"] = -10.9
            entry["recovered"] = []
    write_json(path, verdict)
    words = words_of(anderson.report())
    path.write_bytes(before)
    assert "60 spectra were compressed to 2 active latents" in words
    assert "(Spearman \N{MINUS SIGN}0.92 on 24 validation and test samples). No equation" in words
    lacking = "the best candidate has R² 0.965 on validation and \N{MINUS SIGN}10.9 on test samples"
    verdict_part = words.partition("Published values")[0]
    assert verdict_part.count(lacking) == 2
    assert "It recovers" not in verdict_part


def test_every_claim_of_the_page_has_its_samples(page: str) -> None:
    words = words_of(page)
    assert "On the 7 test samples of the region, R² is" in words
    assert "(Spearman \N{MINUS SIGN}0.92 on 24 validation and test samples)" in words
    assert re.search(r"On all [\d,]+ fresh points the law is off by [\d.]+ %", words)


def test_uncertainties_have_one_notation() -> None:
    told = factors_of(
        {"factors": {"U": 0.5514, "B": 0.068}, "uncertainties": {"U": 0.01, "B": 0.02}}
    )
    assert told == [("U", "0.551(10)"), ("B", "0.068(20)")]
    assert factors_of(None) == []


def test_published_figures_stand_beside_ours(words: str) -> None:
    table = words.partition("Published values")[2].partition("Data")[0]
    assert "arXiv:2107.08013 this run active latents 2 2" in table
    assert "exponent of Haldane, which the source found by regression 0.765 0.875" in table


def test_held_out_is_no_word_of_the_page(words: str) -> None:
    """Scores are over validation or test samples, or both; the page says which."""
    assert "held out" not in words
    assert "held-out" not in words


def test_latents_are_called_by_their_number(words: str) -> None:
    assert not re.search(r"\bz_", words)
    assert "\\ln" not in words


@pytest.fixture(scope="module")
def of_gap(gap: Run) -> str:
    """Text of the page of a system without an impurity."""
    return words_of(gap.report())


def test_the_page_of_another_system_has_no_word_of_an_impurity(gap: Run, of_gap: str) -> None:
    assert not re.findall(FOREIGN, of_gap)
    for path in gap.figures:
        if path.suffix == ".svg":
            assert not re.findall(FOREIGN, path.read_text())


def test_the_page_of_another_system_speaks_its_words(of_gap: str) -> None:
    assert "Tunnelling spectra. The set has 60 spectra N(E)/N_0 on 61 points" in of_gap
    assert "from E = \N{MINUS SIGN}3 to 3 meV." in of_gap
    assert "The same for all samples: seconds = 300 s." in of_gap
    assert "pairing strength" in of_gap
    assert "(b) The same spectra against E in units of \\Delta." in of_gap
    assert "Published values" not in of_gap
    assert "processor time, all" not in of_gap


def test_quantities_are_the_parameters_and_what_expressions_name(words: str) -> None:
    table = words.partition("quantities of the samples")[2].partition("example spectra")[0]
    for name in ("U/D", "T_\\chi/D", "half_width (D)", "occupation_up"):
        assert name in table
    assert "T/D" not in table.split()  # the same for all samples
    assert "half-width at half-maximum" in table


@pytest.mark.parametrize("n_active", [0, 1])
def test_few_latents_have_few_figures(tmp_path: Path, n_active: int) -> None:
    run = make_run(tmp_path, anderson=False, n_active=n_active)
    page = run.report()
    for name in ("latent_plane", "latent_scale", "correlations", "traversals", "pareto"):
        assert (f'id="set.run.{name}"' in page) == (n_active > 0)
    words = words_of(page)
    if n_active == 0:
        assert "No latent is active. There is no equation." in words
        assert "None of 4 latents is active" in words
    else:
        assert "Latent 0, the only active latent, follows" in words
        assert "1 of 4 latents is active." in words
        assert "(b) shows each as a point" in words
        assert "layers of its encoder have 77" in words
        assert "in the plane of latent" not in words


def test_of_a_plain_autoencoder_the_page_tells_what_it_has(gap: Run) -> None:
    gap.config["runs"][0]["kl_weight"] = 0.0
    words = words_of(gap.report())
    del gap.config["runs"][0]["kl_weight"]
    assert "A plain autoencoder compresses each spectrum." in words
    assert "Latent 0 carries 80 % of the variance of the spectra" in words
    assert "6 networks were trained from different seeds. A network with a loss near" in words
    for word in ("posterior", "rises to", "rank correlation"):
        assert word not in words


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ([3], "No other restart has the same active latents, so the leader was kept as it is."),
        ([1, 3], "The group has 2 members. The leader was kept and turned to the axes of"),
        ([0, 1, 3], "The group has 3 members. The member nearest to the mean of the group was"),
    ],
)
def test_the_page_tells_how_the_network_was_chosen(
    anderson: Run, group: list[int], expected: str
) -> None:
    words = with_model(anderson, make_model(group))
    assert "6 networks were trained from different seeds. Their losses, over training and" in words
    assert "validation spectra together, are 4.50, 4.60, 4.70" in words
    assert "change a spectrum in independent ways, are 0.030, 0.030" in words
    assert expected in words
    assert "A linear map removed the rank correlation between the active latents." in words


def with_model(run: Run, model: dict[str, Any]) -> str:
    """Text of the page with another model.json."""
    path = run.files["model"]
    before = path.read_bytes()
    write_json(path, model)
    words = words_of(run.report())
    path.write_bytes(before)
    return words


def test_axes_that_were_not_corrected_are_not_said_to_be(anderson: Run) -> None:
    words = with_model(anderson, make_model([3]) | {"axes_corrected": False})
    assert "A linear map removed" not in words


def test_a_model_that_does_not_tell_its_choice_has_a_page(anderson: Run) -> None:
    content = {"versions": {"jax": "0.10.2"}, "settings": {}, "architecture": {}}
    words = with_model(anderson, content)
    assert "A variational autoencoder" in words
    assert "networks were trained" not in words


def test_a_network_without_rivals_was_not_chosen(
    anderson: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    single = anderson.config["autoencoder"] | {"restarts": 1}
    monkeypatch.setitem(anderson.config, "autoencoder", single)
    assert "networks were trained" not in words_of(anderson.report())


def test_axes_of_the_ensemble_are_parameters_even_where_they_do_not_vary():
    axes = {"U": {"range": [0.1, 0.2]}, "T": 1e-6, "eps_d_over_U": -0.5}
    spectra = xr.Dataset(attrs={"ensemble": json.dumps({"axes": axes, "n_samples": 2})})
    variables = {"U": np.array([0.1, 0.2]), "T": np.full(2, 1e-6)}
    results = SimpleNamespace(spectra=spectra, variables=variables)
    assert own_parameters(results) == ["U", "T"]


def test_the_meaning_of_a_part_is_that_of_the_whole_and_no_other_name_has_it() -> None:
    """T_FL, an expression of its own, is no temperature T."""
    spectra = xr.Dataset(
        {
            "T": ("sample", np.ones(2), {"long_name": "temperature"}),
            "occupation": (("sample", "spin"), np.ones((2, 2)), {"long_name": "occupation"}),
        },
        {"spin": ["up", "down"]},
    )
    results = SimpleNamespace(spectra=spectra)
    named = {name: meaning_of(results, name) for name in ("T", "occupation_up", "T_FL", "U")}
    assert named == {"T": "temperature", "occupation_up": "occupation", "T_FL": "", "U": ""}


def test_all_inputs_of_a_search_are_listed() -> None:
    results: Any = SimpleNamespace(system={"inputs": {"x": "U/Gamma", "g": "g", "T": "T"}})
    assert seen_inputs(results, ["T"]) == ["x = U/Gamma", "g"]
    results.system["inputs"].pop("x")
    assert seen_inputs(results, []) == []


def test_samples_have_the_colour_of_the_scale_unless_the_system_names_others() -> None:
    descriptors = {"n": "n", "log_T": "log10(T)"}
    assert colours_of({"descriptors": descriptors}) == ["n"]
    assert colours_of({"descriptors": descriptors, "scale": "log_T"}) == ["log_T"]
    assert colours_of({"descriptors": descriptors, "scale": "log_T", "colours": ["n"]}) == ["n"]


@pytest.mark.parametrize("left", [0.3, 1.79])
def test_of_formulas_that_all_miss_a_target_none_is_said_to_describe_it(left: float) -> None:
    labels = Labels({}, xr.Dataset())
    rivals = {"best": "wien", "inseparable": [], "excluded": {}}
    found = rivals_of(labels, rivals, {"wien": {"unexplained": left}})
    judgement: Any = environment().get_template("judgement.html").module
    said = " ".join(judgement.rivalry(found).split())
    if left < 1:
        assert said == "Of the formulas themselves, wien describes the data best."
    else:
        assert said.startswith("None of the formulas themselves describes the data: the best of ")
        assert said.endswith("them, wien, leaves 179 % of the variance.")


def test_the_law_adds_nothing_negative_and_says_how_often_permuted_values_gave_one(
    words: str,
) -> None:
    law = words.partition("whole box with an error of ")[2].partition("Spectral functions")[0]
    assert law.startswith("0.")
    assert " % (root mean square) and" in law.partition("at most on")[0]
    assert "(1 - (1/2)*Gamma)" in law
    assert "+ -" not in law.partition("Fitted constants")[0]
    assert "for the sum of the two" in law
    assert "The same search on permuted values composed no law in 1 run." in law


def test_a_device_whose_kind_is_its_platform_is_named_once(anderson: Run) -> None:
    model = make_model([0, 1])
    model["versions"] = {"device": "cpu cpu"}
    assert "device cpu " in with_model(anderson, model)
    model["versions"] = {"device": "gpu NVIDIA H100"}
    assert "device gpu NVIDIA H100" in with_model(anderson, model)


def entry_of_lead(**changes: Any) -> dict[str, Any]:
    errors = {"test": {"r2": 0.95, "n": 7}, "outside": {"r2": None, "n": 0}}
    known = {"found": True, "symbol": "t", "errors": errors, "recovered": [], "compares": True}
    return {**known, **changes}


@pytest.mark.parametrize(
    ("n_active", "equations", "expected"),
    [
        (
            0,
            [],
            "No latent is active: the network keeps nothing of the 60 spectra. No equation was "
            "found.",
        ),
        (1, [], "60 spectra were compressed to 1 active latent. No equation was found."),
        (
            2,
            [entry_of_lead()],
            "60 spectra were compressed to 2 active latents. The equation found for t has R² 0.950 "
            "on 7 test samples. It recovers no known formula.",
        ),
        (
            2,
            [entry_of_lead(compares=False)],
            "60 spectra were compressed to 2 active latents. The equation found for t has R² 0.950 "
            "on 7 test samples.",
        ),
    ],
)
def test_the_first_sentences_fit_what_was_found(n_active, equations, expected) -> None:
    facts = {"n_active": n_active, "equations": equations, "leading": None, "law": None}
    assert " ".join(fill("lead.html", n=60, facts=facts).split()) == expected


@pytest.mark.parametrize("n", [4, 5])
def test_many_latents_stand_in_a_table(n: int) -> None:
    best = {"symbol": "q", "spearman": 0.9, "pearson": 0.8, "n": 24}
    active = [{"name": f"latent {k}", "kl": 0.5, "share": None, "best": best} for k in range(n)]
    facts = {"n": 10, "correlated": True, "n_correlated": 24, "variational": True, "active": active}
    run = SimpleNamespace(figures=[], anchor="run")
    told = fill("topics/latents.html", run=run, facts={**facts, "joint": [], "landmarks": []})
    text = words_of(told)
    assert text.startswith(f"{n} of 10 latents are active.")
    assert "over 24 validation and test samples together." in text
    assert ("<table>" in told, "Latent 3 has a KL divergence" in text) == (n > 4, n <= 4)
    active[0]["best"], active[1]["best"] = {**best, "n": 18}, None
    apart = {**facts, "n_correlated": None, "joint": [], "landmarks": []}
    text = words_of(fill("topics/latents.html", run=run, facts=apart))
    assert "over the validation and test samples together, as far as" in text
    dashes = " ".join("\N{EN DASH}" * 4)
    assert (f"0.800 18 latent 1 0.50 {dashes}" in text) == (n > 4)
    assert ("Pearson 0.800, on 18 samples)" in text) == (n <= 4)


def test_a_column_of_meanings_stands_only_where_there_is_one() -> None:
    quantity = {"label": "q", "spread": [1.0, 2.0, 3.0], "meaning": ""}
    facts = {
        "title": "",
        "name": "mine",
        "n": 6,
        "symbol": "A",
        "n_omega": 20,
        "axis": "x",
        "low": 0.0,
        "high": 1.0,
        "unit": "",
        "parts": {"train": 4, "validation": 1, "test": 1},
        "rejected": [],
        "cost": np.empty(0),
        "constants": [],
        "source": [],
    }
    run = SimpleNamespace(figures=[], anchor="run")
    bare, told = (
        words_of(fill("topics/data.html", run=run, facts={**facts, "quantities": [each]}))
        for each in (quantity, {**quantity, "meaning": "charge"})
    )
    assert bare.startswith("The set mine has 6 spectra A on 20 points")
    assert "meaning" not in bare
    assert "largest meaning q 1.00 2.00 3.00 charge" in told
