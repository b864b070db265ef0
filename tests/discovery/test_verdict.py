"""The verdict of a run, the decisions stored in it, and the predictions beside it."""

import json

import numpy as np
import pytest
from impurities import SMALL, SYSTEM, write_stage
from sklearn.isotonic import IsotonicRegression

import judge_equations
from kondoflow.discovery.contract import PREDICTIONS, REGION
from kondoflow.files.atomic import write_json
from kondoflow.files.contract import check
from kondoflow.files.netcdf import read_dataset

SCORES = {
    "active_latents": [0, 1],
    "leading_latent": 0,
    "descriptors": {
        "log10_T_chi": {
            "0": {"pearson": 0.97, "spearman": 0.999, "isotonic_r2": 0.998, "n": 90},
            "1": {"pearson": 0.1, "spearman": -0.2, "isotonic_r2": None, "n": 90},
        }
    },
}


def judged(tmp_path, table, system, entries, equations=SMALL):
    log_T = np.log(np.abs(table["T_chi"].to_numpy()))
    written = write_stage(tmp_path, table, np.stack([np.tanh(log_T + 5), 0 * log_T], axis=1))
    write_json(tmp_path / "scores.json", SCORES)
    engine = {"engine": "operon", "available": True, "reason": None, "targets": entries}
    write_json(tmp_path / "operon.json", engine)
    judge_equations.main(
        **written,
        scores=tmp_path / "scores.json",
        found=[tmp_path / "operon.json"],
        verdict=tmp_path / "verdict.json",
        predictions=tmp_path / "predictions.nc",
        system=system,
        equations=equations,
        seed=1,
    )
    return json.loads((tmp_path / "verdict.json").read_text())


def entry_of(target, equation, equation_inputs, skipped=None):
    scores = {"score_train": 0.999, "score_validation": 0.998, "score_test": 0.997}
    found = {
        "equation": equation,
        "equation_inputs": equation_inputs,
        "complexity": 11,
        **scores,
    }
    front, selected = ([], None) if skipped else ([found], 0)
    alone = [
        {"equation_inputs": equation_inputs, "score_validation": 0.998},
        {"equation_inputs": "log(G) - 0.22*a", "score_validation": 0.8},
        None,
    ]
    noise = {"equation_inputs": "log(G)", "score_validation": -0.1}
    return {
        "target": target,
        "engine": "operon",
        "skipped": skipped,
        "front": front,
        "selected": selected,
        "restarts": [] if skipped else [{"alone": item} for item in alone],
        "null": None if skipped else {"restarts": [{"alone": noise}, {"alone": None}]},
    }


def test_the_verdict_of_a_run(tmp_path, table):
    bare = "log(U*Gamma)/2 + 1.6*eps_d*(U + eps_d)/(U*Gamma)"
    entries = [
        entry_of("latent_0", bare, "log(G) + log(a)/2 + 1.6*c*(b + 1)"),
        entry_of("log_T_chi", "", "", skipped="the target does not vary in the region"),
    ]
    verdict = judged(tmp_path, table, SYSTEM, entries)
    told = " ".join(verdict["headline"])
    for fact in ("log_T_chi", "does not vary in the region", "latent_0", bare):
        assert fact in told
    assert verdict["engines"] == [{"engine": "operon", "available": True, "reason": None}]
    latent, named = verdict["targets"]
    assert named["equation"] is None
    assert named["references"] == {}
    assert latent["latex"] == (
        r"\frac{\log{\left(\Gamma U \right)}}{2} + "
        r"\frac{1.6 \epsilon_d \left(U + \epsilon_d\right)}{\Gamma U}"
    )
    assert latent["engine"] == "operon"
    assert latent["isotonic_r2"] > 0.98
    haldane = latent["references"]["haldane"]
    assert haldane["expression"] == SYSTEM["references"]["haldane"]
    assert haldane["n"]["inside"] + haldane["n"]["outside"] == 600
    assert [term["term"] for term in haldane["constants"]] == [
        "log(U*Gamma/2)/2",
        "pi*eps_d*(eps_d + U)/(2*U*Gamma)",
    ]
    fixed, fitted = haldane["constants"]
    assert (fixed["in_target"], fixed["uncertainty"]) == (1.0, None)
    assert 0 < fitted["uncertainty"] < 0.1
    assert [item["value"] for item in latent["constants"]] == [1.6]
    assert 0 < latent["constants"][0]["uncertainty"] < 0.05
    assert latent["searches"]["n"] == 3
    # The data are Haldane's formula with the factor of the Bethe ansatz, and exclude it without.
    assert haldane["law"]["status"] == "same law"
    assert "rivals" in haldane["obstacles"]
    assert latent["rivals"]["best"] == "haldane_bethe"
    assert latent["rivals"]["excluded"]["haldane"]["factor"] > 10
    assert set(latent["searches"]["recovered"].values()) == {0}
    assert latent["null"]["n"] == 2
    assert latent["null"]["score_validation"] == -0.1
    assert set(latent["null"]["recovered"].values()) == {0}


