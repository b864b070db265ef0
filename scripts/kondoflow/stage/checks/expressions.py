"""Whether the expressions of the configuration's `systems` can be used, before any work starts.

Needs only the standard library, like all checks of the configuration.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Mapping
from typing import Any

from kondoflow.files.errors import InputError
from kondoflow.formulas.grammar import check_names, check_numbers, parse
from kondoflow.formulas.operations import RESERVED
from kondoflow.formulas.symmetries import read_even
from kondoflow.formulas.trees import Expression, Name, names_in
from kondoflow.systems.registry import find_system, system_names

SECTIONS = ("descriptors", "inputs", "targets", "joint", "references")  # name: expression
QUANTITIES = ("descriptors", "inputs", "targets", "joint")  # names beside the data's


def check_systems(
    systems: Mapping[str, Mapping[str, Any]], known: Mapping[str, Collection[str]] | None = None
) -> None:
    """Parse every expression of the configuration's `systems`.

    Args:
        systems: The section of the configuration.
        known: Names of the per-sample variables by system, where they are known beforehand.

    Raises:
        InputError: Names the first key whose expression can't be used, or the first input or
            target whose name can't stand in an equation.
    """
    for system, entry in systems.items():
        _check_expressions(system, entry, (known or {}).get(system))
        _check_one_meaning(f"systems.{system}", entry)
        _check_input_names(f"systems.{system}", entry)
        _check_target_names(f"systems.{system}", entry)
        _check_law(f"systems.{system}.law", entry, (known or {}).get(system))


def _check_expressions(
    system: str, entry: Mapping[str, Any], names: Collection[str] | None
) -> None:
    readable = find_system(system).readable if system in system_names() else ()
    for place, text in texts_of(entry).items():
        key = f"systems.{system}.{place}"
        expression = parse(text, key, condition=place == "region")
        check_numbers(expression, text, key)
        if names is not None:
            known = {*names, *readable} if place.startswith("joint.") else names
            _check_inputs_apart(expression, entry, text, key, known)
            check_names(expression, text, key, known)
            _check_meaning(place, expression, text, key, known)


def _check_one_meaning(section: str, entry: Mapping[str, Any]) -> None:
    """Refuse a name with two formulas: on the page it has one label and one unit."""
    said: dict[str, tuple[str, Expression, str]] = {}
    for part in QUANTITIES:
        for name, text in entry.get(part, {}).items():
            key = f"{section}.{part}.{name}"
            expression = parse(text, key)
            place, first, words = said.setdefault(name, (key, expression, text))
            if expression != first:
                allowed = f"{words}, as {place}, or of another name"
                raise InputError("config", key, text, allowed)


def _check_inputs_apart(
    expression: Expression,
    entry: Mapping[str, Any],
    text: str,
    key: str,
    names: Collection[str],
) -> None:
    """Refuse expressions over inputs: only the search knows an input by its name."""
    inputs = entry.get("inputs", {})
    for name in sorted(names_in(expression) - set(names)):
        if name in inputs:
            allowed = f"a formula over {', '.join(sorted(names))}; write {inputs[name]} for {name}"
            raise InputError("config", key, text, f"{allowed}, the name of an input")


def _check_meaning(
    place: str, expression: Expression, text: str, key: str, names: Collection[str]
) -> None:
    """Refuse a quantity with the name of other data: it would have their label too."""
    part, _, name = place.partition(".")
    if part in QUANTITIES and name in names and expression != Name(name):
        allowed = f"{name} itself, which the data have, or another name, such as own_{name}"
        raise InputError("config", key, text, allowed)


def texts_of(entry: Mapping[str, Any]) -> dict[str, str]:
    """Expressions of a system by the place where they stand."""
    texts = {f"parameters.{name}": name for name in entry["parameters"]}
    texts |= {
        f"{part}.{name}": text for part in SECTIONS for name, text in entry.get(part, {}).items()
    }
    return texts | ({"region": entry["region"]} if "region" in entry else {})


def _check_input_names(section: str, entry: Mapping[str, Any]) -> None:
    for part in ("parameters", "inputs"):
        for name in entry.get(part, ()):
            if name in RESERVED or keyword.iskeyword(name):
                allowed = (
                    "a name that is neither a function nor a word of the language; in a file of "
                    "yours the key properties renames it: {new_name: " + name + "}; in a second "
                    "table of properties, its first line"
                )
                raise InputError("config", f"{section}.{part}", name, allowed)


def _check_target_names(section: str, entry: Mapping[str, Any]) -> None:
    for part in ("targets", "joint"):
        for name in entry.get(part, ()):
            if re.fullmatch(r"latent_\d+", name):
                allowed = "another name: latent_0, latent_1 ... are the latents"
                raise InputError("config", f"{section}.{part}", name, allowed)
    for name in entry.get("joint", ()):
        if name in entry.get("targets", ()):
            allowed = f"a name that no target has, such as joint_{name}"
            raise InputError("config", f"{section}.joint", name, allowed)


def _check_law(section: str, entry: Mapping[str, Any], names: Collection[str] | None) -> None:
    law = entry.get("law")
    if law is None:
        return
    targets, joint = entry.get("targets", {}), entry.get("joint", {})
    if law["target"] not in {*targets, *joint}:
        also = f" or of the joint quantities {sorted(joint)}" if joint else ""
        allowed = f"one of the targets {sorted(targets)}{also} (law: null for no law)"
        raise InputError("config", f"{section}.target", law["target"], allowed)
    is_joint = law["target"] in joint
    for key in ("run", "truth"):
        if (key in law) != is_joint:
            told, kind = ("given", "a") if is_joint else ("left out", "no")
            allowed = f"{told}, as the target {law['target']} is {kind} joint quantity"
            raise InputError("config", f"{section}.{key}", law.get(key), allowed)
    given: list[tuple[str, str, Expression]] = []
    if "truth" in law:
        given.append(("truth", law["truth"], parse(law["truth"], f"{section}.truth")))
    if "small" in law:
        given.append(("small", law["small"], parse(law["small"], f"{section}.small")))
    for index, text in enumerate(law.get("symmetries", ())):
        place = f"symmetries.{index}"
        given.append((place, text, read_even(text, f"{section}.{place}")[0]))
    for name, limit in law.get("limits", {}).items():
        place = f"limits.{name}"
        texts = {f"{place}.at.{x}": text for x, text in limit["at"].items()}
        texts[f"{place}.value"] = limit["value"]
        given += [(key, text, parse(text, f"{section}.{key}")) for key, text in texts.items()]
        given += [(f"{place}.at", x, Name(x)) for x in limit["at"]]
    for place, text, expression in given:
        if names is not None:
            check_names(expression, text, f"{section}.{place}", names)
