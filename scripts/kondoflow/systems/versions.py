"""Versions of the code of a system, by which solutions of different versions are told apart."""

from __future__ import annotations

from kondoflow.files.digests import code_digest
from kondoflow.systems.interface import System


def solver_version(system: System) -> str:
    """Digest of the code that makes a system's solutions; texts that change none are left out."""
    return code_digest(system.folder, apart=system.apart)
