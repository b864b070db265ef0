"""The configuration in which systems and settings are filled in.

Here stands what a schema of single keys can't say, such as references from section to section and
ordered ranges. Files are not read, except for the names in tables of points.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kondoflow.files.schema import check_schema
from kondoflow.formulas.dimensions import check_dimensions
from kondoflow.stage.checks.ensembles import check_ensembles
from kondoflow.stage.checks.expressions import check_systems
from kondoflow.stage.checks.knowledge import check_knowledge
from kondoflow.stage.checks.runs import check_runs
from kondoflow.stage.checks.schema import check_settings, config_schema
from kondoflow.stage.ensembles import known_names
from kondoflow.systems.registry import find_system, system_names


def check_resolved(config: Mapping[str, Any]) -> None:
    """Check a configuration in which systems and settings are filled in.

    Raises:
        InputError: Names the first key that is not usable.
    """
    schema = config_schema()
    part = {**schema["properties"]["systems"], "$defs": schema["$defs"]}
    check_schema(config["systems"], part, "systems")
    for name, knowledge in config["systems"].items():
        if name in system_names():
            check_settings(knowledge, find_system(name), f"systems.{name}")
        check_knowledge(f"systems.{name}", knowledge)
    check_ensembles(config)
    check_runs(config)
    check_systems(config["systems"], known_names(config))
    check_dimensions(config["systems"])
