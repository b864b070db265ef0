"""Units of a network, weights of points, and sets of spectra that no training can use."""

import json
import logging

import numpy as np
import pytest
import xarray as xr
from small_runs import N_OMEGA, SETTINGS, train, two_factors, write_spectra

from kondoflow.autoencoder.preparation import prepare
from kondoflow.autoencoder.scaling import Scaling
from kondoflow.autoencoder.units import moments, output_of, typical_size
from kondoflow.autoencoder.weights import point_weights
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset
from kondoflow.files.outliers import far_from_others
from kondoflow.files.spectra import channel_spectra, flat


@pytest.mark.parametrize(("part", "index"), [("train", 0), ("validation", 1)])
def test_an_empty_part_is_refused(tmp_path, part, index):
    data = tmp_path / "spectra.nc"
    write_spectra(data, two_factors(20)[0], np.full(20, (index + 1) % 3))
    if part == "validation":
        write_spectra(data, two_factors(20)[0], np.zeros(20))
    with pytest.raises(InputError) as caught:
        train(tmp_path, data)
    assert str(caught.value) == (
        f"{data}: {part} samples in split = 0 is not usable: must be at least 1"
    )


def test_stick_spectra_have_the_size_of_their_sticks():
    sticks = np.zeros((200, N_OMEGA), np.float32)
    sticks[np.arange(3), 7] = 5
    assert typical_size(sticks) == 5
    assert output_of(sticks, SETTINGS) == "softplus"


@pytest.mark.parametrize("value", [0, 1])
def test_spectra_that_are_all_the_same_are_refused(tmp_path, value):
    write_spectra(tmp_path / "spectra.nc", np.full((20, N_OMEGA), value, np.float32))
    with pytest.raises(InputError) as caught:
        prepare(read_dataset(tmp_path / "spectra.nc"), SETTINGS, "spectra.nc")
    assert str(caught.value) == (
        "spectra.nc: spectral_function = 'the same in all training samples' is not usable: must be "
        "spectra that differ from each other"
    )


def prepared(tmp_path, spectra, **settings):
    write_spectra(tmp_path / "s.nc", spectra)
    dataset = read_dataset(tmp_path / "s.nc")
    return prepare(dataset, {**SETTINGS, **settings}, "s.nc")[:2]


def relative_error(trainer, x):
    """Weighted error of a decoded spectrum x (omega,) over the training spectra."""
    deviations = (np.asarray(trainer.train.values) - x) ** 2
    return float((np.asarray(trainer.train.weights) * deviations).sum(axis=1).mean())


@pytest.mark.parametrize(("unit", "offset"), [(1, 0), (1e-3, 0), (2048, 0), (1, 5), (40, -3)])
def test_the_mean_spectrum_has_an_error_of_one_in_any_unit(tmp_path, unit, offset):
    spectra = two_factors()[0]
    shifted = spectra * np.float32(unit) + np.float32(offset)  # of both signs for the last
    trainer, scaling = prepared(tmp_path, shifted, output="linear")
    plain, _ = prepared(tmp_path, spectra, output="linear")
    assert relative_error(trainer, 0) == pytest.approx(1, rel=1e-5)
    np.testing.assert_allclose(trainer.train.values, plain.train.values, atol=1e-4)
    again = scaling.from_network(np.asarray(trainer.train.values))
    chosen = read_dataset(tmp_path / "s.nc")["split"] == 0
    np.testing.assert_allclose(again, (spectra * unit + offset)[chosen], rtol=1e-4, atol=1e-6)


def test_a_positive_output_has_the_same_loss(tmp_path):
    """A spectrum in place of all others has the same error in the units of both outputs."""
    spectra = two_factors()[0]
    errors = []
    for output in ("linear", "softplus"):
        trainer, scaling = prepared(tmp_path, spectra, output=output)
        errors.append(relative_error(trainer, scaling.to_network(spectra[7])))
    assert scaling.scale == pytest.approx(np.quantile(spectra, 0.999), rel=0.05)
    assert not scaling.offset.any()
    assert errors[0] == pytest.approx(errors[1], rel=1e-5)


def test_the_weight_means_the_same_on_any_grid(tmp_path):
    errors = []
    for n_omega in (41, 161):
        spectra = two_factors(n_omega=n_omega)[0]
        trainer, _ = prepared(tmp_path, spectra)
        x = np.asarray(trainer.train.values)
        errors.append(relative_error(trainer, x[0]))  # the first spectrum in place of all
    assert errors[0] == pytest.approx(errors[1], rel=0.02)


