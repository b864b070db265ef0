"""The configuration: defaults and schema agree, and every mistake gives one clear message."""

import re

import pytest

from kondoflow.files.errors import InputError
from kondoflow.stage.checks import ROOT, SCHEMA, check_config
from kondoflow.stage.config import DEFAULT, count_points, load_config, run_settings
from kondoflow.stage.yaml_files import read_yaml

PRESETS = sorted((ROOT / "workflow" / "presets").glob("*.yaml"))


@pytest.mark.parametrize("preset", PRESETS, ids=lambda path: path.stem)
def test_presets_are_valid(preset):
    config = load_config(preset)
    assert {run["ensemble"] for run in config["runs"]} <= set(config["ensembles"])


def keys_of_the_schema(schema):
    """Names of all properties in a schema, however deep; names of the user's own aside."""
    found = set()
    if isinstance(schema, dict):
        found |= set(schema.get("properties", {}))
        found |= set().union(*map(keys_of_the_schema, schema.values()))
    elif isinstance(schema, list):
        found |= set().union(*map(keys_of_the_schema, schema))
    return found


def test_every_section_of_the_schema_stands_in_the_default_config():
    schema, config = read_yaml(SCHEMA), read_yaml(DEFAULT)
    for section in ("solver", "omega", "autoencoder", "equations", "conda"):
        assert set(schema["properties"][section]["properties"]) == set(config[section])
    assert set(schema["properties"]) == set(config)


def test_every_key_of_the_schema_is_explained_in_the_default_config():
    explained = set(re.findall(r"\w+", DEFAULT.read_text()))
    assert keys_of_the_schema(read_yaml(SCHEMA)) <= explained


def test_every_key_of_the_default_config_has_a_comment():
    """Beside it or right above it; what is deeper than four spaces has names of the user's own."""
    names = ("low_field", "anderson")
    above = ""
    for line in DEFAULT.read_text().splitlines():
        code, _, comment = line.partition("#")
        key = re.match(r" {0,4}(\w+):", code)
        if key and key[1] not in names:
            assert comment or above, f"no comment: {line}"
        above = comment if not code.strip() else ""


def test_runs_must_differ():
    config = load_config()
    config["runs"] = [{"name": "vae", "ensemble": "low_field"}] * 2
    with pytest.raises(InputError, match=r"runs\.1\.name = 'vae' is not usable: must be unique"):
        check_config(config)


def test_a_run_overrides_the_autoencoder_section():
    config = load_config()
    config["runs"][0]["kl_weight"] = 0.5
    settings = run_settings(config, "low_field", "vae")
    assert settings["kl_weight"] == 0.5
    assert settings["epochs"] == config["autoencoder"]["epochs"]


def test_points_are_counted_without_blank_lines(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("U,Gamma,eps_d,T\n0.1,0.01,-0.05,1e-6\n\n0.1,0.02,-0.05,1e-6\n")
    assert count_points(path) == 2
