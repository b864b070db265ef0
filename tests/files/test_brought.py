"""Files of many kinds that a user may bring: what they hold comes out the same."""

import json

import netCDF4
import numpy as np
import pytest
import xarray as xr

import import_spectra
from kondoflow.files.brought.arranging import arrange
from kondoflow.files.brought.names import number_in, plain_name
from kondoflow.files.brought.reading import CHANGED, read_any, read_brought
from kondoflow.files.brought.tables import read_text_table
from kondoflow.files.channels import channels_allowed
from kondoflow.files.errors import InputError
from kondoflow.files.importing import usable_set
from kondoflow.files.netcdf import write_dataset
from kondoflow.files.spectra import channel_labels, check_spectra, read_spectra, sample_variables

RNG = np.random.default_rng(0)
SPECTRA = RNG.random((6, 5)) - 0.3
GRID = np.array([400.0, 425.0, 450.0, 475.0, 500.0])
GAP = np.arange(6) / 4
BY_ORDER = "rows of b.csv are joined by their order, as no column names the spectra"


def holds(dataset, spectra=SPECTRA, grid=GRID):
    np.testing.assert_allclose(dataset["spectral_function"], spectra, atol=1e-12)
    np.testing.assert_allclose(dataset["omega"], grid)
    return True


def as_text(rows, separator):
    return "\n".join(separator.join(str(cell) for cell in row) for row in rows) + "\n"


def rows_of_spectra(unit=""):
    header = ["gap [meV]", "sound", "label", *(f"{x:g}{unit}" for x in GRID)]
    own = (
        [repr(float(g)), str(g > 1), "a", *map(repr, map(float, row))]
        for g, row in zip(GAP, SPECTRA, strict=True)
    )
    return [header, *own]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "  "])
def test_a_spectrum_a_row(tmp_path, separator):
    rows = rows_of_spectra("" if separator == "  " else " nm")
    rows[0][0] = "gap[meV]" if separator == "  " else "gap [meV]"
    text = as_text(rows, separator)
    path = tmp_path / "spectra.txt"
    path.write_text(
        "# measured on a Monday\n" + (text.replace(".", ",") if separator == ";" else text)
    )
    dataset, remarks = read_any(path, {})
    assert holds(dataset)
    np.testing.assert_allclose(dataset["gap"], GAP)
    assert dataset["gap"].attrs["units"] == "meV"
    assert dataset["sound"].to_numpy().tolist() == [0, 0, 0, 0, 0, 1]
    assert remarks[0] == "no numbers, hence left out: label"
    if separator != "  ":
        assert dataset["omega"].attrs["units"] == "nm"


def test_the_grid_in_the_first_line_may_have_a_name(tmp_path):
    path = tmp_path / "a.csv"
    for unit, axis in ((" nm", "wavelength"), ("", "wavelength (nm)")):
        path.write_text(as_text(rows_of_spectra(unit), ","))
        dataset, _ = read_any(path, {"axis": axis})
        assert holds(dataset)
        assert dataset["omega"].attrs == {"long_name": "wavelength", "units": "nm"}


