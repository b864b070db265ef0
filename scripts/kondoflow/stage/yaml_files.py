"""YAML files: read as data only, and no key twice."""

from __future__ import annotations

import json
from collections.abc import Hashable
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from kondoflow.files.errors import InputError


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


def read_yaml(path: Path) -> Any:
    """Read a YAML file.

    Raises:
        InputError: If it can't be read as YAML, or a key stands twice in a mapping.
    """
    try:
        return _StrictLoader(path.read_text(encoding="utf-8")).get_single_data()
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise InputError(path, "content", reason, "a readable YAML file") from error


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
        with suppress(ValueError):
            return kind(value)
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
