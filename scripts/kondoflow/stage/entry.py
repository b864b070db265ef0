"""One way into every stage: from its rule, or from the command line with `--help`.

A stage script defines `main` with keyword-only arguments whose annotations say where each value
comes from, and ends with::

    if __name__ == "__main__":
        run_stage(main, globals().get("snakemake"))

From a rule, values are taken from the `input`, `output` and `params` of the same names. On the
command line, inputs, outputs and options are flags, and settings are read from the configuration,
see `stage.command_line`.
"""

from __future__ import annotations

import logging
import os
import platform
import sys
from collections.abc import Callable, Sequence
from typing import Any

from threadpoolctl import threadpool_limits

from kondoflow.files.errors import InputError, StorageError
from kondoflow.files.orphans import SNAKEMAKE, end_with
from kondoflow.files.surroundings import NUMBERS_OF_THREADS
from kondoflow.stage.arguments import (
    Argument,
    Input,
    Option,
    Output,
    Setting,
    Threads,
    arguments_of,
)
from kondoflow.stage.command_line import values_from_command_line
from kondoflow.stage.memory import MORE_MEMORY, is_of_memory

__all__ = ["Input", "Option", "Output", "Setting", "Threads", "run_stage"]

logger = logging.getLogger("kondoflow")


def run_stage(main: Callable[..., None], snakemake: Any | None = None) -> None:
    """Run a stage's `main` with values from Snakemake, or else from the command line.

    Errors that the user can mend end the process with one line and exit status 1.
    """
    logging.captureWarnings(True)
    use_one_thread_for_sums()
    try:
        if snakemake is not None:
            if SNAKEMAKE in os.environ:
                end_with(os.environ[SNAKEMAKE])
            _log_to(snakemake.log[0] if snakemake.log else None)
            values = _values_from_rule(arguments_of(main), snakemake)
        else:
            _log_to(None)
            values = values_from_command_line(main, arguments_of(main), sys.argv)
        main(**values)
    except (InputError, StorageError) as error:
        logger.error("%s", error)
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
    except Exception as error:
        logger.exception("the stage failed")
        if is_of_memory(error):
            print(f"error: memory ran out: {MORE_MEMORY}", file=sys.stderr)
            sys.exit(1)
        raise


def use_one_thread_for_sums() -> None:
    """Give the libraries of linear algebra one thread each.

    Sums over several threads round differently, and their number is that of the cores: a stage
    would give other bits on another machine. Stages spread over the cores by processes.
    """
    os.environ.update(dict.fromkeys(NUMBERS_OF_THREADS, "1"))  # for those not yet loaded
    threadpool_limits(1)


def _log_to(path: str | None) -> None:
    handler = logging.FileHandler(path, mode="w") if path else logging.NullHandler()
    form = "%(asctime)s %(levelname)s %(message)s"
    logging.basicConfig(level=logging.INFO, handlers=[handler], format=form, force=True)
    logger.info("Python %s in %s", platform.python_version(), sys.prefix)


def _values_from_rule(arguments: Sequence[Argument], snakemake: Any) -> dict[str, Any]:
    """Values by name from the object that Snakemake hands to a script."""
    values = {}
    for argument in arguments:
        match argument.kind:
            case Input():
                source = snakemake.input
            case Output():
                source = snakemake.output
            case Threads():
                source = {argument.name: snakemake.threads}
            case _:
                source = snakemake.params
        value = source.get(argument.name)
        if argument.many and value == "":
            value = []
        if value is None and not argument.required:
            value = argument.default
        values[argument.name] = argument.convert(value)
    return values