def test_a_system_without_references_is_judged_without_them(tmp_path, table):
    system = {"parameters": ["U", "Gamma"], "descriptors": {"U": "U"}}
    verdict = judged(tmp_path, table, system, [entry_of("latent_0", "log(U)", "log(U)")])
    assert [entry["references"] for entry in verdict["targets"]] == [{}]
    assert any("latent_0 = g(log(U))" in line for line in verdict["headline"])


# What is stored for later stages, against a calculation of its own.

HALDANE = "log(G) + log(a)/2 + 1.6*c*(b + 1)"
BARE = "log(U*Gamma)/2 + 1.6*eps_d*(U + eps_d)/(U*Gamma)"


def haldane(table, factor=np.pi / 2, prefactor=1 / 2):
    """Haldane's formula with another factor in its exponent or before its root."""
    U, Gamma, eps_d = (table[name].to_numpy() for name in ("U", "Gamma", "eps_d"))
    return np.log(U * Gamma * prefactor) / 2 + factor * eps_d * (eps_d + U) / (U * Gamma)


def region_of(table):
    U, Gamma, eps_d = (table[name].to_numpy() for name in ("U", "Gamma", "eps_d"))
    return (np.abs(eps_d / U + 0.5) < 0.35) & (4 * Gamma < U)


def steps(x, y, new):
    """The better isotonic regression of x -> y, its neighbouring values averaged at new x."""
    fits = [IsotonicRegression(increasing=rising).fit(x, y) for rising in (True, False)]
    best = max(fits, key=lambda fit: fit.score(x, y))
    known = np.sort(x)
    below = known[np.clip(np.searchsorted(known, new, side="right") - 1, 0, x.size - 1)]
    above = known[np.clip(np.searchsorted(known, new, side="left"), 0, x.size - 1)]
    return (best.predict(below) + best.predict(above)) / 2


@pytest.fixture(scope="module")
def stored(tmp_path_factory, table):
    folder = tmp_path_factory.mktemp("verdict")
    entries = [
        entry_of("latent_0", BARE, HALDANE),
        entry_of("log_T_chi", BARE, HALDANE),
    ]
    verdict = judged(folder, table, SYSTEM, entries)
    return {item["target"]: item for item in verdict["targets"]}, read_dataset(
        folder / "predictions.nc"
    )


def test_references_are_stored_nearest_first(stored):
    for entry in stored[0].values():
        left = {name: item["residual"]["inside"] for name, item in entry["references"].items()}
        assert entry["nearest"] == min(left, key=left.get) == "haldane"
        recovered = [name for name in sorted(left, key=left.get)]
        recovered = [name for name in recovered if entry["references"][name]["recovered"]]
        assert entry["recovered"] == recovered
    assert stored[0]["latent_0"]["recovered"] == []


