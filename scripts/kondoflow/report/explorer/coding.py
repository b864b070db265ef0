r"""Arrays as text that a browser reads back: a small container, compressed, in base64.

A container is a header (JSON: free content, and type, shape and place of every array) and the
arrays, little-endian, each at a multiple of eight bytes. It is compressed with gzip, which browsers
unpack by themselves.

A spectrum is stored in twelve bits and a sign for each frequency. With its largest magnitude
M the numbers are :math:`q_i = \mathrm{round}(4095\, A_i / M)`, so that no value is off by
more than M/8190. Spectra are smooth, hence the second differences of q are small and compress
well; they are folded to non-negative numbers, 0, -1, 1, -2 ... -> 0, 1, 2, 3 ..., of which the
low and the high bytes are stored apart.

Of spectra that are seen in decades logarithms are stored likewise, in 4095 equal steps between the
smallest and the largest value of all: then each value is right to a share of itself.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

LEVELS = 4095  # twelve bits
ALIGNMENT = 8  # bytes
TYPES = ("float64", "float32", "float16", "uint32", "uint8")


def pack(content: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> str:
    """Write content and arrays as text: base64 of a compressed container.

    Args:
        content: Anything that JSON can hold, without NaN.
        arrays: Arrays of any shape by name, of one of `TYPES`.

    Raises:
        ValueError: If an array has another type or `content` holds a number that is not finite.
    """
    places: dict[str, Any] = {}
    body = bytearray()
    for name, array in arrays.items():
        if array.dtype.name not in TYPES:
            raise ValueError(f"{name} has type {array.dtype}, not one of {', '.join(TYPES)}")
        places[name] = {
            "type": array.dtype.name,
            "shape": list(array.shape),
            "offset": len(body),
        }
        body += np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes()
        body += bytes(-len(body) % ALIGNMENT)
    text = json.dumps(
        {"content": content, "arrays": places}, allow_nan=False, separators=(",", ":")
    )
    header = text.encode()
    header += b" " * (-(len(header) + 4) % ALIGNMENT)
    whole = len(header).to_bytes(4, "little") + header + bytes(body)
    return base64.b64encode(gzip.compress(whole, 9, mtime=0)).decode()


def unpack(text: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read content and arrays back from what `pack` wrote, in their types and shapes."""
    whole = gzip.decompress(base64.b64decode(text))
    start = 4 + int.from_bytes(whole[:4], "little")
    header = json.loads(whole[4:start])
    arrays = {}
    for name, place in header["arrays"].items():
        count = int(np.prod(place["shape"], dtype=int))
        dtype = np.dtype(place["type"]).newbyteorder("<")
        array = np.frombuffer(whole, dtype, count, start + place["offset"])
        arrays[name] = array.reshape(place["shape"])
    return header["content"], arrays


def encode_spectra(spectra: np.ndarray, *, decades: bool = False) -> dict[str, np.ndarray]:
    """Spectra (sample, omega) as arrays for a container, see the module.

    Args:
        spectra: The spectra.
        decades: Whether to store logarithms; without effect where a value is not above 0.

    Returns:
        `spectra_low` and `spectra_high` (sample, omega) uint8, and `spectra_max` (sample,) float32,
        or `spectra_decades` (2,) float64, the logarithms of the smallest and the largest value.
    """
    if decades and (spectra > 0).all():
        ends = np.log([spectra.min(), spectra.max()])
        unit = ends[1] - ends[0] or 1.0
        levels = np.rint((np.log(spectra) - ends[0]) / unit * LEVELS).astype(np.int32)
        return {"spectra_decades": ends, **_bytes_of(levels)}
    largest = np.abs(spectra).max(axis=1).astype(np.float32)
    unit = np.where(largest > 0, largest, 1.0)[:, None]
    levels = np.rint(np.clip(spectra / unit, -1, 1) * LEVELS).astype(np.int32)
    return {"spectra_max": largest, **_bytes_of(levels)}


def _bytes_of(levels: np.ndarray) -> dict[str, np.ndarray]:
    """Second differences of whole numbers (sample, omega), folded, as low and high bytes."""
    curved = np.diff(np.diff(levels, axis=1, prepend=0), axis=1, prepend=0)
    folded = ((curved << 1) ^ (curved >> 31)).astype(np.uint16)
    return {
        "spectra_low": (folded & 255).astype(np.uint8),
        "spectra_high": (folded >> 8).astype(np.uint8),
    }


def decode_spectra(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """Spectra (sample, omega), float64, from the arrays of `encode_spectra`."""
    folded = arrays["spectra_high"].astype(np.int32) * 256 + arrays["spectra_low"]
    curved = (folded >> 1) ^ -(folded & 1)
    levels = np.cumsum(np.cumsum(curved, axis=1), axis=1)
    if "spectra_decades" in arrays:
        low, high = arrays["spectra_decades"]
        return np.exp(low + levels * ((high - low) / LEVELS))
    return levels * (arrays["spectra_max"].astype(np.float64)[:, None] / LEVELS)
