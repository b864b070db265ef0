"""Text that others wrote: its encoding, and as text that any file and any page can hold."""

from __future__ import annotations

import codecs
import re
import unicodedata
from pathlib import Path
from typing import Any

from kondoflow.files.errors import InputError

LONGEST = 10_000  # characters
# Control characters, halves of surrogate pairs, and what Unicode reserves: no XML can hold them.
_UNFIT = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff"
_REPLACED = re.compile(rf"[{_UNFIT}\t\n\r\u2028\u2029]")
_REFUSED = re.compile(f"[{_UNFIT}]")
_MARKS = {  # a mark of UTF-32 begins as one of UTF-16 does
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_GREEK = re.compile("GREEK (?:SMALL|CAPITAL) LETTER (?:FINAL )?(\\w+)(?: WITH .*)?")
_AS_LETTERS = dict(
    zip(
        "\u00df\u00f8\u00d8\u0142\u0141\u0111\u0131\u00e6\u0153\u0127\u2206",
        ["ss", "o", "O", "l", "L", "d", "i", "ae", "oe", "hbar", "Delta"],
        strict=True,
    )
)
_TAKEN = ("lambda", "pi")  # a word of Python and the constant


def in_letters(name: str) -> str:
    """A name with its Greek letters written out, and without accents.

    A Greek letter stands apart from other letters: a capital delta and an E are `Delta_E`, a tau
    and a 1 are `tau1`. Letters of other scripts stay as they are. Names are in Unicode's normal
    form KC, in which the micro sign is the Greek letter mu.
    """
    if name.isascii():
        return name
    found = ""
    was_word = False
    for letter in unicodedata.normalize("NFKC", name):
        word = _written_out(letter)
        is_word = len(word) > 2 or word in ("mu", "nu", "pi", "xi")
        if found and (is_word or was_word) and found[-1].isalpha() and word[:1].isalpha():
            found += "_"
        found += word
        was_word = is_word or (was_word and not word)
    return f"{found}_" if found in _TAKEN else found


def _written_out(letter: str) -> str:
    """A letter in those of A to Z where it can be, "" for an accent of its own."""
    if letter.isascii():
        return letter
    if letter in _AS_LETTERS:
        return _AS_LETTERS[letter]
    greek = _GREEK.fullmatch(unicodedata.name(letter, ""))
    if greek:
        word = {"LAMDA": "lambda"}.get(greek[1], greek[1].lower())
        return word.capitalize() if letter.isupper() else word
    parts = unicodedata.normalize("NFKD", letter)
    base = "".join(part for part in parts if not unicodedata.combining(part))
    return base if base.isascii() else letter


def read_text(path: Path, marked: bool = True, encoding: str | None = None) -> str:
    """The text of a file, with its ends of lines as they stand there; see `decoded`.

    Args:
        path: The file.
        marked: Whether UTF-16 and UTF-32 with their marks are read too.
        encoding: That of the file, where the user knows it.

    Raises:
        InputError: If it can't be opened, or its encoding can't be told.
    """
    try:
        if path.exists() and not path.is_file():  # the reading of a pipe may never end
            kind = "a folder" if path.is_dir() else "no file"
            raise InputError(path, "content", kind, "that of a file, and not of a pipe or a folder")
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(path, "file", reason, "a file that can be read") from error
    return decoded(content, path, marked) if encoding is None else _known(content, path, encoding)


def decoded(content: bytes, source: object, marked: bool = True) -> str:
    """Text in UTF-8, or in UTF-16 or UTF-32 where its mark says so, as spreadsheets write it.

    In any other encoding bytes above 127 are ambiguous, and a guess could turn the name of a column
    into another one.

    Args:
        content: What the file holds.
        source: The file, named in errors.
        marked: Whether UTF-16 and UTF-32 with their marks are read too.

    Raises:
        InputError: Names the first byte that can't be read, its line, and what to do.
    """
    encoding = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "utf-8")
    is_wide = encoding not in ("utf-8", "utf-8-sig")
    try:
        text = content.decode(encoding if marked else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        key = f"byte {error.start}" if is_wide else f"byte in line {line}"
        likely = encoding.upper() if is_wide else "LATIN1"
        allowed = f"text in UTF-8; {_converted_from(likely)}"
        if is_wide and marked:
            allowed = f"text in {encoding.upper()}, as the file begins; is it cut off?"
        raise InputError(source, key, _shown(content, error.start), allowed) from error
    if "\0" in text:  # UTF-16 without its mark, or no text at all
        line = text.count("\n", 0, text.index("\0")) + 1
        allowed = f"text in UTF-8; {_converted_from('UTF-16')}"
        raise InputError(source, f"character in line {line}", "\0", allowed)
    return text


def _known(content: bytes, source: Path, encoding: str) -> str:
    """Text in an encoding that the user names."""
    try:
        return content.decode(encoding)
    except (UnicodeError, LookupError) as error:
        reason = " ".join(str(error).split())
        allowed = f"the encoding of this file, such as utf-8, latin1 or cp1252; {reason}"
        raise InputError(source, "encoding", encoding, allowed) from error


def _shown(content: bytes, start: int) -> str:
    """The byte that can't be read, and the readable text before it."""
    before = content[max(0, start - 20) : start].decode("ascii", "ignore").replace("\0", "")
    return f"0x{content[start]:02X} after {''.join(before.splitlines()[-1:])!r}"


def _converted_from(encoding: str) -> str:
    """How to get a file in UTF-8 from one that is probably in another encoding."""
    return f"`iconv -f {encoding} -t UTF-8` converts a file that is {encoding}"


def plain_text(value: Any) -> str:
    """Text in one line that every file can hold, cut off at a length; blanks stand for the rest."""
    text = str(value)
    return _REPLACED.sub(" ", text if len(text) <= LONGEST else text[:LONGEST] + "...")


def is_plain(text: str) -> bool:
    """Whether every file can hold a text."""
    return _REFUSED.search(text) is None
