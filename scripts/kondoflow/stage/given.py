"""What Snakemake was told of jobs, on the command line or in a profile: cores, names of rules.

Needs only the standard library, because Snakemake reads it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches

from kondoflow.files.errors import InputError


def check_cores(cores: int | None) -> None:
    """Refuse a number of cores on which nothing can run.

    Raises:
        InputError: If there is none.
    """
    if cores is not None and cores < 1:
        allowed = "a whole number of at least 1, or all"
        raise InputError("command line", "--cores", cores, allowed)


def remarks_on_rules(given: Mapping[str, Iterable[str]], rules: Collection[str]) -> list[str]:
    """Say which settings are for rules that do not exist; Snakemake takes them without a word.

    Args:
        given: Rules that each option names.
        rules: The rules that there are.
    """
    remarks = []
    for option, names in given.items():
        for name in names:
            if name not in rules:
                near = get_close_matches(name, rules, 1)
                advice = f"; did you mean {near[0]}?" if near else ""
                remarks.append(f"{option} {name} changes nothing: no rule has this name{advice}")
    return remarks