def test_a_reference_is_telling_if_it_explains_half_or_is_recovered(stored, table):
    """The share is that of the target's own objective, on the region outside training."""
    log_T = np.log(table["T_chi"].to_numpy())
    latent = np.tanh(log_T + 5).astype(np.float32).astype(np.float64)
    train = region_of(table) & (table["split"].to_numpy() == 0)
    rest = region_of(table) & (table["split"].to_numpy() != 0)
    formula = haldane(table)
    mapped = steps(formula[train], latent[train], formula[rest])
    for name, target, prediction in (
        ("latent_0", latent[rest], mapped),
        ("log_T_chi", log_T[rest], formula[rest]),
    ):
        left = np.mean((target - prediction) ** 2) / np.var(target)
        item = stored[0][name]["references"]["haldane"]
        assert item["unexplained"] == pytest.approx(left, rel=1e-9)
        assert item["telling"] == (left < 0.5 or item["recovered"])
    telling = {
        name: {key for key, item in entry["references"].items() if item["telling"]}
        for name, entry in stored[0].items()
    }
    assert telling["log_T_chi"] == {"haldane", "haldane_bethe"}
    assert telling["latent_0"] == {"haldane", "haldane_bethe", "exponent"}


def test_predictions_hold_targets_equations_and_their_regions(stored, table):
    verdict, found = stored
    check(found, PREDICTIONS, "predictions.nc")
    assert found["target"].to_numpy().tolist() == ["latent_0", "log_T_chi"]
    region, split = region_of(table), table["split"].to_numpy()
    expected = np.where(region, np.where(split == 0, 1, 2), 0)
    assert REGION == ("outside", "fitted", "shown")
    log_T = np.log(table["T_chi"].to_numpy())
    equation = haldane(table, 1.6, 1.0)
    for name in found["target"].to_numpy():
        one = found.sel(target=name)
        np.testing.assert_array_equal(one["region"], expected)
        np.testing.assert_allclose(one["equation"], equation, rtol=1e-12)
    named, latent = found.sel(target="log_T_chi"), found.sel(target="latent_0")
    np.testing.assert_array_equal(named["value"], log_T)
    np.testing.assert_allclose(named["mapped"], equation, rtol=1e-12)
    assert verdict["log_T_chi"]["map"] == {"kind": "identity", "x": [], "y": []}
    train = expected == 1
    onto = steps(equation[train], latent["value"].to_numpy()[train], equation)
    np.testing.assert_allclose(latent["mapped"], onto, atol=1e-12)


def test_the_best_telling_reference_stands_beside_the_equation(stored, table):
    verdict, found = stored
    values = {
        "haldane": haldane(table),
        "haldane_bethe": haldane(table) + np.pi * table["Gamma"] / (2 * table["U"]),
    }
    for name in found["target"].to_numpy():
        left = {key: item["unexplained"] for key, item in verdict[name]["references"].items()}
        best = min(left, key=left.get)
        assert str(found["reference"].sel(target=name).item()) == best == "haldane_bethe"
    np.testing.assert_allclose(
        found["reference_mapped"].sel(target="log_T_chi"), values["haldane_bethe"], rtol=1e-12
    )


def test_the_stored_map_is_that_of_the_predictions(stored):
    knots = stored[0]["latent_0"]["map"]
    one = stored[1].sel(target="latent_0")
    assert knots["kind"] == "monotone map"
    assert np.all(np.diff(knots["x"]) > 0)
    assert len(set(np.sign(np.diff(knots["y"]))) - {0.0}) == 1
    fitted = one["region"].to_numpy() == REGION.index("fitted")
    # On the fitted samples each value lies on a step, of which both ends are knots.
    x, y = one["equation"].to_numpy()[fitted], one["mapped"].to_numpy()[fitted]
    np.testing.assert_allclose(np.interp(x, knots["x"], knots["y"]), y, atol=1e-12)


