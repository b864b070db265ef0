"""Values of a stage's arguments from the command line.

Inputs, outputs and options are flags. Settings are read from the configuration (`--config`, on top
of the default experiment, for the run named by `--ensemble` and `--run`).
"""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from kondoflow.files.cores import available_cores
from kondoflow.files.errors import InputError
from kondoflow.stage.arguments import Argument, Input, Option, Output, Setting, Threads
from kondoflow.stage.checks.names import labels_of_data
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


def values_from_command_line(
    main: Callable[..., None], arguments: Sequence[Argument], argv: Sequence[str]
) -> dict[str, Any]:
    """Values of a stage's arguments by name.

    Args:
        main: The stage's `main`, whose module's docstring `--help` shows.
        arguments: Its arguments.
        argv: What the user typed: the path of the script, then flags.

    Raises:
        InputError: If a value or the configuration can't be used.
    """
    script, *flags = argv
    parsed = vars(_parser(main, arguments).parse_args(flags))
    settings = Settings(parsed, Path(script).stem)
    values = {
        argument.name: settings.get(argument.kind.section)
        if isinstance(argument.kind, Setting)
        else argument.convert(parsed[argument.name])
        for argument in arguments
    }
    _check_outputs(arguments, values)
    return values


def _check_outputs(arguments: Sequence[Argument], values: dict[str, Any]) -> None:
    """Refuse an output that would replace an input, another output or a folder."""
    taken: dict[Path, str] = {}
    for kind in (Input, Output):
        for argument in arguments:
            value = values[argument.name]
            for path in value if argument.many else [value]:
                if not isinstance(argument.kind, kind) or path is None:
                    continue
                place = Path(path).resolve()
                if kind is Output and place in taken:
                    allowed = f"another file than that of {taken[place]}"
                    raise InputError("command line", argument.flag, str(path), allowed)
                if kind is Output and place.is_dir():
                    raise InputError(
                        "command line", argument.flag, str(path), "a file, not a folder"
                    )
                taken[place] = argument.flag


def _number_of(argument: Argument) -> str | None:
    """How many values a flag takes: one, any number of files, or at least one plain value."""
    if not argument.many:
        return None
    return "+" if isinstance(argument.kind, Option) else "*"


def _parser(main: Callable[..., None], arguments: Sequence[Argument]) -> argparse.ArgumentParser:
    script = inspect.getmodule(main)
    parser = argparse.ArgumentParser(
        description=(script.__doc__ if script else None) or main.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for argument in arguments:
        if isinstance(argument.kind, Threads):
            parser.add_argument(
                "--threads", dest=argument.name, default=available_cores(), help="cores"
            )
        elif not isinstance(argument.kind, Setting):
            parser.add_argument(
                argument.flag,
                dest=argument.name,
                nargs=_number_of(argument),
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
    return parser


class Settings:
    """Sections of the configuration for the run chosen on the command line."""

    def __init__(self, parsed: dict[str, Any], stage: str) -> None:
        self._parsed, self._stage = parsed, stage
        self._config: dict[str, Any] | None = None

    def get(self, section: str) -> Any:
        """A section by its name, see `kondoflow.stage.arguments.Setting`."""
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
            case "labels_of_data":
                return labels_of_data(config, ensemble)
            case "system_name":
                return config["ensembles"][ensemble]["system"]
            case "restart":
                return restart_settings(run_settings(config, ensemble, run))
            case "choice":
                return choice_settings(run_settings(config, ensemble, run))
            case "checkpoint_every" | "channel" | "transform":
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
