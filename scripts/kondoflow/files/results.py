"""JSON results that later stages read: whole, as they were written, and with the keys they need.

A result carries a digest of its content, as netCDF files and weights do. An edit, a lost part or a
file of another kind is told before anything is calculated from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kondoflow.files.atomic import DIGEST, digest_of, load_json
from kondoflow.files.errors import InputError

Keys = Mapping[str, type | tuple[type, ...]]  # top-level keys that a reader relies on: types

SCORES: Keys = {
    "active_latents": list,
    "kl": list,
    "reconstruction": dict,
    "descriptors": dict,
    "best_latent": dict,
    "best_descriptor": dict,
}
VERDICT: Keys = {"headline": list, "engines": list, "targets": list}
ENGINE: Keys = {"engine": str, "available": bool, "targets": list, "reason": (str, type(None))}


def read_result(path: Path, keys: Keys) -> dict[str, Any]:
    """Read a JSON result of the pipeline.

    Args:
        path: The file.
        keys: The keys that the reader relies on, with their types.

    Raises:
        InputError: If the file is missing, is no JSON, is not as it was written, or lacks a key.
    """
    content = load_json(path)
    if not isinstance(content, dict):
        raise InputError(path, "content", type(content).__name__, "an object with keys")
    digest = content.pop(DIGEST, None)
    if digest != digest_of(content):
        remedy = "as its digest says (remove the file and run again: it is made anew)"
        raise InputError(path, "content", "not as it was written", remedy)
    for key, kind in keys.items():
        if not isinstance(content.get(key), kind):
            kinds = kind if isinstance(kind, tuple) else (kind,)
            names = " or ".join(each.__name__ for each in kinds)
            raise InputError(path, key, content.get(key), f"of type {names}")
    return content
