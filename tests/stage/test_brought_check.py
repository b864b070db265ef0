"""Names in the configuration against the user's file, before any work starts."""

import os

import numpy as np
import pytest
import xarray as xr

from kondoflow.files.errors import InputError
from kondoflow.files.importing import check_labels
from kondoflow.stage.checks.files import check_files
from kondoflow.stage.checks.names import labels_of_data
from kondoflow.stage.config import SPLIT, resolved_config


def brought(**variables):
    rng = np.random.default_rng(0)
    spectra = rng.random((8, 2, 5))
    return xr.Dataset(
        {
            "spectral_function": (("sample", "channel", "omega"), spectra),
            **{name: ("sample", rng.random(8)) for name in variables},
        },
        {"omega": np.arange(5.0), "channel": ["real", "imaginary"]},
    )


def check(tmp_path, monkeypatch, names, system, run=None):
    monkeypatch.setattr(
        "kondoflow.files.brought.reading.read_apart", lambda read, path, _: read(path)
    )
    path, run = tmp_path / "own.nc", dict(run or {})
    dataset = brought(**dict.fromkeys(names))
    if "low" in run:
        dataset["spectral_function"][2, 0, 1] = run.pop("low")
    if run.pop("single", False):
        dataset = dataset.isel(channel=0, drop=True)
    dataset.to_netcdf(path, engine="netcdf4")
    config = {
        "ensembles": {"mine": {"source": "file", "system": "mine", "path": str(path)}},
        "systems": {"mine": system},
        "runs": [{"name": "vae", "ensemble": "mine", "channel": "all", **run}],
    }
    return resolved_config(config, with_names=True)


def test_short_configurations_are_completed(tmp_path, monkeypatch):
    config = check(tmp_path, monkeypatch, ["gap", "T"], {"parameters": ["gap", "T"]})
    assert config["systems"]["mine"]["descriptors"] == {"gap": "gap", "T": "T"}
    assert config["ensembles"]["mine"]["split"]["train"] == 0.8


@pytest.mark.parametrize(
    ("system", "message"),
    [
        ({"parameters": ["gapp"]}, "systems.mine.parameters.gapp = 'gapp' is not usable"),
        (
            {"parameters": ["gap"], "inputs": {"g": "gap/Tc"}},
            "inputs.g = 'gap/Tc' is not usable: must be a formula over .*gap.*; unknown: Tc",
        ),
        ({"parameters": ["gap"], "descriptors": {"d": "Gap"}}, "descriptors.d = 'Gap'"),
        ({"parameters": ["gap"], "targets": {"t": "log(Gap)"}}, "targets.t"),
        ({"parameters": ["gap"], "references": {"r": "-1/g"}}, "references.r"),
        (
            {"parameters": ["gap"], "labels": {"gap": "$g$", "T": "$T$", "Gap": "$G$"}},
            "systems.mine.labels.Gap = '\\$G\\$' is not usable: must be a label of what the system",
        ),
        (
            {"parameters": ["gap"], "inputs": {"x": "T/gap"}, "references": {"r": "-1/x"}},
            "must be a formula over T, gap; write T/gap for x, the name of an input",
        ),
        ({"parameters": ["gap"], "region": "gap > x"}, "region = 'gap > x'"),
    ],
)
def test_a_misspelt_name_is_refused(tmp_path, monkeypatch, system, message):
    with pytest.raises(InputError, match=message):
        check(tmp_path, monkeypatch, ["gap", "T"], system)


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"region": "gap > 2"}, "region = 'gap > 2' .* samples of .*own.nc meet; none of the 8 "),
        ({"targets": {"t": "log(-gap)"}}, r"targets.t = 'log\(-gap\)' .* a value at samples of"),
        ({"references": {"r": "gap/(T - T)"}}, r"references.r = 'gap/\(T - T\)' is not usable"),
    ],
)
def test_what_has_no_value_at_any_sample_is_refused(tmp_path, monkeypatch, part, message):
    with pytest.raises(InputError, match=message):
        check(tmp_path, monkeypatch, ["gap", "T"], {"parameters": ["gap"], **part})


