"""The files behind the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kondoflow.files.engine_files import TARGETS
from kondoflow.report.results import Results


def facts(results: Results) -> dict[str, Any]:
    """What `topics/files.html` tells."""
    return {
        "known": {**results.files, **{path.stem: path for path in results.law_files}},
        "engines": {_name_of(path): path for path in results.engine_files},
    }


def _name_of(path: Path) -> str:
    """Name of an engine, and what it searched if that was the targets of all runs."""
    return f"{path.stem}, targets" if path.parent.name == TARGETS else path.stem
