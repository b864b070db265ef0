"""What stands at the foot of a terminal: a bar, and a line for each job that runs.

The lines are written over in place. No line is wider than the terminal: a line that is broken in
two could not be found again. Where words and progress of a job are too wide, the words give way.
"""

from __future__ import annotations

from collections.abc import Sequence

BAR = 20  # characters
MOST = 8  # lines of jobs
CUT = "..."
CLEAR, UP = "\r\033[K", "\033[A"  # a line; to the line above


def block(
    share: float, headline: str, jobs: Sequence[tuple[str, str]], columns: int, rows: int
) -> list[str]:
    """Lines that tell how far a run is.

    Args:
        share: Share of the jobs that are done.
        headline: What is said of the whole run.
        jobs: Of each job that runs its words and its progress.
        columns: Width of the terminal.
        rows: Height of the terminal.
    """
    full = round(BAR * share)
    width = columns - 1
    most = max(1, min(MOST, rows - 3))
    shown = jobs if len(jobs) <= most else jobs[: most - 1]
    lines = [f"{'#' * full}{'-' * (BAR - full)} {headline}"]
    lines += [fitted(words, progress, width) for words, progress in shown]
    if len(shown) < len(jobs):
        lines.append(f"  and {len(jobs) - len(shown)} more")
    return [line[:width] for line in lines]


def fitted(words: str, progress: str, width: int) -> str:
    """Words and progress of a job on one line, the words cut where there is no room for both."""
    room = width - len(f"  : {progress}")
    if progress and len(words) > room:
        words = words[: max(0, room - len(CUT))].rstrip(" ,") + CUT
    return "  " + ": ".join(filter(None, (words, progress)))


def cleared(n_lines: int) -> str:
    """What takes so many lines away, from the last, on which the terminal stands."""
    return CLEAR + (UP + CLEAR) * (n_lines - 1) if n_lines else ""
