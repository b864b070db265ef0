"""A zip file of many files whose bytes follow from theirs alone.

Entries are stored in the order of their names, with one fixed time and mode. They are not
compressed: the large ones are already, and what a compressor gives depends on its version.
"""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kondoflow.files.atomic import replacing

EARLIEST = (1980, 1, 1, 0, 0, 0)  # that a zip file can hold
MODE = 0o100644 << 16  # a plain file that all may read
CHUNK = 1 << 20  # bytes


@dataclass(frozen=True)
class Entry:
    """A file of the archive: where its content is, or the content itself."""

    content: Path | bytes

    @property
    def size(self) -> int:
        """Number of bytes."""
        return len(self.content) if isinstance(self.content, bytes) else self.content.stat().st_size

    @property
    def sha256(self) -> str:
        """Digest of the content, in hexadecimal digits."""
        if isinstance(self.content, bytes):
            return hashlib.sha256(self.content).hexdigest()
        with self.content.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()


def checksums(entries: Mapping[str, Entry]) -> bytes:
    """A list of digests as `sha256sum --check` reads it."""
    lines = [f"{entry.sha256}  {name}\n" for name, entry in sorted(entries.items())]
    return "".join(lines).encode()


def pack(path: Path, entries: Mapping[str, Entry]) -> None:
    """Write the archive.

    Args:
        path: The zip file.
        entries: Files by their names in it.
    """
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, entry in sorted(entries.items()):
            info = zipfile.ZipInfo(name, EARLIEST)
            info.external_attr, info.create_system = MODE, 3  # Unix
            info.file_size = entry.size
            with archive.open(info, "w") as target:
                if isinstance(entry.content, bytes):
                    target.write(entry.content)
                else:
                    with entry.content.open("rb") as source:
                        shutil.copyfileobj(source, target, CHUNK)
