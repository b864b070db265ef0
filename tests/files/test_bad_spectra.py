"""Spectra of a user that can't be used, through the stage `import_spectra`."""

import numpy as np
import pytest
import xarray as xr
from stage.refusals import ANY, refused

import import_spectra
from kondoflow.files.brought.reading import read_any


def brought():
    """Spectra that can be used."""
    rng = np.random.default_rng(0)
    return xr.Dataset(
        {
            "spectral_function": (("sample", "omega"), rng.random((6, 5))),
            "coupling": ("sample", rng.random(6)),
        },
        {"omega": np.linspace(-1, 1, 5)},
    )


def with_value(value):
    """Spectra of which one sample has a value at one frequency."""
    dataset = brought()
    dataset["spectral_function"][2, 3] = value
    return dataset


def with_spectra(spectra):
    """Spectra replaced by others of the same shape."""
    return brought().assign(spectral_function=(("sample", "omega"), spectra))


# A set of spectra; key and value that are named; what is allowed.
SPECTRA = [
    (with_value(np.nan), "spectral_function of sample 2", "NaN or infinity", "finite everywhere"),
    (with_value(np.inf), "spectral_function of sample 2", "NaN or infinity", "finite everywhere"),
    (
        with_value(1e35),
        "spectral_function of sample 2",
        1e35,
        "at most 1e+30 in magnitude (choose another unit)",
    ),
    (
        with_spectra(np.ones((6, 5))),
        "spectral_function",
        "the same in all samples",
        "spectra that differ from each other",
    ),
    (
        with_spectra(np.full((6, 5), "x")),
        "type of spectral_function",
        "<U1",
        "real numbers",
    ),
    (brought().isel(sample=[0]), "number of samples", 1, "at least 3"),
    (brought().isel(sample=[]), "size of spectral_function", 0, "at least one spectrum"),
    (brought().isel(omega=[0]), "shape of omega", (1,), "a list of at least 2 frequencies"),
    (
        brought().isel(omega=[0, 2, 1, 3, 4]),
        "omega at point 2",
        "-0.5 after 0",
        "finite and strictly increasing",
    ),
    (
        brought().assign_coords(omega=[0.0, 1.0, 1.0, 2.0, 3.0]),
        "omega at point 2",
        "1 after 1",
        "finite and strictly increasing",
    ),
    (
        brought().assign_coords(omega=[0.0, 1.0, 2.0, 3.0, np.nan]),
        "omega at point 4",
        "nan",
        "finite and strictly increasing",
    ),
    (brought().drop_vars("omega"), "omega", None, "a variable of the file"),
    (
        brought().assign(spectral_function=1e-60 * brought()["spectral_function"]),
        "spectral_function",
        ANY,
        "1e-35 or more where it is largest in magnitude (choose another unit)",
    ),
    (
        brought().drop_vars("spectral_function"),
        "spectral_function",
        None,
        "a variable of the file",
    ),
    (
        brought().assign(split=("sample", [0, 0, 0, 0, 1, 1])),
        "split",
        ["0", "1"],
        "0 or train, 1 or validation, 2 or test for each sample, each of them present",
    ),
    (
        brought().assign(split=("sample", [0, 0, 0, 0, 1, 7])),
        "split",
        ["0", "1", "7"],
        "0 or train, 1 or validation, 2 or test for each sample, each of them present",
    ),
    (
        brought().assign(split=("sample", ["train", "train", "test", "test", "valid", "valid"])),
        "split",
        ["test", "train", "valid"],
        "0 or train, 1 or validation, 2 or test for each sample, each of them present",
    ),
    (
        brought().assign(uncertainty=("omega", [1.0, 1.0, 0.0, 1.0, 1.0])),
        "uncertainty",
        "0",
        "above 0 everywhere",
    ),
    (
        brought().assign(uncertainty=("omega", np.full(5, np.inf))),
        "uncertainty",
        "infinite everywhere",
        "finite at some points",
    ),
    (brought().assign(uncertainty=2.0), "dimensions of uncertainty", (), "(sample, omega) or (om"),
    (
        brought().assign(uncertainty=("omega", list("abcde"))),
        "type of uncertainty",
        "<U1",
        "real numbers",
    ),
]


@pytest.mark.parametrize(("dataset", "key", "value", "allowed"), SPECTRA)
def test_bad_spectra_name_variable_value_and_range(
    tmp_path, monkeypatch, dataset, key, value, allowed
):
    # What reads the file in a process of its own has its own tests.
    monkeypatch.setattr(import_spectra, "read_brought", read_any)
    source, output = tmp_path / "own.nc", tmp_path / "spectra.nc"
    dataset.to_netcdf(source, engine="netcdf4")
    ensemble = {"split": {"train": 0.8, "validation": 0.1, "test": 0.1}}
    with refused(source, key, value, allowed):
        import_spectra.main(
            source=source, spectra=output, ensemble=ensemble, seed=0, labels={}, system="mine"
        )
    assert not output.exists()
