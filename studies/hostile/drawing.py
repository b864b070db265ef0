"""What hostile inputs are drawn from, and what becomes of them."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kondoflow.files.errors import InputError

Attempt = Callable[[random.Random, Path], bool]

SIGNS = [*"{}[]: \n\t'\",#$\\&*<>|%`!?~;^_x", "&a ", "*a", "- ", "0100", "1:30", "1e9", "nan"]
SIGNS += ["\x07", "\ud800", "\ufeff", "!!python/object:os.system ", "1_0", "ä", "名", "<script>"]


class RefusedError(Exception):
    """A process has refused its input; the message is what it printed last."""


@dataclass(frozen=True)
class Kind:
    """A kind of hostile input.

    Attributes:
        attempt: Draws an input and uses it in a folder; False if the result is wrong. It raises
            `InputError` or `RefusedError` where the input is refused.
        n: Number of inputs of the study.
        best: Numbers of those that the tests repeat.
    """

    attempt: Attempt
    n: int
    best: Sequence[int] = (0, 1, 2)


def drawn(rng: random.Random, parts: Sequence[str], longest: int) -> str:
    """A text of random parts."""
    return "".join(rng.choice(parts) for _ in range(rng.randrange(longest)))


def outcome(kind: str, attempt: Attempt, seed: int, index: int, folder: Path) -> str:
    """What becomes of one input: "right", "refused", or what is at fault."""
    rng = random.Random(f"{seed}/{kind}/{index}")
    try:
        return "right" if attempt(rng, folder) else "wrong"
    except (InputError, RefusedError) as error:
        message = str(error).strip()
        return "refused" if message and "\n" not in message else f"several lines: {message}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def printed(run: subprocess.CompletedProcess[str]) -> str:
    """What a command printed.

    Raises:
        RefusedError: If it failed; with what it printed as an error.
    """
    if run.returncode:
        raise RefusedError(run.stderr)
    return run.stdout
