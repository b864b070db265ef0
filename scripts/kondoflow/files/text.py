"""Text that others wrote, as text that any file and any page can hold."""

from __future__ import annotations

import re
from typing import Any

LONGEST = 10_000  # characters
# Control characters, halves of surrogate pairs, and what Unicode reserves: no XML can hold them.
_UNFIT = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff"
_REPLACED = re.compile(rf"[{_UNFIT}\t\n\r\u2028\u2029]")
_REFUSED = re.compile(f"[{_UNFIT}]")


def plain_text(value: Any) -> str:
    """Text in one line that every file can hold, cut off at a length; blanks stand for the rest."""
    text = str(value)
    return _REPLACED.sub(" ", text if len(text) <= LONGEST else text[:LONGEST] + "...")


def is_plain(text: str) -> bool:
    """Whether every file can hold a text."""
    return _REFUSED.search(text) is None
