"""Who makes a result, when, and with which version of the code."""

from __future__ import annotations

import getpass
import os
import platform
import subprocess
from datetime import UTC, datetime
from typing import Any

from kondoflow import __version__
from kondoflow.files.surroundings import EPOCH
from kondoflow.stage.paths import ROOT


def made_now(configfiles: str) -> dict[str, Any]:
    """Facts about the making of a result.

    Args:
        configfiles: Names of the files of the configuration, as they were given.

    Returns:
        `by` (user and machine), `at` (time, UTC), `version`, `commit` ("" outside a clone, with a
        plus sign where files are changed), `configfiles`.
    """
    seconds = os.environ.get(EPOCH)
    at = datetime.fromtimestamp(int(seconds), UTC) if seconds else datetime.now(UTC)
    return {
        "by": f"{_user()} on {platform.node() or 'an unnamed machine'}",
        "at": f"{at.day} {at:%B %Y, %H:%M} UTC",
        "version": __version__,
        "commit": _commit(),
        "configfiles": configfiles,
    }


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a number without a name, as in containers
        return f"user {os.getuid()}"


def _commit() -> str:
    """Short name of the commit that the code was taken from."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty=+", "--exclude=*"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return found.stdout.strip()
