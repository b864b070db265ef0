"""The compiler's decorators, and a cache that knows the whole package.

Few functions are compiled: those that go through the states of one shell. Python goes from shell to
shell and handles what is small. `njit` is for functions that Python calls. `part` is for what they
call in turn: such a function has no entry from Python and no machine code of its own on disk, which
saves part of the time of its compilation. With NUMBA_DISABLE_JIT=1 all of them run as the plain
numpy they are written in.

Numba keeps machine code on disk and discards that of a function when the file changes in which the
function stands. It has what the function calls compiled in, though, so that after an edit of one
module the functions of another would go on with its older version. Here the stamp of every function
is the content of all modules of the package.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import InTreeCacheLocator, UserProvidedCacheLocator, UserWideCacheLocator
from numba.extending import register_jitable

from kondoflow.files.digests import code_digest

PACKAGE_VERSION = code_digest(Path(__file__).parent)


class _OfPackage:
    def get_source_stamp(self) -> str:
        """What the machine code was made of."""
        return PACKAGE_VERSION


class Provided(_OfPackage, UserProvidedCacheLocator):
    """Machine code in the folder that NUMBA_CACHE_DIR names."""


class InTree(_OfPackage, InTreeCacheLocator):
    """Machine code in `__pycache__`."""


class UserWide(_OfPackage, UserWideCacheLocator):
    """Machine code in the user's own cache, where `__pycache__` can't be written."""


LOCATORS = ",".join(f"{__name__}.{locator.__name__}" for locator in (Provided, InTree, UserWide))


def njit(function: Callable[..., Any]) -> Any:
    """Compile a function and keep its machine code for this version of the package."""
    config: Any = numba.config
    others, config.CACHE_LOCATOR_CLASSES = config.CACHE_LOCATOR_CLASSES, LOCATORS
    try:
        return numba.njit(cache=True, error_model="numpy")(function)
    finally:
        config.CACHE_LOCATOR_CLASSES = others


def part(function: Callable[..., Any]) -> Any:
    """Let compiled functions call this one; called by Python it is not compiled."""
    return register_jitable(function)
