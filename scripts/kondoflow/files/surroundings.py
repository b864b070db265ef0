"""What the environment of a user must not decide: variables that the jobs do not see.

A notebook, a cluster's module or a shell's start file may set variables by which libraries choose
precision, backends, fonts or compilers. Then results would differ from one user to the next without
a word, or a stage would end while it imports a library. The rules hand jobs an environment without
them. What scripts need when they run by themselves is set where the libraries are imported
(`autoencoder.devices`, `report.style`, `systems.anderson.compiled`).

Needs only the standard library, because Snakemake reads it.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import MutableMapping
from pathlib import Path

from kondoflow.files.errors import InputError
from kondoflow.files.text import is_plain

DROPPED = ("JAX_", "NUMBA_", "MPL", "MATPLOTLIB")  # beginnings of names
KEPT = {  # of these, the ones that only say where something runs or is kept
    "JAX_PLATFORMS",
    "JAX_CUDA_VISIBLE_DEVICES",
    "JAX_ROCM_VISIBLE_DEVICES",
    "NUMBA_CACHE_DIR",
    "MPLCONFIGDIR",
}
ALONE = ("PYTHONWARNINGS", "PYTHONINSPECT", "PYTHONSTARTUP")
FIXED = {
    "MPLBACKEND": "agg",  # draws into files
    "MATPLOTLIBRC": os.devnull,  # no settings but those of `report.style`
    "PJRT_NPROC": "1",  # XLA rounds in the same way on any number of cores
}
EPOCH = "SOURCE_DATE_EPOCH"  # the date in a result, see reproducible-builds.org
SECONDS = re.compile("[0-9]{1,11}")
# By which libraries of linear algebra choose how many threads they start.
NUMBERS_OF_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
OF_GPU = "--xla_gpu"  # flags of XLA that a machine may need; flags of the CPU change roundings


def pin(environment: MutableMapping[str, str]) -> list[str]:
    """Remove what could change results or end a job, and set what results rely on.

    Args:
        environment: Variables of the environment, changed in place.

    Returns:
        Names of the variables that had another value, in alphabetical order.
    """
    before = dict(environment)
    for name in before:
        if name in ALONE or (name.startswith(DROPPED) and name not in KEPT):
            del environment[name]
    if EPOCH in before and not SECONDS.fullmatch(before[EPOCH]):
        del environment[EPOCH]  # numpy takes a number from it while it is imported
    environment.update(FIXED)
    flags = gpu_flags(before.get("XLA_FLAGS", ""))
    environment.pop("XLA_FLAGS", None)
    if flags:
        environment["XLA_FLAGS"] = flags
    return sorted(name for name, value in before.items() if environment.get(name) != value)


def gpu_flags(flags: str) -> str:
    """The flags of XLA in a text of flags that concern a GPU alone, as text."""
    return " ".join(flag for flag in flags.split() if flag.startswith(OF_GPU))


def check_place(folder: Path) -> None:
    """Refuse a folder whose path Snakemake can't use.

    Raises:
        InputError: If it has a brace, which Snakemake takes for a wildcard, or a control character.
    """
    if set(str(folder)) & set("{}"):
        raise InputError("workflow", "folder", str(folder), "a path without braces")
    if not is_plain(str(folder)) or set(str(folder)) & set("\t\n\r"):
        allowed = "a path without control characters"
        raise InputError("workflow", "folder", str(folder), allowed)


def in_shell(executable: str) -> str:
    """An executable as Snakemake pastes it into shell commands, where its path may hold anything.

    Snakemake writes the interpreter of a script into a command line without quotes. What is quoted
    already is no file and stays as it is.
    """
    return shlex.quote(executable) if os.path.exists(executable) else executable
