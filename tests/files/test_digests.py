"""Digests of code: what changes them, and that an edit in the same process does."""

import os

from kondoflow.files.digests import code_digest


def test_statements_count_and_comments_and_docstrings_do_not(tmp_path):
    source = tmp_path / "package" / "module.py"
    source.parent.mkdir()
    source.write_text("x = 1\n")
    first = code_digest(tmp_path / "package")
    assert code_digest(tmp_path / "package") == first
    source.write_text('"""A text."""\nx = 1  # a comment\n')
    assert code_digest(tmp_path / "package") == first
    source.write_text("x = 2\n")
    second = code_digest(tmp_path / "package")
    assert second != first
    source.write_text("x = 3\n")  # of the same length
    os.utime(source, (1e9, 1e9))
    assert code_digest(tmp_path / "package") not in (first, second)
