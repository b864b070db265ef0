"""What is advised if latents say little, compared with a training."""

import numpy as np
import pytest
from small_runs import SETTINGS, equal_weights, run, two_factors, write_spectra

from kondoflow.autoencoder.advice import advise, error_of_mean, largest_share
from kondoflow.autoencoder.preparation import prepare
from kondoflow.autoencoder.procedure import Candidate, likeness
from kondoflow.files.netcdf import read_dataset
from kondoflow.report.advice import further_advice


def codes(n_active, gap=0.0, likeness=0.0, **settings):
    train = equal_weights(two_factors(50)[0])
    found = advise(train, {**SETTINGS, **settings}, n_active, gap, likeness)
    return [each["code"] for each in found]


def test_only_what_deserves_it_gets_advice():
    assert codes(2, 0.05) == []
    assert codes(0) == ["no_latent_active"]
    assert codes(4) == ["all_latents_active"]
    assert codes(3, 0.2) == codes(4, 0.2) == ["folded"]
    assert codes(0, kl_weight=0.0) == []
    assert codes(64, n_latents=64) == []


def test_two_latents_that_are_one_are_folded():
    z = np.linspace(-1, 1, 50)
    column = np.stack([z, z**3, np.cos(9 * z)], axis=1)
    measured = [
        likeness(Candidate(None, None, column[:, chosen], 0.0, 0.0))
        for chosen in ([0], [0, 2], [0, 1])
    ]
    assert [codes(2, 0.02, each) for each in measured] == [[], [], ["folded"]]
    assert codes(2, 0.0, 1.0, kl_weight=0.0) == []  # a plain autoencoder has no weight to change


def test_a_network_worse_than_the_mean_spectrum_is_said_to_be_so():
    spectra = equal_weights(two_factors(50)[0])
    for positive, settings, advised in (
        (True, {}, ("transform", "log")),
        (True, {"transform": "log"}, ("learning_rate", [1.7e-3, 3.3e-5])),
        (False, {}, ("learning_rate", [1.7e-3, 3.3e-5])),
    ):
        changed = {**SETTINGS, **settings}
        (found,) = advise(spectra, changed, 4, 0.5, error=78.0, positive=positive)
        assert found["code"] == "worse_than_mean"
        assert (found["setting"], found["advised"]) == advised
    assert advise(spectra, SETTINGS, 2, 0.0, error=1.0, positive=True) == []


@pytest.mark.parametrize(("lowest", "positive"), [(0.5, True), (0.0, False), (-0.5, False)])
def test_spectra_are_above_0_in_their_own_units(tmp_path, lowest, positive):
    """A linear output is centred, so that its inputs have both signs."""
    values = two_factors(60)[0]
    values += lowest - values.min()
    write_spectra(tmp_path / "spectra.nc", values)
    dataset = read_dataset(tmp_path / "spectra.nc")
    for output in ("linear", "softplus") if lowest >= 0 else ("linear",):
        prepared = prepare(dataset, {**SETTINGS, "output": output}, tmp_path)
        assert prepared.positive == positive


def test_the_error_of_the_mean_is_that_of_the_other_spectra_about_it():
    train = equal_weights(np.array([[0.0, 1.0], [2.0, 3.0]], np.float32))
    other = equal_weights(np.array([[1.0, 5.0]], np.float32))
    assert error_of_mean(train, other) == pytest.approx(9)


def test_a_loss_above_that_of_the_mean_outside_the_training_is_told():
    def told(n_active, **changed):
        train = equal_weights(two_factors(50)[0])
        found = advise(train, {**SETTINGS, **changed}, n_active, 0.05, error=0.9, outside=1.08)
        return [(each["code"], each["advised"]) for each in found]

    assert told(3) == [("worse_outside", 32)]
    assert "kl_weight: 0.02" in further_advice("worse_outside", SETTINGS)
    assert told(3, kl_start=32.0) == []
    assert [code for code, _ in told(0)] == ["no_latent_active"]


def test_the_largest_share_is_that_of_a_principal_component():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4000, 1)) @ np.array([[3.0, 0, 4.0]]) + 0.1 * rng.normal(size=(4000, 3))
    assert largest_share(equal_weights(x.astype(np.float32))) == pytest.approx(25, rel=0.1)


def test_the_advised_weight_makes_a_latent_active(tmp_path):
    settings = {**SETTINGS, "kl_weight": 50.0, "restarts": 1, "refine_epochs": 0}
    spectra = two_factors()[0]
    _, latents, _, description = run(tmp_path / "none", spectra, settings)
    assert latents["active"].sum() == 0
    (advice,) = description["advice"]
    assert (advice["code"], advice["setting"]) == ("no_latent_active", "kl_weight")
    settings["kl_weight"] = advice["advised"]
    _, latents, _, description = run(tmp_path / "some", spectra, settings)
    assert latents["active"].sum() >= 1
    assert description["advice"] == []
