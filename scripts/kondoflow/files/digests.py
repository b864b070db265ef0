"""Versions of code: a digest of source files tells results of different versions apart.

Of a Python file the syntax tree counts, without docstrings and comments, because these change no
result. The rules ask for a dozen digests of overlapping folders, and Snakemake reads them anew for
each job: what counts of a file is worked out once in a process.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Collection
from functools import cache
from pathlib import Path

SUFFIXES = {".py", ".jl", ".html", ".js", ".css"}


def code_digest(*places: Path, apart: Collection[str] = ()) -> str:
    """Digest of names and content of source files.

    Args:
        places: Source files, or folders whose source files count, however deep.
        apart: Names of files in a folder that do not count.
    """
    digest = hashlib.sha256()
    for place in places:
        files = [place] if place.is_file() else sorted(place.rglob("*"))
        for source in files:
            if source.suffix in SUFFIXES and source.name not in apart:
                digest.update(source.relative_to(place.parent).as_posix().encode() + b"\0")
                state = source.stat()
                digest.update(_content(source, state.st_mtime_ns, state.st_size))
    return digest.hexdigest()[:16]


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
