"""The files behind the page."""

from __future__ import annotations

from typing import Any

from kondoflow.report.results import Results


def facts(results: Results) -> dict[str, Any]:
    """What `topics/files.html` tells."""
    return {"known": results.files, "engines": {path.stem: path for path in results.engine_files}}
