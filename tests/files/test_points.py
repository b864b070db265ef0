"""Spectra of which each row of a table is a point, and spectra in the files of a folder."""

import numpy as np
import pytest

from kondoflow.files.brought.reading import read_any, read_brought
from kondoflow.files.brought.tables import read_text_table
from kondoflow.files.errors import InputError
from kondoflow.files.importing import usable_set

RNG = np.random.default_rng(2)
FIELD = np.array([0.5, 1.0, 2.0, 4.0])
M = RNG.random((12, 4))
T = np.linspace(2, 30, 12)
KEYS = {"axis": "field", "spectra": "M (emu)"}


def rows_of_points(**more):
    """Lines of a table of points in a random order within and over the spectra but the first."""
    lines = [
        [k, FIELD[j], float(M[k, j]), float(T[k]), *(column[k][j] for column in more.values())]
        for k in range(12)
        for j in range(4)
    ]
    shuffled = [lines[0], *RNG.permutation(np.array(lines[1:], dtype=object)).tolist()]
    header = ["run", "field (T)", "M (emu)", "T (K)", *more]
    return [header, *shuffled]


def written(path, rows, separator=","):
    path.write_text("\n".join(separator.join(map(str, row)) for row in rows) + "\n")
    return path


def test_a_row_a_point(tmp_path):
    dataset, remarks = read_any(written(tmp_path / "a.csv", rows_of_points()), KEYS)
    order = dataset["run"].to_numpy()
    np.testing.assert_allclose(dataset["spectral_function"], M[order])
    np.testing.assert_allclose(dataset["T"], T[order])
    np.testing.assert_allclose(dataset["omega"], FIELD)
    assert dataset["omega"].attrs == {"long_name": "field", "units": "T"}
    assert dataset["spectral_function"].attrs["units"] == "emu"
    assert dataset["T"].attrs["units"] == "K"
    assert remarks == ["'T (K)' is named T"]


@pytest.mark.parametrize("name", ["sample", "point"])
def test_columns_may_have_the_names_of_dimensions(tmp_path, name):
    header, *rows = rows_of_points()
    path = written(tmp_path / "a.csv", [[*header[:2], name, header[3]], *rows])
    dataset, _ = read_any(path, {"axis": "field", "spectra": name})
    np.testing.assert_allclose(dataset["spectral_function"], M[dataset["run"].to_numpy()])


def test_points_may_have_channels_an_uncertainty_and_a_second_table(tmp_path):
    path = written(tmp_path / "a.csv", rows_of_points(im=2 * M, uncertainty=0.1 * M))
    order = RNG.permutation(12)
    written(tmp_path / "b.csv", [["run", "mass"], *([k, 10.0 * k] for k in order)])
    keys = {"axis": "field", "spectra": {"re": "M", "im": "im"}}
    dataset, _ = read_any(path, {**keys, "properties": str(tmp_path / "b.csv")})
    run = dataset["run"].to_numpy() if "run" in dataset else (dataset["mass"] / 10).astype(int)
    assert dataset["channel"].to_numpy().tolist() == ["re", "im"]
    np.testing.assert_allclose(dataset["spectral_function"].sel(channel="im"), 2 * M[run])
    for channel in (0, 1):
        np.testing.assert_allclose(dataset["uncertainty"][:, channel], 0.1 * M[run])
    np.testing.assert_allclose(dataset["T"], T[run])


def test_spectra_of_points_may_have_grids_of_their_own(tmp_path):
    rows = rows_of_points()
    gone = next(k for k, row in enumerate(rows) if row[:2] == [5, 2.0])
    path = written(tmp_path / "a.csv", rows[:gone] + rows[gone + 1 :])
    dataset, remarks = read_any(path, {**KEYS, "resample": {"spacing": "log"}})
    np.testing.assert_allclose(dataset["omega"], FIELD)
    place = dataset["run"].to_numpy().tolist().index(5)
    expected = np.interp(2.0, [1.0, 4.0], M[5, [1, 3]])
    assert dataset["spectral_function"][place, 2] == pytest.approx(expected)
    assert "grids differ; all spectra are interpolated to 4 points" in remarks


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"spectra": "M"}, "axis = None is not usable: must be a column of a table with a row"),
        ({"axis": "field", "spectra": "N"}, "spectra = 'N' is not usable: must be a column"),
        ({**KEYS, "properties": ["drift"]}, "points of each spectrum = 1 is not usable"),
        ({**KEYS, "properties": ["phase"]}, r"field \(T\) in spectrum 0 = '0.5 twice' is not"),
        ({**KEYS, "group": "x"}, "group = 'x' is not usable: must be left out for tables"),
    ],
)
def test_points_that_are_not_clear_are_refused(tmp_path, keys, message):
    drift, phase = RNG.random((12, 4)), np.arange(12).repeat(4).reshape(12, 4) // 2
    path = written(tmp_path / "a.csv", rows_of_points(drift=drift, phase=phase))
    with pytest.raises(InputError, match=message):
        read_any(path, keys)


