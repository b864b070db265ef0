"""Configurations that read otherwise than they look, or unfold to more than fits."""

import os

import pytest
from stage.refusals import ANY, refused

from kondoflow.files.errors import InputError
from kondoflow.stage.config import load_config
from kondoflow.stage.paths import ROOT
from kondoflow.stage.yaml_files import read_mapping, with_numbers
from kondoflow.systems.anderson.definition import SYSTEM
from kondoflow.systems.table import read_table

BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
SPLIT = "split: {train: 0.8, validation: 0.1, test: 0.1}"
OWN = f"""
systems: {{s: {{parameters: [c]}}}}
runs: [{{name: r, ensemble: own}}]
ensembles: {{own: {{source: file, system: s, path: %s, {SPLIT}}}}}
"""
UNREADABLE = [
    (b"a: &a {b: *a}", "an alias stands within its own anchor"),
    (b"a: &a [*a]", "an alias stands within its own anchor"),
    (BOMB.encode(), "it has more than 100000 values once its aliases are unfolded"),
    (b"seed: 0100", "0100 in line 1 is no decimal number (put text between quotes)"),
    (b"a:\n  b: 1:30", "1:30 in line 2 is no decimal number (put text between quotes)"),
    (b"a: 1:30.5", "1:30.5 in line 1 is no decimal number (put text between quotes)"),
    (b"a: " + b"9" * 5000, "the number in line 1 has more than 1000 digits"),
    (b"\na: 0x" + b"f" * 5000, "the number in line 2 has more than 1000 digits"),
    (b'{"a": 1, "a": 2}', "the key 'a' stands twice in one mapping"),
    (b"a:\n\tb: 1", "while scanning for the next token: found character '\\t' that cannot"),
    (b"a: 1\n---\na: 2", "expected a single document in the stream: but found another document"),
    (b"a: !!python/object/apply:os.system [x]", "could not determine a constructor for the tag"),
]


@pytest.mark.parametrize(("content", "reason"), UNREADABLE, ids=range(len(UNREADABLE)))
def test_a_file_that_misleads_is_refused(tmp_path, content, reason):
    path = tmp_path / "own.yaml"
    path.write_bytes(content)
    with refused(path, "content", ANY, "a readable YAML file") as _:
        read_mapping(path)
    try:
        read_mapping(path)
    except ValueError as error:
        found = error.value
    assert found.startswith(reason)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path, utf_8 = tmp_path / "own.yaml", "text in UTF-8; `iconv -f "
    for content, key, value, allowed in (
        ("a: 1\nb: \u03b5".encode("utf-16"), "byte 0", "0xFF after ''", f"{utf_8}UTF-16 -t"),
        (
            "a: 1\nb: \xe9".encode("latin-1"),
            "byte in line 2",
            "0xE9 after 'b: '",
            f"{utf_8}LATIN1 -t",
        ),
        ("a: 1".encode("utf-16-le"), "character in line 1", "\0", f"{utf_8}UTF-16 -t"),
        (b"a: " + b"[" * 3000, "content", "nested too deeply", "one with fewer lists"),
    ):
        path.write_bytes(content)
        with refused(path, key, value, allowed):
            read_mapping(path)
    path.write_bytes(b"\xef\xbb\xbfa: 1")
    assert read_mapping(path) == {"a": 1}
    with refused(tmp_path, "content", "a folder", "that of a file"):
        read_mapping(tmp_path)
    os.mkfifo(tmp_path / "pipe.yaml")
    with refused(tmp_path / "pipe.yaml", "content", "no file", "that of a file"):
        read_mapping(tmp_path / "pipe.yaml")
    (tmp_path / "link.yaml").symlink_to("nowhere")
    with refused(tmp_path / "link.yaml", "file", "No such file or directory", "a file that can be"):
        read_mapping(tmp_path / "link.yaml")


