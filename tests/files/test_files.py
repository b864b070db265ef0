"""Files: the contract is kept, writes are atomic, and what can't be read is named."""

import fcntl

import numpy as np
import pytest
import xarray as xr

from kondoflow.files.atomic import read_json, remove, replacing, write_json
from kondoflow.files.contract import assemble
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset, write_dataset
from kondoflow.files.spectra import channel_spectra, read_spectra, sample_variables
from kondoflow.files.splits import assign_split
from kondoflow.systems.anderson.definition import SYSTEM
from kondoflow.systems.points import read_points


def _spectra():
    n_samples = 4
    omega = np.array([-1.0, 0.0, 1.0])
    rng = np.random.default_rng(0)
    return assemble(
        {
            "omega": omega,
            "spectral_function": rng.random((n_samples, 2, 3)),
            "U": np.arange(n_samples),
            "occupation": rng.random((n_samples, 2)),
            "split": np.arange(n_samples) % 3,
        },
        SYSTEM.variables,
        {"title": "test"},
        {"spin": np.array(["up", "down"])},
    )


def test_written_spectra_are_read_back(tmp_path):
    path = tmp_path / "deep" / "spectra.nc"
    written = _spectra()
    write_dataset(path, written)
    xr.testing.assert_identical(read_spectra(path), written)
    assert written["U"].attrs == {
        "units": "1",
        "unit_symbol": "D",
        "comment": "in units of the half-bandwidth of the conduction band",
        "long_name": "Coulomb repulsion on the impurity",
    }
    assert [file.name for file in path.parent.iterdir()] == ["spectra.nc"]


def test_equal_data_give_equal_bytes(tmp_path):
    for name in ("a.nc", "b.nc"):
        write_dataset(tmp_path / name, _spectra())
    assert (tmp_path / "a.nc").read_bytes() == (tmp_path / "b.nc").read_bytes()


def test_an_interrupted_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "result.json"
    write_json(path, {"a": 1})

    def write_half():
        with replacing(path) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert read_json(path) == {"a": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["result.json"]


def test_what_a_killed_write_left_is_removed_with_the_file(tmp_path):
    path, other = tmp_path / "a[1].json", tmp_path / ".b.json.0123.tmp"
    for each in (path, path.with_name(f".{path.name}.0123.tmp"), other):
        each.touch()
    remove(path)
    assert list(tmp_path.iterdir()) == [other]
    remove(path)  # not there any more


def test_json_refuses_nan(tmp_path):
    with pytest.raises(ValueError, match="Out of range float values"):
        write_json(tmp_path / "x.json", {"a": float("nan")})
    assert not list(tmp_path.iterdir())


def test_missing_and_broken_files_are_named(tmp_path):
    with pytest.raises(InputError, match=r"absent.nc: file = None is not usable: must be an exist"):
        read_dataset(tmp_path / "absent.nc")
    broken = tmp_path / "broken.nc"
    broken.write_bytes(b"not netCDF")
    with pytest.raises(InputError, match=r"broken.nc: content = .* must be a readable netCDF4"):
        read_dataset(broken)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.drop_vars("split"), "split = None"),
        (lambda d: d.drop_vars("spectral_function"), "spectral_function = None"),
        (lambda d: d.assign_coords(omega=[1.0, 0.0, 2.0]), "finite and strictly increasing"),
        (lambda d: d.where(d.U != 1), "finite everywhere"),
        (lambda d: d.transpose("omega", ...), r"must be \(sample, omega\), \(sample, spin"),
    ],
)
def test_spectra_that_break_the_contract_are_refused(tmp_path, change, message):
    path = tmp_path / "spectra.nc"
    change(_spectra()).to_netcdf(path, engine="netcdf4")
    with pytest.raises(InputError, match=message):
        read_spectra(path)


def test_channels():
    dataset = _spectra()
    values = dataset["spectral_function"].to_numpy()
    np.testing.assert_array_equal(channel_spectra(dataset, "down"), values[:, 1])
    np.testing.assert_allclose(channel_spectra(dataset, "mean"), values.mean(axis=1), rtol=1e-6)
    flat = dataset.isel(spin=0, drop=True)
    np.testing.assert_array_equal(channel_spectra(flat, "up"), values[:, 0])
    with pytest.raises(
        InputError, match="channel = 'left' is not usable: must be one or several of"
    ):
        channel_spectra(dataset, "left")


def test_sample_variables_resolve_spin():
    names = sample_variables(_spectra())
    assert set(names) == {"U", "occupation_up", "occupation_down"}


@pytest.mark.parametrize("n_samples", [3, 10, 1000])
def test_split_has_the_shares_asked_for(n_samples):
    split = assign_split(n_samples, {"train": 0.8, "validation": 0.1, "test": 0.1}, seed=1)
    counts = np.bincount(split, minlength=3)
    assert counts.sum() == n_samples
    assert counts.min() >= 1
    np.testing.assert_allclose(counts, np.array([0.8, 0.1, 0.1]) * n_samples, atol=1.5)
    again = assign_split(n_samples, {"train": 0.8, "validation": 0.1, "test": 0.1}, seed=1)
    np.testing.assert_array_equal(split, again)


def test_points_from_csv(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("T, Gamma, U, eps_d\n1e-6, 0.01, 0.1, -0.05\n1e-5, 0.02, 0.2, -0.1\n")
    points = read_points(path, SYSTEM.parameters)
    assert points["Gamma"].tolist() == [0.01, 0.02]
    assert points["B"].tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("U,Gamma\n0.1,0.01\n", "columns = .* must be U, Gamma, eps_d, B, T"),
        ("U,Gamma,eps_d,T\n", "rows = 0 is not usable: must be at least one line"),
        ("U,Gamma,eps_d,T\n0.1,nan,-0.05,1e-6\n", "Gamma in line 2 = 'nan' is not usable"),
        ("U,Gamma,eps_d,T\n0.1,0.01,-0.05\n", "T in line 2 = None is not usable"),
        ("U,Gamma,eps_d,T,T\n0.1,0.01,-0.05,1,1\n", "columns = "),
    ],
)
def test_points_that_cannot_be_used_are_named(tmp_path, text, message):
    path = tmp_path / "points.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_points(path, SYSTEM.parameters)


def test_a_file_is_read_where_locks_are_refused(tmp_path):
    path = tmp_path / "spectra.nc"
    write_dataset(path, _spectra())
    with path.open("rb") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)  # what HDF5 would want to share
        assert read_dataset(path).sizes["sample"] == 4
