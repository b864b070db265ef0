"""Tables of hybridisations that can't be used, and ensembles that don't fit them."""

import math
import os

import pytest

from kondoflow.files.errors import InputError
from kondoflow.stage.config import resolved_config
from kondoflow.systems.anderson.baths.bath_file import read_bath

GOOD = "omega,Delta\n-1,0.01\n0,0.02\n1,0.01\n"


@pytest.mark.parametrize(
    ("text", "key", "allowed"),
    [
        ("omega,Delta\n-1,0.1\n0,-0.1\n1,0.1\n", "Delta in line 3", "not negative"),
        ("omega,Delta\n-1,0.1\n0,nan\n1,0.1\n", "Delta in line 3", "a finite number"),
        ("omega,Delta\n-1,0.1\ninf,0.1\n", "omega in line 3", "a finite number"),
        ("omega,Delta\n-1,0.1\nx,0.1\n1,0.1\n", "omega in line 3", "a finite number"),
        ("omega,Delta\n-1,0.1\n0,\n1,0.1\n", "Delta in line 3", "a finite number"),
        ("omega,Delta\n-1,0.1\n0,0.1\n0,0.1\n", "omega in line 4", "above the frequency"),
        ("omega,Delta\n1,0.1\n-1,0.1\n", "omega in line 3", "above the frequency"),
        ("omega,Delta\n-1,0\n1,0\n", "integral of Delta", "above 0"),
        ("omega,Delta\n-1,0.1\n", "rows", "at least two"),
        ("omega,Delta\n-2,0.1\n2,0.1\n", "omega in line 2", "within -1 .. 1; half_bandwidth"),
        ("omega,Gamma\n-1,0.1\n1,0.1\n", "columns", "omega, Delta"),
        ("omega,Delta\n-1,0.1,3\n1,0.1\n", "line 2", "as many values"),
        ("", "columns", "omega, Delta"),
        ("omega;Delta\n-1;0.1\n1;0.1\n", "columns", "omega, Delta, in the first line and with a c"),
        ("omega,Delta\n-1,0.1\n0,1_0\n1,0.1\n", "Delta in line 3", "a finite number"),
        ("omega,Delta\n-1,1e308\n0,9e307\n1,1e308\n", "integral of Delta", "above 0 and finite"),
        ("omega,Delta\n-1,9e307\n0,9e307\n1,9e307\n", "integral of Delta", "above 0 and finite"),
    ],
)
def test_a_bad_table_is_refused_in_one_line(tmp_path, text, key, allowed):
    path = tmp_path / "delta.csv"
    path.write_text(text)
    with pytest.raises(InputError) as refusal:
        read_bath(path)
    assert refusal.value.key == key
    assert refusal.value.allowed.startswith(allowed)
    assert "\n" not in str(refusal.value)


def test_a_pipe_is_no_table(tmp_path):
    """Its reading would never end."""
    os.mkfifo(tmp_path / "delta.csv")
    with pytest.raises(InputError, match="not of a pipe"):
        read_bath(tmp_path / "delta.csv")


def test_a_table_in_a_unit_of_its_own(tmp_path):
    path = tmp_path / "delta.csv"
    path.write_text("Delta, omega\n0.4,-2\n0.4,2\n")
    table = read_bath(path, 4.0)
    assert table.omega == (-0.5, 0.5)
    assert table.strength == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("rows", "gap"),
    [
        ([(-1, 1), (1, 1)], 0.0),
        ([(-1, 1), (0, 0), (1, 1)], 0.0),
        ([(-1, 1), (-0.2, 0), (0.3, 0), (1, 1)], 0.2),
        ([(0.1, 1), (1, 1)], 0.1),
        ([(-1, 0), (-0.4, 1), (-0.3, 0), (0.2, 0), (0.5, 1), (1, 0)], 0.2),
        ([(-1, 1), (-0.1, 0), (0.0, 0), (0.1, 0), (1, 0)], 0.1),
    ],
)
def test_gap_at_the_fermi_energy(tmp_path, rows, gap):
    path = tmp_path / "delta.csv"
    path.write_text("omega,Delta\n" + "".join(f"{a},{b}\n" for a, b in rows))
    assert math.isclose(read_bath(path).gap, gap)


def configuration(table, solver=None, **axes):
    axes = {"U": 0.1, "eps_d_over_U": {"range": [-0.9, -0.1], "scale": "linear"}, **axes}
    own = {
        "system": "anderson",
        "n_samples": 40,
        "chunk_size": 40,
        "sampling": "sobol",
        "axes": {"B": 0.0, "T": 1e-4, **axes},
        "solver": {"bath": {"file": str(table)}} if solver is None else solver,
        "split": {"train": 0.8, "validation": 0.1, "test": 0.1},
    }
    return {"ensembles": {"own": own}, "runs": [{"name": "vae", "ensemble": "own"}]}


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "delta.csv"
    path.write_text(GOOD)
    return path


def test_a_table_gives_the_strength(table):
    config = resolved_config(configuration(table))
    assert config["ensembles"]["own"]["solver"]["bath"] == {"file": str(table)}
    resolved_config(configuration(table, Gamma=0.02))


@pytest.mark.parametrize(
    ("text", "changes", "key"),
    [
        ("omega,Delta\n-0.05,0.1\n1,0.1\n", {}, "eps_d"),
        ("omega,Delta\n-1,0.1\n-0.2,0\n0.3,0\n1,0.1\n", {}, "T"),
        ("omega,Delta\n-1,1\n1,1\n", {}, "mean of Delta"),  # its half-width would be D
        (GOOD, {"r": 0.3}, "r"),
        (GOOD, {"r": {"range": [0, 3], "scale": "linear"}}, "r"),
        (GOOD, {"solver": {"bath": "square"}}, "bath"),
        (GOOD, {"solver": {"bath": {"exponent": -0.5}}}, "exponent"),
        (GOOD, {"solver": {"bath": {"file": "nothing.csv"}}}, "solver"),
        (GOOD, {"solver": {"bath": {"exponent": 0.3}}}, "axes"),  # Gamma is wanted
    ],
)
def test_an_ensemble_that_does_not_fit_is_refused_before_work(table, text, changes, key):
    table.write_text(text)
    with pytest.raises(InputError) as refusal:
        resolved_config(configuration(table, **changes))
    assert key in refusal.value.key
    assert "\n" not in str(refusal.value)
