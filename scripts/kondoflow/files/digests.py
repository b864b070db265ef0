"""Versions of code: a digest of source files tells what was made by one version from another's."""

import hashlib
from pathlib import Path

SUFFIXES = {".py", ".jl", ".html"}


def code_digest(*folders: Path) -> str:
    """Digest of names and content of the source files below some folders."""
    digest = hashlib.sha256()
    for folder in folders:
        found = (path for path in folder.rglob("*") if path.suffix in SUFFIXES)
        for source in sorted(found):
            digest.update(source.relative_to(folder.parent).as_posix().encode() + b"\0")
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]
