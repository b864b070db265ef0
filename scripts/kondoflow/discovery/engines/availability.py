"""The engines that take part, decided before a workflow starts. Needs only the standard library.

Operon comes with its wheel. PySR needs a Julia (`engines.julia`); in a conda environment it may
install one.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence

from kondoflow.discovery.engines.julia import EXECUTABLE, PAIR, Version, absence, version_of

ADVICE = (
    f"put julia on PATH, set {EXECUTABLE}, or both {' and '.join(PAIR)}, or run with --sdm conda"
)


def available_engines(
    listed: Sequence[str],
    *,
    in_conda: bool,
    environment: Mapping[str, str],
    which: Callable[[str], str | None] = shutil.which,
    version: Callable[[str], Version | None] = version_of,
) -> tuple[list[str], str | None]:
    """Find the engines of the configuration that can run here.

    Args:
        listed: Engines of the configuration.
        in_conda: Whether rules run in conda environments.
        environment: Environment variables.
        which: Finds an executable on PATH.
        version: Asks an executable for Julia's version.

    Returns:
        The engines that take part, and a line on why one does not, or None.
    """
    reason = None
    if "pysr" in listed and not in_conda:
        reason = absence(environment, which, version)
    if reason is None:
        return list(listed), None
    message = f"PySR does not take part: {reason}; {ADVICE}."
    return [name for name in listed if name != "pysr"], message
