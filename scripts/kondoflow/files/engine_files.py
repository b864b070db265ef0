"""What the engines found for a run, put together from their files.

An engine writes one file for the latents of a run and one for the targets of the ensemble, which
all its runs share.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kondoflow.files.results import ENGINE, read_result

TARGETS = "targets"  # stands in the place of a run for what all runs of an ensemble share


def read_engines(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Content of the files of each engine, in the order of the first of each.

    Returns:
        For each engine `engine`, `available` (whether any of its files has results), `reason` (the
        first that is given) and `targets` (of all files).
    """
    engines: dict[str, dict[str, Any]] = {}
    for path in paths:
        content = read_result(path, ENGINE)
        known = engines.setdefault(content["engine"], {**content, "targets": []})
        known["available"] = known["available"] or content["available"]
        known["reason"] = known["reason"] or content["reason"]
        known["targets"] = [*known["targets"], *content["targets"]]
    return list(engines.values())
