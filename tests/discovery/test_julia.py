"""PySR where Julia is missing, of another version, broken, killed or slow.

A stand-in takes the part of `julia`, an executable that fails in one way, or of PySR, a package
with the real one's arguments.
"""

import importlib.util
import os
import shutil
import subprocess
import sys

import pytest
from running import ROOT
from test_execution import task

from kondoflow.discovery.engines import julia
from kondoflow.discovery.engines.availability import available_engines
from kondoflow.discovery.engines.julia import absence, shortened, words_of, wrong_setting
from kondoflow.discovery.engines.pysr import PySR
from kondoflow.discovery.search.execution import execute

EXE, PROJECT, PKG = "PYTHON_JULIACALL_EXE", "PYTHON_JULIACALL_PROJECT", "PYTHON_JULIAPKG_EXE"
ADVICE = (
    "; put julia on PATH, set PYTHON_JULIAPKG_EXE, or both PYTHON_JULIACALL_EXE and "
    "PYTHON_JULIACALL_PROJECT, or run with --sdm conda."
)


def stand_in(folder, version="1.10.8", script="exit 1"):
    """An executable `julia` that tells its version and else does as the script says."""
    path = folder / "julia"
    path.write_text(
        f'#!/bin/sh\nif [ "$1" = --version ]; then echo "julia version {version}"; exit; fi\n'
        f"{script}\n"
    )
    path.chmod(0o755)
    return path


def finder(folder):
    """Finds executables in a folder alone."""
    return lambda name: shutil.which(name, path=folder)


# Before a workflow starts.


@pytest.mark.parametrize(
    ("version", "refused"),
    [("1.10.8", False), ("1.11.6", False), ("1.9.4", True), ("1.10.2", True), ("2.0.0", True)],
)
def test_the_version_of_julia_is_checked(tmp_path, version, refused):
    stand_in(tmp_path, version)
    engines, message = available_engines(
        ["operon", "pysr"],
        in_conda=False,
        environment={},
        which=lambda name: shutil.which(name, path=tmp_path),
    )
    assert engines == (["operon"] if refused else ["operon", "pysr"])
    if refused:
        newest = ".".join(map(str, julia.BELOW[:2]))
        assert message == (
            f"PySR does not take part: julia on PATH is {version}, and PySR needs 1.10.3 or newer "
            f"and older than {newest}{ADVICE}"
        )


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({}, "no Julia found"),
        ({EXE: "J"}, f"{EXE} is set without {PROJECT}; set both, or {PKG} alone"),
        ({PROJECT: "/p"}, f"{PROJECT} is set without {EXE}; set both, or {PKG} alone"),
        ({EXE: "J", PROJECT: "/p"}, None),
        ({EXE: "", PROJECT: "", PKG: "J"}, None),
        ({PKG: "nothing"}, f"{PKG} names no executable"),
        ({PKG: "other"}, f"{PKG} names a program that does not answer as Julia does"),
    ],
)
def test_settings_that_juliacall_refuses_are_refused_before(tmp_path, environment, reason):
    (tmp_path / "other").write_text("#!/bin/sh\nexit 3\n")
    (tmp_path / "other").chmod(0o755)
    stand_in(tmp_path)
    given = {key: value.replace("J", "julia") for key, value in environment.items()}

    def which(name):
        hidden = name in ("julia", "juliaup") and not given
        return None if hidden else finder(tmp_path)(name)

    assert absence(given, which) == reason
    if given:
        assert wrong_setting(given, which) == reason


def test_juliaup_may_have_another_version_at_hand(tmp_path):
    stand_in(tmp_path, "1.12.1").with_name("juliaup").symlink_to(tmp_path / "julia")
    assert absence({}, finder(tmp_path)) is None


# What Julia says.


def test_an_error_is_shown_without_stack_and_folders():
    said = (
        "ERROR: LoadError: could not open /home/someone/.julia/compiled/v1.10/PythonCall/x.ji\n"
        "  caused by: SystemError\nStacktrace:\n [1] error(s::String)\n   @ Base ./error.jl:35\n"
    )
    assert shortened(said) == "ERROR: LoadError: could not open x.ji caused by: SystemError"
    assert shortened("get https://pkg.julialang.org/registries: no") == (
        "get https://pkg.julialang.org/registries: no"
    )
    assert len(shortened("x" * 5000)) < 260


