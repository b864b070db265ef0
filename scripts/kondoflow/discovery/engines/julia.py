"""The Julia that PySR starts: where it is, whether it fits, and its own words where it fails.

juliacall takes the Julia that `PYTHON_JULIAPKG_EXE` names, or, where both are set, that of
`PYTHON_JULIACALL_EXE` with the packages of `PYTHON_JULIACALL_PROJECT`; else it looks for `julia`
on PATH, which juliaup may have put there in several versions. Needs only the standard library, so
that it can be asked before a workflow starts.
"""

from __future__ import annotations

import os
import re
import shutil
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

EXECUTABLE = "PYTHON_JULIAPKG_EXE"
PAIR = ("PYTHON_JULIACALL_EXE", "PYTHON_JULIACALL_PROJECT")
# Of each worker: searches are serial, and more threads compete with those of other workers.
ONE_THREAD = {"PYTHON_JULIACALL_THREADS": "1", "JULIA_NUM_GC_THREADS": "1"}
OLDEST = (1, 10, 3)
# juliacall keeps to Julia's versions whose OpenSSL is not newer than Python's.
BELOW = (2, 0, 0) if ssl.OPENSSL_VERSION_INFO[:2] >= (3, 5) else (1, 12, 0)
PATIENCE = 60.0  # seconds in which `julia --version` may answer
MAX_LINES, MAX_CHARACTERS = 3, 240  # of what is shown of an error

STACK = re.compile(r"^\s*(?:Stacktrace|Traceback|in expression starting|\[\d+\])", re.MULTILINE)

Version = tuple[int, int, int]


def version_of(executable: str) -> Version | None:
    """Version of a Julia; None if it gives none."""
    try:
        answer = subprocess.run(
            [executable, "--version"],
            check=True,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        ).stdout
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    found = re.match(r"julia version (\d+)\.(\d+)\.(\d+)", answer)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def wrong_setting(
    environment: Mapping[str, str],
    which: Callable[[str], str | None] = shutil.which,
    version: Callable[[str], Version | None] = version_of,
) -> str | None:
    """What is wrong with the environment variables that name a Julia; None if nothing is."""
    given = [name for name in PAIR if environment.get(name)]
    if len(given) == 1:
        (missing,) = set(PAIR) - set(given)
        return f"{given[0]} is set without {missing}; set both, or {EXECUTABLE} alone"
    name = PAIR[0] if given else EXECUTABLE
    if not environment.get(name):
        return None
    executable = which(environment[name])
    if executable is None:
        return f"{name} names no executable"
    found = version(executable)
    if found is None:
        return f"{name} names a program that does not answer as Julia does"
    return _unfit(f"the Julia of {name}", found)


def absence(
    environment: Mapping[str, str],
    which: Callable[[str], str | None] = shutil.which,
    version: Callable[[str], Version | None] = version_of,
) -> str | None:
    """Why no Julia at hand can be used; None if one can."""
    if any(environment.get(name) for name in (EXECUTABLE, *PAIR)):
        return wrong_setting(environment, which, version)
    if which("juliaup"):  # juliapkg asks it for a version that fits
        return None
    executable = which("julia")
    if executable is None:
        return "no Julia found"
    found = version(executable)
    if found is None:
        return "julia on PATH does not tell its version"
    return _unfit("julia on PATH", found)


def _unfit(what: str, found: Version) -> str | None:
    if OLDEST <= found < BELOW:
        return None
    allowed = f"{_dotted(OLDEST)} or newer and older than {_dotted(BELOW[:2])}"
    return f"{what} is {_dotted(found)}, and PySR needs {allowed}"


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def one_thread() -> None:
    """Let the Julia that this process starts have one thread, unless the user says otherwise."""
    for name in (EXECUTABLE, *PAIR):
        if os.environ.get(name) == "":  # juliacall takes an empty one for a path
            del os.environ[name]
    for name, value in ONE_THREAD.items():
        os.environ.setdefault(name, value)


@contextmanager
def output_in(path: Path) -> Iterator[None]:
    """Send what this process and its children print to a file, Julia's own output included."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = [os.dup(1), os.dup(2)]
    _flush()
    with path.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        _flush()
        for stream, before in zip((1, 2), kept, strict=True):
            os.dup2(before, stream)
            os.close(before)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def said_in(path: Path) -> str:
    """The first lines of the last error in a file of Julia's output; empty if there is none."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    errors = [
        found.start() for found in re.finditer(r"^.*(?:ERROR|error|signal)\b", text, re.MULTILINE)
    ]
    return shortened(text[errors[-1] :]) if errors else ""


def shortened(text: str) -> str:
    """The first lines of an error: no stack, no folders, not longer than a line or two."""
    before_stack = STACK.split(text)[0]
    lines = [line.strip() for line in before_stack.splitlines() if line.strip()]
    joined = " ".join(lines[:MAX_LINES])
    # Of a path the last name says what is meant; the rest is of one machine.
    joined = re.sub(r"(?<![\w/:.])(?:~|\.{1,2})?/(?:[^\s/'\"`]+/)+", "", joined)
    return joined if len(joined) <= MAX_CHARACTERS else joined[:MAX_CHARACTERS] + " ..."


def words_of(error: BaseException, output: Path) -> str:
    """Why Julia failed: its own words where it left any, else those of the error in Python."""
    said = said_in(output)
    printed = getattr(error, "stderr", None)
    if not said and isinstance(printed, str) and printed.strip():
        said = shortened(printed)
    if said:
        return said
    return f"{type(error).__name__}: {shortened(str(error))}"
