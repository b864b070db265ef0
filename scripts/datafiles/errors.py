"""The one exception for what a user can mend: a config, a data file, a parameter."""

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