def test_a_julia_that_fails_is_quoted(tmp_path):
    """The real juliacall with a Julia whose system image is damaged."""
    said = 'echo "ERROR: could not load system image /opt/julia/lib/sys.so" >&2; exit 1'
    executable = stand_in(tmp_path, script=said)
    code = (
        "import sys; sys.path[:0] = ['scripts']\n"
        "from pathlib import Path\n"
        "from kondoflow.discovery.engines.pysr import PySR\n"
        f"try: PySR(Path({str(tmp_path)!r})).prepare()\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    environment = {**os.environ, EXE: str(executable), PROJECT: str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        text=True,
        capture_output=True,
        check=True,
    )
    assert done.stdout == "EngineUnavailableError ERROR: could not load system image sys.so\n"
    assert done.stderr == ""


def test_the_words_of_an_error_are_those_of_julia_if_there_are_any(tmp_path):
    output = tmp_path / "preparation.log"
    error = subprocess.CalledProcessError(1, ["/opt/julia", "-e", "x"])
    assert words_of(error, output) == (
        "CalledProcessError: Command '['julia', '-e', 'x']' returned non-zero exit status 1."
    )
    output.write_text("  Updating registry\nERROR: Unsatisfiable requirements\n for package A\n")
    assert words_of(error, output) == "ERROR: Unsatisfiable requirements for package A"


def test_julia_has_one_thread_unless_the_user_says_otherwise(monkeypatch):
    for name in (*julia.ONE_THREAD, EXE, PROJECT):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHON_JULIACALL_THREADS", "2")
    monkeypatch.setenv(PKG, "")
    julia.one_thread()
    assert os.environ["PYTHON_JULIACALL_THREADS"] == "2"
    assert os.environ["JULIA_NUM_GC_THREADS"] == "1"
    assert PKG not in os.environ
    monkeypatch.delenv("JULIA_NUM_GC_THREADS")


# Searches.

FAKE = """
import os, shutil, signal, sys, ctypes
assert os.environ["PYTHON_JULIACALL_THREADS"] == os.environ["JULIA_NUM_GC_THREADS"] == "1"

class PySRRegressor:
    def __init__(self, **given):
        self.label = given["run_id"]
        self.folder = os.path.join(given["output_directory"], self.label)

    def fit(self, X, y):
        kind = self.label.split("-")[0]
        os.makedirs(self.folder, exist_ok=True)
        if kind != "empty":
            with open(self.folder + "/hall_of_fame.csv", "w") as table:
                table.write("Complexity,Loss,Equation\\n3,0.1,x0 * x1\\n5,0.05,(x0 * x1) +")
                table.write(" 0.1\\n7,0.01,x0 * (x1" if kind == "left" else " 0.1\\n")
        if kind in ("empty", "left"):
            sys.stderr.write("signal (11): Segmentation fault\\nin expression starting at x\\n")
            sys.stderr.flush()
            os.kill(os.getpid(), signal.SIGSEGV)
        if kind == "raises":
            raise Exception("InterruptException:\\nStacktrace:\\n [1] poptask")
"""


@pytest.mark.slow
def test_searches_of_a_julia_that_dies(tmp_path, monkeypatch):
    """Equations that were found before a crash, a kill or an error are kept."""
    package = tmp_path / "path/pysr"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(FAKE)
    real = importlib.util.find_spec("pysr").submodule_search_locations[0]
    shutil.copy(f"{real}/sr.py", package)
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
    monkeypatch.setattr(sys, "path", [str(package.parent), *sys.path])
    for name in (*julia.ONE_THREAD, EXE, PROJECT, PKG):
        monkeypatch.delenv(name, raising=False)
    labels = ("good-0", "left-0", "raises-0", "empty-0")
    found = execute(PySR(tmp_path), [task(label) for label in labels], 1)
    assert set(found.outcomes) == {"good-0", "left-0", "raises-0"}
    for outcome in found.outcomes.values():
        assert outcome.candidates[0].text == "a*b"
    assert found.outcomes["left-0"].timed_out
    assert found.failed == {"empty-0": "its process died: signal (11): Segmentation fault"}
    assert "pysr" not in sys.modules
