"""The configuration: defaults and schema agree, and every mistake gives one clear message."""

import pytest

from datafiles.errors import InputError
from stage.checks import ROOT, SCHEMA, check_config
from stage.config import DEFAULT, count_points, load_config, run_settings
from stage.yaml_files import read_yaml

PRESETS = sorted((ROOT / "workflow" / "presets").glob("*.yaml"))


@pytest.mark.parametrize("preset", PRESETS, ids=lambda path: path.stem)
def test_presets_are_valid(preset):
    config = load_config(preset)
    assert {run["ensemble"] for run in config["runs"]} <= set(config["ensembles"])


def test_every_key_of_the_schema_stands_in_the_default_config():
    schema, config = read_yaml(SCHEMA), read_yaml(DEFAULT)
    for section in ("solver", "omega", "autoencoder", "equations"):
        assert set(schema["properties"][section]["properties"]) == set(config[section])
    assert set(schema["properties"]) == set(config)


def test_every_setting_has_a_comment():
    lines = DEFAULT.read_text().splitlines()
    start = lines.index("solver:")
    for line in lines[start + 1 :]:
        if line.startswith("systems:"):
            break
        if line.startswith("  ") and ":" in line.split("#")[0] and "- {" not in line:
            assert "#" in line, f"no comment: {line}"


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
