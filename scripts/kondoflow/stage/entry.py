"""One way into every stage: from its rule, or from the command line with `--help`.

A stage script defines `main` with keyword-only arguments whose annotations say where each value
comes from, and ends with::

    if __name__ == "__main__":
        run_stage(main, globals().get("snakemake"))

From a rule, values are taken from the `input`, `output` and `params` of the same names. On the
command line, inputs, outputs and options are flags, and settings are read from the configuration
(`--config`, on top of the default experiment, for the run named by `--ensemble` and `--run`).
"""

from __future__ import annotations

import argparse
import inspect
import logging
import os
import platform
import sys
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from threadpoolctl import threadpool_limits

from kondoflow.files.errors import InputError, StorageError
from kondoflow.files.orphans import SNAKEMAKE, end_with
from kondoflow.files.surroundings import NUMBERS_OF_THREADS
from kondoflow.stage.config import (
    SETTINGS,
    choice_settings,
    iterate_runs,
    knowledge_of,
    load_config,
    restart_settings,
    run_settings,
    training_seed,
)
from kondoflow.stage.seeds import derive_seed

logger = logging.getLogger("kondoflow")

MORE_MEMORY = "give the job more (mem_mb of the rule), or it fewer samples, cores or latents"

NO_MEMORY = (  # in the words of XLA, of the system's loader, of C++ and of Python
    "RESOURCE_EXHAUSTED",
    "failed to map segment",
    "Cannot allocate memory",
    "bad_alloc",
    "can't start new thread",
)


@dataclass(frozen=True)
class Input:
    """A file (or, for a list, several files) that the stage reads."""

    help: str


@dataclass(frozen=True)
class Output:
    """A file that the stage writes."""

    help: str


@dataclass(frozen=True)
class Option:
    """A plain value: a param of the rule, a flag on the command line."""

    help: str


@dataclass(frozen=True)
class Setting:
    """A part of the configuration: a param of the rule.

    `section` is a top-level key of the config, or `ensemble`, `solver` and `omega` (of the
    ensemble), `restart` and `choice` (what a restart of the run, and the choice among restarts,
    depend on), `checkpoint_every` and `channel` (of the run), `system` (what is known about the
    run's samples), `system_name` (of these samples), `seed` (of this stage and run),
    `training_seed` (of the run's networks), `ensemble_seed` (of this stage, for all runs of the
    ensemble) or `config` (all of it).
    """

    section: str


@dataclass(frozen=True)
class Threads:
    """Number of cores the stage may use: the job's threads, or all that the process may run on."""


Kind = Input | Output | Option | Setting | Threads


@dataclass(frozen=True)
class _Argument:
    name: str
    type: Any
    kind: Kind
    default: Any

    @property
    def many(self) -> bool:
        return typing.get_origin(self.type) in (list, Sequence)

    @property
    def required(self) -> bool:
        return self.default is inspect.Parameter.empty

    def convert(self, value: Any) -> Any:
        if isinstance(self.kind, Setting) or value is None:
            return value
        if self.many:
            items = [value] if isinstance(value, str | Path) else value
            element = typing.get_args(self.type)[0]
            return [element(item) for item in items]
        kind = _scalar(self.type)
        try:
            return kind(value)
        except ValueError:
            flag = f"--{self.name.replace('_', '-')}"
            raise InputError("command line", flag, value, f"of type {kind.__name__}") from None


def _scalar(annotation: Any) -> type:
    """The constructor in an annotation such as `Path` or `Path | None`."""
    options = [option for option in typing.get_args(annotation) if option is not type(None)]
    return options[0] if options else annotation


def n_cores() -> int:
    """Cores that this process may run on."""
    return len(os.sched_getaffinity(0))


def _arguments(main: Callable[..., None]) -> list[_Argument]:
    hints = typing.get_type_hints(main, include_extras=True)
    arguments = []
    for name, parameter in inspect.signature(main).parameters.items():
        annotation, kind = typing.get_args(hints[name])[:2]
        assert typing.get_origin(hints[name]) is Annotated
        arguments.append(_Argument(name, annotation, kind, parameter.default))
    return arguments


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
            values = _from_snakemake(_arguments(main), snakemake)
        else:
            _log_to(None)
            values = _from_command_line(main, _arguments(main), sys.argv[1:])
        main(**values)
    except (InputError, StorageError) as error:
        logger.error("%s", error)
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
    except Exception as error:
        logger.exception("the stage failed")
        if _is_of_memory(error):
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


