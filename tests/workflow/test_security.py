"""Nothing that a user brings is run: not the configuration, not a file, not a name."""

import re

import pytest

from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset
from kondoflow.stage.paths import ROOT
from kondoflow.stage.yaml_files import read_yaml

RULES = [ROOT / "Snakefile", *sorted((ROOT / "workflow" / "rules").glob("*.smk"))]


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_rules_start_scripts_and_no_shell(path):
    found = re.findall(
        r"^ +(shell|run|script|notebook|wrapper|cwl):", path.read_text(), re.MULTILINE
    )
    assert set(found) <= {"script"}


@pytest.mark.parametrize(
    "text",
    [
        "seed: !!python/object/apply:os.mkdir [{path}]",
        "seed: !!python/object/new:os.mkdir [{path}]",
        "seed: !!python/name:os.mkdir",
        "!!python/object/apply:os.mkdir [{path}]: 1",
    ],
)
def test_yaml_makes_no_objects(tmp_path, text):
    trace = tmp_path / "trace"
    path = tmp_path / "config.yaml"
    path.write_text(text.format(path=trace))
    with pytest.raises(InputError, match="could not determine a constructor for the tag"):
        read_yaml(path)
    assert not trace.exists()


def test_a_pickle_is_no_data_set(tmp_path):
    trace = tmp_path / "trace"
    path = tmp_path / "spectra.nc"
    path.write_bytes(f"cos\nmkdir\n(S'{trace}'\ntR.".encode())
    with pytest.raises(InputError, match="must be a readable netCDF4 file"):
        read_dataset(path)
    assert not trace.exists()