@pytest.mark.parametrize(
    ("section", "text"),
    [("descriptors", "log10(gap)"), ("inputs", "gap/T"), ("targets", "gap**2")],
)
def test_a_quantity_with_the_name_of_other_data_is_refused(tmp_path, monkeypatch, section, text):
    """Its label and unit would be those of the data."""
    system = {"parameters": ["gap", "T"], section: {"gap": text}}
    because = "itself, which the data have,|, as systems.mine.descriptors.gap,"
    message = rf"{section}\.gap = .* must be gap ?({because}) or (of )?another name"
    with pytest.raises(InputError, match=message):
        check(tmp_path, monkeypatch, ["gap", "T"], system)
    system[section] = {"gap": "gap"}
    check(tmp_path, monkeypatch, ["gap", "T"], system)


def test_labels_are_checked_at_the_import_of_a_file_that_is_not_read_before(tmp_path, monkeypatch):
    """As under conda, or where a file is too large."""
    monkeypatch.setattr("kondoflow.stage.checks.brought.LARGEST", 0)
    system = {"parameters": ["gap"], "targets": {"t": "gap**2"}, "labels": {"t": "$t$"}}
    config = check(tmp_path, monkeypatch, ["gap", "T"], system)
    assert labels_of_data(config, "mine") == {}
    config = check(tmp_path, monkeypatch, ["gap", "T"], system | {"labels": {"T": "$T$"}})
    assert labels_of_data(config, "mine") == {"T": "$T$"}
    config = check(tmp_path, monkeypatch, ["gap", "T"], system | {"labels": {"Tc": "$T$"}})
    labels = labels_of_data(config, "mine")
    dataset, path = brought(gap=(), T=()), tmp_path / "own.nc"
    check_labels(dataset, {"T": "$T$"}, "systems.mine.labels", path)
    with pytest.raises(
        InputError, match=r"mine.labels.Tc = '\$T\$' .* of what .*own.nc has: T, ch"
    ):
        check_labels(dataset, labels, "systems.mine.labels", path)
    config["ensembles"]["other"] = config["ensembles"]["mine"]  # which may have the quantity
    config["runs"] = [*config["runs"], {"name": "vae", "ensemble": "other"}]
    assert labels_of_data(config, "mine") == {}


def test_labels_of_a_computed_system_whose_spectra_are_brought():
    own = {"source": "file", "system": "anderson", "path": "own.nc"}
    labels = {"U": "$U$", "phase": r"$\delta$"}
    config = resolved_config(
        {
            "ensembles": {"mine": own},
            "systems": {"anderson": {"labels": labels}},
            "runs": [{"name": "vae", "ensemble": "mine"}],
        },
        with_files=False,
    )
    assert labels_of_data(config, "mine") == {"phase": r"$\delta$"}


def test_a_variable_named_as_the_constant_is_refused_where_it_is_used(tmp_path, monkeypatch):
    names = ["gap", "pi"]
    check(tmp_path, monkeypatch, names, {"parameters": ["gap"]})
    system = {"parameters": ["gap"], "descriptors": {"d": "log(2*pi)*gap"}}
    with pytest.raises(InputError, match="variable = 'pi' is not usable: must be another name, as"):
        check(tmp_path, monkeypatch, names, system)
    with pytest.raises(InputError, match=r"the key properties renames it: \{new_name: lambda\}"):
        check(tmp_path, monkeypatch, ["gap", "lambda"], {"parameters": ["lambda"]})
    system = {"parameters": ["gap"], "descriptors": {"d": "log10(lambda)"}}
    check(tmp_path, monkeypatch, ["gap", "lambda"], system)


def test_a_channel_that_the_file_lacks_is_refused(tmp_path, monkeypatch):
    system = {"parameters": ["gap"]}
    check(tmp_path, monkeypatch, ["gap"], system, {"channel": ["imaginary"]})
    with pytest.raises(InputError, match="channel = 'up' is not usable: must be one or several of"):
        check(tmp_path, monkeypatch, ["gap"], system, {"channel": "up"})


def test_a_window_beside_the_grid_is_refused(tmp_path, monkeypatch):
    system = {"parameters": ["gap"]}
    check(tmp_path, monkeypatch, ["gap"], system, {"window": [0.5, 2.5]})
    message = (
        r"window = \[5, 6\] is not usable: must be a window with at least 2 points of the grid"
    )
    with pytest.raises(InputError, match=message):
        check(tmp_path, monkeypatch, ["gap"], system, {"window": [5, 6]})