@pytest.mark.parametrize("head", ["field M\n", "# measured\n# field M\n", ""])
def test_a_file_a_spectrum(tmp_path, head):
    folder = tmp_path / "runs"
    folder.mkdir()
    for k in range(12):
        points = "".join(f"{x} {float(y)!r}\n" for x, y in zip(FIELD, M[k], strict=True))
        (folder / f"s{k}.dat").write_text(f"# T = {float(T[k])!r} K\n# by: hand\n{head}{points}")
    names = [["sample", "mass"], *([f"s{k}", 10.0 * k] for k in reversed(range(12)))]
    written(folder / "samples.csv", names)
    dataset, remarks = read_any(folder, {"properties": str(folder / "samples.csv")})
    np.testing.assert_allclose(dataset["spectral_function"], M)
    np.testing.assert_allclose(dataset["omega"], FIELD)
    np.testing.assert_allclose(dataset["T"], T)
    assert dataset["T"].attrs["units"] == "K"
    np.testing.assert_allclose(dataset["mass"], 10.0 * np.arange(12))
    assert remarks[:2] == [
        "12 files are read, in the order of the numbers in their names",
        "rows of samples.csv are joined by the column 'sample'",
    ]


HEADS = {
    ".asc": "Instrument: EMU\nField: {T} K\nTitle: a, b\n\nfield(T)  M\n",
    ".dpt": "Grating\t1800 (450 nm)\nField\t{T}\n",
    ".csv": 'Instrument,EMU\n"Field","{T} K"\nfield (T),M\n',
    ".jdx": "##TITLE= a\n##FIELD= {T}\n##XYPOINTS= (XY..XY)\n",
    ".txt": "#Spot (\u00b5m)=\t0.8\n#Field (K)=\t{T}\n",
}


@pytest.mark.parametrize("ending", HEADS)
def test_instruments_write_heads_before_their_tables(tmp_path, ending):
    between = {".asc": "  ", ".dpt": "\t"}.get(ending, ",")
    for k in range(12):
        pairs = zip(FIELD, M[k], strict=True)
        lines = [f"{x}{between}{float(y)!r}\n" for x, y in pairs]
        text = HEADS[ending].format(T=float(T[k])) + "".join(lines)
        (tmp_path / f"s{k}{ending}").write_text(text, encoding="cp1252")
    has_names = ending in (".asc", ".csv")  # else the key names the first column
    axis = "field" if has_names else "field (T)"
    dataset, _ = read_any(tmp_path, {"axis": axis, "spectra": "M", "encoding": "cp1252"})
    np.testing.assert_allclose(dataset["spectral_function"], M)
    np.testing.assert_allclose(dataset["omega"], FIELD)
    assert dataset["omega"].attrs == {"long_name": "field", "units": "T"}
    np.testing.assert_allclose(dataset[{".jdx": "FIELD"}.get(ending, "Field")], T)


@pytest.mark.parametrize("head", ["", "Made by an instrument\n"])
@pytest.mark.parametrize("third", ["", "\terror"])
def test_units_may_stand_in_a_line_below_the_names(tmp_path, third, head):
    for k in range(12):
        lines = [f"{x}\t{float(y)!r}{third and ' 0.1'}" for x, y in zip(FIELD, M[k], strict=True)]
        text = f"{head}field\tM{third}\n(mT)\tarb. units{third and chr(9)}\n" + "\n".join(lines)
        (tmp_path / f"s{k}.txt").write_text(text.replace(" 0.1", "\t0.1"), encoding="utf-8")
    dataset, _ = read_any(tmp_path, {"axis": "field", "spectra": "M"})
    np.testing.assert_allclose(dataset["spectral_function"], M)
    assert dataset["omega"].attrs == {"long_name": "field", "units": "mT"}


