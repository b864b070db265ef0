"""Exceptions for what a user can mend: a config, a data file, a parameter, a full disk."""

from __future__ import annotations


class InputError(ValueError):
    """A value that the user gave and the pipeline can't use.

    The message names the file or section, the key, the value and what is allowed, so that it can
    be shown alone, without a traceback.

    Args:
        source: File or part of the config in which the value stands.
        key: Name of the offending key, column or variable.
        value: What was found there.
        allowed: What would have been accepted, as the end of a sentence ("a number above 0").
    """

    def __init__(self, source: object, key: str, value: object, allowed: str) -> None:
        super().__init__(f"{source}: {key} = {value!r} is not usable: must be {allowed}")


class StorageError(OSError):
    """A file that can't be written. The message can be shown alone, without a traceback.

    Args:
        path: The file.
        reason: What the system said.
    """

    def __init__(self, path: object, reason: str) -> None:
        remedy = "mend that and run the same command again, finished work is kept"
        super().__init__(f"{path} can't be written: {reason}; {remedy}")
