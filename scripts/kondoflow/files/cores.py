"""Cores on which this process may run."""

from __future__ import annotations

import os


def available_cores() -> int:
    """Their number; on a system that does not tell, that of the machine."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1
