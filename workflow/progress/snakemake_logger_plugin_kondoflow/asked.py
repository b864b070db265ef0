"""What the command line says of the configuration, looked at before Snakemake does.

Of files that can't be read Snakemake names neither file nor line, and ends some of them in a
traceback or waits for ever. The checks of the workflow itself come too late for these.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from kondoflow.files.errors import InputError
from kondoflow.stage.yaml_files import read_mapping, read_yaml

SUFFIXES = {".yaml", ".yml", ".json"}
ENTRY = re.compile(r"[a-zA-Z_][\w-]*\w=.*", re.DOTALL)  # as Snakemake has it


def _check_folder(folder: Path) -> None:
    """Refuse a folder to which nothing can be written, where Snakemake keeps notes even with -n."""
    place = folder.absolute()
    there = next(each for each in (place, *place.parents) if os.path.lexists(each))
    # Path.exists and Path.is_dir raise errors of their own below a folder that may not be searched.
    if not os.path.isdir(there) or not os.access(there, os.W_OK | os.X_OK):
        allowed = "a folder that can be written to; --directory names one elsewhere"
        raise InputError("command line", "--directory", str(place), allowed)


def check_configuration(argv: Sequence[str]) -> None:
    """End the process with one line if the configuration can't be read or the folder written.

    Args:
        argv: Arguments of Snakemake.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--configfile", "--configfiles", nargs="*", default=[], type=Path)
    parser.add_argument("--config", "-C", nargs="*", default=[])
    parser.add_argument("--directory", "-d", default=Path(), type=Path)
    asked = parser.parse_known_args(argv)[0]
    try:
        _check_folder(asked.directory)
        for entry in asked.config:
            if not ENTRY.fullmatch(entry):
                allowed = "KEY=VALUE, what is nested as 'KEY={inner: {innermost: VALUE}}'"
                raise InputError("command line", "--config", entry, allowed)
        for path in asked.configfile:
            if not os.path.lexists(path) and path.suffix not in SUFFIXES:
                allowed = "a file that is there; what is to be made stands after --"
                raise InputError("command line", "--configfile", str(path), allowed)
            if not read_mapping(path) and read_yaml(path) is None:
                allowed = "keys with values; without changes leave out --configfile"
                raise InputError(path, "content", None, allowed)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
