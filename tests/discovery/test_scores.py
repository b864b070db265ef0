"""Scores of latents against descriptors, and the decisions stored beside them."""

import json

import numpy as np
import pytest
from scipy.stats import rankdata
from sklearn.isotonic import IsotonicRegression

from kondoflow.autoencoder.contract import LATENTS
from kondoflow.discovery.latents.scores import correlate, summarise_errors
from kondoflow.discovery.monotone import MonotoneMap, unexplained
from kondoflow.files.contract import assemble
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset, write_dataset
from kondoflow.files.splits import assign_split
from kondoflow.formulas.descriptors import evaluate_descriptors
from kondoflow.systems.anderson.definition import SYSTEM as ANDERSON
from score_latents import main

SYSTEM = {
    "descriptors": {
        "U": "U",
        "Gamma": "Gamma",
        "log10_U": "log10(U)",
        "root": "sqrt(U - 0.2)",
        "log10_T_K": "log10(T_K_haldane)",
    },
    "references": {"ratio": "U/Gamma", "root": "sqrt(U - 0.2)", "none": "T_chi"},
    "scale": "log10_U",
    "published": {
        "source": "somebody",
        "active_latents": 3,
        "pearson": {"Gamma": 0.9, "log10_T_K": 0.8, "absent": 0.7},
        "regression": {"ratio": 0.6},
    },
}
# Along latent 0 the middle falls from 3 to 1, along latent 1 the last point rises from 0 to 0.5.
TRAVERSAL = np.zeros((3, 2, 5))
TRAVERSAL[0, :, 2] = 3.0, 1.0
TRAVERSAL[0, :, 4] = 1.0, 2.0
TRAVERSAL[1, :, 4] = 0.0, 0.5


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def test_scores_of_a_known_relation(rng):
    descriptor = rng.uniform(-1, 1, size=500)
    train = np.arange(500) < 400
    score = correlate(descriptor, -np.exp(2 * descriptor), train)
    assert score["n"] == 100
    assert score["spearman"] == pytest.approx(-1.0)
    assert -0.95 < score["pearson"] < -0.8
    assert score["isotonic_r2"] > 0.99
    held_out = ~train
    expected = np.corrcoef(descriptor[held_out], -np.exp(2 * descriptor[held_out]))[0, 1]
    assert score["pearson"] == pytest.approx(expected)


def test_undefined_samples_are_left_out(rng):
    descriptor = rng.normal(size=500)
    latent = np.tanh(descriptor) + 0.1 * rng.normal(size=500)
    train = np.arange(500) < 400
    masked = np.where(np.arange(500) % 2, np.nan, descriptor)
    masked[498] = np.inf
    kept = np.isfinite(masked)
    score = correlate(masked, latent, train)
    assert score["n"] == 49
    assert score == correlate(descriptor[kept], latent[kept], train[kept])
    nothing = {"pearson": None, "spearman": None, "isotonic_r2": None}
    assert correlate(np.full(500, np.nan), latent, train) == {**nothing, "n": 0}
    assert correlate(np.ones(500), latent, train) == {**nothing, "n": 100}
    assert correlate(descriptor, np.zeros(500), train) == {**nothing, "n": 100}


def test_descriptors_come_from_the_data(rng):
    variables = {"U": rng.uniform(1, 2, 10), "T": np.r_[np.nan, rng.uniform(1, 2, 9)]}
    found = evaluate_descriptors({"ratio": "U/T", "log_T": "log10(T)"}, variables)
    np.testing.assert_allclose(found["ratio"], variables["U"] / variables["T"])
    assert np.isnan(found["log_T"][0])
    with pytest.raises(InputError) as caught:
        evaluate_descriptors({"x": "U*Gamma"}, variables)
    assert str(caught.value) == (
        "config: descriptors.x = 'U*Gamma' is not usable: must be a formula over T, U; "
        "unknown: Gamma"
    )


def test_errors_are_summarised_by_part():
    errors = np.arange(101.0)
    parts = {"train": errors < 100, "test": errors > 200}
    assert summarise_errors(errors, errors / 10, parts) == {
        "train": {
            "mean": 49.5,
            "percentile_99": pytest.approx(98.01),
            "n": 100,
            "mean_absolute": pytest.approx(4.95),
        },
        "test": {"mean": None, "percentile_99": None, "n": 0, "mean_absolute": None},
    }


