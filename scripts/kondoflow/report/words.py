"""Decisions of the verdict in words, the same in the terminal and on the page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

ENGINES = {"operon": "Operon", "pysr": "PySR"}  # as their authors write them
RELATIONS = {
    "lt": "below",
    "le": "at most",
    "gt": "above",
    "ge": "at least",
    "eq": "equal to",
    "ne": "other than",
}
OBSTACLES = {  # in the verdict: in words
    "score": "the equation explains too little of the target",
    "terms": "coefficients of its terms differ from 1",
    "unmeasured": "too few samples outside training to compare it with the data",
    "undefined": "it has no value on some of the samples",
    "data": "the data depart from it",
    "misfit": "corrected by what it misses of the data, the equation is another law",
    "imitation": "the data prefer the formula to the equation, which only approximates it",
    "rivals": "another formula describes the data better",
    "ambiguous": "another formula describes the data as well",
    "open": "the choice is open: no constants turn the equation into it, but the data do not tell "
    "the two apart",
}
UNGIVEN = "the formula needs {}, which the search was not given (equations: symbols)"
STATUS = {
    "same law": "same law",
    "close": "close, but not the same law",
    "not": "another law",
    "undecidable": "cannot be decided",
}
FOLLOWS = 0.7  # rank correlation from which a latent is said to follow a quantity
PARALLEL = 1.0  # degrees between gradients below which they are called parallel
REASONS = {  # why a comparison is undecidable or only close
    "one input": "it cannot be told from another law of the same variable, so nothing is claimed",
    "narrow": "the samples extend too little to tell it from a power law",
    "little": "one of its inputs varies too little for its power to be seen",
    "few samples": "it has a value on too few samples",
    "constant": "it is the same on all samples",
    "approximation": "the equation is so much longer that it may approximate anything",
}

MAP_LETTERS = "ghkqw"  # the first that an equation leaves free names the map to its target


def map_letter(entry: Mapping[str, Any]) -> str:
    """A letter for the map from an equation to its target that stands in neither."""
    text = " ".join((entry["target"], entry["shown"], entry["latex"]))
    taken = set(re.findall(r"(?<![A-Za-z\\])[A-Za-z](?![A-Za-z])", text))
    return next((letter for letter in MAP_LETTERS if letter not in taken), "map")


def obstacles_of(found: Mapping[str, Any]) -> list[str]:
    """What stands against a reference, in words; empty if it is recovered.

    That other references are as good is left out where the reference is excluded anyway.
    """
    names = list(found["obstacles"])
    if "rivals" in names and "ambiguous" in names:
        names.remove("ambiguous")
    lacks = found.get("lacks")
    if lacks and found["law"]["reason"] in LACKING:
        names.remove("law")  # it says the same
    words = [_of_law(found) if name == "law" else OBSTACLES[name] for name in names]
    lacking = found.get("ungiven", ())
    if lacking and {"law", "imitation", "open"} & {*found["obstacles"]}:
        words.append(UNGIVEN.format(joined(lacking)))
    return [LACKING[lacks["kind"]].format(_constant(lacks)), *words] if lacks else words


LACKING = {  # constants that alone keep an equation from being a reference
    "factor": "the formula lacks a factor of {}",
    "offset": "the formula lacks a constant, {}, that is added",
}


def lack_in_words(lacks: Mapping[str, Any] | None) -> str:
    """The constant that a reference lacks, as words that go after it; empty if it lacks none."""
    if not lacks:
        return ""
    what = "a factor of" if lacks["kind"] == "factor" else "the summand"
    return f"it lacks {what} {_constant(lacks)}"


def _constant(lacks: Mapping[str, Any]) -> str:
    """A constant with its 95 % interval, as digits allow."""
    text = f"{lacks['constant']:.3g}"
    ends = [f"{end:.3g}" for end in lacks["interval"] or ()]
    return text if not ends or ends == [text, text] else f"{text} ({ends[0]} to {ends[1]})"


def has_form_of(found: Mapping[str, Any]) -> bool:
    """Whether an equation is the same law as a reference, whatever stands against its recovery.

    What only approximates a formula has another form.
    """
    if found["law"]["reason"] in LACKING:
        return True
    approximates = {"law", "imitation", "open"} & {*found["obstacles"]}
    return found["law"]["status"] == "same law" and not approximates


def _of_law(found: Mapping[str, Any]) -> str:
    law = found["law"]
    if law.get("little"):
        return _of_little(law["little"], found["varies_by"])
    if law["reason"] in LACKING:
        return LACKING[law["reason"]].format(f"{law['lacks']:.3g}")
    if law["reason"]:
        return REASONS[law["reason"]]
    if law["status"] == "close":
        return "close to it, but not the same law"
    if law["angle"] is not None:
        angle = law["angle"]
        if angle < PARALLEL:
            return "another law, whose gradients are parallel but of other lengths"
        return f"another law, whose gradients point {angle:.{1 if angle < 10 else 0}f} degrees away"
    return "another law"


def _of_little(little: Mapping[str, float], asked: float) -> str:
    """Inputs that vary too little for a power of theirs to be seen."""
    names, spreads = joined(list(little)), joined([f"{value:.2g}" for value in little.values()])
    if len(little) == 1:
        words = f"{names} varies too little for its power to be seen (standard deviation of its"
        return f"{words} logarithm {spreads}; {asked:g} is asked)"
    words = f"{names} vary too little for their powers to be seen (standard deviations of their"
    return f"{words} logarithms {spreads}; {asked:g} is asked)"


def joined(texts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(texts[:-1]), texts[-1]]))


def follows(spearman: float | None) -> str:
    """What a latent does to the quantity that it is nearest to, by Spearman's correlation."""
    return "follows" if abs(spearman or 0.0) >= FOLLOWS else "is nearest to"


def region_in_words(region: Mapping[str, Any]) -> str:
    """The region as text: `abs(x) below 0.35 and U above 4*Gamma`."""
    conditions = region["conditions"]
    if not conditions:
        return str(region["expression"] or "all samples")
    return " and ".join(
        f"{item['left']} {RELATIONS[item['relation']]} {item['right']}" for item in conditions
    )


def count_samples(errors: Mapping[str, Mapping[str, int]], parts: Sequence[str]) -> int:
    """Number of samples in some parts, those without a value of the equation included."""
    return sum(errors[part]["n"] + errors[part]["undefined"] for part in parts)


def common(numbers: Iterable[int]) -> int | None:
    """The number that all of some are; None where they differ, or there is none."""
    different = set(numbers)
    return different.pop() if len(different) == 1 else None


MAPS = {  # kinds of maps between equation and target, in words
    "monotone map": "after a monotone map",
    "affine map": "after an affine map",
    "identity": "without a map",
}
INSIDE = ("train", "validation", "test")  # parts of the region
ALL = (*INSIDE, "outside")