def _is_of_memory(error: BaseException | None) -> bool:
    """Whether an error, or what led to it, says that memory ran out: Python, XLA or the loader."""
    if error is None:
        return False
    of_memory = isinstance(error, MemoryError) or any(each in str(error) for each in NO_MEMORY)
    return of_memory or _is_of_memory(error.__cause__ or error.__context__)


def _log_to(path: str | None) -> None:
    handler = logging.FileHandler(path, mode="w") if path else logging.NullHandler()
    form = "%(asctime)s %(levelname)s %(message)s"
    logging.basicConfig(level=logging.INFO, handlers=[handler], format=form, force=True)
    logger.info("Python %s in %s", platform.python_version(), sys.prefix)


def _from_snakemake(arguments: list[_Argument], snakemake: Any) -> dict[str, Any]:
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


def _from_command_line(
    main: Callable[..., None], arguments: list[_Argument], argv: list[str]
) -> dict[str, Any]:
    script = inspect.getmodule(main)
    description = (script.__doc__ if script else None) or main.__doc__
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for argument in arguments:
        if isinstance(argument.kind, Threads):
            parser.add_argument("--threads", dest=argument.name, default=n_cores(), help="cores")
        elif not isinstance(argument.kind, Setting):
            parser.add_argument(
                "--" + argument.name.replace("_", "-"),
                dest=argument.name,
                nargs="*" if argument.many else None,
                required=argument.required,
                default=None if argument.required else argument.default,
                help=argument.kind.help,
            )
    if any(isinstance(argument.kind, Setting) for argument in arguments):
        parser.add_argument(
            "--config", type=Path, nargs="*", default=[], help="files on top of config.yaml"
        )
        parser.add_argument("--ensemble", help="ensemble whose settings are used (first run's)")
        parser.add_argument("--run", help="run whose settings are used (first of the ensemble)")
    parsed = vars(parser.parse_args(argv))
    settings = _Settings(parsed, Path(sys.argv[0]).stem)
    return {
        argument.name: settings.get(argument.kind.section)
        if isinstance(argument.kind, Setting)
        else argument.convert(parsed[argument.name])
        for argument in arguments
    }


class _Settings:
    """Sections of the configuration for the run chosen on the command line."""

    def __init__(self, parsed: dict[str, Any], stage: str) -> None:
        self._parsed, self._stage = parsed, stage
        self._config: dict[str, Any] | None = None

    def get(self, section: str) -> Any:
        config = self._config = self._config or load_config(*self._parsed["config"])
        ensemble, run = self._choose(config)
        match section:
            case "ensemble":
                return config["ensembles"][ensemble]
            case part if part in SETTINGS:
                return config["ensembles"][ensemble][part]
            case "config":
                return config
            case "system":
                return knowledge_of(config, ensemble)
            case "system_name":
                return config["ensembles"][ensemble]["system"]
            case "restart":
                return restart_settings(run_settings(config, ensemble, run))
            case "choice":
                return choice_settings(run_settings(config, ensemble, run))
            case "checkpoint_every" | "channel":
                return run_settings(config, ensemble, run)[section]
            case "training_seed":
                return training_seed(config, ensemble, run)
            case "seed":
                return derive_seed(config["seed"], self._stage, ensemble, run)
            case "ensemble_seed":
                return derive_seed(config["seed"], self._stage, ensemble)
            case _:
                return config[section]

    def _choose(self, config: dict[str, Any]) -> tuple[str, str]:
        for ensemble, run in iterate_runs(config):
            if self._parsed["ensemble"] in (None, ensemble) and self._parsed["run"] in (None, run):
                return ensemble, run
        wanted = (self._parsed["ensemble"], self._parsed["run"])
        raise InputError("command line", "--ensemble, --run", wanted, "a run of the config")
