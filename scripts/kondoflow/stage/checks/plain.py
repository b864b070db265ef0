"""The configuration as the user gave it, before systems and settings are filled in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

from kondoflow.files.errors import InputError
from kondoflow.files.schema import check_schema
from kondoflow.files.text import is_plain
from kondoflow.stage.checks.schema import config_schema
from kondoflow.stage.ensembles import is_computed
from kondoflow.systems.registry import system_names

LARGEST = 2**63 - 1  # whole number that the files of results can hold
BLANK = {"separator"}  # keys of which a blank is a value
FOLDERS = ("spectra", "models", "latents", "equations", "laws", "report", "benchmarks")


def check_plain(config: Mapping[str, Any]) -> None:
    """Check values that no key may have, then keys, types and ranges.

    Raises:
        InputError: Names the first key that is not usable.
    """
    _check_values(config, [])
    schema = config_schema()
    without_systems = {
        **schema,
        "properties": {**schema["properties"], "systems": {"$ref": "#/$defs/changes_of_systems"}},
    }
    check_schema(config, without_systems)
    _check_sizes(config, [])
    if config["name"] is not None and config["name"].casefold() in FOLDERS:
        allowed = f"another name: results/{config['name']} is a folder of experiments without one"
        raise InputError("config", "name", config["name"], allowed)
    _check_day(config["archive"]["date"])
    for name, ensemble in config["ensembles"].items():
        kind = "computed_ensemble" if is_computed(ensemble) else "file_ensemble"
        own = {**schema["$defs"][kind], "$defs": schema["$defs"]}
        check_schema(ensemble, own, f"ensembles.{name}")
        if is_computed(ensemble) and ensemble["system"] not in system_names():
            allowed = f"one of {list(system_names())}"
            raise InputError("config", f"ensembles.{name}.system", ensemble["system"], allowed)


def _check_sizes(value: Any, path: list[str]) -> None:
    """Refuse whole numbers that no file of results can hold, where the schema sets no limit."""
    if isinstance(value, list | tuple):
        value = dict(enumerate(value))
    for name, item in value.items() if isinstance(value, Mapping) else ():
        _check_sizes(item, [*path, str(name)])
    if isinstance(value, int) and not -LARGEST <= value <= LARGEST:
        shown = value if value.bit_length() < 100 else f"a number of {value.bit_length()} bits"
        raise InputError("config", ".".join(path), shown, "a whole number below 2**63 in size")


def _check_day(day: str | None) -> None:
    try:
        date.fromisoformat(day or "2000-01-01")
    except ValueError:
        raise InputError("config", "archive.date", day, "a day of the calendar") from None


def _check_values(value: Any, path: list[str]) -> None:
    """Refuse keys that are no text, numbers that are not finite, and text that can't be printed.

    Args:
        value: A part of the configuration.
        path: Keys that lead to it.
    """
    key = ".".join(path) or "top level"
    if isinstance(value, Mapping):
        for name, item in value.items():
            if not isinstance(name, str):
                raise InputError("config", f"key in {key}", name, "text")
            _check_values(item, [*path, name])
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _check_values(item, [*path, str(index)])
    elif isinstance(value, float) and not math.isfinite(value):
        raise InputError("config", key, value, "a finite number")
    elif isinstance(value, str) and not is_plain(value):
        raise InputError("config", key, value, "text without control characters")
    elif isinstance(value, str) and value.isspace() and key.rpartition(".")[2] not in BLANK:
        raise InputError("config", key, value, "text that is not blank")
