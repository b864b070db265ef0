"""YAML files: read as data only, and no key twice."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Hashable
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from kondoflow.files.errors import InputError
from kondoflow.files.text import read_text

MISREAD = re.compile(r"[-+]?(0[0-7_]+|[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?)")
MOST_VALUES = 100_000
MOST_DIGITS = 1000  # of a number


class _StrictLoader(yaml.SafeLoader):  # type: ignore[misc]  # has no types
    """Builds plain data; of two equal keys the plain loader would silently drop the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = (key_node.tag, key_node.value)
            if isinstance(key_node, yaml.ScalarNode) and key in seen:
                line = key_node.start_mark.line + 1
                problem = f"the key {key_node.value!r} stands twice in one mapping, again in line"
                raise yaml.constructor.ConstructorError(problem=f"{problem} {line}")
            seen.add(key if isinstance(key_node, yaml.ScalarNode) else None)
        return super().construct_mapping(node, deep)

    def construct_number(self, node: yaml.ScalarNode) -> int | float:
        """A number as it reads; `0100` would be 64 and `1:30` would be 90."""
        text = str(self.construct_scalar(node))
        if MISREAD.fullmatch(text):
            line = node.start_mark.line + 1
            problem = f"{text} in line {line} is no decimal number (put text between quotes)"
            raise yaml.constructor.ConstructorError(problem=problem)
        if len(text) > MOST_DIGITS:
            line = node.start_mark.line + 1
            problem = f"the number in line {line} has more than {MOST_DIGITS} digits"
            raise yaml.constructor.ConstructorError(problem=problem)
        if node.tag.endswith("int"):
            return int(self.construct_yaml_int(node))
        return float(self.construct_yaml_float(node))


for _kind in ("int", "float"):
    _StrictLoader.add_constructor(f"tag:yaml.org,2002:{_kind}", _StrictLoader.construct_number)


def _check_size(content: Any) -> None:
    """Refuse aliases that lead into themselves, or that unfold to more than can be handled."""
    sizes: dict[int, int] = {}
    open_now: set[int] = set()

    def size(value: Any) -> int:
        if not isinstance(value, dict | list):
            return 1
        if id(value) in open_now:
            raise yaml.constructor.ConstructorError(problem="an alias stands within its own anchor")
        if id(value) not in sizes:
            open_now.add(id(value))
            items = value.values() if isinstance(value, dict) else value
            sizes[id(value)] = 1 + sum(map(size, items))
            open_now.discard(id(value))
        return sizes[id(value)]

    if size(content) > MOST_VALUES:
        problem = f"it has more than {MOST_VALUES} values once its aliases are unfolded"
        raise yaml.constructor.ConstructorError(problem=problem)


def _plain_json(text: str) -> Any:
    """What a text says as JSON, which allows tabs where YAML does not; None if it is none."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except json.JSONDecodeError:
        return None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    for name, n in Counter(name for name, _ in pairs).items():
        if n > 1:
            raise ValueError(f"the key {name!r} stands twice in one mapping")
    return dict(pairs)


def read_yaml(path: Path) -> Any:
    """Read a YAML file.

    Raises:
        InputError: If it can't be read as YAML, or a key stands twice in a mapping.
    """
    text = read_text(path, marked=False)  # Snakemake reads no other encoding
    try:
        content = _plain_json(text)
        content = _StrictLoader(text).get_single_data() if content is None else content
        _check_size(content)
    except RecursionError as error:
        allowed = "one with fewer lists and mappings within each other"
        raise InputError(path, "content", "nested too deeply", allowed) from error
    except (yaml.YAMLError, ValueError) as error:
        reason = _reason(error)
        raise InputError(path, "content", reason, "a readable YAML file") from error
    return content


def _reason(error: Exception) -> str:
    """What is wrong with a file, in a line that names the place."""
    problem, mark = getattr(error, "problem", None), getattr(error, "problem_mark", None)
    if problem is None or mark is None:
        return " ".join((problem or str(error)).split())
    context = getattr(error, "context", None)
    words = f"{context}: {problem}" if context else problem
    return " ".join(f"{words} (line {mark.line + 1}, column {mark.column + 1})".split())


def yaml_text(content: Any) -> bytes:
    """Plain data as YAML, keys in the order given."""
    plain = json.loads(json.dumps(content))  # without types of their own and repeated parts
    text: str = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=100)
    return text.encode()


def with_numbers(value: Any) -> Any:
    """What a command line gave, with texts that are numbers, true, false or null as such.

    Snakemake reads a value of `--config` as YAML but leaves what is nested in it as text.
    """
    if isinstance(value, dict):
        return {key: with_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_numbers(item) for item in value]
    if not isinstance(value, str):
        return value
    plain = {"true": True, "false": False, "null": None, "None": None}
    if value in plain:
        return plain[value]
    for kind in (int, float):
        with suppress(ValueError, OverflowError):
            number = kind(value)
            return number if math.isfinite(number) else value  # `nan` may be a name
    return value


def read_mapping(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds a mapping; an empty file holds an empty one.

    Raises:
        InputError: If it holds anything else.
    """
    content = read_yaml(path)
    if content is not None and not isinstance(content, dict):
        raise InputError(path, "content", content, "keys with values")
    return content or {}
