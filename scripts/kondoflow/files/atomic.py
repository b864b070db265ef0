"""Files appear under their name only when they are complete.

A kill in the middle of a write leaves a hidden temporary file beside the target and never a
truncated one: the content goes to the temporary name, is flushed to disk and then renamed, which
POSIX makes atomic within a file system. The next write of the same target removes what a killed
one left; should that one still be alive, its renaming fails.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from kondoflow.files.errors import InputError, StorageError

DIGEST = "content_sha256"  # last key of a JSON object
FULL_BELOW = 1 << 16  # free bytes below which a failed write is put down to a full disk


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path that becomes `path` if the block ends without an exception.

    Raises:
        StorageError: If the file can't be written: no room, no permission.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_left(path)
        yield temporary
        with temporary.open("rb") as handle:
            os.fsync(handle.fileno())
        temporary.replace(path)
    except OSError as error:
        raise StorageError(path, error.strerror or str(error)) from error
    except RuntimeError as error:  # how the netCDF library reports a failed write
        if not _is_full(path.parent):
            raise
        raise StorageError(path, "no space left on device") from error
    finally:
        with suppress(OSError):  # none is there, or the disk has become read-only
            temporary.unlink()


def remove(path: Path) -> None:
    """Remove a file, if it is there, and what killed writes of it left."""
    path.unlink(missing_ok=True)
    _remove_left(path)


def _remove_left(path: Path) -> None:
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.tmp"):
        left.unlink(missing_ok=True)


def _is_full(folder: Path) -> bool:
    free = os.statvfs(folder)
    return free.f_bavail * free.f_frsize < FULL_BELOW


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text atomically."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, content: object) -> None:
    """Write strict JSON (no NaN or infinity) atomically, indented, in the order given.

    An object gets a digest of its content, by which a reader knows that it is as it was written.

    Raises:
        ValueError: If `content` holds a number that JSON can't express; use None instead.
    """
    if isinstance(content, dict):
        content = {**content, DIGEST: digest_of(content)}
    write_text(path, json.dumps(content, indent=1, allow_nan=False, ensure_ascii=False) + "\n")


def digest_of(content: dict[str, Any]) -> str:
    """SHA-256 of what JSON keeps of an object, in any order of its keys."""
    kept = json.loads(json.dumps(content))  # a key is text, a tuple a list
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def read_json(path: Path) -> Any:
    """Read a JSON file. The digest of an object is left out (see `files.results`).

    Raises:
        InputError: If the file is missing or isn't JSON.
    """
    content = load_json(path)
    if isinstance(content, dict):
        content.pop(DIGEST, None)
    return content


def load_json(path: Path) -> Any:
    """The content of a JSON file as it stands.

    Raises:
        InputError: If the file is missing or isn't JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(path, "content", str(error), "a readable JSON file") from error
