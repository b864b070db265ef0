"""Versions of the code of a system, and digests by which saved solutions are told apart."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from kondoflow.files.digests import code_digest
from kondoflow.systems.interface import System


def solver_version(system: System) -> str:
    """Digest of the code that makes a system's solutions; texts that change none are left out."""
    return code_digest(system.folder, apart=system.apart)


def solutions_fingerprint(
    system: System, solver: Mapping[str, Any], omega: Mapping[str, Any], code: str
) -> str:
    """Digest of all that the solutions of a chunk depend on beside their parameters.

    Args:
        system: The system.
        solver: Settings of its solver.
        omega: Settings of the stored grid.
        code: Version of the code; empty for that of the files as they are.
    """
    content = system.meaning.content(solver)
    decisive = {name: value for name, value in content.items() if name not in system.without_effect}
    return _digest([system.name, decisive, dict(omega), code or solver_version(system)])


def intermediate_fingerprint(system: System, solver: Mapping[str, Any], code: str) -> str:
    """Digest of all that the intermediate results depend on beside their parameters."""
    content = system.meaning.content(solver)
    decisive = {name: content[name] for name in system.before_finish if name in content}
    if system.stored_before_finish:
        stored = set(system.stored_before_finish).intersection(solver["store"])
        decisive["store"] = sorted(stored)
    return _digest([system.name, decisive, code or solver_version(system)])


def _digest(content: list[Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
