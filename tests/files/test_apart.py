"""Files of others: whatever they do to the library that reads them is one line with their name."""

import ctypes
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from stage.refusals import refused

from kondoflow.files.apart import OUT_OF_MEMORY, read_apart
from kondoflow.files.brought.reading import read_any, read_brought
from kondoflow.files.errors import InputError
from kondoflow.files.importing import usable_set
from kondoflow.files.netcdf import read_dataset, write_dataset

THIRDS = {"train": 0.6, "validation": 0.2, "test": 0.2}


def crash(_):
    ctypes.string_at(0)


def hang(_):
    time.sleep(3600)


def be_killed(_):
    os.kill(os.getpid(), signal.SIGKILL)


def take_too_much(_):
    raise MemoryError


def stumble(_):
    raise KeyError("a key\nin two lines")


def refuse(path):
    raise InputError(path, "omega", 1, "2")


def read(path):
    return path.read_text()


ENDS = [
    (crash, "content", "what ends the process that reads it (signal 11)", "a text"),
    (hang, "content", "not read within 4 s", "a text"),
    (be_killed, "content", OUT_OF_MEMORY, "a text"),
    (take_too_much, "content", OUT_OF_MEMORY, "a text"),
    (stumble, "content", "KeyError: 'a key\\nin two lines'", "a text"),
    (refuse, "omega", 1, "2"),
]


@pytest.mark.parametrize(("reader", "key", "value", "allowed"), ENDS)
def test_any_end_of_the_reader_names_the_file(tmp_path, reader, key, value, allowed):
    path = tmp_path / "own.txt"
    path.write_text("content")
    with refused(path, key, value, allowed):
        read_apart(reader, path, "a text", 4.0 if reader is hang else 120.0)


def test_what_was_read_comes_back(tmp_path):
    path = tmp_path / "own.txt"
    path.write_text("content")
    assert read_apart(read, path, "a text") == "content"
    with refused(tmp_path / "none", "file", None, "an existing file"):
        read_apart(read, tmp_path / "none", "a text")


def brought(**variables):
    rng = np.random.default_rng(0)
    spectra = ("sample", "omega"), rng.random((10, 5))
    return xr.Dataset({"spectral_function": spectra, **variables}, {"omega": np.linspace(-1, 1, 5)})


def test_times_and_coordinates_of_samples_are_numbers_of_samples(tmp_path):
    days = np.arange("2020-01-01", "2020-01-11", dtype="datetime64[D]").astype("datetime64[ns]")
    dataset = brought(gap=("sample", np.arange(10.0)))
    dataset = dataset.assign_coords(measured=("sample", days), sample=days).set_coords("gap")
    dataset.to_netcdf(tmp_path / "own.nc")
    source = tmp_path / "own.nc"
    found, _ = usable_set(read_brought(source, {}), {"split": THIRDS}, 0, source)
    assert set(found.coords) == {"omega"}
    assert found["measured"].to_numpy().tolist() == list(range(10))
    assert found["gap"].to_numpy().tolist() == list(range(10))
    write_dataset(tmp_path / "set.nc", found)
    assert read_dataset(tmp_path / "set.nc").identical(found)


def test_attributes_of_others_can_be_written_and_shown(tmp_path):
    dataset = brought()
    dataset.attrs = {
        "software": "ALPS 2.3",
        "list": [1, 2],
        "bell": "a\x07b\x1b[1m",
        "many": "[" * 3000,
    }
    dataset["omega"].attrs["units"] = "m\x00eV"
    dataset.to_netcdf(tmp_path / "own.nc")
    found = read_any(Path(tmp_path / "own.nc"), {}).dataset
    assert found.attrs["software"] == "ALPS 2.3"
    assert found.attrs["list"].tolist() == [1, 2]
    assert found.attrs["bell"] == "a b [1m"
    assert found["omega"].attrs["units"].isprintable()
    write_dataset(tmp_path / "set.nc", found)
