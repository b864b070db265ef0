"""Where compiled programs are kept between processes.

All restarts of a run are the same program, which takes XLA longer to compile than a process takes
to start. It is kept in the user's cache folder (`XDG_CACHE_HOME`, by default ~/.cache), in a folder
of this kind of processor, so that a home shared by different machines does no harm. A program that
is read back is the machine code that was written, hence the same bits.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import jax

SHORTEST = 0.1  # seconds of a compilation that is kept


def keep_programs() -> None:
    """Keep compiled programs between processes, unless JAX's own variable names a folder.

    It has an effect only before JAX compiles its first program.
    """
    if "JAX_COMPILATION_CACHE_DIR" in os.environ:
        return
    try:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        folder = home / "kondoflow" / f"xla-{kind_of_processor()}"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # no home, or none to write to
        return
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", SHORTEST)


def kind_of_processor() -> str:
    """Digest of the processor's model and instructions, on which machine code depends."""
    try:
        lines = Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines()
    except OSError:
        return "unknown"
    telling = ("vendor_id", "cpu family", "model", "flags")
    told = [line for line in lines if line.startswith(telling)]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]