def test_the_sum_is_the_paper_s(tmp_path):
    spectra = two_factors()[0]
    trainer, scaling = prepared(tmp_path, spectra * np.float32(1024), loss="sum")
    assert scaling.scale == 1024
    assert not scaling.offset.any()
    assert trainer.architecture.output == "softplus"
    assert np.all(trainer.train.weights == 1)


def weighted(uncertainty, dims, channel="up"):
    spectra = np.stack([two_factors(10)[0]] * 2, axis=1)
    dataset = xr.Dataset(
        {"spectral_function": (("sample", "spin", "omega"), spectra)},
        {"spin": ["up", "down"], "omega": np.arange(N_OMEGA)},
    )
    dataset["uncertainty"] = (dims, uncertainty)
    values = flat(channel_spectra(dataset, channel))
    plain = Scaling(np.zeros(values.shape[1]), 1.0)
    return point_weights(dataset, channel, values, plain, np.arange(10) < 5, "s.nc")


def test_uncertainties_weigh_points():
    sharp = np.where(np.arange(N_OMEGA) < 20, 1.0, 3.0)
    weights = weighted(sharp, ("omega",))
    assert weights.shape == (1, N_OMEGA)
    assert weights.mean() == pytest.approx(1)
    assert weights[0, 0] / weights[0, -1] == pytest.approx(9)
    of_spins = np.stack([sharp, 2 * sharp])
    np.testing.assert_allclose(weighted(of_spins, ("spin", "omega")), weights)
    np.testing.assert_allclose(weighted(of_spins, ("spin", "omega"), "mean"), weights)
    of_samples = np.full((10, 2, N_OMEGA), 1.0)
    of_samples[3] = 2.0
    np.testing.assert_allclose(weighted(sharp, ("omega",), "all"), np.tile(weights, 2))
    both = weighted(of_spins, ("spin", "omega"), ["up", "down"])
    assert both[0, 0] / both[0, N_OMEGA] == pytest.approx(4)
    found = weighted(of_samples, ("sample", "spin", "omega"))
    assert found[:5].mean() == pytest.approx(1)
    assert found[2, 0] / found[3, 0] == pytest.approx(4)


def test_a_masked_point_does_not_count():
    infinite = np.ones(N_OMEGA)
    infinite[7] = np.inf
    weights = weighted(infinite, ("omega",))
    spectra = two_factors()[0]
    spoiled = spectra.copy()
    spoiled[:, 7] = np.random.default_rng(0).normal(size=len(spectra))
    first, second = (moments(each, weights).variance for each in (spectra, spoiled))
    np.testing.assert_allclose(first, second, rtol=1e-12)


@pytest.mark.parametrize(
    ("uncertainty", "dims", "message"),
    [
        (
            np.zeros(N_OMEGA),
            ("omega",),
            "uncertainty = 0.0 is not usable: must be above 0 everywhere",
        ),
        (
            np.ones(10),
            ("sample",),
            "dimensions of uncertainty = ('sample',) is not usable: must be "
            "('sample', 'spin', 'omega') or ('spin', 'omega')",
        ),
    ],
)
def test_an_uncertainty_that_is_not_usable_is_refused(uncertainty, dims, message):
    with pytest.raises(InputError) as caught:
        weighted(uncertainty, dims)
    assert str(caught.value) == f"s.nc: {message}"


def test_a_distant_spectrum_is_left_out(tmp_path, caplog):
    spectra = two_factors(100)[0]
    spoiled = spectra.copy()
    write_spectra(tmp_path / "s.nc", spectra)
    clean = prepare(read_dataset(tmp_path / "s.nc"), SETTINGS, "s.nc")
    chosen = int(np.flatnonzero(read_dataset(tmp_path / "s.nc")["split"] == 0)[5])
    spoiled[chosen, 20] = 3e3
    write_spectra(tmp_path / "s.nc", spoiled)
    caplog.set_level(logging.WARNING, "kondoflow")
    found = prepare(read_dataset(tmp_path / "s.nc"), SETTINGS, "s.nc")
    assert (clean.left_out, found.left_out) == ([], [chosen])
    assert found.trainer.train.n_samples == 79
    assert found.scaling.scale == pytest.approx(clean.scaling.scale, rel=0.05)
    messages = [record.getMessage() for record in caplog.records]
    assert messages == [f"samples [{chosen}] are far from all others and are not trained on"]


