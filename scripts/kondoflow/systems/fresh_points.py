"""Further points of an ensemble's box, solved: none of the ensemble's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kondoflow.systems.chunks import solve_chunk
from kondoflow.systems.points import split_rows
from kondoflow.systems.registry import find_system
from kondoflow.systems.sampling import sample_ensemble


def solve_fresh(
    ensemble: Mapping[str, Any], n: int, seed: int, output: Path, processes: int
) -> None:
    """Draw points of the box by another seed and solve them with the ensemble's settings.

    Args:
        ensemble: Section of the configuration, with `axes`.
        n: Number of points.
        seed: Seed of the draw.
        output: File of the solutions.
        processes: Largest number of worker processes.
    """
    system = find_system(ensemble["system"])
    box = {**ensemble, "sampling": "sobol", "n_samples": n}
    values = sample_ensemble(box, seed, n)
    system.check(values, "ensemble")
    rows = split_rows(values)
    solve_chunk(system, rows, output, ensemble["solver"], ensemble["omega"], processes)