def test_the_values_below_a_grid_in_the_first_line_may_have_a_name(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(as_text(rows_of_spectra(" nm"), ","))
    for axis in ({}, {"axis": "wavelength"}):
        dataset, _ = read_any(path, {**axis, "spectra": "counts (1/s)"})
        assert holds(dataset)
        assert dataset["spectral_function"].attrs == {"long_name": "counts", "units": "1/s"}
        assert dataset["omega"].attrs.get("long_name", "omega") == axis.get("axis", "omega")


@pytest.mark.parametrize(
    ("column", "numbered", "axis"),
    [("sample", False, "shift (cm-1)"), ("Crystal", False, "shift"), ("no", True, "shift")],
)
def test_a_spectrum_a_column_with_a_table_of_properties(tmp_path, column, numbered, axis):
    names = [str(k + 1) if numbered else f"s{k}" for k in range(6)]
    rows = [["shift (cm-1)", *names]]
    rows += [[x, *values] for x, values in zip(GRID[::-1], SPECTRA.T[::-1], strict=True)]
    (tmp_path / "a.csv").write_text(as_text(rows, ","))
    order = [3, 1, 0, 2, 5, 4]
    (tmp_path / "b.csv").write_text(
        as_text([[column, "gap"], *([names[k], GAP[k]] for k in order)], ";")
    )
    keys = {"axis": axis, "properties": str(tmp_path / "b.csv")}
    dataset, remarks = read_any(tmp_path / "a.csv", keys)
    assert holds(dataset)
    np.testing.assert_allclose(dataset["gap"], GAP)
    assert dataset["omega"].attrs == {"units": "cm-1", "long_name": "shift"}
    joined = f"rows of b.csv are joined by the column {column!r}"
    assert remarks == [joined, "the grid falls and is turned"]


@pytest.mark.parametrize("named_below", [False, True])
def test_rows_above_the_spectra_are_properties(tmp_path, named_below):
    names = [f"C{k}" for k in range(6)]
    own = [["gap", *(f"{g} meV" for g in GAP)], ["kind", *"ababab"], ["x", *range(6)]]
    head = ["wavelength (nm)", *names]
    rows = [["id", *names], *own, ["wavelength (nm)", *["T"] * 6]] if named_below else [head, *own]
    rows += [[x, *row] for x, row in zip(GRID, SPECTRA.T, strict=True)]
    path = tmp_path / "a.csv"
    for separator in (",", ";"):
        text = as_text(rows, separator)
        path.write_text(text.replace(".", ",") if separator == ";" else text)
        dataset, remarks = read_any(path, {"axis": "wavelength"})
        assert holds(dataset)
        assert dataset["omega"].attrs == {"long_name": "wavelength", "units": "nm"}
        np.testing.assert_allclose(dataset["gap"], GAP)
        assert dataset["gap"].attrs["units"] == "meV"
        assert dataset["x"].to_numpy().tolist() == list(range(6))
        assert "no numbers, hence left out: kind" in remarks
        called = dataset["spectral_function"].attrs["long_name"]
        assert called == ("T" if named_below else "spectral_function")


def test_cells_may_be_missing(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("energy,a,b,c\nT (K),1,,3\n0.1,1,2,3\n0.2,2,nan,4\n0.3,3,4,5\n")
    dataset, _ = read_any(path, {"axis": "energy"})
    np.testing.assert_array_equal(dataset["T"], [1, np.nan, 3])
    known = [[1, 2, 3], [2, np.nan, 4], [3, 4, 5]]
    np.testing.assert_array_equal(dataset["spectral_function"], known)
    for first in ("label,x,,z", "gap,1,,3"):
        name, *own = first.split(",")
        rows = zip(own, ("1,2,3", "2,3,4", "3,4,5"), strict=True)
        path.write_text(f"{name},0.1,0.2,0.3\n" + "".join(f"{x},{row}\n" for x, row in rows))
        dataset, _ = read_any(path, {"axis": "energy"})  # the first line is the grid
        np.testing.assert_allclose(dataset["omega"], [0.1, 0.2, 0.3])


@pytest.mark.parametrize("n", [5, 6])
def test_arrays_of_numpy(tmp_path, n):
    path = tmp_path / "a.npz"
    spectra = SPECTRA[:n] + 1j
    np.savez(path, eps=spectra, freq=GRID, gap=GAP[:n], note="by hand")
    dataset, _ = read_any(path, {"spectra": "eps", "axis": "freq"})
    np.testing.assert_allclose(dataset["spectral_function"].sel(channel="real"), spectra.real)
    np.testing.assert_allclose(dataset["omega"], GRID)
    np.testing.assert_allclose(dataset["gap"], GAP[:n])
    np.savez(path, eps=np.array([{}]))
    with pytest.raises(InputError, match=r"allow_pickle.*\.npz file"):
        read_any(path, {})


def test_each_point_of_a_scan_is_a_sample():
    field, depth = np.array([0.5, 1.0, 2.0]), np.array([4, 9])
    scan = xr.Dataset(
        {"M": (("T", "depth", "E"), SPECTRA.reshape(3, 2, 5)), "own": ("T", field**2)},
        {"T": field, "depth": depth, "E": GRID},
    )
    remarks = []
    dataset = arrange(scan, {"spectra": "M", "axis": "E"}, "a.nc", remarks)
    assert holds(dataset)
    np.testing.assert_allclose(dataset["T"], np.repeat(field, 2))
    np.testing.assert_allclose(dataset["own"], np.repeat(field**2, 2))
    assert dataset["depth"].to_numpy().tolist() == [4, 9] * 3
    assert remarks == ["each of the 6 points of T and depth is a sample"]
    counted = scan.assign_coords(depth=[0, 1])
    assert "channel" in arrange(counted, {"spectra": "M", "axis": "E"}, "a.nc", []).dims
    empty = arrange(scan.isel(depth=slice(0)), {"spectra": "M", "axis": "E"}, "a.nc", [])
    with pytest.raises(InputError, match="at least one spectrum"):
        check_spectra(empty, "a.nc")


@pytest.mark.parametrize(
    ("ending", "remedy"), [(".mat", "-v7.3"), (".npy", "numpy.savez"), (".xlsx", "as CSV")]
)
def test_kinds_that_are_not_read_have_a_remedy(tmp_path, ending, remedy):
    (tmp_path / f"a{ending}").write_bytes(b"MATLAB 5.0 MAT-file")
    with pytest.raises(InputError, match=remedy):
        read_any(tmp_path / f"a{ending}", {})


@pytest.mark.parametrize("wanted", [{"Delta": "gap"}, {"Delta": "gap (1/cm)"}, ["gap"], None])
def test_a_unit_in_brackets_need_not_be_repeated_and_is_kept(tmp_path, wanted):
    rows = rows_of_spectra()
    rows[0][0] = "gap (1/cm)"
    (tmp_path / "a.csv").write_text(as_text(rows, ","))
    dataset, _ = read_any(tmp_path / "a.csv", {"properties": wanted})
    name = "Delta" if isinstance(wanted, dict) else "gap"
    np.testing.assert_allclose(dataset[name], GAP)
    assert dataset[name].attrs["units"] == "1/cm"


def test_two_tables_belong_together_by_their_order(tmp_path):
    (tmp_path / "a.csv").write_text(as_text([GRID, *SPECTRA], " "))
    (tmp_path / "b.csv").write_text(as_text([["gap"], *([g] for g in GAP)], ","))
    dataset, remarks = read_any(tmp_path / "a.csv", {"properties": str(tmp_path / "b.csv")})
    assert holds(dataset)
    np.testing.assert_allclose(dataset["gap"], GAP)
    assert remarks == [BY_ORDER]


@pytest.mark.parametrize("kind", ["rows", "columns"])
def test_a_header_may_stand_in_a_comment_as_of_savetxt(tmp_path, kind):
    path, keys = tmp_path / "a.txt", {}
    if kind == "rows":
        np.savetxt(path, SPECTRA, header=" ".join(f"{x:g}" for x in GRID))
    else:
        table = np.column_stack([GRID, SPECTRA.T])
        np.savetxt(path, table, header="energy a b c d e f")
        keys = {"axis": "energy"}
    dataset, remarks = read_any(path, keys)
    assert holds(dataset)
    assert remarks == []


def test_a_comment_with_units_names_two_columns(tmp_path):
    path = tmp_path / "a.dat"
    np.savetxt(path, np.column_stack([GRID, SPECTRA[0]]), header="E/meV I/nA")
    assert read_text_table(path).header == ["E/meV", "I/nA"]
    dataset, _ = read_any(tmp_path, {"files": "*.dat"})
    np.testing.assert_allclose(dataset["spectral_function"][0], SPECTRA[0])
    assert dataset["omega"].attrs == {"long_name": "E", "units": "meV"}
    for comment in ("my data", "sample 17", "Field (T)", "T=300 K"):
        np.savetxt(path, np.column_stack([GRID, SPECTRA[0]]), header=comment)
        assert (
            read_any(tmp_path, {"axis": "energy", "spectra": "I"})[0]["omega"].long_name == "energy"
        )


def test_typeset_signs_and_separators_at_the_ends_of_lines(tmp_path):
    grid = GRID - GRID.mean()
    rows = [["gap", *grid], *([g, *row] for g, row in zip(GAP, SPECTRA, strict=True))]
    text = as_text(rows, ";").replace("-", "\N{MINUS SIGN}").replace("\n", ";;;\n")
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    dataset, remarks = read_any(tmp_path / "a.csv", {})
    assert holds(dataset, grid=grid)
    assert [*sample_variables(dataset)] == ["gap"]
    assert remarks == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_text_is_read_in_the_encodings_that_name_themselves(tmp_path, encoding):
    rows = [["gap (µeV)", *GRID], *([g, *row] for g, row in zip(GAP, SPECTRA, strict=True))]
    (tmp_path / "a.csv").write_bytes(as_text(rows, ",").replace("\n", "\r\n").encode(encoding))
    dataset, remarks = read_any(tmp_path / "a.csv", {})
    assert holds(dataset)
    assert remarks == ["'gap (µeV)' is named gap"]
    assert dataset["gap"].attrs["units"] == "\N{GREEK SMALL LETTER MU}eV"  # as NFKC writes it


@pytest.mark.parametrize(
    ("encoding", "key", "value"),
    [
        ("latin-1", "byte in line 2", "0xE9 after 'caf'"),
        ("cp1252", "byte in line 2", "0xE9 after 'caf'"),
        ("utf-16-le", "character in line 1", "\0"),
    ],
)
def test_other_encodings_are_refused_with_the_place(tmp_path, encoding, key, value):
    word = "cafe" if encoding == "utf-16-le" else "café"
    rows = [["name", *GRID], *([word, *row] for row in SPECTRA)]
    (tmp_path / "a.csv").write_bytes(as_text(rows, ",").encode(encoding))
    with pytest.raises(InputError, match="iconv") as refused:
        read_any(tmp_path / "a.csv", {})
    assert refused.value.key == key
    assert "the key encoding" in refused.value.allowed or "UTF-16" in refused.value.allowed
    assert str(refused.value.value).startswith(value)


def test_utf_16_that_is_cut_off_is_refused(tmp_path):
    (tmp_path / "a.csv").write_bytes("gap,1,2\n0,1,2\n".encode("utf-16")[:-1])
    with pytest.raises(InputError, match=r"a.csv: byte 28 = .0x0A.* in UTF-16.* cut off"):
        read_any(tmp_path / "a.csv", {})


def test_columns_of_text_may_share_a_name_as_both_are_left_out(tmp_path):
    rows = [["note", "note", *GRID], *(["a", "b", *row] for row in SPECTRA)]
    (tmp_path / "a.csv").write_text(as_text(rows, ","))
    dataset, remarks = read_any(tmp_path / "a.csv", {})
    assert holds(dataset)
    assert "note" in " ".join(remarks)
    rows = [["note", "note", *GRID], *(["a", 1, *row] for row in SPECTRA)]
    (tmp_path / "a.csv").write_text(as_text(rows, ","))
    with pytest.raises(InputError, match="a name that no other column has"):
        read_any(tmp_path / "a.csv", {})


def plain(**names):
    """A plain netCDF file's content, with names of a user."""
    dims = names.get("dims", ("sample", "energy"))
    values = SPECTRA if dims[-1] == "energy" else SPECTRA.T
    return xr.Dataset(
        {"A": (dims, values), "gap": (dims[0] if dims[-1] == "energy" else dims[1], GAP)},
        {"energy": ("energy", GRID, {"units": "meV"})},
    )


def stored(tmp_path, dataset, kind):
    path = tmp_path / f"file.{kind}"
    if kind == "zarr":
        dataset.to_zarr(path, consolidated=False)
    elif kind == "h5":
        dataset.to_netcdf(path, group="run/one", engine="netcdf4")
    else:
        dataset.to_netcdf(path, engine="netcdf4")
    return path


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("nc", {"spectra": "A", "axis": "energy"}),
        ("zarr", {"spectra": "A", "axis": "energy"}),
        ("h5", {"spectra": "A", "axis": "energy", "group": "run/one"}),
        ("h5", {"spectra": "run/one/A", "axis": "run/one/energy", "properties": ["run/one/gap"]}),
        ("nc", {}),
    ],
)
def test_arrays_are_found_by_their_names(tmp_path, kind, keys):
    dataset, remarks = read_any(stored(tmp_path, plain(), kind), keys)
    assert holds(dataset)
    np.testing.assert_allclose(dataset["gap"], GAP)
    assert dataset["omega"].attrs == {"units": "meV", "long_name": "energy"}
    guessed = ["'A' is taken for the spectra", "'energy' is taken for the grid"]
    assert remarks == ([] if keys else guessed)