def test_units_below_the_names_of_spectra_are_no_part_of_these(tmp_path):
    names = [f"s{k}" for k in range(12)]
    heads = [["field", *names], ["mT", *["counts"] * 12]]
    rows = [[repr(float(each)) for each in row] for row in np.column_stack([FIELD, M.T])]
    (tmp_path / "a.csv").write_text("\n".join(",".join(row) for row in [*heads, *rows]))
    (tmp_path / "b.csv").write_text("file,a\n" + "".join(f"s{k},{k}\n" for k in range(12)[::-1]))
    keys = {"axis": "field", "properties": str(tmp_path / "b.csv")}
    dataset, _ = read_any(tmp_path / "a.csv", keys)
    assert dataset["omega"].attrs == {"long_name": "field", "units": "mT"}
    np.testing.assert_allclose(dataset["spectral_function"], M)
    np.testing.assert_array_equal(dataset["a"], range(12))


def test_names_that_could_be_units_are_names(tmp_path):
    (tmp_path / "a.csv").write_text("Instrument,EMU\nT,V\n1,2\n3,5\n4,5\n")
    assert read_text_table(tmp_path / "a.csv").header == ["T", "V"]
    (tmp_path / "b.csv").write_text("sample,set,grade\nK,A,V\nm,A,T\n")
    table = read_text_table(tmp_path / "b.csv")
    assert (table.header, len(table.columns)) == (["sample", "set", "grade"], 2)


def test_points_of_jcamp_that_are_packed_are_refused(tmp_path):
    (tmp_path / "a.jdx").write_text("##TITLE= a\n##XYDATA= (X++(Y..Y))\n20 1 2 3\n23 4 5 6\n")
    with pytest.raises(InputError, match=r"a\.jdx: ##XYDATA = .* XYPOINTS"):
        read_any(tmp_path, {})


def test_a_damaged_row_is_no_head(tmp_path):
    (tmp_path / "a.csv").write_text("1,2,3\n4,5\n7,8,9\n10,11,12\n")
    with pytest.raises(InputError, match="cells in line 2 = 2"):
        read_any(tmp_path / "a.csv", {})


@pytest.mark.parametrize("missing", ["nan", "inf", "n/a", ""])
@pytest.mark.parametrize("head", ["", "Instrument: EMU\nMode: b\n"])
def test_a_first_point_without_a_value_is_no_head(tmp_path, head, missing):
    rows = f"0.0,{missing}\n" + "".join(f"0.{k},{k}\n" for k in range(1, 6))
    for k in range(3):
        (tmp_path / f"s{k}.csv").write_text(f"{head}E,M\n{rows}")
    assert read_text_table(tmp_path / "s0.csv").header == ["E", "M"]
    assert len(read_text_table(tmp_path / "s0.csv").columns) == 6


def test_a_column_of_a_file_counts_more_than_a_comment_of_its_name(tmp_path):
    for k, name in enumerate(("\N{SUPERSCRIPT TWO}.csv", "2.csv", "10.csv")):
        (tmp_path / name).write_text(f"# T = 300\nE,M,T\n1,2,{k}\n2,3,{k}\n3,5,{k}\n")
    dataset, _ = read_any(tmp_path, {"axis": "E", "spectra": "M"})
    assert sorted(dataset["T"].to_numpy().tolist()) == [0, 1, 2]


def test_a_folder_that_is_not_clear_is_refused(tmp_path):
    folder = tmp_path / "runs"
    folder.mkdir()
    (folder / "notes.md").write_text("")
    with pytest.raises(InputError, match=r"content = 'notes.md' .* of tables \(\.csv, .*\.jdx\)"):
        read_any(folder, {})
    (folder / "a.csv").write_text("E,M,N\n1,2,3\n2,3,4\n")
    with pytest.raises(InputError, match=r"axis and spectra = None .* columns of the files: E, M,"):
        read_any(folder, {})
    (folder / "b.csv").write_text("E,M\n1,2\n2,3\n")
    with pytest.raises(InputError, match=r"b.csv: header = .* as in a.csv"):
        read_any(folder, {"axis": "E", "spectra": "M"})
    (folder / "b.csv").write_text("E,M,N\n1,2,3\n2,x,4\n")
    with pytest.raises(InputError, match=r"b.csv: column M = 'x' is not usable: must be numbers"):
        read_any(folder, {"axis": "E", "spectra": "M"})
    (folder / "b.csv").write_text("E,M,N\n8,2,3\n9,3,4\n")
    (folder / "loop.csv").symlink_to("loop.csv")
    with pytest.raises(InputError, match="grids that begin at up to 8 and end from 2 on"):
        read_brought(folder, {"axis": "E", "spectra": "M"})


def folder_of(tmp_path, ending, lines):
    (tmp_path / "s").mkdir()
    for k in range(12):
        rows = [" ".join(map(str, row)) for row in zip(FIELD, M[k], 0.1 * M[k], strict=True)]
        (tmp_path / "s" / f"f{k}.{ending}").write_text("\n".join([*lines, *rows]) + "\n")
    return tmp_path / "s"


