"""Systems by name. A folder with a `definition.py` is a system."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from kondoflow.files.errors import InputError
from kondoflow.systems.interface import System

HERE = Path(__file__).parent


@cache
def system_names() -> tuple[str, ...]:
    """Names of all computed systems, in alphabetical order."""
    return tuple(sorted(path.parent.name for path in HERE.glob("*/definition.py")))


@cache
def find_system(name: str) -> System:
    """The description of a system.

    Raises:
        InputError: If there is no system of this name.
    """
    if name not in system_names():
        raise InputError("config", "system", name, f"one of {list(system_names())}")
    return import_module(f"kondoflow.systems.{name}.definition").SYSTEM


def find_computation(name: str) -> Any:
    """The module that computes a system, with the functions of `computation.Computation`.

    Raises:
        InputError: If there is no system of this name.
    """
    find_system(name)
    return import_module(f"kondoflow.systems.{name}.computation")


def find_reading(name: str) -> Any | None:
    """The module that reads quantities off spectra, see `computation.Reading`; None without one."""
    if name not in system_names() or not find_system(name).readable:
        return None
    return import_module(f"kondoflow.systems.{name}.reading")
