"""What the configuration says of a system: entries that name entries of another section."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from kondoflow.files.errors import InputError


def check_knowledge(key: str, system: Mapping[str, Any]) -> None:
    """Check that the entries of a system name only descriptors, inputs and references it has.

    Args:
        key: Where the system stands in the configuration.
        system: What is known about it.

    Raises:
        InputError: Names the first entry that names something unknown.
    """
    named = [("colours", name) for name in system.get("colours", [])]
    named += [("scale", system["scale"])] if "scale" in system else []
    for kind, name in named:
        _check_name(f"{key}.{kind}", name, "descriptors", system["descriptors"])
    low, high = system.get("bounds", {}).get("spectral_function", (None, None))
    if low is not None and high is not None and not low < high:
        allowed = "[low, high] with low < high, or null for either"
        raise InputError("config", f"{key}.bounds.spectral_function", [low, high], allowed)
    section = "inputs" if system.get("inputs") else "parameters"
    for name in system.get("with_unit", []):
        _check_name(f"{key}.with_unit", name, section, system[section])
    for name, landmark in system.get("landmarks", {}).items():
        place = f"{key}.landmarks.{name}"
        _check_name(f"{place}.quantity", landmark["quantity"], "descriptors", system["descriptors"])
        known = {*system["descriptors"], *(system.get("inputs") or system["parameters"])}
        for axis in landmark.get("plane", ()):
            _check_name(f"{place}.plane", axis, "descriptors and inputs", known)
    published = system.get("published", {})
    for kind, section in (("pearson", "descriptors"), ("regression", "references")):
        for name in published.get(kind, {}):
            _check_name(f"{key}.published.{kind}", name, section, system.get(section, {}))


def _check_name(key: str, name: str, section: str, names: Collection[str]) -> None:
    if name not in names:
        raise InputError("config", key, name, f"one of the {section} {sorted(names)}")
