"""Hostile inputs by the thousand: each is used rightly or refused in one line.

    python -m studies.hostile

draws inputs of several kinds from seeds. `faults` counts tracebacks, messages of several lines, and
edits that go unseen. Whole runs, killed processes and folders of any name are tried by the tests
and by `benchmarks/faults.py`.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.common import machine, table
from kondoflow.files.atomic import write_json
from kondoflow.files.errors import InputError
from kondoflow.files.results import read_result
from kondoflow.files.surroundings import FIXED, pin
from kondoflow.files.text import is_plain, plain_text
from kondoflow.formulas.grammar import check_numbers, parse
from kondoflow.formulas.printing import to_text
from kondoflow.report.sections.data import in_words
from kondoflow.stage.yaml_files import read_mapping
from kondoflow.systems.anderson.definition import SYSTEM
from kondoflow.systems.table import read_table

SIGNS = [
    "{",
    "}",
    "[",
    "]",
    ":",
    " ",
    "\n",
    "\t",
    "&a ",
    "*a",
    "- ",
    "'",
    '"',
    "0100",
    "1:30",
    "1e9",
]
SIGNS += [
    "\x07",
    "\ud800",
    "\ufeff",
    ",",
    "#",
    "!!python/object:os.system ",
    "x",
    "nan",
    "_",
    "1_0",
]
WORDS = ["U", "Gamma", "1", "2", "1e308", "pi", "0", "-3", "+", "-", "*", "/", "**", "(", ")", ","]
WORDS += [
    "sqrt(",
    "exp(",
    "log(",
    "minimum(",
    "U**20",
    ")**20",
    "__import__",
    ".",
    "lambda",
    "1e308*10",
]
RESULT = {"engine": "operon", "available": True, "reason": None, "targets": [{"n": 1, "x": [0.5]}]}


def drawn(rng: random.Random, parts: list[str], longest: int) -> str:
    """A text of random parts."""
    return "".join(rng.choice(parts) for _ in range(rng.randrange(longest)))


def read_yaml_text(rng: random.Random, path: Path) -> bool:
    """A configuration of random signs."""
    path.write_text(drawn(rng, SIGNS, 30), encoding="utf-8", errors="replace")
    read_mapping(path)
    return True


def read_points(rng: random.Random, path: Path) -> bool:
    """A table of random numbers and texts."""
    cells = ["0.1", "1e-3", "-0.05", "1_0.0", "nan", "", "x", "1e400", "0x1", " 0.2 ", '"0.1"']
    rows = [",".join(rng.choice(cells[:3] * 4 + cells) for _ in range(5)) for _ in range(3)]
    path.write_text("\n".join(["U,Gamma,eps_d,B,T", *rows]) + "\n", encoding="utf-8")
    return len(read_table(path, SYSTEM.parameters)) == len(rows)


def read_edited(rng: random.Random, path: Path) -> bool:
    """A result of which one byte is another: seen, or of no effect on the content."""
    whole = path.with_name("whole.json")
    if not whole.is_file():
        write_json(whole, RESULT)
    content = bytearray(whole.read_bytes())
    content[rng.randrange(len(content))] = rng.randrange(256)
    path.write_bytes(content)
    return read_result(path, {}) == RESULT


def show_text(rng: random.Random, path: Path) -> bool:
    """An attribute of a user's file, as text and as broken JSON."""
    del path
    text = "[" * rng.randrange(3000) + drawn(rng, SIGNS, 40)
    return is_plain(in_words(text)) and plain_text(text).isascii() in (True, False)


def pin_variables(rng: random.Random, path: Path) -> bool:
    """An environment of random variables."""
    del path
    names = [
        "JAX_X",
        "JAX_PLATFORMS",
        "NUMBA_OPT",
        "MPLBACKEND",
        "MATPLOTLIBRC",
        "HOME",
        "XLA_FLAGS",
    ]
    environment = {name: drawn(rng, SIGNS, 5) for name in rng.sample(names, 4)}
    home = environment.get("HOME")
    pin(environment)
    kept = environment.get("HOME") == home and FIXED.items() <= environment.items()
    return kept and "JAX_X" not in environment and "NUMBA_OPT" not in environment


def read_expression(rng: random.Random, path: Path) -> bool:
    """A formula of random words, written and read back."""
    del path
    text = drawn(rng, WORDS, 8)
    expression = parse(text, "key")
    check_numbers(expression, text, "key")
    return parse(to_text(expression), "key") == expression


KINDS: dict[str, tuple[Callable[[random.Random, Path], bool], int]] = {
    "variables of the environment (2)": (pin_variables, 1000),
    "attributes of brought files (3)": (show_text, 1000),
    "expressions (4)": (read_expression, 2000),
    "edited JSON results (5)": (read_edited, 2000),
    "configuration files (10)": (read_yaml_text, 1500),
    "tables of points (10)": (read_points, 1000),
}


def main() -> None:
    """Try all kinds and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rows: list[list[Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for kind, (attempt, n) in KINDS.items():
            refused, right = 0, 0
            faults: list[str] = []
            for index in range(n):
                rng = random.Random(f"{arguments.seed}/{kind}/{index}")
                try:
                    good = attempt(rng, Path(folder) / "input")
                    right += good
                    faults += [] if good else [f"{index}: wrong"]
                except InputError as error:
                    one_line = "\n" not in str(error)
                    refused += one_line
                    faults += [] if one_line else [f"{index}: several lines"]
                except Exception as error:
                    faults.append(f"{index}: {type(error).__name__}: {error}")
            rows.append([kind, n, refused, right, len(faults)])
            print(*faults[:5], sep="\n", end="\n" if faults else "")
    rows.append(["all", *(sum(row[column] for row in rows) for column in range(1, 5))])
    heads = ["kind", "inputs", "refused in one line", "accepted and right", "faults"]
    print("\n\n".join([machine(), f"Seed {arguments.seed}.", table(heads, rows)]))


if __name__ == "__main__":
    main()
