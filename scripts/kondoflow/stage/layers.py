"""The layers of a configuration: what the folder of a system says, and what files change."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from kondoflow.stage.yaml_files import read_mapping
from kondoflow.systems.registry import find_system, system_names


def own_knowledge(system: str) -> dict[str, Any]:
    """What the folder of a system says of it; nothing of a system without a folder."""
    if system not in system_names():
        return {}
    return read_mapping(find_system(system).folder / "system.yaml")


def merge(config: dict[str, Any], changes: Mapping[str, Any]) -> None:
    """Change a configuration in place as Snakemake does: mappings are merged, all else replaced."""
    for key, value in changes.items():
        if isinstance(value, Mapping) and isinstance(config.get(key), dict):
            merge(config[key], value)
        else:
            config[key] = deepcopy(value)


def merged(config: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A changed copy of a configuration, see `merge`."""
    changed = deepcopy(dict(config))
    merge(changed, changes)
    return changed