def test_an_affine_map_is_stored_by_its_ends(tmp_path, table):
    equations = {**SMALL, "objectives": {"latents": "pearson", "targets": "pearson"}}
    entries = [entry_of("log_T_chi", BARE, HALDANE)]
    verdict = judged(tmp_path, table, SYSTEM, entries, equations)
    knots = verdict["targets"][1]["map"]
    found = read_dataset(tmp_path / "predictions.nc").sel(target="log_T_chi")
    region, split = region_of(table), table["split"].to_numpy()
    x, y = haldane(table, 1.6, 1.0), np.log(table["T_chi"].to_numpy())
    train = region & (split == 0)
    line = np.polynomial.Polynomial.fit(x[train], y[train], 1)
    assert knots["kind"] == "affine map"
    assert knots["x"] == pytest.approx([x[region].min(), x[region].max()])
    assert knots["y"] == pytest.approx(line(np.array(knots["x"])).tolist())
    np.testing.assert_allclose(found["mapped"], line(x), rtol=1e-9)


def test_undefined_values_are_nan(tmp_path, table):
    """An equation with a pole, on samples where the target is not known everywhere."""
    T_chi = table["T_chi"].where(np.arange(600) != 3, -1.0)
    entries = [entry_of("log_T_chi", "log(Gamma - 0.006)", "log(G - 0.006)")]
    judged(tmp_path, table.assign(T_chi=T_chi), SYSTEM, entries)
    found = read_dataset(tmp_path / "predictions.nc").sel(target="log_T_chi")
    lost = table["Gamma"].to_numpy() <= 0.006
    assert lost.any()
    np.testing.assert_array_equal(np.isnan(found["equation"]), lost)
    np.testing.assert_array_equal(np.isnan(found["mapped"]), lost)
    assert np.flatnonzero(np.isnan(found["value"].to_numpy())).tolist() == [3]
    assert int(found["region"][3]) == 0


def test_a_run_without_equations_leaves_empty_predictions(tmp_path, table):
    entries = [entry_of("latent_0", "", "", skipped="nothing to be found")]
    judged(tmp_path, table, SYSTEM, entries)
    found = read_dataset(tmp_path / "predictions.nc")
    check(found, PREDICTIONS, "predictions.nc")
    assert dict(found.sizes) == {"target": 0, "sample": 600}


def test_a_number_and_an_exact_law_among_the_references(tmp_path, table):
    """A formula without variables ends no run, and one that leaves nothing is recovered."""
    exact = SYSTEM["references"]["haldane_bethe"]
    system = {**SYSTEM, "references": {"number": "pi/2", "exact": exact}}
    equation = "log(G) + log(a)/2 - 0.346574 + 1.570796*c*(b + 1) + 1.570796/a"
    verdict = judged(tmp_path, table, system, [entry_of("log_T_chi", exact, equation)])
    entry = verdict["targets"][1]
    assert entry["recovered"] == ["exact"]
    assert entry["references"]["exact"]["unexplained"] < 1e-20
    assert entry["references"]["exact"]["law"]["form_equal"] == "difference"
    number = entry["references"]["number"]
    assert number["law"]["reason"] == "constant"
    assert number["constants"] == []
    assert not number["recovered"]
    assert not number["telling"]
    assert entry["rivals"] == {"best": "exact", "inseparable": [], "excluded": {}}
    assert number["lacks"] is None
    assert entry["references"]["exact"]["lacks"] is None


def test_an_equation_with_negative_scores_is_not_found(tmp_path, table):
    poor = entry_of("log_T_chi", BARE, HALDANE)
    poor["front"][0].update(score_validation=-10.9, score_test=-3.0)
    entry = judged(tmp_path, table, SYSTEM, [poor])["targets"][1]
    assert not entry["found"]
    assert entry["recovered"] == []