def test_dimensions_in_another_order_and_with_other_names(tmp_path):
    turned = plain(dims=("energy", "crystal")).isel(energy=slice(None, None, -1))
    turned = turned.assign_coords(crystal=("crystal", np.arange(6) / 8), T=("crystal", GAP + 1))
    turned["\N{MICRO SIGN}"] = ("crystal", GAP)
    keys = {
        "spectra": "A",
        "axis": "energy",
        "properties": {"Delta": "\N{GREEK SMALL LETTER MU}", "x": "crystal", "T": "T"},
    }
    dataset, remarks = read_any(stored(tmp_path, turned, "nc"), keys)
    assert holds(dataset)
    assert remarks == ["the grid falls and is turned"]
    guessed, told = read_any(stored(tmp_path, turned.drop_vars("crystal"), "nc"), {"spectra": "A"})
    assert holds(guessed)
    assert told[0] == "'energy' is taken for the grid"
    found = sample_variables(dataset)
    assert sorted(found) == ["Delta", "T", "x"]
    np.testing.assert_allclose(found["x"], np.arange(6) / 8)
    np.testing.assert_allclose(found["T"], GAP + 1)


def test_datasets_without_names_of_dimensions_are_matched_by_length(tmp_path):
    path = tmp_path / "bare.h5"
    with netCDF4.Dataset(path, "w") as file:
        for name, size in (("a", 5), ("b", 6), ("c", 5), ("d", 6)):
            file.createDimension(name, size)
        file.createVariable("signal", "f8", ("a", "b"))[:] = SPECTRA.T
        file.createVariable("energy", "f8", ("c",))[:] = GRID
    dataset, _ = read_any(path, {"spectra": "signal", "axis": "energy"})
    assert holds(dataset)


def test_as_many_spectra_as_points_in_a_file_without_names_are_not_transposed(tmp_path):
    """The library gives grid and properties the same dimension, the first of the spectra."""
    square, dims = SPECTRA[:5], ("phony_dim_0", "phony_dim_1")
    bare = xr.Dataset(
        {
            "A": (dims, square),
            "energy": (dims[:1], GRID, {"units": "meV"}),
            "gap": (dims[:1], GAP[:5]),
        }
    )
    dataset, remarks = read_any(stored(tmp_path, bare, "nc"), {"spectra": "A", "axis": "energy"})
    assert holds(dataset, square)
    np.testing.assert_allclose(dataset["gap"], GAP[:5])
    assert dataset["omega"].attrs["units"] == "meV"
    assert remarks == ["2 dimensions are as long as the grid, which is taken for the last"]


def test_numbers_that_lie_along_no_samples_are_told(tmp_path):
    shorter = plain().assign(late=("other", GAP[:4]))
    _, remarks = read_any(stored(tmp_path, shorter, "nc"), {"spectra": "A", "axis": "energy"})
    assert remarks == ["not numbers of the samples, hence left out: late"]


def test_a_point_without_a_place_on_the_grid_is_refused(tmp_path):
    lines = [
        "s,energy,A",
        *(f"{s},{'' if x == 2 else x},{s * x}" for s in range(4) for x in range(5)),
    ]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    with pytest.raises(
        InputError, match=r"omega of sample 0 = 'nan' .* finite wherever the spectrum"
    ):
        read_any(tmp_path / "a.csv", {"spectra": "A", "axis": "energy"})


