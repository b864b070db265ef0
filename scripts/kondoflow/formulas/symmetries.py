"""Symmetries in the words of the configuration: `even in eps_d + U/2`.

Needs only the standard library, like all checks of the configuration.
"""

from __future__ import annotations

import re

from kondoflow.files.errors import InputError
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.trees import Expression, names_in

WORDS = re.compile(r"\s*even\s+in\s+(.+)", re.DOTALL)


def read_even(text: str, key: str) -> tuple[Expression, str]:
    """The expression whose sign does not matter, and its first name.

    Raises:
        InputError: If the text is not of the form `even in` and a formula with names.
    """
    match = WORDS.fullmatch(text)
    allowed = "'even in' and a formula of at least one name, such as 'even in x - y/2'"
    if match is None:
        raise InputError("config", key, text, allowed)
    odd = parse(match[1], key)
    inside = names_in(odd)
    for word in re.findall(r"[A-Za-z_]\w*", match[1]):
        if word in inside:
            return odd, word
    raise InputError("config", key, text, allowed)