def test_the_front_holds_every_equation_and_every_reference(stored):
    entry = stored[0]["log_T_chi"]
    names = {row["name"] for row in entry["front"] if row["kind"] == "reference"}
    assert names == set(SYSTEM["references"])
    chosen = [row for row in entry["front"] if row["chosen"]]
    assert [row["equation"] for row in chosen] == [entry["equation"]]
    told = {part: dict(errors) for part, errors in entry["errors"].items()}
    low, high = told["test"].pop("r2_interval")
    assert low <= told["test"]["r2"] <= high
    assert chosen[0]["errors"] == told
    left = [1 - row["errors"]["validation"]["r2"] for row in entry["front"]]
    assert left == sorted(left, reverse=True)
    solved = entry["solved_for_scale"]["text"]
    assert solved == "T_chi = (U*Gamma)**0.5*exp(1.6*eps_d*(U + eps_d)/(U*Gamma))"
    assert stored[0]["latent_0"]["solved_for_scale"] is None


BETHE = SYSTEM["references"]["haldane_bethe"]
FOUND = "log(G) + log(a)/2 - 0.346574 + 1.570796*c*(b + 1) + 1.570796/a"


@pytest.mark.parametrize(
    ("target", "wrap", "written", "lacks"),
    [
        ("log(T_chi)", "{} + 0.7", FOUND, ("factor", np.exp(-0.7))),
        ("T_chi", "2.5*exp({})", f"exp({FOUND})", ("factor", 0.4)),
        ("T_chi", "exp({}) + 0.05", f"exp({FOUND})", ("offset", -0.05)),
    ],
)
@pytest.mark.parametrize("noise", [0.0, 0.02])
def test_the_constant_that_a_reference_lacks_by_the_data_is_measured(
    tmp_path, table, noise, target, wrap, written, lacks
):
    rng = np.random.default_rng(3)
    rough = table.assign(T_chi=table["T_chi"] * np.exp(noise * rng.normal(size=600)))
    # With its best constant the other formula comes closer, and stays another law.
    other = SYSTEM["references"]["haldane"]
    references = {"bare": wrap.format(BETHE), "other": wrap.format(other)}
    system = {**SYSTEM, "references": references, "targets": {"t": target}}
    found = [entry_of("t", BETHE if written == FOUND else f"exp({BETHE})", written)]
    entry = judged(tmp_path, rough, system, found)["targets"][1]
    bare, kind, constant = entry["references"]["bare"]["lacks"], *lacks
    assert bare["kind"] == kind
    assert bare["constant"] == pytest.approx(constant, rel=1e-3 + noise / 4)
    low, high = bare["interval"]
    assert low - 1e-9 <= constant <= high + 1e-9
    assert (high - low < 1e-4 * abs(constant)) == (noise == 0)
    assert entry["recovered"] == []
    assert entry["references"]["other"]["lacks"] is None


def test_the_factor_that_an_equation_shows_is_measured_on_the_data(tmp_path, table):
    """The equation fits the noise better than the completed formula, and is the same law."""
    rng = np.random.default_rng(3)
    skew = 0.02 * np.log(table["U"] / table["Gamma"]) + 0.002 * rng.normal(size=600)
    rough = table.assign(T_chi=table["T_chi"] * np.exp(skew))
    system = {**SYSTEM, "references": {"bare": f"{BETHE} + log(3)"}}
    own = f"{BETHE} + 0.02*log(U/Gamma)", f"{FOUND} + 0.02*log(a)"
    entry = judged(tmp_path, rough, system, [entry_of("log_T_chi", *own)])["targets"][1]
    bare = entry["references"]["bare"]
    assert bare["law"]["reason"] == "factor"
    assert bare["lacks"]["kind"] == "factor"
    assert bare["lacks"]["constant"] == pytest.approx(1 / 3, rel=0.06)
    low, high = bare["lacks"]["interval"]
    assert low <= bare["lacks"]["constant"] <= high < 1.02 * low
