"""Jobs that the system ended, as where memory runs out, told from Snakemake's log.

A process that is killed can say nothing itself, and Snakemake names the signal and the job alone.
Needs only the standard library, because Snakemake reads it.
"""

from __future__ import annotations

import re

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