@pytest.mark.parametrize("unlimited", [False, True])
@pytest.mark.parametrize("kind", ["CLASSIC", "64BIT_OFFSET", "64BIT_DATA"])
def test_a_classic_file_that_is_cut_off_is_refused(tmp_path, kind, unlimited):
    """The library reads zeros beyond its end."""
    path = tmp_path / "a.nc"
    with netCDF4.Dataset(path, "w", format=f"NETCDF3_{kind}") as file:
        file.title = "five"
        file.createDimension("energy", 5)
        file.createDimension("sample", None if unlimited else 6)
        file.createVariable("energy", "f4", ("energy",))[:] = GRID
        file.createVariable("flag", "i1", ("sample",))[:] = np.arange(6)
        file.createVariable("A", "f8", ("sample", "energy"))[:] = SPECTRA
        file["A"].units = "1/meV"
    dataset, _ = read_any(path, {"spectra": "A", "axis": "energy"})
    assert holds(dataset)
    whole = path.read_bytes()
    for length in (len(whole) - 4, len(whole) - 100, 90):
        path.write_bytes(whole[:length])
        with pytest.raises(
            InputError, match=f"length of the file = {length} .* cut off or damaged"
        ):
            read_any(path, {"spectra": "A", "axis": "energy"})


def test_a_split_may_name_its_parts(tmp_path):
    parts = ["train", "train", "test", "validation", "train", "test"]
    rows = [["split", *GRID], *([part, *row] for part, row in zip(parts, SPECTRA, strict=True))]
    (tmp_path / "a.csv").write_text(as_text(rows, ","))
    table = xr.Dataset(
        {"spectral_function": (("sample", "omega"), SPECTRA), "split": ("sample", parts)},
        {"omega": GRID},
    )
    keys = {"split": {"train": 0.6, "validation": 0.2, "test": 0.2}}
    for path in (tmp_path / "a.csv", stored(tmp_path, table, "nc")):
        dataset, _ = usable_set(read_any(path, keys), keys, 0, path)
        assert dataset["split"].to_numpy().tolist() == [0, 0, 2, 1, 0, 2]


def test_equal_labels_of_channels_are_refused(tmp_path):
    values = np.stack([SPECTRA, SPECTRA], axis=1)
    twice = xr.Dataset(
        {"spectral_function": (("sample", "channel", "omega"), values)},
        {"omega": GRID, "channel": ["a", "a"]},
    )
    brought = read_any(stored(tmp_path, twice, "nc"), {})
    with pytest.raises(InputError, match=r"labels of channel = \['a', 'a'\] .* different"):
        usable_set(brought, {"split": {}}, 0, tmp_path / "file.nc")


def test_what_is_guessed_of_dimensions_is_told(tmp_path):
    values = np.stack([SPECTRA, 2 * SPECTRA], axis=1).T
    channels = xr.Dataset({"A": (("energy", "mode", "site"), values)}, {"energy": GRID})
    found, remarks = read_any(stored(tmp_path, channels, "nc"), {"spectra": "A", "axis": "energy"})
    assert holds(found.isel(channel=1), 2 * SPECTRA)
    assert remarks == ["the dimension 'mode' is taken for that of the channels"]
    # Along the shorter dimension lies a property: these are the samples.
    few = channels.isel(site=slice(0, 5)).transpose("site", "mode", "energy").isel(energy=[0, 1])
    few["gap"] = ("mode", np.array([1.0, 2.0]))
    found, remarks = read_any(stored(tmp_path, few, "h5"), {"group": "run/one"})
    assert found["spectral_function"].shape == (2, 5, 2)
    square = xr.Dataset({"A": (("a", "b"), SPECTRA[:5]), "E": ("c", GRID)})
    square.to_netcdf(tmp_path / "square.nc", engine="netcdf4")
    found, remarks = read_any(tmp_path / "square.nc", {"spectra": "A", "axis": "E"})
    assert holds(found, SPECTRA[:5])
    assert remarks == ["2 dimensions are as long as the grid, which is taken for the last"]


@pytest.mark.parametrize("stored_as", ["complex", "list", "labels"])
def test_complex_spectra_are_two_channels(tmp_path, stored_as):
    dims = ("sample", "omega")
    if stored_as == "complex":
        content = {"spectral_function": (dims, SPECTRA - 2j * SPECTRA)}
        keys = {}
    else:
        content = {"real": (dims, SPECTRA), "imaginary": (dims, -2 * SPECTRA)}
        keys = {"spectra": ["real", "imaginary"]}
        if stored_as == "labels":
            keys = {"spectra": {"real": "real", "imaginary": "imaginary"}}
    path = tmp_path / "g.nc"
    dataset = xr.Dataset(content, {"omega": GRID})
    dataset.to_netcdf(path, engine="netcdf4", auto_complex=True)
    found, _ = read_any(path, keys)
    assert found["channel"].to_numpy().tolist() == ["real", "imaginary"]
    assert holds(found.isel(channel=1), -2 * SPECTRA)


def test_differing_grids_are_interpolated_to_a_common_grid(tmp_path):
    grids = np.sort(RNG.uniform(0, 1, (6, 60)), axis=1)
    grids[:, 0], grids[:, -1] = 0, 1
    grids[2, -2:] = 1, np.nan  # one point fewer
    grids[4] = grids[4, ::-1]
    dims = ("sample", "k")
    xr.Dataset({"spectral_function": (dims, 3 * grids + 1), "omega": (dims, grids)}).to_netcdf(
        tmp_path / "s.nc"
    )
    found, remarks = read_any(tmp_path / "s.nc", {})
    assert remarks == ["grids differ; all spectra are interpolated to 60 points"]
    assert holds(found, np.tile(3 * np.linspace(0, 1, 60) + 1, (6, 1)), np.linspace(0, 1, 60))
    wanted = {"min": 0.01, "max": 0.9, "points": 7, "spacing": "log"}
    found, _ = read_any(tmp_path / "s.nc", {"resample": wanted})
    np.testing.assert_allclose(found["omega"], np.geomspace(0.01, 0.9, 7))
    with pytest.raises(InputError, match=r"0 .. 2' is not usable: must be within 0 .. 1, which"):
        read_any(tmp_path / "s.nc", {"resample": {"max": 2.0}})


def imported(tmp_path, dataset, **ensemble):
    source, output = tmp_path / "own.nc", tmp_path / "spectra.nc"
    dataset.to_netcdf(source, engine="netcdf4")
    keys = {"split": {"train": 0.5, "validation": 0.3, "test": 0.2}, **ensemble}
    import_spectra.main(
        source=source, spectra=output, ensemble=keys, seed=0, labels={}, system="mine"
    )
    return read_spectra(output)


def test_a_property_may_have_the_name_of_the_grid(tmp_path):
    path = tmp_path / "own.nc"
    variables = {"S": (("run", "E"), SPECTRA), "omega": ("run", GAP)}
    xr.Dataset(variables, {"E": GRID}).to_netcdf(path, engine="netcdf4")
    dataset, remarks = read_any(path, {"spectra": "S", "axis": "E"})
    assert holds(dataset)
    np.testing.assert_allclose(dataset["own_omega"], GAP)
    assert "'omega' is named own_omega" in remarks


