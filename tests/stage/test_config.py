"""The configuration: one door, defaults that agree with the schemas, a comment for each key."""

import re

import pytest
import yaml

from kondoflow.files.errors import InputError
from kondoflow.stage.checks import names
from kondoflow.stage.config import load_config, resolved_config, run_settings
from kondoflow.stage.ensembles import count_points
from kondoflow.stage.paths import DEFAULT, ROOT, SCHEMA
from kondoflow.stage.yaml_files import read_mapping, read_yaml
from kondoflow.systems.registry import find_system, system_names

PRESETS = sorted((ROOT / "workflow" / "presets").glob("*.yaml"))
SECTIONS = ("autoencoder", "equations", "conda")


@pytest.mark.parametrize("preset", PRESETS, ids=lambda path: path.stem)
def test_presets_are_valid(preset):
    config = load_config(preset)
    assert {run["ensemble"] for run in config["runs"]} == set(config["ensembles"])


def test_every_section_of_the_schema_stands_in_the_default_config():
    schema, config = read_yaml(SCHEMA), read_yaml(DEFAULT)
    for section in SECTIONS:
        assert set(schema["properties"][section]["properties"]) == set(config[section])
    assert set(schema["properties"]) == set(config)


@pytest.mark.parametrize("system", system_names())
def test_the_defaults_of_a_system_agree_with_its_schema(system):
    folder = find_system(system).folder
    schema, known = read_yaml(folder / "schema.yaml"), read_mapping(folder / "system.yaml")
    for part in ("solver", "omega"):
        own = schema["properties"][part]
        assert set(own["properties"]) == set(own["required"]) == set(known[part])


def keys_with_comments(path):
    """Keys of a YAML file by path, and the comment of each: beside it, or the lines above it."""
    found, above, stack = {}, "", []
    for line in path.read_text().splitlines():
        key = re.match(r"( *)(\w+):", line)
        if key is None:
            above = above + line.strip("# ") if line.lstrip().startswith("#") else ""
            continue
        depth = len(key[1]) // 2
        stack = [*stack[:depth], key[2]]
        _, _, beside = line.partition("  # ")
        found[".".join(stack)] = (beside or above).strip()
        above = ""
    return found


@pytest.mark.parametrize("section", SECTIONS)
def test_every_key_of_a_section_has_a_comment_of_its_own(section):
    comments = keys_with_comments(DEFAULT)
    for key in read_yaml(DEFAULT)[section]:
        assert len(comments[f"{section}.{key}"]) > 4, key
    texts = [text for key, text in comments.items() if key.startswith(f"{section}.")]
    longer = [text for text in texts if len(text) > 8]  # a bare range may stand twice
    assert len(set(longer)) == len(longer)


def test_every_key_of_an_ensemble_has_a_comment_of_its_own():
    comments = keys_with_comments(DEFAULT)
    for key in read_yaml(DEFAULT)["ensembles"]["low_field"]:
        assert comments[f"ensembles.low_field.{key}"], key


@pytest.mark.parametrize("system", system_names())
def test_every_setting_of_a_system_has_a_comment_of_its_own(system):
    path = find_system(system).folder / "system.yaml"
    comments, known = keys_with_comments(path), read_mapping(path)
    for part in ("solver", "omega"):
        for key in known[part]:
            assert comments[f"{part}.{key}"], f"{part}.{key}"
    for key in known:
        assert comments[key], key


def test_the_default_config_is_a_page():
    assert len(DEFAULT.read_text().splitlines()) < 130


def test_runs_must_differ():
    changes = {"runs": [{"name": "vae", "ensemble": "low_field"}] * 2}
    with pytest.raises(InputError, match=r"runs\.1\.name = 'vae' is not usable: must be unique"):
        resolved_config(changes)


def test_a_run_overrides_the_autoencoder_section():
    config = load_config()
    config["runs"][0]["kl_weight"] = 0.5
    settings = run_settings(config, "low_field", "vae")
    assert settings["kl_weight"] == 0.5
    assert settings["epochs"] == config["autoencoder"]["epochs"]


