"""Parts of spectra by their symmetry: what moves them, and what has none."""

import numpy as np
import pytest
import xarray as xr

from kondoflow.autoencoder.preparation import prepare
from kondoflow.files.errors import InputError
from kondoflow.files.parts import parts_of
from kondoflow.files.spectra import channel_spectra, chosen_channels
from kondoflow.stage.config import load_config

SIDE = np.geomspace(1e-4, 1.0, 40)
OMEGA = np.concatenate([-SIDE[::-1], [0.0], SIDE])
LABELS = ["up", "down"]


def peak(position, width):
    """A Lorentzian of height 1, (omega,)."""
    return 1 / (1 + ((OMEGA - position) / width) ** 2)


def spin_pair(position, width, splitting):
    """Spectra of two spins, (1, 2, omega)."""
    return np.stack([peak(position + sign * splitting, width) for sign in (-1, 1)])[None]


def stored(spectra):
    dims = ("sample", "spin", "omega")
    split = ("sample", np.arange(len(spectra)) % 3)
    return xr.Dataset(
        {"spectral_function": (dims, spectra), "omega": OMEGA, "split": split, "spin": LABELS}
    )


def test_the_mean_of_the_edge_is_linear_in_the_logarithm_of_a_scale():
    scales = np.geomspace(2e-3, 0.1, 8)
    spectra = np.concatenate([spin_pair(0, s, 0) for s in scales])
    edge = parts_of(spectra, OMEGA, ["edge"])[:, 0]
    assert edge.min() == pytest.approx(-2)
    assert edge.max() == pytest.approx(2, abs=0.01)
    mean = edge[:, OMEGA != 0].mean(axis=1)
    assert np.corrcoef(mean, np.log(scales))[0, 1] < -0.9999
    slope = np.polyfit(np.log(scales), mean, 1)[0]
    assert slope == pytest.approx(-4 / np.log(SIDE[-1] / SIDE[0]), rel=0.03)


def test_each_part_has_its_symmetry():
    names = ["edge", "odd", "splitting"]
    seen = spin_pair(0.02, 0.05, 0.01)
    parts = parts_of(seen, OMEGA, names)
    mirrored = parts_of(seen[..., ::-1], OMEGA, names)
    exchanged = parts_of(seen[:, ::-1], OMEGA, names)
    np.testing.assert_allclose(mirrored, parts * [[[1], [-1], [-1]]], atol=1e-6)
    np.testing.assert_allclose(exchanged, parts * [[[1], [1], [-1]]], atol=1e-6)
    assert np.abs(parts[0, 1:]).max(axis=1).min() > 0.1
    assert np.abs(parts_of(spin_pair(0, 0.05, 0.01), OMEGA, names)[0, 1]).max() < 1e-6


def test_parts_are_the_channels_of_a_training():
    spectra = np.concatenate([spin_pair(0.01 * k, 0.05, 0.002 * k) for k in range(9)])
    dataset, channel = stored(spectra), ["edge", "splitting"]
    seen = channel_spectra(dataset, channel)
    assert seen.shape == (9, 2, len(OMEGA))
    assert channel_spectra(dataset, "odd").shape == (9, len(OMEGA))
    assert chosen_channels(dataset, "odd") == []
    settings = load_config()["autoencoder"] | {"channel": channel}
    prepared = prepare(dataset, settings, "spectra.nc")
    assert prepared.channels == channel
    assert prepared.trainer.architecture.n_omega == 2 * len(OMEGA)
    assert prepared.trainer.architecture.output == "linear"


def test_a_channel_of_that_name_is_not_a_part():
    spectra = np.concatenate([spin_pair(0.01, 0.05, 0.0)] * 3)
    dataset = stored(spectra).assign_coords(spin=["odd", "down"])
    np.testing.assert_array_equal(channel_spectra(dataset, "odd"), np.float32(spectra[:, 0]))


@pytest.mark.parametrize(
    ("spectra", "omega", "name", "message"),
    [
        (spin_pair(0, 1, 0), OMEGA + 0.1, "edge", "frequencies"),
        (-spin_pair(0, 1, 0), OMEGA, "odd", "above 0"),
        (spin_pair(0, 1, 0)[:, :1], OMEGA, "splitting", "number of channels"),
    ],
)
def test_spectra_without_such_parts_are_refused(spectra, omega, name, message):
    with pytest.raises(InputError, match=message):
        parts_of(spectra, omega, [name])
