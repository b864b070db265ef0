"""Seeds derived from the config's one seed, so that stages draw independent numbers.

A seed is the leading part of a SHA-256 digest of the root seed and a path of names, hence stable
across machines, Python versions and the order in which stages run.
"""

from __future__ import annotations

import hashlib


def derive_seed(root: int, *names: object) -> int:
    """Derive a seed in 0 .. 2^31 - 1 from the root seed and the names of its use."""
    text = "/".join([str(root), *(str(name) for name in names)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1
