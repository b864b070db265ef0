"""What all latents together say of a quantity, and what a search and a law make of it."""

import numpy as np
import pytest
from impurities import SMALL, SYSTEM, encoded

from kondoflow.discovery import smooth
from kondoflow.discovery.latents.joint_errors import errors_of_joint
from kondoflow.discovery.latents.joint_quantities import kept_by_latents, names_of, read_together
from kondoflow.discovery.laws.fresh import held_out_samples
from kondoflow.discovery.laws.question import set_question, target_of
from kondoflow.discovery.smooth import fit_smooth
from kondoflow.discovery.targets import read_samples, read_targets
from kondoflow.files.errors import InputError

LAW = {"target": "log_T", "run": "vae", "truth": "log(T_chi)"}
ASKING = {**SYSTEM, "targets": {}, "joint": {"log_T": "log(T)"}, "law": LAW}


def waves(n, seed=0):
    """Samples of two variables, and a function of them that is neither linear nor monotone."""
    x = np.random.default_rng(seed).uniform(-1, 1, (n, 2)) * [1.0, 30.0] + [0.0, 200.0]
    return x, np.sin(3 * x[:, 0]) + (x[:, 1] - 200) ** 2 / 300


def test_a_smooth_function_is_found_without_its_form():
    x, y = waves(400)
    function = fit_smooth(x, y)
    fresh, expected = waves(200, seed=1)
    assert np.sqrt(np.mean((function(fresh) - expected) ** 2)) < 0.01 * y.std()


def test_values_without_the_sample_itself_are_those_of_a_fit_to_the_others():
    x, y = waves(120)
    y = y + 0.3 * np.random.default_rng(2).normal(size=y.size)
    function = fit_smooth(x, y)
    z = (x - function.mean) / function.scale
    square = ((z[:, None] - z[None]) ** 2).sum(axis=2)
    K = np.exp(-square / (2 * function.length**2)) + 100 * (1 + z @ z.T) ** 2
    for left in (0, 57):
        others = np.arange(y.size) != left
        matrix = K[np.ix_(others, others)] + function.ridge * np.eye(y.size - 1)
        weights = np.linalg.solve(matrix, y[others] - y.mean())
        expected = y.mean() + K[left, others] @ weights
        np.testing.assert_allclose(function.left_out[left], expected, rtol=1e-6)
    # Noise is not learned: the function is as far from what it has not seen as the noise.
    assert 0.25 < np.std(function.left_out - y) < 0.45


def test_of_many_samples_some_are_taken(monkeypatch):
    monkeypatch.setattr(smooth, "MOST", 100)
    x, y = waves(150)
    function = fit_smooth(x, y)
    assert np.unique(function.rows).size == 100 == function.left_out.size
    assert np.std(function(x) - y) < 0.1 * y.std()


@pytest.fixture(scope="module")
def asked(table):
    """Two latents that hold log T_chi together and neither alone, and the quantity T read off."""
    log_T = np.log(table["T_chi"].to_numpy())
    other = np.random.default_rng(0).uniform(-3, 3, log_T.size)
    columns = np.stack([log_T + other, np.tanh(other / 3), 0 * log_T], axis=1)
    latents = encoded(columns, table["split"].to_numpy())
    read = {"T": np.where(np.arange(log_T.size) == 7, -1.0, np.exp(log_T))}
    return latents, read_together(latents, table, ASKING["joint"], read)


def test_all_latents_together_keep_what_none_keeps_alone(table, asked):
    kept = kept_by_latents(asked[1], "log_T", table["split"].to_numpy() == 2)
    assert kept["n"] == 90
    assert kept["latents"] == 2
    assert kept["r2"] > 0.999
    assert kept["rms"] < 0.03 < kept["largest"] * 30
    own = asked[1].sel(quantity="log_T")
    assert np.isnan(own["read"][7])
    assert np.isnan(own["joint"][7])
    assert np.isfinite(np.delete(own["joint"].to_numpy(), 7)).all()


