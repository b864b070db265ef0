"""The engines that take part, decided before a workflow starts. Needs only the standard library.

Operon comes with its wheel. PySR needs Julia, which it finds on PATH or where an environment
variable points; in a conda environment it may install one.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence

POINTERS = ("PYTHON_JULIACALL_EXE", "PYTHON_JULIAPKG_EXE")


def available_engines(
    listed: Sequence[str],
    *,
    in_conda: bool,
    environment: Mapping[str, str],
    which: Callable[[str], str | None] = shutil.which,
) -> tuple[list[str], str | None]:
    """Find the engines of the configuration that can run here.

    Args:
        listed: Engines of the configuration.
        in_conda: Whether rules run in conda environments.
        environment: Environment variables.
        which: Finds an executable on PATH.

    Returns:
        The engines that take part, and a line on why one does not, or None.
    """
    if "pysr" not in listed or in_conda or which("julia"):
        return list(listed), None
    if any(environment.get(name) for name in POINTERS):
        return list(listed), None
    message = (
        "PySR does not take part: no Julia found; put julia on PATH, set "
        f"{' or '.join(POINTERS)}, or run with --sdm conda."
    )
    return [name for name in listed if name != "pysr"], message