def test_a_view_that_the_spectra_do_not_have_is_refused(tmp_path, monkeypatch):
    system = {"parameters": ["gap"]}
    check(tmp_path, monkeypatch, ["gap"], system, {"transform": "log"})
    values = {"channel": "all", "transform": "log", "low": -0.25}
    message = r"transform = 'log' .* sqrt or arcsinh .*: sample 2 has -0.25"
    with pytest.raises(InputError, match=message):
        check(tmp_path, monkeypatch, ["gap"], system, values)
    values = {"channel": "imaginary", "transform": "log", "low": -0.25}
    check(tmp_path, monkeypatch, ["gap"], system, values)
    with pytest.raises(InputError, match=r"a grid of frequencies .* for edge"):
        check(tmp_path, monkeypatch, ["gap"], system, {"channel": ["edge"]})


def test_spectra_without_channels_have_no_other(tmp_path, monkeypatch):
    system = {"parameters": ["gap"]}
    check(tmp_path, monkeypatch, ["gap"], system, {"channel": "mean", "single": True})
    with pytest.raises(InputError, match=r"channel = 'down' .* left out: the spectra have no"):
        check(tmp_path, monkeypatch, ["gap"], system, {"channel": "down", "single": True})


def test_a_path_without_a_file_is_refused_at_once(tmp_path):
    pipe, loop = tmp_path / "pipe.csv", tmp_path / "loop.csv"
    os.mkfifo(pipe)
    loop.symlink_to(loop)
    folder = tmp_path / "runs"
    folder.mkdir()
    (folder / "a{b}.csv").touch()
    for path, allowed in (
        (pipe, "a file, not a device or a pipe"),
        (loop, "an existing file"),
        (folder, "a path without braces"),
    ):
        own = {"source": "file", "system": "mine", "path": str(path)}
        config = {
            "ensembles": {"mine": own},
            "systems": {"mine": {"parameters": ["gap"]}},
            "runs": [{"name": "vae", "ensemble": "mine"}],
        }
        with pytest.raises(InputError, match=f"path = .* must be {allowed}"):
            resolved_config(config, with_names=True)


def test_only_files_that_are_read_may_hold_no_wildcards(tmp_path):
    store, folder, table = tmp_path / "own.zarr", tmp_path / "runs", tmp_path / "a{b}.csv"
    (store / "G<").mkdir(parents=True)
    (folder / "old{1}").mkdir(parents=True)
    (folder / ".a{b}.swp").touch()
    table.touch()

    def check_own(**keys):
        own = {"source": "file", "system": "mine", "split": SPLIT, **keys}
        check_files({"ensembles": {"mine": own}, "runs": [{"name": "vae", "ensemble": "mine"}]})

    for path in (store, folder):
        check_own(path=str(path))
    with pytest.raises(InputError, match=r"mine.properties = .* must be a path without braces"):
        check_own(path=str(store), properties=str(table))


def test_keys_of_an_ensemble_that_are_null_do_not_count():
    keys = {"source": "file", "system": "mine", "path": "mine.nc"}
    given = {**keys, "set_apart": None, "group": None, "resample": {"min": None, "points": 5}}
    config = resolved_config(
        {
            "ensembles": {"mine": given},
            "systems": {"mine": {"parameters": ["gap"]}},
            "runs": [{"name": "vae", "ensemble": "mine"}],
        },
        with_files=False,
    )
    assert config["ensembles"]["mine"].keys() - {"split"} == {*keys, "resample"}
    assert config["ensembles"]["mine"]["resample"] == {"points": 5}


def test_entries_of_a_system_are_removed_with_null():
    own = {"n_d": None, "log10_T_K": None, "log10_T_chi": None}
    changes = {"anderson": {"descriptors": own, "scale": None, "region": None, "colours": None}}
    system = resolved_config({"systems": changes})["systems"]["anderson"]
    assert not set(own) & set(system["descriptors"])
    assert not {"scale", "region", "colours"} & set(system)
