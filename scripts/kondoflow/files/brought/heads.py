"""What an instrument writes before a table: comments, and lines such as `Field: 0.5 T`.

Lines that begin with # are comments. Other lines belong to the head if numbers alone follow, in
rows as long as each other, and if none of them is itself such a row: a damaged row is no head. A
row may lack some of its numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from kondoflow.files.brought.names import number_in

LEAST_COLUMNS = 2
MISSING = ("", "-", "--", "na", "n/a", "nan", "inf", "+inf", "-inf", "none", "null")
_COMMENT = re.compile(r"#+\s*([^=:]*[^=:\s])\s*[=:]\s*(\S.*)")
_LINE = re.compile(r"([^=:\t]*[^=:\s])\s*[=:\t]\s*(\S.*)|([^;,]*[^;,\s])\s*[;,]\s*(\S.*)")


def length_of_head(lines: Sequence[str], cut: Callable[[str], list[str]]) -> int:
    """How many lines stand before a table of numbers and the line that names its columns.

    Args:
        lines: Lines of a file without comments.
        cut: Cuts a line into cells.

    Returns:
        Their number; 0 where lines are no head for certain.
    """
    n_columns = len(cut(lines[-1]))
    start = len(lines)
    while start and _is_row(cut(lines[start - 1]), n_columns):
        start -= 1
    if n_columns < LEAST_COLUMNS or len(lines) - start < LEAST_COLUMNS or start < 2:
        return 0
    names = cut(lines[start - 1])
    is_header = len(names) == n_columns and all(number_in(name) is None for name in names)
    length = start - 1 if is_header else start
    return 0 if any(_is_row(row, len(row)) for row in map(cut, lines[:length])) else length


def _is_row(row: list[str], n_columns: int) -> bool:
    """Whether a line is a row of numbers alone, some of which may be missing."""
    known = [cell for cell in row if cell.strip().lower() not in MISSING]
    is_all = bool(known) and all(number_in(cell) is not None for cell in known)
    return len(row) == n_columns and is_all


def numbers_in_head(head: Sequence[str]) -> dict[str, float]:
    """Numbers in the lines before a table, by name with the unit in brackets."""
    found: dict[str, float] = {}
    for text in head:
        line = text.strip()
        match = (_COMMENT if line.startswith("#") else _LINE).fullmatch(line)
        name, value = [each.strip(' "') for each in match.groups() if each] if match else ("", "")
        number = number_in(value)
        if name and number is not None:
            found[f"{name} ({number[1]})" if number[1] else name] = number[0]
    return found
