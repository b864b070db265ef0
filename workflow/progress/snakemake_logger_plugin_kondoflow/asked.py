"""The configuration files of the command line, read before Snakemake reads them.

Snakemake names neither file nor line where one can't be read, and ends some of them in a traceback
or waits for ever. The checks of the workflow itself come too late for these.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "scripts"))

from kondoflow.files.errors import InputError
from kondoflow.stage.yaml_files import read_mapping, read_yaml


def check_configfiles(argv: Sequence[str]) -> None:
    """End the process with one line if a file of `--configfile` can't be read.

    Args:
        argv: Arguments of Snakemake.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--configfile", "--configfiles", nargs="*", default=[], type=Path)
    try:
        for path in parser.parse_known_args(argv)[0].configfile:
            if not read_mapping(path) and read_yaml(path) is None:
                allowed = "keys with values; without changes leave out --configfile"
                raise InputError(path, "content", None, allowed)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
