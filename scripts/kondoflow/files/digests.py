"""Versions of code: a digest of source files tells results of different versions apart.

Of a Python file the syntax tree counts, without docstrings and comments, because these change no
result. The rules ask for a dozen digests of overlapping folders, and Snakemake reads them anew for
each job, as every worker of a solver does for its own. So what counts of a file is worked out once
in a process, and digests are kept in the user's cache folder, under a digest of all bytes of the
files: an edit of any kind has another one.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import sys
from collections.abc import Collection
from contextlib import suppress
from functools import cache
from pathlib import Path

from kondoflow.files.atomic import replacing

SUFFIXES = {".py", ".jl", ".html", ".js", ".css"}
MOST_KEPT = 1000
DIGEST = re.compile("[0-9a-f]{16}")


def code_digest(*places: Path, apart: Collection[str] = ()) -> str:
    """Digest of names and content of source files.

    Args:
        places: Source files, or folders whose source files count, however deep.
        apart: Names of files in a folder that do not count.
    """
    files = [
        (source, source.relative_to(place.parent).as_posix().encode() + b"\0")
        for place in places
        for source in ([place] if place.is_file() else sorted(place.rglob("*")))
        if source.suffix in SUFFIXES and source.name not in apart
    ]
    key = hashlib.sha256(_rules_of_this_module())
    for source, name in files:
        key.update(name + hashlib.sha256(source.read_bytes()).digest())
    kept = _kept(key.hexdigest())
    if kept is not None:
        return kept
    digest = hashlib.sha256()
    for source, name in files:
        digest.update(name)
        state = source.stat()
        digest.update(_content(source, state.st_mtime_ns, state.st_size))
    found = digest.hexdigest()[:16]
    _keep(key.hexdigest(), found)
    return found


@cache
def _rules_of_this_module() -> bytes:
    """By what a digest follows from bytes: this code, and Python's way to write a syntax tree."""
    return Path(__file__).read_bytes() + repr(sys.version_info).encode()


def _file() -> Path:
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(caches) / "kondoflow" / "code.json"


def _read_kept() -> dict[str, str]:
    """All digests that are kept; none where the file can't be read or is none of ours."""
    try:
        content = json.loads(_file().read_text())
    except (OSError, ValueError, RuntimeError, RecursionError):  # no file, no JSON, no home
        return {}
    return content if isinstance(content, dict) else {}


def _kept(key: str) -> str | None:
    found = _read_kept().get(key)
    return found if isinstance(found, str) and DIGEST.fullmatch(found) else None


def _keep(key: str, digest: str) -> None:
    with suppress(OSError, RuntimeError):  # no home, or none to write to: it is found anew
        kept = {**_read_kept(), key: digest}
        newest = dict(list(kept.items())[-MOST_KEPT:])
        with replacing(_file()) as temporary:
            temporary.write_text(json.dumps(newest))


@cache
def _content(source: Path, _time: int, _size: int) -> bytes:
    text = source.read_bytes()
    if source.suffix != ".py":
        return text
    try:
        return ast.unparse(_NoDocstrings().visit(ast.parse(text))).encode()
    except SyntaxError:  # a file in the middle of an edit
        return text


class _NoDocstrings(ast.NodeTransformer):
    """Removes texts that stand as a statement."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:  # named by ast
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            return None
        return node
