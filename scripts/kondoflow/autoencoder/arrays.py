"""Named arrays on disk: safetensors files that carry a digest of their content.

Arrays are named by their path in a tree, such as `encoder.layers.0.kernel`. The digest is compared
when a file is read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save

from kondoflow.files.errors import InputError


def fingerprint(settings: Mapping[str, Any], **arrays: np.ndarray) -> str:
    """SHA-256 digest, in hexadecimal, of settings and of arrays of any shape and type by name."""
    digest = hashlib.sha256(json.dumps(dict(settings), sort_keys=True).encode())
    for name in sorted(arrays):
        digest.update(f"{name} {arrays[name].dtype} {arrays[name].shape}\n".encode())
        digest.update(np.ascontiguousarray(arrays[name]).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def packed(arrays: Mapping[str, np.ndarray], **metadata: str) -> bytes:
    """Content of a safetensors file: arrays of any shape by name, with `metadata` and a digest."""
    return save(dict(arrays), metadata={**metadata, "digest": fingerprint({}, **arrays)})


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Read the arrays of a safetensors file, by name, with the shapes in which they were written.

    Raises:
        InputError: If it is missing, unreadable or damaged.
    """
    if not path.is_file():
        raise InputError(path, "file", None, "an existing safetensors file")
    try:
        with safe_open(path, "numpy") as handle:
            expected = (handle.metadata() or {}).get("digest")
        arrays = load_file(path)
    except SafetensorError as error:
        raise InputError(path, "content", str(error), "a readable safetensors file") from error
    if expected is not None and expected != fingerprint({}, **arrays):
        raise InputError(path, "content", "damaged", "as it was written, by its digest")
    return arrays
