"""Digests of code: what changes them, and that an edit in the same process does."""

import json
import os

import pytest

from kondoflow.files import digests
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


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of one module, and a cache folder of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    source = tmp_path / "package" / "module.py"
    source.parent.mkdir()
    source.write_text("x = 1  # one\n")
    return source


def test_a_digest_that_is_kept_is_not_worked_out_again(package, tmp_path, monkeypatch):
    first = code_digest(package.parent)
    digests._content.cache_clear()
    with monkeypatch.context() as broken:
        broken.setattr(digests.ast, "parse", None)
        assert code_digest(package.parent) == first
    package.write_text("x = 1  # another remark\n")
    assert code_digest(package.parent) == first
    package.write_text("x = 2  # another remark\n")
    assert code_digest(package.parent) != first
    assert len(json.loads((tmp_path / "cache/kondoflow/code.json").read_text())) == 3


@pytest.mark.parametrize(
    "content", ["", "{", "[1]", '{"%s": 3}', '{"%s": "no digest"}', "[" * 10_000]
)
def test_a_damaged_cache_of_digests_does_no_harm(package, tmp_path, content):
    first = code_digest(package.parent)
    file = tmp_path / "cache/kondoflow/code.json"
    (key,) = json.loads(file.read_text())
    file.write_text(content.replace("%s", key))
    assert code_digest(package.parent) == first
    assert json.loads(file.read_text())[key] == first


def test_digests_need_no_cache(package, tmp_path, monkeypatch):
    first = code_digest(package.parent)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert code_digest(package.parent) == first
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(digests.Path, "home", lambda: (_ for _ in ()).throw(RuntimeError()))
    assert code_digest(package.parent) == first


def test_many_digests_do_not_fill_the_cache(package, tmp_path, monkeypatch):
    monkeypatch.setattr(digests, "MOST_KEPT", 3)
    for number in range(6):
        package.write_text(f"x = {number}\n")
        last = code_digest(package.parent)
    kept = json.loads((tmp_path / "cache/kondoflow/code.json").read_text())
    assert len(kept) == 3
    assert last in kept.values()
