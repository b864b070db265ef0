"""Tables of parameter sets that can't be used, through the functions of `sample_parameters`."""

import pytest
from stage.refusals import refused

import sample_parameters
from kondoflow.files.errors import InputError
from kondoflow.systems.anderson.definition import SYSTEM
from kondoflow.systems.table import read_table

HEAD = "U,Gamma,eps_d,B,T\n"
# Content of a file; key and value that are named; what is allowed.
TABLES = [
    (b"", "columns", [], "U, Gamma, eps_d, B, T (B may be left out)"),
    (b"\n\n", "columns", [], "U, Gamma, eps_d, B, T (B may be left out)"),
    ("U,Gamma\n0.1,0.01\n", "columns", ["U", "Gamma"], "U, Gamma, eps_d, B, T (B may be left out)"),
    ("U,Gamma,eps_d,B,T\n", "rows", 0, "at least one line below the header"),
    ("U,Gamma,eps_d,B,T\n0.1,nan,-0.05,0,1e-6\n", "Gamma in line 2", "nan", "a finite number"),
    (
        "U,Gamma,eps_d,B,T\n0.1,0.01,-0.05,0,1e-6\n0.1,inf,-0.05,0,1e-6\n",
        "Gamma in line 3",
        "inf",
        "a finite number",
    ),
    ("U,Gamma,eps_d,B,T\n0.1,0.01,-0.05,0\n", "T in line 2", None, "a finite number"),
    (
        "U,Gamma,eps_d,B,T\n0.1,0.01,-0.05,0,1e-6,7\n",
        "line 2",
        ["7"],
        "as many values as there are columns",
    ),
    ("U,Gamma,eps_d,B,T\n0.1,0.01,-0.05,0,cold\n", "T in line 2", "cold", "a finite number"),
    (
        "U,Gamma,eps_d,B,T\n0.1;0.01;-0.05;0;1e-6\n",
        "U in line 2",
        "0.1;0.01;-0.05;0;1e-6",
        "a finite number",
    ),
    ("U,Gamma,eps_d,B,T\n0.1,-0.01,-0.05,0,1e-6\n", "Gamma", -0.01, "between 0.0001 and 0.2"),
    ("U,Gamma,eps_d,B,T\n0.1,0,-0.05,0,1e-6\n", "Gamma", 0.0, "between 0.0001 and 0.2"),
    ("U,Gamma,eps_d,B,T\n-0.1,0.01,-0.05,0,1e-6\n", "U", -0.1, "between 0 and 1"),
    ("U,Gamma,eps_d,B,T\n0.1,0.01,-0.05,0,0\n", "T", 0.0, "between 1e-09 and 1"),
    ("U,Gamma,eps_d,B,T\n0.1,0.01,-0.05,0,-1e-6\n", "T", -1e-06, "between 1e-09 and 1"),
    ("U,Gamma,eps_d,B,T\n0.1,0.01,-0.05,7,1e-6\n", "B", 7.0, "between -0.5 and 0.5"),
    ("U,Gamma,eps_d,B,T\n0.1,0.01,1e300,0,1e-6\n", "eps_d", 1e300, "between -2 and 2"),
    (
        "U,Gamma,eps_d,B,T\n0.1,0.01,-0.05,0,1e-6\n0.1,0.01,-0.05,0,1e-6\n0.1,0.01,-0.05,0,1e-6\n",
        "points",
        "the same in all lines",
        "parameter sets that differ",
    ),
]


@pytest.mark.parametrize(("content", "key", "value", "allowed"), TABLES)
def test_a_bad_table_names_column_value_and_range(tmp_path, content, key, value, allowed):
    path, output = tmp_path / "points.csv", tmp_path / "parameters.nc"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    ensemble = {"system": "anderson", "points": path}
    with refused(path, key, value, allowed):
        sample_parameters.main(parameters=output, ensemble=ensemble, seed=0)
    assert not output.exists()


def test_a_table_that_is_no_text_is_named(tmp_path):
    path = tmp_path / "points.csv"
    path.write_bytes(HEAD.encode() + b"\xff\xfe")
    with pytest.raises(InputError, match=r"points.csv: byte in line 2 = .0xFF after"):
        read_table(path, SYSTEM.parameters)
