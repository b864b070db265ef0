"""Scores of latents against descriptors: known answers, invariances, missing values."""

import json

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from kondoflow.autoencoder.contract import LATENTS
from kondoflow.discovery.descriptors import evaluate_descriptors
from kondoflow.discovery.monotone import (
    affine_residual,
    fit_affine,
    fit_monotone,
    isotonic_residual,
    unexplained,
)
from kondoflow.discovery.scores import correlate, summarise_errors
from kondoflow.files.contract import assemble
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import write_dataset
from kondoflow.files.splits import assign_split
from kondoflow.stage.config import load_config
from kondoflow.systems.anderson.contract import SPECTRA
from score_latents import main

RISING = {"exp": np.exp, "cube": lambda x: x**3, "tanh": np.tanh, "affine": lambda x: 3 * x - 7}


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("ties", [False, True])
def test_isotonic_residual_is_that_of_scikit_learn(rng, sign, ties):
    x = rng.normal(size=300)
    x = np.round(x, 1) if ties else x
    y = sign * np.tanh(x) + 0.3 * rng.normal(size=300)
    best = max(
        IsotonicRegression(increasing=rising).fit(x, y).score(x, y) for rising in (True, False)
    )
    assert 1 - isotonic_residual(x, y) == pytest.approx(best, abs=1e-12)


@pytest.mark.parametrize("name", RISING)
@pytest.mark.parametrize("sign", [1, -1])
def test_monotone_maps_of_the_argument_change_nothing(rng, name, sign):
    x, y, new = rng.normal(size=200), rng.normal(size=200), rng.normal(size=50)
    y += x
    mapped = sign * RISING[name](x)
    assert isotonic_residual(mapped, y) == pytest.approx(isotonic_residual(x, y), abs=1e-12)
    # Held-out values too, which a linear interpolation in x would not keep.
    np.testing.assert_allclose(
        fit_monotone(mapped, y)(sign * RISING[name](new)), fit_monotone(x, y)(new), atol=1e-12
    )


def test_a_monotone_relation_is_fully_explained_and_a_peak_is_not(rng):
    x = rng.normal(size=400)
    assert isotonic_residual(x, np.exp(-x)) == pytest.approx(0, abs=1e-12)
    assert affine_residual(x, np.exp(-x)) > 0.3
    assert isotonic_residual(x, x**2) > 0.3
    noise = rng.normal(size=400)
    train, rest = slice(0, 300), slice(300, 400)
    assert unexplained(noise[rest], fit_monotone(x[train], noise[train])(x[rest])) > 0.9


def test_affine_residual_is_one_minus_pearson_squared(rng):
    x = rng.normal(size=100)
    y = 2 * x + rng.normal(size=100)
    assert affine_residual(x, y) == pytest.approx(1 - np.corrcoef(x, y)[0, 1] ** 2, abs=1e-12)
    line = fit_affine(x, 3 - 2 * x)
    assert (line.offset, line.slope) == pytest.approx((3, -2))
    assert unexplained(np.ones(5), np.ones(5)) == np.inf


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
    assert summarise_errors(errors, parts) == {
        "train": {"mean": 49.5, "percentile_99": pytest.approx(98.01), "n": 100},
        "test": {"mean": None, "percentile_99": None, "n": 0},
    }


def write_run(folder, n=400):
    """Spectra and latents with known relations: latent 0 follows U, latent 1 Gamma, 2 nothing."""
    rng = np.random.default_rng(3)
    U, Gamma = rng.uniform(0.1, 0.4, n), rng.uniform(0.005, 0.05, n)
    omega = np.linspace(-1, 1, 5)
    split = assign_split(n, {"train": 0.8, "validation": 0.1, "test": 0.1}, 5)
    undefined = (
        "eps_d B T double_occupation spin_susceptibility T_chi T_K_haldane half_width "
        "distance_to_half distance_to_half_below distance_to_half_above spectral_weight_error "
        "causality_cut cpu_seconds"
    )
    values = {
        **dict.fromkeys(undefined.split(), np.full(n, np.nan)),
        "spectral_function": np.ones((n, 2, 5)),
        "omega": omega,
        "occupation": np.ones((n, 2)) / 2,
        **{
            name: np.ones((n, 2))
            for name in SPECTRA
            if name.startswith(("resonance_", "spectral_function_at_0"))
        },
        "below_grid": np.zeros(n),
        "U": U,
        "Gamma": Gamma,
        "split": split,
    }
    spins = {"spin": np.array(["up", "down"])}
    spectra = assemble(values, SPECTRA, {"title": "test"}, spins)
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
        "step": [-1.0, 1.0],
        "traversal": np.zeros((3, 2, 5)),
        "example": [0, 1, 2],
        "example_input": np.zeros((3, 5)),
        "example_reconstruction": np.zeros((3, 5)),
    }
    write_dataset(folder / "latents.nc", assemble(latents, LATENTS, {"title": "test"}))


def test_the_stage(tmp_path):
    write_run(tmp_path)
    main(
        spectra=tmp_path / "spectra.nc",
        latents=tmp_path / "latents.nc",
        scores=tmp_path / "scores.json",
        system=load_config()["systems"]["anderson"],
    )
    scores = json.loads((tmp_path / "scores.json").read_text())
    assert scores["active_latents"] == [0, 1]
    assert scores["kl"] == [2.0, 1.5, 1e-4]
    assert scores["reconstruction"]["train"]["n"] == 320
    assert set(scores["descriptors"]["U"]) == {"0", "1", "2"}
    assert scores["descriptors"]["U"]["0"]["spearman"] > 0.999
    assert scores["descriptors"]["U"]["0"]["isotonic_r2"] > 0.999
    assert abs(scores["descriptors"]["U"]["1"]["spearman"]) < 0.3
    assert scores["descriptors"]["log10_T_K"]["0"]["n"] == 0
    assert scores["descriptors"]["log10_T_K"]["0"]["pearson"] is None
