"""Text files of users: which characters their bytes are.

UTF-8 is the rule, with or without its mark. UTF-16 is read where its mark says so, as spreadsheets
write it. In any other encoding bytes above 127 are ambiguous, and a guess could turn the name of a
column into another one, so that such a file is refused with the place of the first such byte.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from kondoflow.files.errors import InputError

MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
ALLOWED = "text in UTF-8, or in UTF-16 with its mark; `iconv -f LATIN1 -t UTF-8` converts a file"


def read_text(path: Path) -> str:
    """The text of a file, with its ends of lines as they stand there.

    Raises:
        InputError: If it can't be read, or is not in one of the two encodings.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(path, "content", str(error), "a readable text file") from error
    encoding = next((name for mark, name in MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(path, _place(content, error), _shown(content, error), ALLOWED) from error
    if "\0" in text:  # UTF-16 without its mark, or no text at all
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError(path, f"character in line {line}", "\0", ALLOWED)
    return text


def _place(content: bytes, error: UnicodeDecodeError) -> str:
    line = content.count(b"\n", 0, error.start) + 1
    return f"byte in line {line}"


def _shown(content: bytes, error: UnicodeDecodeError) -> str:
    """The byte that can't be read, and the readable text before it."""
    before = content[max(0, error.start - 20) : error.start].decode("ascii", "ignore")
    return f"0x{content[error.start]:02X} after {''.join(before.splitlines()[-1:])!r}"
