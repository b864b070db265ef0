"""Texts that are read within a process: configurations, tables, results, expressions, variables."""

from __future__ import annotations

import random
from pathlib import Path

from kondoflow.files.atomic import write_json
from kondoflow.files.results import read_result
from kondoflow.files.surroundings import FIXED, pin
from kondoflow.formulas.grammar import check_numbers, parse
from kondoflow.formulas.printing import to_text
from kondoflow.stage.yaml_files import read_mapping
from kondoflow.systems.anderson.definition import SYSTEM
from kondoflow.systems.table import read_table
from studies.hostile.drawing import SIGNS, drawn

WORDS = ["U", "Gamma", "1", "2", "1e308", "pi", "0", "-3", "+", "-", "*", "/", "**", "(", ")", ","]
WORDS += ["sqrt(", "exp(", "log(", "minimum(", "U**20", ")**20", "__import__", ".", "lambda"]
WORDS += ["1e308*10"]
RESULT = {"engine": "operon", "available": True, "reason": None, "targets": [{"n": 1, "x": [0.5]}]}
NAMES = ["JAX_X", "JAX_PLATFORMS", "NUMBA_OPT", "MPLBACKEND", "MATPLOTLIBRC", "HOME", "XLA_FLAGS"]
CELLS = ["0.1", "1e-3", "-0.05", "1_0.0", "nan", "", "x", "1e400", "0x1", " 0.2 ", '"0.1"']


def read_yaml_text(rng: random.Random, folder: Path) -> bool:
    """A configuration of random signs."""
    path = folder / "input.yaml"
    path.write_text(drawn(rng, SIGNS, 30), encoding="utf-8", errors="replace")
    read_mapping(path)
    return True


def read_points(rng: random.Random, folder: Path) -> bool:
    """A table of random numbers and texts."""
    path = folder / "points.csv"
    rows = [",".join(rng.choice(CELLS[:3] * 4 + CELLS) for _ in range(5)) for _ in range(3)]
    path.write_text("\n".join(["U,Gamma,eps_d,B,T", *rows]) + "\n", encoding="utf-8")
    return len(read_table(path, SYSTEM.parameters)) == len(rows)


def read_edited(rng: random.Random, folder: Path) -> bool:
    """A result of which one byte is another: seen, or of no effect on the content."""
    whole, path = folder / "whole.json", folder / "edited.json"
    if not whole.is_file():
        write_json(whole, RESULT)
    content = bytearray(whole.read_bytes())
    content[rng.randrange(len(content))] = rng.randrange(256)
    path.write_bytes(content)
    return read_result(path, {}) == RESULT


def pin_variables(rng: random.Random, folder: Path) -> bool:
    """An environment of random variables."""
    del folder
    environment = {name: drawn(rng, SIGNS, 5) for name in rng.sample(NAMES, 4)}
    home = environment.get("HOME")
    pin(environment)
    kept = environment.get("HOME") == home and FIXED.items() <= environment.items()
    return kept and "JAX_X" not in environment and "NUMBA_OPT" not in environment


def read_expression(rng: random.Random, folder: Path) -> bool:
    """A formula of random words, written and read back."""
    del folder
    text = drawn(rng, WORDS, 8)
    expression = parse(text, "key")
    check_numbers(expression, text, "key")
    return parse(to_text(expression), "key") == expression
