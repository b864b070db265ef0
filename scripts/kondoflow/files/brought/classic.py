"""Whether a file of the classic netCDF formats (CDF-1, CDF-2, CDF-5) is whole.

The netCDF library reads zeros beyond the end of such a file, so that one that was cut off in a
transfer would be read without an error. Its header says where each variable ends.

Source: the NetCDF Classic Format Specification, https://docs.unidata.ucar.edu/netcdf-c/current/
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import BinaryIO

from kondoflow.files.errors import InputError

FORMATS = {b"CDF\x01": (4, 4), b"CDF\x02": (4, 8), b"CDF\x05": (8, 8)}  # bytes of counts, offsets
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 6: 8, 7: 1, 8: 2, 9: 4, 10: 8, 11: 8}  # of types, in bytes


class _Header:
    """Reads the numbers of a header."""

    def __init__(self, file: BinaryIO, count: int, offset: int) -> None:
        self._file, self._count, self._offset = file, count, offset

    def number(self, size: int = 4) -> int:
        found = self._file.read(size)
        if len(found) < size:
            raise EOFError
        return int.from_bytes(found, "big")

    def count(self) -> int:
        return self.number(self._count)

    def offset(self) -> int:
        return self.number(self._offset)

    def skip(self, n_bytes: int) -> None:
        self._file.seek(_padded(n_bytes), 1)

    def length_of_list(self) -> int:
        self.number()  # what kind of list it is
        return self.count()

    def skip_attributes(self) -> None:
        for _ in range(self.length_of_list()):
            self.skip(self.count())
            size = SIZES[self.number()]
            self.skip(size * self.count())


def check_whole(path: Path) -> None:
    """Refuse a classic netCDF file that is shorter than its header says; pass any other file.

    Raises:
        InputError: Names both lengths.
    """
    with path.open("rb") as file:
        sizes = FORMATS.get(file.read(4))
        if sizes is None:
            return
        found = path.stat().st_size
        try:
            expected = _length(_Header(file, *sizes))
        except (EOFError, KeyError, IndexError, OverflowError) as error:
            allowed = "a whole header; it is cut off or damaged"
            raise InputError(path, "length of the file", found, allowed) from error
    if found < expected:
        allowed = f"{expected} bytes, as its header says; it is cut off or damaged"
        raise InputError(path, "length of the file", found, allowed)


def _length(header: _Header) -> int:
    """Bytes up to the end of the last variable."""
    n_records = header.count()
    dims = []
    for _ in range(header.length_of_list()):
        header.skip(header.count())
        dims.append(header.count())
    header.skip_attributes()
    fixed, records = [0], []
    for _ in range(header.length_of_list()):
        header.skip(header.count())
        own = [dims[header.count()] for _ in range(header.count())]
        header.skip_attributes()
        size = SIZES[header.number()]
        header.count()  # its length, which is not right for large variables
        begin = header.offset()
        if own and own[0] == 0:  # along the dimension of the records
            records.append((begin, size * math.prod(own[1:])))
        else:
            fixed.append(begin + size * math.prod(own))
    each = sum(_padded(size) for _, size in records) if len(records) > 1 else 0
    each = each or sum(size for _, size in records)
    ends = [begin + (n_records - 1) * each + size for begin, size in records if n_records]
    return max([*fixed, *ends])


def _padded(n_bytes: int) -> int:
    return -(-n_bytes // 4) * 4
