"""What a stage takes: the kinds of its arguments, read off the annotations of its `main`."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from kondoflow.files.errors import InputError


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
    depend on), `checkpoint_every`, `channel` and `transform` (of the run), `system` (what is known
    about the run's samples), `system_name` (of these samples), `labels_of_data` (what only these
    samples can have a label for), `seed` (of this stage and run), `training_seed` (of the run's
    networks), `ensemble_seed` (of this stage, for all runs of the ensemble) or `config` (all of
    it).
    """

    section: str


@dataclass(frozen=True)
class Threads:
    """Number of cores the stage may use: the job's threads, or all that the process may run on."""


Kind = Input | Output | Option | Setting | Threads


@dataclass(frozen=True)
class Argument:
    """An argument of a stage's `main`.

    Attributes:
        name: Its name.
        type: Type of its value.
        kind: Where its value comes from.
        default: Its default, `inspect.Parameter.empty` if it has none.
    """

    name: str
    type: Any
    kind: Kind
    default: Any

    @property
    def many(self) -> bool:
        """Whether it takes a list."""
        return typing.get_origin(self.type) in (list, Sequence)

    @property
    def required(self) -> bool:
        """Whether it has no default."""
        return self.default is inspect.Parameter.empty

    @property
    def flag(self) -> str:
        """Its name on the command line."""
        return "--" + self.name.replace("_", "-")

    def convert(self, value: Any) -> Any:
        """A value of Snakemake or of the command line in the argument's own type.

        Raises:
            InputError: If the value can't be converted.
        """
        if isinstance(self.kind, Setting) or value is None:
            return value
        if self.many:
            items = [value] if isinstance(value, str | Path) else value
            element = typing.get_args(self.type)[0]
            return [self._of_kind(element, item) for item in items]
        return self._of_kind(_scalar(self.type), value)

    def _of_kind(self, kind: type, value: Any) -> Any:
        """One value as a type."""
        try:
            converted = kind(value)
        except ValueError:
            allowed = f"of type {kind.__name__}"
            raise InputError("command line", self.flag, value, allowed) from None
        least = 1 if isinstance(self.kind, Threads) else 0  # all whole numbers count something
        if kind is int and converted < least:
            raise InputError("command line", self.flag, converted, f"at least {least}")
        return converted


def arguments_of(main: Callable[..., None]) -> list[Argument]:
    """Arguments of a stage's `main`, each annotated as `Annotated[type, kind]`."""
    hints = typing.get_type_hints(main, include_extras=True)
    arguments = []
    for name, parameter in inspect.signature(main).parameters.items():
        annotation, kind = typing.get_args(hints[name])[:2]
        assert typing.get_origin(hints[name]) is Annotated
        arguments.append(Argument(name, annotation, kind, parameter.default))
    return arguments


def _scalar(annotation: Any) -> type:
    """The constructor in an annotation such as `Path` or `Path | None`."""
    options = [option for option in typing.get_args(annotation) if option is not type(None)]
    return options[0] if options else annotation
