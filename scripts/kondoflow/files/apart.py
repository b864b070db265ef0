"""Files that others wrote, read in a process of its own.

A library that reads a format of others may be brought down by a damaged file: HDF5 runs for ever on
some, and ends the process on others. So the file is read in a child process with a time limit, and
whatever becomes of the child is told as an error that names the file.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

from kondoflow.files.errors import InputError
from kondoflow.files.orphans import end_with_parent

LEAST_SECONDS = 60.0  # in which a small file must be read
SECONDS_PER_MB = 1.0  # and a large one, from a slow network too
OUT_OF_MEMORY = "memory ran out: give the job more of it, or a file with fewer samples"

Content = TypeVar("Content")


def read_apart(
    read: Callable[[Path], Content], path: Path, kind: str, seconds: float | None = None
) -> Content:
    """Read a file of others in a child process.

    Args:
        read: What reads it: a function of a module, whose result can be pickled.
        path: The file.
        kind: What the file must be, in words, such as "a readable netCDF4 file".
        seconds: Time limit; by default it follows from the size of the file.

    Returns:
        What `read` returns.

    Raises:
        InputError: If `read` raises it, or any other exception, or the child is ended by the
            system or does not end in time.
    """
    if not path.exists():
        raise InputError(path, "file", None, "an existing file")
    files = path.rglob("*") if path.is_dir() else [path]  # a Zarr store is a folder
    size = sum(each.stat().st_size for each in files if each.is_file())
    limit = seconds or LEAST_SECONDS + SECONDS_PER_MB * size / 1e6
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_send, args=(read, path, kind, sender), daemon=True)
    child.start()
    sender.close()
    found: Content | InputError | None = None
    answered = receiver.poll(limit)
    if answered:
        with suppress(EOFError):  # it ended without an answer
            found = receiver.recv()
    if not answered:
        child.kill()
    child.join()
    receiver.close()
    if isinstance(found, InputError):
        raise found
    if found is None:
        raise InputError(path, "content", _fate(answered, limit, child.exitcode), kind)
    return found


def _send(read: Callable[[Path], Content], path: Path, kind: str, connection: Connection) -> None:
    end_with_parent()
    answer: Content | InputError
    try:
        answer = read(path)
    except InputError as error:
        answer = error
    except MemoryError:
        answer = InputError(path, "content", OUT_OF_MEMORY, kind)
    except Exception as error:  # of a library that met what it did not expect
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        answer = InputError(path, "content", reason[:500], kind)
    connection.send(answer)


def _fate(answered: bool, limit: float, code: int | None) -> str:
    """What became of a child that said nothing, in words."""
    if not answered:
        return f"not read within {limit:.0f} s"
    if code == -signal.SIGKILL:
        return OUT_OF_MEMORY
    ending = f"signal {-code}" if code is not None and code < 0 else f"exit status {code}"
    return f"what ends the process that reads it ({ending})"
