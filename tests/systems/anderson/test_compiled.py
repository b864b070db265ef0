"""Compiled code: its cache knows the whole package, and without a compiler it runs as numpy."""

import os
import shutil
import subprocess
import sys

import pytest

from kondoflow.stage.paths import ROOT

SCRIPTS = ROOT / "scripts"


def outcome(code, folder=SCRIPTS, **environment):
    """What Python prints, with packages from a folder and from the scripts."""
    path = os.pathsep.join([str(folder), str(SCRIPTS)])
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path, "NUMBA_CACHE_DIR": "", **environment},
        check=True,
        text=True,
        capture_output=True,
    )
    return run.stdout.strip()


def test_a_change_in_one_module_reaches_those_that_call_it(tmp_path):
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").touch()
    shutil.copy(SCRIPTS / "kondoflow/systems/anderson/compiled.py", package)
    head = "from package.compiled import njit\n"
    inner = head + "@njit\ndef inner():\n    return {}\n"
    outer = head + "from package.inner import inner\n@njit\ndef outer():\n    return inner()\n"
    (package / "outer.py").write_text(outer)
    (package / "inner.py").write_text(inner.format(1))
    ask = (
        "from package.outer import outer\n"
        "print(outer(), sum(outer.stats.cache_hits.values()), outer.stats.cache_path)"
    )
    cache = str(package / "__pycache__")
    assert outcome(ask, tmp_path) == f"1 0 {cache}"
    assert outcome(ask, tmp_path) == f"1 1 {cache}"
    (package / "inner.py").write_text(inner.format(2))
    assert outcome(ask, tmp_path) == f"2 0 {cache}"


def test_without_a_compiler_there_is_nothing_to_compile():
    module = "kondoflow.systems.anderson.compilation"
    code = f"from {module} import ensure_compiled\nprint(ensure_compiled())"
    assert outcome(code, NUMBA_DISABLE_JIT="1") == "None"


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The folder above a package with one compiled function that has run once."""
    above = tmp_path_factory.mktemp("compiled")
    folder = above / "package"
    folder.mkdir()
    (folder / "__init__.py").touch()
    shutil.copy(SCRIPTS / "kondoflow/systems/anderson/compiled.py", folder)
    code = "from package.compiled import njit\n@njit\ndef outer(x):\n    return x + 1\n"
    (folder / "outer.py").write_text(code)
    assert outcome(ASK, above) == "2 0"
    return above


ASK = "from package.outer import outer\nprint(outer(1), sum(outer.stats.cache_hits.values()))"


@pytest.mark.parametrize(
    ("suffix", "damaged"),
    [
        ("nbi", lambda content: content[:0]),
        ("nbi", lambda content: content[:-9]),
        ("nbc", lambda content: content[: len(content) // 2]),
        ("nbc", lambda content: content[:-20] + bytes([content[-20] ^ 4]) + content[-19:]),
    ],
    ids=["empty index", "index cut off", "code cut off", "one bit of code"],
)
def test_damaged_machine_code_is_made_anew(package, suffix, damaged):
    (path,) = (package / "package" / "__pycache__").glob(f"*.{suffix}")
    whole = path.read_bytes()
    path.write_bytes(damaged(whole))
    assert outcome(ASK, package) == "2 0"
    assert len(path.read_bytes()) > len(whole) / 2


def test_machine_code_that_was_made_anew_is_used(package):
    assert outcome(ASK, package) == "2 1"


def test_a_disk_that_takes_no_machine_code_costs_no_result(package):
    shutil.rmtree(package / "package" / "__pycache__")
    full = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
    assert outcome(full + ASK, package) == "2 0"


def test_where_no_folder_can_be_written_nothing_is_kept(package):
    shutil.rmtree(package / "package" / "__pycache__")
    (package / "package" / "__pycache__").touch()
    ask = "from package.outer import outer\nprint(outer(1))"
    nowhere = {"HOME": "/dev/null", "XDG_CACHE_HOME": "/dev/null", "PYTHONDONTWRITEBYTECODE": "1"}
    assert outcome(ask, package, **nowhere) == "2"
