"""Numbers that a JSON file can hold: None in place of one that is not finite."""

from __future__ import annotations

import math
from typing import Any


def finite_numbers(value: Any) -> Any:
    """The same lists and mappings, with None for numbers that are not finite."""
    match value:
        case dict():
            return {key: finite_numbers(item) for key, item in value.items()}
        case list() | tuple():
            return [finite_numbers(item) for item in value]
        case float():
            return float(value) if math.isfinite(value) else None
    return value
