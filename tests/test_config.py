"""The configuration: defaults and schema agree, and every mistake gives one clear message."""

import copy
import re

import pytest

from datafiles.errors import InputError
from stage.config import (
    DEFAULT,
    ROOT,
    SCHEMA,
    check_config,
    count_points,
    load_config,
    read_yaml,
    run_settings,
)

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


CASES = [
    (
        ("solver", "Lambda"),
        "x",
        "config: solver.Lambda = 'x' is not usable: must be of type number",
    ),
    (("solver", "Lambda"), 1.0, "config: solver.Lambda = 1.0 is not usable: must be at least 1.5"),
    (
        ("solver", "lambda"),
        3,
        "config: keys of solver = ['lambda'] is not usable: must be among Lambda, alpha, "
        "estimator, keep_raw, n_keep, n_z, susceptibility, thermal_width",
    ),
    (
        ("ensembles", "low_field", "U"),
        {"range": [0.4, 0.1], "scale": "log"},
        "config: ensembles.low_field.U.range = [0.4, 0.1] is not usable: must be [low, high] with "
        "low < high",
    ),
    (
        ("ensembles", "low_field", "Gamma"),
        {"range": [0.0, 0.1], "scale": "log"},
        "config: ensembles.low_field.Gamma.range = [0.0, 0.1] is not usable: must be positive on "
        "a logarithmic scale",
    ),
    (
        ("ensembles", "low_field", "T"),
        0.0,
        "config: ensembles.low_field.T = 0.0 is not usable: must be between 1e-09 and 1",
    ),
    (
        ("ensembles", "low_field", "split"),
        {"train": 0.8, "validation": 0.1, "test": 0.2},
        "config: ensembles.low_field.split = {'train': 0.8, 'validation': 0.1, 'test': 0.2} is "
        "not usable: must be three shares that sum to 1",
    ),
    (
        ("ensembles", "low_field", "system"),
        "kondo",
        "config: ensembles.low_field.system = 'kondo' is not usable: must be one of ['anderson']",
    ),
    (
        ("ensembles", "../x"),
        {"source": "file"},
        "config: ensembles = '../x' is not usable: must be a letter followed by at most 40 "
        "letters, digits, _ or -",
    ),
    (
        ("runs", 0, "ensemble"),
        "other",
        "config: runs.0.ensemble = 'other' is not usable: must be one of ['low_field']",
    ),
    (
        ("omega", "max"),
        1e-7,
        "config: omega.max = 1e-07 is not usable: must be above omega.min",
    ),
    (
        ("autoencoder", "beta"),
        -1,
        "config: autoencoder.beta = -1 is not usable: must be at least 0",
    ),
]


@pytest.mark.parametrize(("path", "value", "message"), CASES)
def test_mistakes_are_named(path, value, message):
    config = copy.deepcopy(load_config())
    section = config
    for key in path[:-1]:
        section = section[key]
    section[path[-1]] = value
    with pytest.raises(InputError) as caught:
        check_config(config)
    assert str(caught.value) == message


def test_runs_must_differ():
    config = load_config()
    config["runs"] = [{"name": "vae", "ensemble": "low_field"}] * 2
    with pytest.raises(InputError, match=r"runs\.1\.name = 'vae' is not usable: must be unique"):
        check_config(config)


def test_a_run_overrides_the_autoencoder_section():
    config = load_config()
    config["runs"][0]["beta"] = 0.5
    settings = run_settings(config, "low_field", "vae")
    assert settings["beta"] == 0.5
    assert settings["epochs"] == config["autoencoder"]["epochs"]


def test_points_are_counted_without_blank_lines(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("U,Gamma,eps_d,T\n0.1,0.01,-0.05,1e-6\n\n0.1,0.02,-0.05,1e-6\n")
    assert count_points(path) == 2