def test_json_with_tabs_and_plain_numbers_are_read(tmp_path):
    path = tmp_path / "own.json"
    path.write_text('{\n\t"seed": 3,\n\t"a": [1.5, 0, -0.5, 100]\n}\n')
    assert read_mapping(path) == {"seed": 3, "a": [1.5, 0, -0.5, 100]}
    path.write_text("a: [0, 10, -3, 0.5, 1.0e-6, 0x10, '0100', '1:30', 00.5]\n")
    assert read_mapping(path)["a"] == [0, 10, -3, 0.5, 1e-6, 16, "0100", "1:30", 0.5]


WILDCARDS = "a path without braces and < >, which Snakemake takes for wildcards"
CONFIGS = [
    (OWN % "' '", "ensembles.own.path", " ", "text that is not blank"),
    (OWN % "''", "ensembles.own.path", "", "text of at least 1 characters"),
    (OWN % '"a{b}.nc"', "ensembles.own.path", "a{b}.nc", WILDCARDS),
    (OWN % '"a<b>.nc"', "ensembles.own.path", "a<b>.nc", WILDCARDS),
    (
        OWN % ("x" * 5000),
        "ensembles.own.path",
        "x" * 50 + "...",
        "of at most 255 characters a name",
    ),
    (
        "runs: [{name: a, ensemble: low_field}, {name: A, ensemble: low_field}]",
        "runs.1.name",
        "A",
        "unique in its ensemble",
    ),
    (
        "runs: [{name: Targets, ensemble: low_field}]",
        "runs.0.name",
        "Targets",
        "another name: targets is the folder",
    ),
    ("ensembles: {Low_field: {system: anderson}}", "ensembles.Low_field", ANY, ""),
    (
        'systems: {anderson: {labels: {U: "a\\x07b"}}}',
        "systems.anderson.labels.U",
        "a\x07b",
        "text without control characters",
    ),
    (
        'systems: {anderson: {labels: {U: "\\ud800"}}}',
        "systems.anderson.labels.U",
        ANY,
        "text without control characters",
    ),
]


@pytest.mark.parametrize(("text", "key", "value", "allowed"), CONFIGS, ids=range(len(CONFIGS)))
def test_a_configuration_that_would_mislead_snakemake_is_refused(
    tmp_path, text, key, value, allowed
):
    path = tmp_path / "own.yaml"
    path.write_text(text)
    if value is ANY and not allowed:
        with pytest.raises(ValueError, match="is not usable"):
            load_config(path)
        return
    with refused("config", key, value, allowed):
        load_config(path)


@pytest.mark.parametrize("number", ["1_0.0e-6", "\u0661", "\uff11", ""])
def test_a_number_of_python_alone_is_no_number_of_a_table(tmp_path, number):
    path = tmp_path / "points.csv"
    path.write_text(f"U,Gamma,eps_d,B,T\n0.1,0.01,-0.05,0,{number}\n", encoding="utf-8")
    with refused(path, "T in line 2", number, "a finite number"):
        read_table(path, SYSTEM.parameters)


def test_an_ensemble_of_a_preset_names_the_preset(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text("runs: [{name: vae, ensemble: tiny}]")
    preset = "workflow/presets/tiny.yaml"
    words = (
        f"one of ['low_field']; tiny is one of {preset}, which stands first: --configfile {preset}"
    )
    with refused("config", "runs.0.ensemble", "tiny", words):
        load_config(path)
    load_config(ROOT / preset, ROOT / "studies" / "kills.yaml")
    path.write_text("runs: [{name: vae, ensemble: tyni}]")
    with pytest.raises(InputError, match=r"must be one of \['low_field'\]$"):
        load_config(path)


def test_words_of_the_command_line_stay_words():
    """Python takes them for numbers, YAML does not."""
    words = {"name": "nan", "b": {"c": "Infinity", "d": "1e999"}}
    given = {**words, "a": ["1e-3", "7", "true", "None"]}
    assert with_numbers(given) == {**words, "a": [1e-3, 7, True, None]}
