"""Memory that ran out: told from the error of a stage, or from Snakemake's log.

Where memory runs out, a library may refuse, and the stage ends with its error. Or the system ends
the process, which can then say nothing itself, and Snakemake names the signal and the job alone.
Needs only the standard library, because Snakemake reads it.
"""

from __future__ import annotations

import re

MORE_MEMORY = "give the job more (mem_mb of the rule), or it fewer samples, cores or latents"
NO_MEMORY = (  # in the words of XLA, of the system's loader, of C++ and of Python
    "RESOURCE_EXHAUSTED",
    "failed to map segment",
    "Cannot allocate memory",
    "bad_alloc",
    "can't start new thread",
)
LESS = {  # what lowers the memory of a job, by the beginning of its rule's name
    "solve": "fewer --cores, a smaller chunk_size, or a lower n_keep",
    "collect": "fewer samples (n_samples)",
    "train": "a smaller batch_size, fewer samples (n_samples) or frequencies (omega)",
    "choose": "fewer restarts, samples (n_samples) or frequencies (omega)",
    "scan": "a smaller batch_size, fewer samples (n_samples) or frequencies (omega)",
    "regress": "fewer --cores, a smaller population, or fewer n_points",
    "compose": "fewer --cores, a smaller population, or fewer n_points",
    "confirm": "fewer --cores, or a lower n_keep",
}
OTHERS = "fewer samples (n_samples) or frequencies (omega)"
# By Python's words for the signal, and by the status that a shell makes of it. The system kills;
# compiled libraries that get no memory abort.
_KILLED = re.compile(
    r"\.(\w+)\.py' (?:died with <Signals.SIG(?:KILL|ABRT)|returned .*status (?:137|134|-9|-6)\b)"
)


def is_of_memory(error: BaseException | None) -> bool:
    """Whether an error, or what led to it, says that memory ran out: Python, XLA or the loader."""
    if error is None:
        return False
    of_memory = isinstance(error, MemoryError) or any(each in str(error) for each in NO_MEMORY)
    return of_memory or is_of_memory(error.__cause__ or error.__context__)


def lines_on_killed(log: str) -> list[str]:
    """A line for each rule of which a job was killed.

    Args:
        log: Content of Snakemake's log.
    """
    return [
        f"error: a job of {rule} was ended by the system, as where memory runs out. Give it "
        f"more (--set-resources {rule}:mem_mb=...), or let it need less: {_less(rule)}. "
        "The same command goes on from what is there."
        for rule in dict.fromkeys(_KILLED.findall(log))
    ]


def _less(rule: str) -> str:
    return LESS.get(rule.partition("_")[0], OTHERS)