def write_run(folder, n=400):
    """Spectra and latents with known relations: latent 0 follows U, latent 1 Gamma, 2 nothing."""
    rng = np.random.default_rng(3)
    U, Gamma = rng.uniform(0.1, 0.4, n), rng.uniform(0.005, 0.05, n)
    omega = np.linspace(-1, 1, 5)
    split = assign_split(n, {"train": 0.8, "validation": 0.1, "test": 0.1}, 5)
    undefined = (
        "eps_d B T double_occupation spin_susceptibility T_chi T_K_haldane half_width "
        "distance_to_half spectral_weight_error causality_cut truncation_energy "
        "cpu_seconds"
    )
    values = {
        **dict.fromkeys(undefined.split(), np.full(n, np.nan)),
        "spectral_function": np.ones((n, 2, 5)),
        "omega": omega,
        "occupation": np.ones((n, 2)) / 2,
        "U": U,
        "Gamma": Gamma,
        "split": split,
    }
    spins = {"spin": np.array(["up", "down"])}
    spectra = assemble(values, ANDERSON.variables, {"title": "test"}, spins)
    write_dataset(folder / "spectra.nc", spectra)
    mean = np.stack([np.log(U), np.exp(-40 * Gamma), 1e-3 * rng.normal(size=n)], axis=1)
    latents = {
        "mean": mean + 1e-3 * rng.normal(size=(n, 3)),
        "log_variance": np.zeros((n, 3)),
        "kl": [2.0, 1.5, 1e-4],
        "active": [1, 1, 0],
        "reconstruction_error": rng.uniform(size=n),
        "absolute_error": rng.uniform(size=n),
        "split": split,
        "omega": omega,
        "step": [0.01, 0.99],
        "traversal_latents": np.tile(mean[split == 0][:2], (3, 1, 1)),
        "traversal": TRAVERSAL,
        "example": [0, 1, 2],
        "example_input": np.zeros((3, 5)),
        "example_reconstruction": np.zeros((3, 5)),
    }
    write_dataset(folder / "latents.nc", assemble(latents, LATENTS, {"title": "test"}))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Files of a run and the scores of its latents."""
    folder = tmp_path_factory.mktemp("scores")
    write_run(folder)
    main(
        spectra=folder / "spectra.nc",
        latents=folder / "latents.nc",
        scores=folder / "scores.json",
        system=SYSTEM,
    )
    return folder, json.loads((folder / "scores.json").read_text())


def test_the_stage(run):
    scores = run[1]
    assert scores["active_latents"] == [0, 1]
    assert scores["kl"] == [2.0, 1.5, 1e-4]
    assert scores["reconstruction"]["train"]["n"] == 320
    assert set(scores["descriptors"]["U"]) == {"0", "1", "2"}
    assert scores["descriptors"]["U"]["0"]["spearman"] > 0.999
    assert scores["descriptors"]["U"]["0"]["isotonic_r2"] > 0.999
    assert abs(scores["descriptors"]["U"]["1"]["spearman"]) < 0.3
    assert scores["descriptors"]["log10_T_K"]["0"]["n"] == 0
    assert scores["descriptors"]["log10_T_K"]["0"]["pearson"] is None


# Decisions, against a calculation of their own.


@pytest.fixture(scope="module")
def data(run):
    """Spectra, latents, and the masks of training and held-out samples."""
    spectra, latents = (read_dataset(run[0] / f"{name}.nc") for name in ("spectra", "latents"))
    train = spectra["split"].to_numpy() == 0
    return spectra, latents["mean"].to_numpy().astype(np.float64), train, ~train


def test_the_best_latent_and_the_best_descriptor(run, data):
    scores = run[1]
    spectra, mean, _, held_out = data
    U, Gamma = (spectra[name].to_numpy() for name in ("U", "Gamma"))
    above = U > 0.2
    values = {"U": U, "Gamma": Gamma, "log10_U": np.log10(U)}
    values["root"] = np.sqrt(np.where(above, U - 0.2, np.nan))

    def spearman(name, latent):
        known = held_out & np.isfinite(values[name])
        ranks = rankdata(values[name][known]), rankdata(mean[known, latent])
        return abs(np.corrcoef(*ranks)[0, 1])

    for name in values:
        expected = max((0, 1), key=lambda latent, name=name: spearman(name, latent))
        assert scores["best_latent"][name] == expected
    assert scores["best_latent"]["log10_T_K"] is None
    # Monotone functions of one another tie, and the first one counts.
    assert scores["best_descriptor"] == {"0": "U", "1": "Gamma"}


def test_the_latent_of_the_scale_and_its_map(run, data):
    scores = run[1]
    spectra, mean, train, held_out = data
    assert scores["leading_latent"] == 0
    x, y = np.log10(spectra["U"].to_numpy()), mean[:, 0]
    knots = MonotoneMap(*(np.array(scores["scale_map"][axis]) for axis in "xy"))
    isotonic = IsotonicRegression().fit(x[train], y[train])
    np.testing.assert_allclose(knots(x[train]), isotonic.predict(x[train]), atol=1e-12)
    quoted = scores["descriptors"]["log10_U"]["0"]["isotonic_r2"]
    assert 1 - unexplained(y[held_out], knots(x[held_out])) == pytest.approx(quoted, abs=1e-12)


def test_strength_of_references_and_what_is_undefined(run, data):
    scores = run[1]
    spectra, mean, _, held_out = data
    U, Gamma = (spectra[name].to_numpy() for name in ("U", "Gamma"))
    for name, values in (("ratio", U / Gamma), ("root", np.sqrt(np.maximum(U - 0.2, 0)))):
        known = held_out if name == "ratio" else held_out & (U >= 0.2)
        strengths = [abs(np.corrcoef(values[known], mean[known, k])[0, 1]) for k in (0, 1)]
        assert scores["reference_strength"][name] == pytest.approx(max(strengths))
    assert scores["reference_strength"]["none"] is None
    assert scores["undefined"] == {"root": int((U >= 0.2).sum()), "log10_T_K": 0}


def test_published_figures_stand_beside_those_of_the_run(run):
    scores = run[1]
    pearson = abs(scores["descriptors"]["Gamma"]["1"]["pearson"])
    rows = [tuple(row.values()) for row in scores["published"]]
    assert rows == [
        ("active_latents", None, 3, 2),
        ("pearson", "Gamma", 0.9, pearson),
        ("pearson", "log10_T_K", 0.8, None),
        ("pearson", "absent", 0.7, None),
        ("regression", "ratio", 0.6, scores["reference_strength"]["ratio"]),
    ]


def test_effects_of_the_traversals(run):
    for latent, changes in (("0", (0.0, 3.0, 1.0)), ("1", (1.0, 0.0, 0.5))):
        found = run[1]["traversal_effects"][latent]
        assert (found["omega"], found["first"], found["last"]) == changes
        assert found["near"] == [True, True]


def test_the_mean_absolute_error_of_a_part(run, data):
    latents = read_dataset(run[0] / "latents.nc")
    expected = latents["absolute_error"].to_numpy()[data[2]].mean()
    assert run[1]["reconstruction"]["train"]["mean_absolute"] == pytest.approx(expected)


def test_a_system_with_descriptors_alone(run):
    main(
        spectra=run[0] / "spectra.nc",
        latents=run[0] / "latents.nc",
        scores=run[0] / "plain.json",
        system={"descriptors": {"U": "U"}},
    )
    scores = json.loads((run[0] / "plain.json").read_text())
    assert (scores["leading_latent"], scores["scale_map"]) == (None, None)
    assert (scores["reference_strength"], scores["published"]) == ({}, [])


def test_without_an_active_latent_nothing_is_decided(run):
    latents = read_dataset(run[0] / "latents.nc")
    latents["active"][:] = 0
    write_dataset(run[0] / "inactive.nc", latents)
    main(
        spectra=run[0] / "spectra.nc",
        latents=run[0] / "inactive.nc",
        scores=run[0] / "inactive.json",
        system=SYSTEM,
    )
    scores = json.loads((run[0] / "inactive.json").read_text())
    assert scores["active_latents"] == []
    assert set(scores["best_latent"].values()) == {None}
    assert set(scores["reference_strength"].values()) == {None}
    assert (scores["leading_latent"], scores["scale_map"]) == (None, None)
    assert scores["traversal_effects"] == scores["best_descriptor"] == {}
