"""Sets of spectra that no training can use."""

import numpy as np
import pytest
from small_runs import N_OMEGA, SETTINGS, two_factors, write_spectra

import train_vae
from kondoflow.autoencoder.preparation import spectral_scale
from kondoflow.files.errors import InputError


@pytest.mark.parametrize(("part", "index"), [("train", 0), ("validation", 1)])
def test_an_empty_part_is_refused(tmp_path, part, index):
    data = tmp_path / "spectra.nc"
    write_spectra(data, two_factors(20)[0], np.full(20, (index + 1) % 3))
    if part == "validation":
        write_spectra(data, two_factors(20)[0], np.zeros(20))
    outputs = {name: tmp_path / name for name in ("weights", "model", "history")}
    with pytest.raises(InputError) as caught:
        train_vae.main(spectra=data, **outputs, settings=SETTINGS, seed=1)
    assert str(caught.value) == (
        f"{data}: {part} samples in split = 0 is not usable: must be at least 1"
    )


def test_a_dark_channel_is_refused():
    with pytest.raises(InputError) as caught:
        spectral_scale(np.zeros((20, N_OMEGA), np.float32), "spectra.nc")
    assert str(caught.value) == (
        "spectra.nc: spectral_function = 0.0 is not usable: must be above 0 in the training spectra"
    )


def test_dark_spectra_are_refused(tmp_path):
    data = tmp_path / "spectra.nc"
    write_spectra(data, np.zeros((20, N_OMEGA), np.float32))
    outputs = {name: tmp_path / name for name in ("weights", "model", "history")}
    with pytest.raises(InputError) as caught:
        train_vae.main(spectra=data, **outputs, settings=SETTINGS, seed=1)
    assert str(caught.value) == (
        f"{data}: spectral_function of sample 0 = 0.0 is not usable: must be above 0 somewhere"
    )