def test_many_distant_spectra_belong_to_the_data():
    spectra, everything = two_factors(100)[0], np.ones(100, bool)
    for n_far, n_found in ((0, 0), (1, 1), (2, 0), (40, 0)):
        changed = spectra.copy()
        changed[:n_far] *= 100
        assert far_from_others(changed, everything).sum() == n_found
    changed[0] *= 100
    assert not far_from_others(changed, np.arange(100) > 0)[0]


TRANSFORMED = [
    {"transform": "log"},
    {"transform": "sqrt"},
    {"transform": "arcsinh", "scaling": "point"},
    {"normalise": "area"},
    {"normalise": "maximum", "transform": "sqrt", "centring": False},
    {"scaling": "point", "output": "linear"},
    {"window": [-2.0, 3.1], "channel": "all"},
]


@pytest.mark.parametrize("settings", TRANSFORMED)
def test_what_the_network_sees_is_undone(tmp_path, settings):
    spectra = two_factors(60)[0] + np.float32(0.01)
    write_spectra(tmp_path / "s.nc", spectra)
    dataset = read_dataset(tmp_path / "s.nc")
    if "channel" in settings:
        both = np.stack([spectra, -2 * spectra[::-1]], axis=1)
        dataset["spectral_function"] = (("sample", "channel", "omega"), both)
        dataset = dataset.assign_coords(channel=["real", "imaginary"])
        inside = (dataset["omega"] >= -2) & (dataset["omega"] <= 3.1)
        spectra = flat(both[..., inside.to_numpy()])
    found = prepare(dataset, {**SETTINGS, "output": "auto", **settings}, "s.nc")
    scaling, trainer = found.scaling, found.trainer
    assert trainer.architecture.n_omega == spectra.shape[1]
    x = scaling.to_network(spectra)
    np.testing.assert_allclose(scaling.from_network(x, scaling.sizes(spectra)), spectra, rtol=2e-4)
    again = Scaling.from_json(json.loads(json.dumps(scaling.as_json())), found.omega)
    np.testing.assert_array_equal(again.to_network(spectra), x)
    if settings.get("centring", True) and trainer.architecture.output == "linear":
        assert relative_error(trainer, 0) == pytest.approx(1, rel=1e-4)
    if "normalise" in settings:
        np.testing.assert_allclose(scaling.to_network(3 * spectra), x, atol=1e-5)
        sizes = scaling.sizes(scaling.from_network(x))
        np.testing.assert_allclose(sizes, np.median(sizes), rtol=1e-4)


@pytest.mark.parametrize(
    ("change", "settings", "message"),
    [
        (
            lambda spectra: spectra - 0.5,
            {"transform": "log", "output": "linear"},
            "s.nc: smallest value of sample .* must be above 0 for the transform log",
        ),
        (
            lambda spectra: spectra * (np.arange(60) != 5)[:, None],
            {"normalise": "area"},
            "s.nc: area of sample 5 = 0.0 is not usable: must be above 0",
        ),
        (
            lambda spectra: spectra - 0.5,
            {"output": "softplus"},
            "output = 'softplus' is not usable: must be linear or auto for spectra with negative",
        ),
        (
            lambda spectra: spectra,
            {"output": "softplus", "transform": "sqrt"},
            "output = 'softplus' is not usable: must be linear or auto with a transform",
        ),
        (lambda spectra: spectra, {"window": [50, 60]}, r"window = \[50, 60\] is not usable"),
    ],
)
def test_a_transform_that_does_not_fit_the_spectra_is_refused(tmp_path, change, settings, message):
    write_spectra(tmp_path / "s.nc", change(two_factors(60)[0]).astype(np.float32))
    dataset = read_dataset(tmp_path / "s.nc")
    dataset["split"][5] = 0
    with pytest.raises(InputError, match=message):
        prepare(dataset, {**SETTINGS, **settings}, "s.nc")


def test_an_uncertainty_is_carried_through_a_transform(tmp_path):
    """With errors in proportion to the value, all points of the logarithm count the same."""
    spectra = two_factors(60)[0] + np.float32(0.01)
    write_spectra(tmp_path / "s.nc", spectra)
    dataset = read_dataset(tmp_path / "s.nc")
    dataset["uncertainty"] = (("sample", "omega"), 0.1 * spectra)
    found = prepare(dataset, {**SETTINGS, "transform": "log", "output": "auto"}, "s.nc")
    weights = np.asarray(found.trainer.train.weights)
    np.testing.assert_allclose(weights, weights.mean(), rtol=1e-4)
