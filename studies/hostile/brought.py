"""A user's netCDF with bytes changed at random places, through the real import."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import xarray as xr

import import_spectra
from kondoflow.files import apart
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset
from studies.hostile.drawing import RefusedError

ENSEMBLE = {"split": {"train": 0.6, "validation": 0.2, "test": 0.2}}
PATIENCE = 20.0  # seconds for a file of some kB, of which reading takes milliseconds


def users_file(path: Path) -> bytes:
    """Content of a small set of spectra as a user may write it, with all that is hard to read."""
    rng = np.random.default_rng(1)
    omega = np.linspace(-1, 1, 21)
    spectra = np.exp(-(omega**2) / rng.uniform(0.1, 1.0, (20, 1)))
    days = np.arange("2020-01-01", "2020-01-21", dtype="datetime64[D]").astype("datetime64[ns]")
    dataset = xr.Dataset(
        {
            "spectral_function": (("sample", "omega"), spectra, {"units": "1/meV"}),
            "gap": ("sample", rng.random(20), {"units": "meV"}),
            "sort": ("sample", np.array([f"a{index % 3}" for index in range(20)], dtype=object)),
        },
        {"omega": ("omega", omega, {"units": "meV"}), "measured": ("sample", days)},
        {"software": "ALPS 2.3", "runs": [1, 2, 3], "title": "Spectra"},
    )
    coded = {"zlib": True, "shuffle": True, "fletcher32": True, "chunksizes": (7, 21)}
    dataset.to_netcdf(path, engine="netcdf4", encoding={"spectral_function": coded})
    return path.read_bytes()


def read_changed(rng: random.Random, folder: Path) -> bool:
    """Import the file with some bytes changed, or cut off: refused, or a whole set of spectra."""
    whole = folder / "whole.user.nc"
    if not whole.is_file():
        users_file(whole)
    content = bytearray(whole.read_bytes())
    for _ in range(rng.choice([1, 2, 5, 40])):
        # Half of the places are near the beginning, where the structure is described.
        at = rng.randrange(len(content) if rng.random() < 0.5 else 4096)
        content[at] = rng.choice(
            [0, 0xFF, rng.randrange(256), content[at] ^ (1 << rng.randrange(8))]
        )
    if rng.random() < 0.1:
        del content[rng.randrange(len(content)) :]
    path, spectra = folder / "changed.nc", folder / "set.nc"
    path.write_bytes(content)
    spectra.unlink(missing_ok=True)
    longest, apart.LEAST_SECONDS = apart.LEAST_SECONDS, PATIENCE
    try:
        import_spectra.main(
            source=path, spectra=spectra, ensemble=ENSEMBLE, seed=1, labels={}, system="mine"
        )
    except InputError as error:
        if path.name not in str(error):
            raise ValueError(f"the file is not named: {error}") from error
        raise RefusedError(str(error)) from error
    finally:
        apart.LEAST_SECONDS = longest
    found = read_dataset(spectra)
    return bool(np.isfinite(found["spectral_function"]).all()) and found.sizes["sample"] >= 3
