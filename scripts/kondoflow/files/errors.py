"""Exceptions for what a user can mend: a configuration, a data file, a parameter, a full disk."""

from __future__ import annotations

from typing import Any


class InputError(ValueError):
    """A value that the user gave and the pipeline can't use.

    The message names the file or section, the key, the value and what is allowed, so that it can
    be shown alone, without a traceback.

    Attributes:
        source: File or part of the configuration in which the value stands.
        key: Name of the offending key, column or variable.
        value: The value.
        allowed: What would have been accepted, as the end of a sentence ("a number above 0").
    """

    def __init__(self, source: object, key: str, value: object, allowed: str) -> None:
        self.source, self.key, self.value, self.allowed = source, key, value, allowed
        super().__init__(f"{source}: {key} = {value!r} is not usable: must be {allowed}")

    def __reduce__(self) -> tuple[Any, ...]:  # so that it can leave a worker process
        return type(self), (self.source, self.key, self.value, self.allowed)


class StorageError(OSError):
    """A file that can't be written. The message can be shown alone, without a traceback.

    Attributes:
        path: The file.
        reason: What the system said.
    """

    def __init__(self, path: object, reason: str) -> None:
        self.path, self.reason = path, reason
        remedy = "mend that and run the same command again, finished work is kept"
        super().__init__(f"{path} can't be written: {reason}; {remedy}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.path, self.reason)
