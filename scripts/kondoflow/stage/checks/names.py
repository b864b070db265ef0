"""Names that a configuration gives to entries of `systems`: each must be that of something.

A null removes an entry of the system's own, or of a file that was read before. A label belongs to a
quantity of the data or of the configuration. Both are refused where there is no such thing, as
nobody would notice a name that is misspelt.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from typing import Any

from kondoflow.files.errors import InputError
from kondoflow.stage.checks.expressions import SECTIONS
from kondoflow.stage.checks.schema import config_schema
from kondoflow.stage.ensembles import in_use, is_computed, sample_names
from kondoflow.stage.layers import merge, own_knowledge
from kondoflow.systems.registry import find_system, system_names

OF_ALL_SPECTRA = ("spectral_function", "omega")


def check_nulls(layers: Sequence[Mapping[str, Any]]) -> None:
    """Check that every null of `systems` removes something.

    Args:
        layers: What each file says, in the order in which they change the configuration.

    Raises:
        InputError: Names the first null that removes nothing.
    """
    schema = config_schema()["properties"]["systems"]["additionalProperties"]
    known: dict[str, dict[str, Any]] = {}
    for layer in layers:
        for system, changes in _mapping(layer.get("systems")).items():
            here = known.setdefault(system, own_knowledge(system))
            _check_removed(f"systems.{system}", _mapping(changes), here, schema)
            merge(here, _mapping(deepcopy(changes)))


def _check_removed(
    key: str, changes: Mapping[str, Any], known: Mapping[str, Any], schema: Mapping[str, Any]
) -> None:
    fixed, free = schema.get("properties", {}), schema.get("additionalProperties", {})
    for name, value in changes.items():
        if value is None and name not in fixed and name not in known:
            there = sorted(other for other, entry in known.items() if entry is not None)
            instead = f", or one of {there}, to remove what is there" if there else ""
            raise InputError("config", f"{key}.{name}", value, f"left out{instead}")
        if isinstance(value, Mapping):
            inner = _mapping(fixed.get(name, free))
            _check_removed(f"{key}.{name}", value, _mapping(known.get(name)), inner)


def check_labels(
    given: Mapping[str, Mapping[str, Any]],
    systems: Mapping[str, Mapping[str, Any]],
    names: Mapping[str, Collection[str]],
) -> None:
    """Check that each label, of the configuration or a system's folder, belongs to a name.

    A configuration may also give labels to names that it removes, and to names that have a label
    in the system's folder.

    Args:
        given: What the configuration says of each system.
        systems: The same with what the folders of the systems say.
        names: Names of the data by system, for those that are to be checked.

    Raises:
        InputError: Names the first label that belongs to none.
    """
    for system, known in names.items():
        allowed, in_folder = names_with_labels(systems[system], known), own_knowledge(system)
        if in_folder:
            path, labels = find_system(system).folder / "system.yaml", in_folder.get("labels", {})
            _check_labels(path, "labels", labels, names_with_labels(in_folder, known))
            allowed |= labels.keys()
        own = given.get(system, {})
        for section in own.values():
            allowed |= {name for name, value in _mapping(section).items() if value is None}
        mine = _mapping(own.get("labels"))
        _check_labels("config", f"systems.{system}.labels", mine, allowed)


def labels_of_data(config: Mapping[str, Any], ensemble: str) -> dict[str, str]:
    """Labels of a resolved configuration that only quantities of an ensemble's file can have.

    They are checked when the file is imported, as it may not be read before. Where several
    ensembles have the system, a label may be that of another one's quantity, and none are given.
    """
    name = config["ensembles"][ensemble]["system"]
    if sum(each["system"] == name for each in in_use(config).values()) > 1:
        return {}
    system, own = config["systems"][name], own_knowledge(name)
    known = names_with_labels(system, computed_names(name) if own else ())
    if own:
        known |= names_with_labels(own, own.get("labels", {}))
    labels: Mapping[str, str] = system.get("labels", {})
    return {label: text for label, text in labels.items() if label not in known}


def _check_labels(
    source: object, key: str, labels: Mapping[str, str], names: Collection[str]
) -> None:
    for name, text in labels.items():
        if name not in names:
            allowed = f"a label of what the system has: {', '.join(sorted(names))}"
            raise InputError(source, f"{key}.{name}", text, allowed)


def names_with_labels(system: Mapping[str, Any], data: Collection[str]) -> frozenset[str]:
    """Everything of a system that can have a label: quantities, references, data, spectra."""
    entries = (name for section in SECTIONS for name in system.get(section, {}))
    return frozenset([*OF_ALL_SPECTRA, *system["parameters"], *entries, *data])


def names_of_computed(config: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Names of the data of each system whose spectra are all computed, in any ensemble in use.

    They are all that solutions can hold, whatever is asked of them.
    """
    ensembles = in_use(config).values()
    brought = {each["system"] for each in ensembles if not is_computed(each)}
    used = [name for name in config["systems"] if name in system_names() and name not in brought]
    return {name: computed_names(name) for name in used}


def computed_names(system: str) -> frozenset[str]:
    """Names of all that solutions of a system can hold, and of what is read off their spectra."""
    found = find_system(system)
    whole = found.using(found.accepted)
    return sample_names(whole, whole.offered) | {*whole.variables, *found.readable}


def _mapping(value: Any) -> Mapping[str, Any]:
    """Entries by name; those of a list have no value of their own."""
    if isinstance(value, list):
        return {name: True for name in value if isinstance(name, str)}
    return value if isinstance(value, Mapping) else {}
