"""Compiled code: its cache knows the whole package, and without a compiler it runs as numpy."""

import os
import shutil
import subprocess
import sys

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