def test_grids_that_are_dense_about_a_line_stay_so(tmp_path):
    shape = np.sinh(np.linspace(-3, 3, 61)) / 50
    grids = 6000 + shape + np.linspace(-0.005, 0.005, 12)[:, np.newaxis]
    path = tmp_path / "lines.nc"
    line = 1 / (1 + ((grids - 6000) / 0.01) ** 2)
    variables = {"line": (("shot", "pixel"), line), "k": (("shot", "pixel"), grids)}
    xr.Dataset(variables).to_netcdf(path, engine="netcdf4")
    dataset, _ = read_any(path, {"spectra": "line", "axis": "k"})
    omega = dataset["omega"].to_numpy()
    assert np.diff(omega).min() < 1.1 * np.diff(shape).min()
    expected = 1 / (1 + ((omega - 6000) / 0.01) ** 2)
    np.testing.assert_allclose(dataset["spectral_function"][0], expected, atol=0.02)
    ends = {"min": 6000.0, "max": 6000.05}
    narrow, _ = read_any(path, {"spectra": "line", "axis": "k", "resample": ends})
    kept = omega[(omega > 6000 + 1e-6) & (omega < 6000.05)]
    np.testing.assert_allclose(narrow["omega"], [6000, *kept, 6000.05], rtol=1e-12)


def test_a_file_of_the_product_may_be_changed(tmp_path, capsys):
    written = xr.Dataset(
        {"spectral_function": (("sample", "omega"), SPECTRA), "gap": ("sample", GAP)},
        {"omega": GRID},
    )
    write_dataset(tmp_path / "product.nc", written)
    opened = xr.load_dataset(tmp_path / "product.nc", engine="netcdf4")
    changed = opened.isel(sample=slice(1, None)).assign(twice=2 * opened["gap"][1:])
    found = imported(tmp_path, changed)
    assert holds(found, SPECTRA[1:].astype(float))
    assert capsys.readouterr().err.count(CHANGED) == 1
    imported(tmp_path, opened)
    assert capsys.readouterr().err == ""


def test_suspicious_samples_are_named_and_set_apart_on_request(tmp_path, capsys):
    spectra = RNG.random((120, 5))
    spectra[17, 2] = 3e3
    dataset = xr.Dataset({"spectral_function": (("sample", "omega"), spectra)}, {"omega": GRID})
    assert imported(tmp_path, dataset).sizes["sample"] == 120
    told = (
        "sample 17 is far from all others (set_apart: suspicious in the ensemble leaves them out)"
    )
    assert told in capsys.readouterr().err
    spectra[3, 1] = np.nan
    with pytest.raises(
        InputError, match="sample 3 = 'NaN or infinity' is not usable: must be finite"
    ):
        imported(tmp_path, dataset)
    found = imported(tmp_path, dataset, set_apart="suspicious")
    assert found.sizes["sample"] == 118
    assert json.loads(found.attrs["set_apart"]) == [3, 17]
    assert set(range(120)) - set(found["sample_in_file"].to_numpy().tolist()) == {3, 17}
    assert imported(tmp_path, dataset, set_apart=[3]).sizes["sample"] == 119


@pytest.mark.parametrize(
    ("text", "keys", "message"),
    [
        (
            "a,b\n1,2\n",
            {},
            r"header = \['a', 'b'\] is not usable: must be numbers in the first line",
        ),
        ("a,b\n1,2\n", {"axis": "E"}, "axis = 'E' is not usable: must be a column, such as a, b"),
        ("1,2\n3,4\n5\n", {}, "cells in line 3 = 1 is not usable: must be 2"),
        ("1,2\n3,x\n", {}, "column 2 = 'x' is not usable: must be numbers"),
        ("1,2\n", {}, "number of lines = 1 is not usable"),
        ("T,T,1,2\n3,4,5,6\n", {}, "column = 'T' is not usable: must be a name that no other"),
        ("omega,1,2\n3,4,5\n", {}, "column = 'omega' .* another name in the first line: omega is"),
        (
            "1,2\n3,4\n",
            {"properties": "p.csv"},
            "number of rows = 2 is not usable: must be 1, a row",
        ),
    ],
)
def test_tables_that_are_not_clear_are_refused(tmp_path, text, keys, message):
    path = tmp_path / "s.csv"
    path.write_text(text)
    (tmp_path / "p.csv").write_text("T\n1\n2\n")
    if "properties" in keys:
        keys = {"properties": str(tmp_path / "p.csv")}
    with pytest.raises(InputError, match=message):
        read_any(path, keys)


def beside(tmp_path, kind, own, header, rows):
    """Spectra of six samples with what they know of themselves, and a table of properties."""
    (tmp_path / "b.csv").write_text(as_text([header, *rows], ","))
    if kind == "csv":
        path = tmp_path / "a.csv"
        columns = [np.asarray(cells).tolist() for cells in own.values()]
        spectra = zip(*columns, *SPECTRA.T.tolist(), strict=True)
        path.write_text(as_text([[*own, *GRID], *spectra], ","))
    else:
        dataset = plain(dims=("crystal", "energy")).drop_vars("gap")
        path = stored(tmp_path, dataset.assign({k: ("crystal", v) for k, v in own.items()}), kind)
    keys = {} if kind == "csv" else {"spectra": "A", "axis": "energy"}
    return read_any(path, {**keys, "properties": str(tmp_path / "b.csv")})


ORDER = [3, 1, 0, 2, 5, 4]
NAMED = [f"s{k}" for k in range(6)]
TIMES = range(20261127100000, 20261127100006)


@pytest.mark.parametrize("kind", ["csv", "nc"])
@pytest.mark.parametrize(
    ("own", "column", "cells"),
    [
        ({"crystal": NAMED}, "crystal", NAMED),
        ({"crystal": NAMED}, "Crystal", NAMED),
        ({"crystal": NAMED}, "no", NAMED),
        ({"number": [7, 8, 9, 10, 11, 12]}, "number", [7.0, 8.0, 9.0, 10.0, 11.0, 12.0]),
        ({"time": [*TIMES]}, "time", TIMES),
        ({"T": np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.7])}, "T [K]", [0.1, 0.2, 0.3, 0.4, 0.5, 0.7]),
        ({}, "sample", range(6)),
        ({}, "index", range(1, 7)),
    ],
)
def test_rows_of_properties_find_their_spectra(tmp_path, kind, own, column, cells):
    rows = [[cells[k], GAP[k]] for k in ORDER] + ([["s9", 9.0]] if column == "crystal" else [])
    dataset, remarks = beside(tmp_path, kind, own, [column, "gap"], rows)
    assert holds(dataset)
    np.testing.assert_allclose(dataset["gap"], GAP)
    assert f"rows of b.csv are joined by the column {column!r}" in remarks
    assert ("T" in dataset) == ("T" in own)


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("kind", ["csv", "nc"])
def test_spectra_and_properties_may_count_from_different_numbers(tmp_path, kind, first):
    def read(rows):
        if kind == "csv":
            return beside(tmp_path, kind, {"sample": np.arange(6) + first}, header, rows)
        (tmp_path / "b.csv").write_text(as_text([header, *rows], ","))
        counted = plain().drop_vars("gap").assign_coords(sample=np.arange(6) + first)
        path = stored(tmp_path, counted, kind)
        return read_any(path, {"properties": str(tmp_path / "b.csv")})

    header = ["sample", "gap"]
    dataset, remarks = read([[k + 1 - first, GAP[k]] for k in ORDER])
    np.testing.assert_allclose(dataset["gap"], GAP)
    told = f"joined by the column 'sample', which counts from {1 - first} where "
    assert any(told in remark for remark in remarks), remarks
    with pytest.raises(InputError, match="column sample"):
        read([[k + 2, 1.0] for k in range(6)])


