"""What a chunk of spectra was solved with, as a digest that tells one from another's."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kondoflow.files.digests import code_digest

SOLVER = Path(__file__).parents[1] / "systems" / "anderson"
NOT_OF_SOLUTIONS = ("max_invalid",)  # solver settings on which no solution depends


def solver_fingerprint(solver: Mapping[str, Any], omega: Mapping[str, Any], code: str) -> str:
    """Digest of the solver's settings, the stored grid and the version of the code.

    Without a version it is that of the solver's own files.
    """
    own = {name: value for name, value in solver.items() if name not in NOT_OF_SOLUTIONS}
    text = json.dumps([own, dict(omega), code or code_digest(SOLVER)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