@pytest.mark.parametrize("lines", [[], ["# field/mT M/emu s"]])
def test_the_third_column_of_xye_weighs_the_points(tmp_path, lines):
    path = folder_of(tmp_path, "xye", lines)
    dataset, remarks = read_any(path, {})
    np.testing.assert_allclose(dataset["spectral_function"], M)
    np.testing.assert_allclose(dataset["uncertainty"], 0.1 * M)
    assert remarks[1].startswith("the third column of .xye files weighs the points")
    without, remarks = read_any(path, {"uncertainty": "none"})
    assert "uncertainty" not in without
    assert not any("weighs" in remark for remark in remarks)


def test_a_property_above_three_columns_is_no_header(tmp_path):
    path = folder_of(tmp_path, "xye", [])
    for k, file in enumerate(sorted(path.iterdir())):
        file.write_text(f"# Field: {k}.5 T\n" + file.read_text())
    dataset, _ = read_any(path, {})
    np.testing.assert_allclose(np.sort(dataset["Field"]), np.arange(12) + 0.5)
    assert dataset["Field"].attrs["units"] == "T"
    assert "uncertainty" in dataset


def test_the_third_column_of_xye_may_be_the_spectra(tmp_path):
    path = folder_of(tmp_path, "xye", [])
    keys = {"columns": ["q", "R", "dR"], "axis": "q", "spectra": "dR"}
    dataset, remarks = read_any(path, keys)
    np.testing.assert_allclose(dataset["spectral_function"], 0.1 * M)
    assert "uncertainty" not in dataset
    assert not any("weighs" in remark for remark in remarks)
    with pytest.raises(InputError, match=r"uncertainty = 'dR' .* another variable than"):
        read_any(path, {**keys, "uncertainty": "dR"})


def test_columns_without_names_get_those_of_the_key(tmp_path):
    path = folder_of(tmp_path, "dat", ["# measured on a Monday"])
    with pytest.raises(InputError, match="the key uncertainty may name a column of errors"):
        read_any(path, {})
    keys = {"columns": ["field (T)", "M", "s"], "axis": "field", "spectra": "M"}
    dataset, remarks = read_any(path, keys)
    assert dataset["omega"].attrs == {"long_name": "field", "units": "T"}
    assert "uncertainty" not in dataset
    assert (
        "not the same throughout a spectrum, hence left out: s (the key uncertainty" in remarks[1]
    )
    weighed, _ = read_any(path, {**keys, "uncertainty": "s"})
    np.testing.assert_allclose(weighed["uncertainty"], 0.1 * M)
    with pytest.raises(InputError, match=r"columns = .* must be 3 names, one for each column"):
        read_any(path, {**keys, "columns": ["field", "M"]})


def test_a_row_a_point_without_names(tmp_path):
    path = written(tmp_path / "a.dat", rows_of_points()[1:])
    keys = {"columns": ["run", "field", "M", "T"], "axis": "field", "spectra": "M"}
    dataset, _ = read_any(path, keys)
    np.testing.assert_allclose(dataset["T"], T[dataset["run"].to_numpy().astype(int)])
    path = written(tmp_path / "b.dat", rows_of_points())
    with pytest.raises(InputError, match=r"columns = .* left out, as the file names its columns"):
        read_any(path, keys)


def test_errors_of_each_channel_pass_the_import(tmp_path):
    split = {"train": 0.6, "validation": 0.2, "test": 0.2}
    path = written(tmp_path / "a.csv", rows_of_points(im=2 * M, s=0.1 * M, s2=0.2 * M))
    keys = {"axis": "field", "spectra": ["M", "im"]}
    for given, second in ((["s", "s2"], 0.2), ("s", 0.1)):
        if given == "s":
            path = written(tmp_path / "b.csv", rows_of_points(im=2 * M, s=0.1 * M))
        brought = read_brought(path, {**keys, "uncertainty": given})
        dataset, _ = usable_set(brought, {"split": split}, 0, path)
        order = dataset["run"].to_numpy()
        np.testing.assert_allclose(dataset["uncertainty"][:, 1], second * M[order])
    with pytest.raises(InputError, match=r"uncertainty = .* one or 2, as there are channels"):
        read_any(
            written(tmp_path / "c.csv", rows_of_points(a=M, b=M, c=M, d=M, e=M)),
            {
                "axis": "field",
                "spectra": ["a", "b"],
                "uncertainty": ["c", "d", "e"],
                "properties": ["run"],
            },
        )
