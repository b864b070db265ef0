"""The JSON schemas of a configuration: keys, types and ranges.

Only what Snakemake itself needs is imported, because Snakemake may run in an environment that holds
nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from kondoflow.files.schema import check_schema
from kondoflow.stage.paths import SCHEMA
from kondoflow.stage.yaml_files import read_yaml
from kondoflow.systems.interface import System


@cache
def config_schema() -> Mapping[str, Any]:
    """Schema of the configuration, but for what a system adds to its ensembles."""
    return read_yaml(SCHEMA)


@cache
def system_schema(folder: Any) -> Mapping[str, Any]:
    """Schema of the settings of a system."""
    return read_yaml(folder / "schema.yaml")


def check_settings(settings: Mapping[str, Any], system: System, key: str) -> None:
    """Check the settings `solver` and `omega`, and the windows, against the schema of a system.

    Raises:
        InputError: Names the first key that is not usable.
    """
    schema = system_schema(system.folder)
    for part in ("accept", "solver", "omega"):
        if part in settings:
            own = {**schema["properties"].get(part, _NOTHING), "$defs": schema.get("$defs", {})}
            check_schema(settings[part], own, f"{key}.{part}")


_NOTHING = {"type": "object", "additionalProperties": False, "properties": {}}


def check_axes(axes: Any, system: System, given: Collection[str], key: str) -> None:
    """Check the axes of an ensemble against those that its system has.

    Args:
        axes: The axes.
        system: The system.
        given: Axes that may be left out, as the settings of the solver give them.
        key: Where they stand.

    Raises:
        InputError: Names the first axis that is not usable.
    """
    axis = {"$ref": "#/$defs/axis"}
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": [name for name in system.axes if name not in given],
        "properties": dict.fromkeys([*system.axes, *system.further], axis),
        "$defs": config_schema()["$defs"],
    }
    check_schema(axes, schema, key)
