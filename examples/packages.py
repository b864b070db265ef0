"""Data files of packages that are installed and not imported."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def folder_of(package: str, example: str) -> Path:
    """The folder of an installed package.

    Raises:
        SystemExit: If it is not installed; names the example that installs it.
    """
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise SystemExit(f"{package} is not installed: make example EXAMPLE={example}")
    return Path(found.submodule_search_locations[0])