@pytest.mark.parametrize("kind", ["csv", "nc"])
@pytest.mark.parametrize("own", [{}, {"T": [1, 1, 2, 2, 3, 3]}])
def test_rows_without_names_are_joined_by_their_order_and_that_is_told(tmp_path, kind, own):
    rows = [[own.get("T", GAP)[k], GAP[k]] for k in range(6)]
    dataset, remarks = beside(tmp_path, kind, own, ["T", "gap"], rows)
    np.testing.assert_allclose(dataset["gap"], GAP)
    assert BY_ORDER in remarks


@pytest.mark.parametrize("kind", ["csv", "nc"])
@pytest.mark.parametrize(
    ("own", "rows", "message"),
    [
        ({}, [[1, 2]] * 5, "b.csv: number of rows = 5 is not usable: must be 6, a row for each"),
        ({"crystal": NAMED}, [["s0", 1]] * 6, "column crystal = 's0 not exactly once' is not"),
        ({"crystal": NAMED}, [["s0", 1]], "column crystal = 's0 not|s1 not exactly once'"),
        (
            {"crystal": [1, 1, 2, 2, 3, 3]},
            [[k, 1] for k in (1, 1, 2, 3, 2, 3)],
            "column crystal = '3' is not usable: must be the crystal of .*, which is 2 for spectrum"
            " 3: rows in the order of the spectra",
        ),
    ],
)
def test_rows_that_belong_to_other_spectra_are_refused(tmp_path, kind, own, rows, message):
    with pytest.raises(InputError, match=message):
        beside(tmp_path, kind, own, ["crystal", "gap"], rows)


@pytest.mark.parametrize("kind", ["csv", "nc"])
def test_a_rounded_quantity_agrees_and_names_nothing(tmp_path, kind):
    own = {"T": np.array([0.10001, 0.22003, 0.29998, 0.40004, 0.51, 0.7])}
    rounded = [[round(T, 3), gap] for T, gap in zip(own["T"], GAP, strict=True)]
    dataset, remarks = beside(tmp_path, kind, own, ["T", "gap"], rounded)
    np.testing.assert_allclose(dataset["gap"], GAP)
    np.testing.assert_array_equal(dataset["T"], own["T"])
    assert BY_ORDER in remarks
    with pytest.raises(InputError, match=r"column T = '0.7' .*: rows in the order of the spectra"):
        beside(tmp_path, kind, own, ["T", "gap"], rounded[::-1])


def test_as_many_rows_as_frequencies_are_no_rows_of_samples(tmp_path, monkeypatch):
    stored(tmp_path, plain().drop_vars("gap"), "nc")
    (tmp_path / "p.csv").write_text("T,label\n" + "".join(f"{T},a\n" for T in range(6)))
    (tmp_path / "q.csv").write_text("T\n" + "".join(f"{T}\n" for T in range(5)))
    monkeypatch.chdir(tmp_path)
    path, keys = next(tmp_path.glob("*.nc")), {"spectra": "A", "axis": "energy"}
    dataset, remarks = read_any(path, {**keys, "properties": "./p.csv"})
    assert dataset["T"].to_numpy().tolist() == list(range(6))
    assert "no numbers, hence left out: label" in remarks
    with pytest.raises(InputError, match="number of rows = 5 is not usable: must be 6"):
        read_any(path, {**keys, "properties": "./q.csv"})


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"spectra": "B"}, "spectra = 'B' is not usable: must be a variable of the file; the key"),
        ({"spectra": "A", "axis": "omega"}, "axis = 'omega' is not usable: must be a variable of"),
        ({"group": "none"}, "group = 'none' is not usable: must be a group of the file"),
        (
            {"spectra": "A", "axis": "energy", "properties": ["Tc"]},
            "properties = 'Tc' is not usable: must be a number of each sample; there are gap",
        ),
    ],
)
def test_names_that_a_file_lacks_are_refused(tmp_path, keys, message):
    with pytest.raises(InputError, match=message):
        read_any(stored(tmp_path, plain(), "nc"), keys)


@pytest.mark.parametrize("kind", ["h5", "zarr"])
def test_groups_are_named_where_the_root_is_empty(tmp_path, kind):
    path = tmp_path / f"file.{kind}"
    if kind == "h5":
        stored(tmp_path, plain(), kind)
    else:
        plain().to_zarr(path, group="run/one", consolidated=False)
    with pytest.raises(InputError, match=r"group = None .* a group with variables: run/one"):
        read_any(path, {"spectra": "A"})


def test_a_file_that_is_none_is_named(tmp_path):
    path = tmp_path / "broken.nc"
    path.write_bytes(b"not netCDF")
    with pytest.raises(
        InputError, match=r"broken.nc: content = .* must be a readable netCDF4, HDF5"
    ):
        read_brought(path, {})


def test_a_quoted_separator_is_no_separator(tmp_path):
    (tmp_path / "s.csv").write_text('"gap, meV",1,2\n0.5,3,4\n0.7,5,6\n')
    assert read_text_table(tmp_path / "s.csv").header == ["gap, meV", "1", "2"]


RATIOS = [
    "U/Gamma",
    "omega/D",
    "T/T_K",
    "T/TK",
    "E/kT",
    "q/kF",
    "dI/dV",
    "B/T",
    "counts/ms",
    "meV/K",
]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("T_c", ("T_c", "")),
        ("gap (meV)", ("gap", "meV")),
        ("Delta/k_B [K]", ("Delta_k_B", "K")),
        ("V/mV", ("V", "mV")),
        ("E / eV", ("E", "eV")),
        ("T/K", ("T", "K")),
        (r"$\omega$/cm$^{-1}$", ("omega", "cm$^{-1}$")),
        (r"$E/\mathrm{eV}$", ("E", "eV")),
        ("Delta/k_B/K", ("Delta_k_B", "K")),
        ("q/\N{ANGSTROM SIGN}^-1", ("q", "\N{LATIN CAPITAL LETTER A WITH RING ABOVE}^-1")),
        ("k/cm\N{SUPERSCRIPT MINUS}\N{SUPERSCRIPT ONE}", ("k", "cm^-1")),
        ("I/\N{MICRO SIGN}A", ("I", "\N{GREEK SMALL LETTER MU}A")),
        ("dI/dV / nS", ("dI_dV", "nS")),
        *((text, (text.replace("/", "_"), "")) for text in RATIOS),
        ("\N{MICRO SIGN}", ("mu", "")),
        ("2theta", ("x_2theta", "")),
        ("", ("x", "")),
    ],
)
def test_names_become_identifiers(text, found):
    assert plain_name(text)[:2] == found
    assert plain_name(text).name.isidentifier()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("400", (400, "")),
        ("400.5 nm", (400.5, "nm")),
        ("1,5e3", (1500, "")),
        ("x4", None),
        ("", None),
    ],
)
def test_numbers_with_units(text, found):
    assert number_in(text) == found


