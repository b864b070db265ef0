"""Cores on which this process may run."""

from __future__ import annotations

import os


def available_cores() -> int:
    """Number of cores that the process may use; all of the machine if the system does not say."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1