def test_points_are_counted_without_blank_lines(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("U,Gamma,eps_d,T\n0.1,0.01,-0.05,1e-6\n\n0.1,0.02,-0.05,1e-6\n")
    assert count_points(path, "anderson") == 2


def resolved(text):
    return resolved_config(yaml.safe_load(text))


def test_an_ensemble_changes_the_settings_of_its_system():
    config = resolved(
        "systems: {anderson: {solver: {n_z: 6, n_keep: 90}}}\n"
        "ensembles: {low_field: {solver: {n_keep: 100}, omega: {n_side: 20}}}"
    )
    own = find_system("anderson").folder / "system.yaml"
    defaults = read_mapping(own)
    ensemble = config["ensembles"]["low_field"]
    assert ensemble["solver"] == {**defaults["solver"], "n_z": 6, "n_keep": 100}
    assert ensemble["omega"] == {**defaults["omega"], "n_side": 20}


def test_entries_of_a_system_are_added_replaced_and_removed():
    config = resolved(
        "systems:\n"
        "  anderson:\n"
        "    descriptors: {n_d: null, log10_U: log10(U)}\n"
        "    references: {haldane: log(U)}\n"
        "    published: null\n"
    )
    known = config["systems"]["anderson"]
    assert "n_d" not in known["descriptors"]
    assert known["descriptors"]["log10_U"] == "log10(U)"
    assert known["references"]["haldane"] == "log(U)"
    assert "haldane_bethe" in known["references"]
    assert "published" not in known


def test_what_an_earlier_file_added_can_be_removed(tmp_path):
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    first.write_text("systems: {anderson: {descriptors: {own: U}, labels: {own: $u$}}}")
    second.write_text("systems: {anderson: {descriptors: {own: null, U: null}}}")
    known = load_config(first, second)["systems"]["anderson"]
    assert "own" not in known["descriptors"]
    with pytest.raises(
        InputError, match=r"descriptors\.own = None is not usable: must be left out"
    ):
        load_config(second, first)


def test_labels_may_stand_for_what_is_removed_and_for_what_a_solver_can_give():
    labels = "{log10_T_K: $k$, T_FL: $f$, impurity_entropy: $S$, omega: $e$, occupation_up: $n$}"
    known = resolved(
        f"systems: {{anderson: {{labels: {labels}, descriptors: {{log10_T_K: null}}}}}}"
    )
    assert known["systems"]["anderson"]["labels"]["T_FL"] == "$f$"


def test_a_label_of_nothing_in_the_folder_of_a_system_is_refused(monkeypatch):
    own = {**names.own_knowledge("anderson"), "labels": {"T_chy": "$x$"}}
    monkeypatch.setattr(names, "own_knowledge", lambda _: own)
    with pytest.raises(InputError, match=r"anderson/system\.yaml: labels\.T_chy = '\$x\$'"):
        load_config()


def test_a_whole_section_is_removed_with_what_names_its_entries():
    known = resolved("systems: {anderson: {references: null, inputs: null}}")["systems"]["anderson"]
    assert not {"references", "inputs"} & set(known)
    assert known["published"]["regression"] == {} == known["with_unit"]


def test_only_what_is_used_stays_in_the_resolved_config(tmp_path):
    path = tmp_path / "own.nc"
    path.write_bytes(b"")
    config = resolved(
        f"ensembles: {{own: {{source: file, system: mine, path: {path}, "
        "split: {train: 0.8, validation: 0.1, test: 0.1}}}\n"
        "systems: {mine: {parameters: [x], descriptors: {x: x}}}\n"
        "runs: [{name: vae, ensemble: own}]"
    )
    assert set(config["ensembles"]) == {"own"}
    assert set(config["systems"]) == {"mine"}


def test_the_command_line_checks_what_the_rules_check(tmp_path):
    path = tmp_path / "mine.yaml"
    for text in (
        'systems: {anderson: {references: {x: "log(V)"}}}',
        "ensembles: {own: {source: file, system: anderson, path: absent.nc, "
        "split: {train: 0.8, validation: 0.1, test: 0.1}}}\n"
        "runs: [{name: vae, ensemble: own}]",
    ):
        path.write_text(text)
        with pytest.raises(InputError, match=r"references\.x|an existing file"):
            load_config(path)