@pytest.mark.parametrize(
    ("text", "name", "unit"),
    [
        ("\u0393 (meV)", "Gamma", "meV"),
        ("\u03b5_d", "epsilon_d", ""),
        ("\u03c9\u2080 (cm\u207b\u00b9)", "omega0", "cm^-1"),
        ("\u0394E_Q", "Delta_E_Q", ""),
        ("\u2206T", "Delta_T", ""),
        ("\u0127\u03c9", "hbar_omega", ""),
        ("\u03bd\u0303", "nu", ""),
        ("k\u03a9", "k_Omega", ""),
        ("\u03bb (nm)", "lambda_", "nm"),
        ("\u03c0", "pi_", ""),
        ("Stra\u00dfe", "Strasse", ""),
        ("\u6e29\u5ea6", "\u6e29\u5ea6", ""),
    ],
)
def test_names_get_letters_that_formulas_have(text, name, unit):
    assert plain_name(text)[:2] == (name, unit)


def test_greek_columns_can_be_used(tmp_path):
    units = ["\u0393 (meV)", "\u03c9", *(f"{x:g} cm\u207b\u00b9" for x in GRID)]
    rows = [units, *([g, g, *row] for g, row in zip(GAP, SPECTRA, strict=True))]
    (tmp_path / "a.csv").write_text(as_text(rows, ","), encoding="utf-8")
    dataset, remarks = read_any(tmp_path / "a.csv", {})
    assert [*sample_variables(dataset)] == ["Gamma", "own_omega"]
    assert dataset["omega"].attrs["units"] == "cm^-1"
    assert remarks == ["'\u0393 (meV)' is named Gamma", "'\u03c9' is named own_omega"]
    points = [
        ["E", "\u03c3", "gap"],
        *(
            [x, y, g]
            for g, row in zip(GAP, SPECTRA, strict=True)
            for x, y in zip(GRID, row, strict=True)
        ),
    ]
    (tmp_path / "b.csv").write_text(as_text(points, ","), encoding="utf-8")
    for given in ("\u03c3", "sigma"):
        dataset, _ = read_any(tmp_path / "b.csv", {"axis": "E", "spectra": given})
        assert dataset["spectral_function"].attrs["long_name"] == "\u03c3"  # as figures show it


def test_what_weighs_points_may_have_any_name(tmp_path):
    errors = ("energy", np.abs(SPECTRA[0]) + 0.1)
    path = stored(tmp_path, plain().assign(A_err=errors), "nc")
    keys = {"spectra": "A", "axis": "energy"}
    dataset, remarks = read_any(path, keys)
    assert "uncertainty" not in dataset
    assert "(the key uncertainty names errors of the points)" in remarks[-1]
    dataset, remarks = read_any(path, {**keys, "uncertainty": "A_err"})
    np.testing.assert_allclose(dataset["uncertainty"], errors[1])
    assert remarks == []
    with pytest.raises(InputError, match="uncertainty = 'none_such' is not usable"):
        read_any(path, {**keys, "uncertainty": "none_such"})
    for own in ("A", "energy"):
        with pytest.raises(InputError, match=f"uncertainty = '{own}' .* another variable than"):
            read_any(path, {**keys, "uncertainty": own})
    own = stored(tmp_path, plain().assign(uncertainty=errors), "zarr")
    assert "uncertainty" not in read_any(own, {**keys, "uncertainty": "none"}).dataset
    (tmp_path / "a.csv").write_text(as_text(rows_of_spectra(), ","))
    with pytest.raises(InputError, match=r"uncertainty = 'x' .* left out for a table"):
        read_any(tmp_path / "a.csv", {"uncertainty": "x"})


def test_errors_are_interpolated_with_the_spectra(tmp_path):
    full = plain().assign(err=(("sample", "energy"), np.abs(SPECTRA) + 0.1))
    keys = {"spectra": "A", "axis": "energy", "uncertainty": "err", "resample": {"points": 9}}
    dataset, remarks = read_any(stored(tmp_path, full, "nc"), keys)
    np.testing.assert_allclose(dataset["uncertainty"][:, ::2], np.abs(SPECTRA) + 0.1)
    assert "the uncertainty is interpolated as the spectra are" in remarks


def test_gaps_are_filled_on_request_and_have_no_weight(tmp_path):
    gone = SPECTRA.copy()
    gone[1, 2] = gone[3, 4] = np.nan
    full = plain().assign(A=(("sample", "energy"), gone), err=("energy", np.ones(5)))
    keys = {"spectra": "A", "axis": "energy", "uncertainty": "err", "missing": "interpolate"}
    dataset, remarks = read_any(stored(tmp_path, full, "nc"), keys)
    found = dataset["spectral_function"].to_numpy()
    assert found[1, 2] == pytest.approx((SPECTRA[1, 1] + SPECTRA[1, 3]) / 2)
    assert np.isinf(dataset["uncertainty"][1, 2])
    assert found[3, 4] == SPECTRA[3, 3]
    words = "missing values are interpolated: 2 in 2 spectra, 1 of them at an end, by the nearest"
    assert remarks == [words]
    del keys["missing"]
    dataset, _ = read_any(tmp_path / "file.nc", keys)
    with pytest.raises(InputError, match=r"sample 1 .* missing: interpolate fills gaps within"):
        check_spectra(dataset, "a.nc")


def test_properties_of_another_group_are_known_by_their_length(tmp_path):
    spectra = plain()[["A", "energy"]]
    spectra.to_netcdf(tmp_path / "a.h5", group="run", engine="netcdf4")
    other = xr.Dataset({"gap": ("flake", GAP), "late": ("energy", GAP)})
    other.to_netcdf(tmp_path / "a.h5", group="flakes", engine="netcdf4", mode="a")
    keys = {"spectra": "run/A", "axis": "run/energy", "properties": {"g": "flakes/gap"}}
    dataset, _ = read_any(tmp_path / "a.h5", keys)
    np.testing.assert_allclose(dataset["g"], GAP)
    keys["properties"] = ["flakes/late"]  # whose dimension has the grid's name and another length
    np.testing.assert_allclose(read_any(tmp_path / "a.h5", keys).dataset["late"], GAP)