def test_the_stored_function_gives_what_the_latents_say(table, asked):
    latents, joint = asked
    own = joint.sel(quantity="log_T")
    x = ((latents["mean"] - own["centre"]) / own["width"]).to_numpy()[:, :2]
    assert np.isnan(own["width"].to_numpy()).tolist() == [False, False, True]
    at, weight = x[own["weight"] != 0], own["weight"].to_numpy()[own["weight"] != 0]
    square = ((x[:, None] - at[None]) ** 2).sum(axis=2)
    length, trend = float(own["length"]), joint.attrs["trend"]
    kernel = np.exp(-square / (2 * length**2)) + trend * (1 + x @ at.T) ** 2
    said, held_out = float(own["offset"]) + kernel @ weight, table["split"].to_numpy() > 0
    known = held_out & np.isfinite(own["read"].to_numpy())
    np.testing.assert_allclose(said[known], own["joint"].to_numpy()[known], rtol=1e-9)


def test_errors_are_told_by_part_and_against_the_truth(table, asked):
    latents, joint = asked
    samples = read_samples(table, ASKING, joint)
    found = errors_of_joint(joint, latents, samples, LAW)["log_T"]
    errors, test = found["errors"], table["split"].to_numpy() == 2
    assert errors["test"]["n"] == 90 == errors["inside"]["n"] + errors["outside"]["n"]
    assert errors["farthest"]["n"] == 9
    assert errors["farthest"]["largest"] <= errors["test"]["largest"]
    truth = np.log(table["T_chi"].to_numpy())
    np.testing.assert_allclose(found["truth"], truth)
    off = joint["joint"].to_numpy()[0][test] - truth[test]
    assert errors["truth"]["rms"] == pytest.approx(np.sqrt(np.mean(off**2)))
    other = {**LAW, "target": "another"}
    assert errors_of_joint(joint, latents, samples, other)["log_T"]["truth"] is None


def test_a_search_has_it_as_a_target_and_a_law_is_held_against_the_truth(table, asked):
    latents, joint = asked
    samples = read_samples(table, ASKING, joint)
    targets = read_targets(latents, samples, ASKING, SMALL)
    assert [target.name for target in targets] == ["latent_0", "latent_1", "log_T"]
    assert targets[-1].objective == "squared_error"
    of_latents = target_of(samples, ASKING, SMALL)
    np.testing.assert_array_equal(of_latents.values, joint["joint"][0])
    assert set_question(samples, of_latents, ASKING, 1).posed.quantity == "T"
    truth = target_of(held_out_samples(samples), ASKING, SMALL)
    np.testing.assert_allclose(np.exp(truth.values), table["T_chi"][table["split"] == 2])


def test_latents_that_know_nothing_say_so(table):
    test = table["split"].to_numpy() == 2
    split, T = table["split"].to_numpy(), {"T": table["T_chi"].to_numpy()}
    noise = np.random.default_rng(0).normal(size=(split.size, 3))
    found = read_together(encoded(noise, split), table, ASKING["joint"], T)
    assert kept_by_latents(found, "log_T", test)["r2"] < 0.05
    none = encoded(noise[:, :1], split)  # no latent is active
    found = read_together(none, table, ASKING["joint"], T)
    assert np.isnan(found["joint"]).all()
    assert kept_by_latents(found, "log_T", test)["r2"] is None
    targets = read_targets(none, read_samples(table, ASKING, found), ASKING, SMALL)
    assert [target.name for target in targets] == ["log_T"]


def test_joint_quantities_of_other_samples_are_refused(table, asked):
    assert names_of({"a": "log(T/Gamma)", "b": "U"}) == {"T", "Gamma", "U"}
    fewer = table.isel(sample=slice(50))
    with pytest.raises(InputError, match="latents: number of samples = 600"):
        read_together(asked[0], fewer, ASKING["joint"], {})
    with pytest.raises(InputError, match="joint: number of samples = 600"):
        read_samples(fewer, ASKING, asked[1])
