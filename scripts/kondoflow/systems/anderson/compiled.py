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

A file of the cache may be empty or cut off after a full disk or a lost machine, and the folder may
be read-only. Neither ends a solution: every file carries a digest, what can't be read is compiled
anew, and what can't be written is left out.
"""

from __future__ import annotations

import hashlib
import logging
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import (
    FunctionCache,
    IndexDataCacheFile,
    InTreeCacheLocator,
    UserProvidedCacheLocator,
    UserWideCacheLocator,
)
from numba.extending import register_jitable

from kondoflow.files.digests import code_digest

logger = logging.getLogger("kondoflow")

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


class _CheckedFiles(IndexDataCacheFile):
    """Files of machine code that begin with a digest of what follows."""

    def _dump(self, content: object) -> bytes:
        data: bytes = super()._dump(content)
        return hashlib.sha256(data).digest() + data

    def _load_index(self) -> dict[Any, str]:
        try:
            with open(self._index_path, "rb") as file:
                version, data = pickle.load(file), file.read()  # noqa: S301  # of numba
            stamp, overloads = self._checked(data) if version == self._version else (None, {})
        except FileNotFoundError:
            return {}
        except Exception as error:  # pickle raises any
            logger.info("compiled anew: %s can't be read: %s", self._index_path, error)
            return {}
        return overloads if stamp == self._source_stamp else {}

    def _load_data(self, name: str) -> Any:
        with open(self._data_path(name), "rb") as file:
            return self._checked(file.read())

    def _checked(self, data: bytes) -> Any:
        digest, content = data[:DIGEST_SIZE], data[DIGEST_SIZE:]
        if digest != hashlib.sha256(content).digest():
            raise ValueError("it is damaged")
        return pickle.loads(content)  # noqa: S301  # of this machine, written by numba


class _Cache(FunctionCache):
    """A cache that costs no result: what can't be read is compiled and written anew."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self._cache_file = _CheckedFiles(
            self._cache_path, self._impl.filename_base, self._impl.locator.get_source_stamp()
        )

    @property
    def is_empty(self) -> bool:
        """Whether there is no machine code for this version of the package."""
        return not self._cache_file._load_index()

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Machine code of a signature; None if there is none that can be used."""
        try:
            return super().load_overload(sig, target_context)
        except Exception as error:
            logger.info("compiled anew: a file of %s can't be read: %s", self._cache_path, error)
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep machine code, if there is room for it."""
        try:
            super().save_overload(sig, data)
        except OSError as error:
            logger.warning("machine code can't be kept in %s: %s", self._cache_path, error)


LOCATORS = ",".join(f"{__name__}.{locator.__name__}" for locator in (Provided, InTree, UserWide))
DIGEST_SIZE = hashlib.sha256().digest_size


def njit(function: Callable[..., Any]) -> Any:
    """Compile a function and keep its machine code for this version of the package.

    Where no folder can be written, the function is compiled in each process.
    """
    compiled: Any = numba.njit(error_model="numpy")(function)
    config: Any = numba.config
    others, config.CACHE_LOCATOR_CLASSES = config.CACHE_LOCATOR_CLASSES, LOCATORS
    try:
        compiled._cache = _Cache(function)
    except RuntimeError:  # numba finds no place
        logger.info("machine code of %s is not kept: no folder can be written", function.__name__)
    finally:
        config.CACHE_LOCATOR_CLASSES = others
    return compiled


def is_missing(function: Any) -> bool:
    """Whether machine code of a function could be kept, but is not there."""
    return isinstance(function._cache, _Cache) and function._cache.is_empty


def part(function: Callable[..., Any]) -> Any:
    """Let compiled functions call this one; called by Python it is not compiled."""
    return register_jitable(function)
