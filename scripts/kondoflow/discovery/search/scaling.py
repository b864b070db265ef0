"""Powers of ten that bring inputs and target to order one before a search.

The engines compute in single precision and start from constants of order one. Energies in joule, or
a target of 1e25, are out of their reach; a search sees them divided by a power of ten. What is of
order one already stays, so that whole numbers in its equation stay whole. Inputs of one dimension
share that power as far as their sizes allow, so that their sums and ratios look as they do in any
unit: the unit of each base dimension is chosen by least squares over the sizes of all inputs, and
what is left is shared by inputs of similar size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from kondoflow.formulas.dimensions import Dimension

NATURAL = 1.5  # decades around one within which a size is left as it is
GAP = 3.0  # decades between neighbours in size from which they do not share their power


def size(values: np.ndarray) -> float:
    """Typical decade of a quantity, (n,): log10 of the median of what is not zero."""
    known = np.abs(values[np.isfinite(values) & (values != 0)])
    return float(np.log10(np.median(known))) if known.size else 0.0


def decades_of_inputs(
    values: Sequence[np.ndarray], dimensions: Sequence[Dimension]
) -> tuple[int, ...]:
    """Power of ten by which each input is divided.

    Args:
        values: Each input, (n,).
        dimensions: Of each input; empty for numbers.
    """
    sizes = np.array([size(column) for column in values])
    by_unit = _of_units(sizes, dimensions)
    left = sizes - by_unit
    order = np.argsort(left, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(left[order]) > GAP) + 1)
    decades = by_unit.copy()
    for group in groups:
        middle = (left[group].min() + left[group].max()) / 2
        decades[group] += _whole(middle)
    return tuple(int(power) for power in decades)


def decades_of_target(y: np.ndarray) -> int:
    """Power of ten by which a target, (n,), is divided."""
    return _whole(size(y))


def _of_units(sizes: np.ndarray, dimensions: Sequence[Dimension]) -> np.ndarray:
    """Decades of inputs in the units that suit them best; 0 for numbers."""
    bases = list(dict.fromkeys(base for dimension in dimensions for base in dimension))
    powers = np.array([[item.get(base, 0.0) for base in bases] for item in dimensions])
    if not bases:
        return np.zeros_like(sizes)
    units = np.linalg.lstsq(powers, sizes)[0]
    # Fractional powers of a dimension have to give whole powers of ten too.
    step = 1 if np.all(powers == np.round(powers)) else 2
    units = [step * _whole(unit / step) for unit in units]
    return np.round(powers @ units)


def _whole(decades: float) -> int:
    return round(decades) if abs(decades) > NATURAL else 0


def scaled(values: np.ndarray, decades: int) -> np.ndarray:
    """Values, (n,), divided by a power of ten."""
    return values / 10.0**decades if decades else values


def decades_by_name(names: Sequence[str], decades: Sequence[int]) -> Mapping[str, int]:
    """Powers of ten of the inputs that have one."""
    return {name: power for name, power in zip(names, decades, strict=True) if power}
