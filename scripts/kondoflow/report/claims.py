"""What is claimed of an equation and where it was tested, for the terminal and the explorer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kondoflow.report.numbers import r2
from kondoflow.report.words import has_form_of, obstacles_of


def claim_in_words(entry: Mapping[str, Any], named: Callable[[str], str] = str) -> str:
    """The recovered references, or else the nearest and why it is not the same law.

    Args:
        entry: A target of the verdict.
        named: How a reference is written.
    """
    if entry["recovered"]:
        return f"recovers {', '.join(map(named, entry['recovered']))}"
    if not entry["references"]:
        return "is compared with no known formula"
    if entry["nearest"] is None:
        return "recovers no known formula"
    nearest, name = entry["references"][entry["nearest"]], named(entry["nearest"])
    why = "".join(obstacles_of(nearest)[:1])
    if has_form_of(nearest):
        return f"has the form of {name}, but does not recover it: {why}"
    if nearest["law"].get("little") and nearest["obstacles"] == ["law"]:
        return f"agrees with {name} in all that the samples tell, but does not recover it: {why}"
    return f"recovers no known formula (nearest {name}: {why})"


def reach_in_words(errors: Mapping[str, Any]) -> str:
    """R^2 of an equation on test samples, how many these are, and R^2 outside the region."""
    test, outside = errors["test"], errors["outside"]
    n_all = sum(errors[part]["n"] + errors[part]["undefined"] for part in ("test", "test_outside"))
    if not outside["n"]:
        return f"R\u00b2 {r2(test['r2'])} on {test['n']:,} test samples"
    return (
        f"R\u00b2 {r2(test['r2'])} on the {test['n']:,} of {n_all:,} test samples in the region; "
        f"{r2(outside['r2'])} outside, on {outside['n']:,} samples"
    )