def test_a_variable_with_a_dimension_twice_is_left_out(tmp_path, recwarn):
    path = stored(tmp_path, plain(), "nc")
    with netCDF4.Dataset(path, "a") as file:
        file.createVariable("covariance", "f8", ("energy", "energy"))
        other = file.createGroup("flakes")
        other.createDimension("flake", len(GAP))
        other.createVariable("g", "f8", ("flake",))[:] = GAP
        other.createVariable("c", "f8", ("flake", "flake"))
    keys = {"spectra": "A", "axis": "energy"}
    dataset, remarks = read_any(path, {**keys, "properties": ["flakes/g"]})
    np.testing.assert_allclose(dataset["g"], GAP)
    assert remarks == ["a dimension stands twice, hence left out: covariance"]
    for wanted in ("flakes/c", "covariance"):
        with pytest.raises(InputError, match=r"dimensions of c.* different from each other"):
            read_any(path, {**keys, "properties": [wanted]})
    assert not [each for each in recwarn if "Duplicate" in str(each.message)]


@pytest.mark.parametrize("with_labels", [True, False])
def test_names_of_rows_may_stand_in_a_column_of_their_own(tmp_path, with_labels):
    n = len(GAP)
    rows = [
        ["Long Name", "Shift", *["Counts"] * n],
        ["Units", "nm", *["cts"] * n],
        ["Comments", "", *(f"S{k}" for k in range(n))],
        *([["\u0394 (meV)", "", *GAP]] if with_labels else []),
        *(["", x, *SPECTRA[:, j]] for j, x in enumerate(GRID)),
    ]
    rows = rows if with_labels else [row[1:] for row in rows]
    (tmp_path / "a.txt").write_text(as_text(rows, "\t"), encoding="utf-8")
    (tmp_path / "b.csv").write_text("name,mass\n" + "".join(f"S{k},{k}\n" for k in range(n)[::-1]))
    keys = {"axis": "Shift", "properties": str(tmp_path / "b.csv")}
    dataset, _ = read_any(tmp_path / "a.txt", keys)
    assert holds(dataset)
    np.testing.assert_allclose(dataset["mass"], np.arange(n))
    assert dataset["omega"].attrs["units"] == "nm"
    if with_labels:
        np.testing.assert_allclose(dataset["Delta"], GAP)
        assert dataset["spectral_function"].attrs == {"long_name": "Counts", "units": "cts"}


def test_rows_above_the_grid_are_told_from_points(tmp_path):
    path = tmp_path / "a.csv"
    points = "".join(f"{x},{x},{2 * x}\n" for x in (1, 2, 3))
    path.write_text(f"E (meV),a,b\nUnits,mV,mV\n{points}")
    dataset, _ = read_any(path, {"axis": "E"})
    assert dataset["omega"].attrs == {"long_name": "E", "units": "meV"}
    assert dataset["spectral_function"].attrs["units"] == "mV"
    path.write_text(f"E (meV),a,b\n,S0,S1\n{points}")
    assert holds(read_any(path, {"axis": "E"}).dataset, [[1, 2, 3], [2, 4, 6]], [1, 2, 3])
    path.write_text(f"E (meV),a,b\n,7,8\n{points}")
    with pytest.raises(InputError, match="omega at point 0 = 'nan'"):
        check_spectra(read_any(path, {"axis": "E"}).dataset, "a.csv")


def test_channels_that_are_numbers_have_short_labels(tmp_path):
    k = np.linspace(-0.3, 0.3, 24)
    spectra = (("sample", "k", "energy"), RNG.random((6, 24, 5)))
    dataset = plain().drop_vars("A").assign(A=spectra).assign_coords(k=k)
    found, _ = read_any(stored(tmp_path, dataset, "nc"), {"spectra": "A", "axis": "energy"})
    labels = channel_labels(found)
    assert labels[:2] == ["-0.3", "-0.273913"]
    assert channels_allowed(labels).startswith("one or several of -0.3, ")
    assert "0.3," not in channels_allowed(labels)[len("one or several of -0.3,") :]


@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_records_of_json_are_samples(tmp_path, ending):
    records = [
        {"id": f"D{k}", "E": GRID.tolist(), "A": row.tolist(), "meta": {"gap": g, "cold": g > 1}}
        for k, (g, row) in enumerate(zip(GAP.tolist(), SPECTRA, strict=True))
    ]
    lines = "\n".join(map(json.dumps, records))
    path = tmp_path / f"a.{ending}"
    path.write_text(json.dumps(records) if ending == "json" else lines + "\n")
    keys = {"spectra": "A", "axis": "E"}
    dataset, remarks = read_any(path, keys)
    assert holds(dataset)
    assert remarks == ["no numbers, hence left out: id"]
    np.testing.assert_allclose(dataset["gap"], GAP)
    assert dataset["cold"].to_numpy().tolist() == [0, 0, 0, 0, 0, 1]
    records[2] |= {"E": [*GRID[:-1].tolist()], "A": records[2]["A"][:-1]}  # a grid of its own
    path.write_text(json.dumps(records))
    if ending == "json":
        np.testing.assert_allclose(read_any(path, keys).dataset["omega"][-1], GRID[-2])
        return
    for text, message in (
        ("{}\n[1]\n", "line 2 = .* must be a record"),
        ('{"A": [1, 2\n', "line 1 = .* must be JSON"),
        ('{"A": [1, "x"]}\n', "A = 'x' is not usable: must be numbers"),
        ('{"A": [1, 2]}\n{}\n', "A of record 1 = None is not usable"),
    ):
        path.write_text(text)
        with pytest.raises(InputError, match=message):
            read_any(path, keys)


def test_names_of_records_are_the_same_in_all_of_them(tmp_path):
    path = tmp_path / "a.jsonl"
    curves = {"E": GRID.tolist(), "A": SPECTRA[0].tolist()}
    parts = [{"sample": {"T": 4, "x": 1}, "probe": {"T": 5}}, {"probe": {"T": 6}, "T": 300}]
    path.write_text("".join(json.dumps(curves | part) + "\n" for part in parts))
    keys = {"spectra": "A", "axis": "E"}
    dataset, _ = read_any(path, keys)
    assert holds(dataset, [SPECTRA[0]] * 2)  # spectra that are the same in all records
    found = sample_variables(dataset)
    assert list(found) == ["sample_T", "x", "probe_T", "T"]
    np.testing.assert_array_equal(found["probe_T"], [5, 6])
    np.testing.assert_array_equal(found["T"], [np.nan, 300])
    assert holds(read_any(path, {"spectra": "A"}).dataset, [SPECTRA[0]] * 2)
    for key, value, message in (
        ("uncertainty", "A", "another variable than the spectra and the grid"),
        ("group", "run", "left out for tables of text and JSON"),
    ):
        with pytest.raises(InputError, match=f"{key} = '{value}' .* {message}"):
            read_any(path, {**keys, key: value})
    path.write_text('{"p": {"T": 1}, "T": 2, "p_T": 3}\n')
    with pytest.raises(InputError, match=r"name = 'p_T' .* it may mean p.T and p_T"):
        read_any(path, keys)
    path.write_text('{"T": 1, "T": 2}\n')
    with pytest.raises(InputError, match="'T' stands 2 times in a record"):
        read_any(path, keys)
