"""How a law is sought, and what the search came to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kondoflow.discovery.engines.interface import SearchSettings
from kondoflow.discovery.laws.combining import COMBINATIONS
from kondoflow.discovery.laws.law import Law
from kondoflow.discovery.laws.remainder import Composed

Known = tuple[str, Law]


@dataclass(frozen=True)
class Plan:
    """How a law is sought.

    Attributes:
        settings: The extent of one search.
        n_points: Samples that a search sees.
        parsimony: Logarithm of the error that one more operation, or constant, must gain.
        known: Number of equations of the region that a stage starts from.
        restarts: Searches for a part at a time.
        rounds: Times that a known part with fitted constants is sought anew.
        stages: Number of stages after the law of the region.
        constants: Fitted constants that a law may have.
        combine: Combinations that are tried.
        free: Whether the known part's constants are refitted with the others.
    """

    settings: SearchSettings
    n_points: int
    parsimony: float
    known: int
    restarts: int
    rounds: int
    stages: int
    constants: int
    combine: tuple[str, ...] = COMBINATIONS
    free: bool = True

    @classmethod
    def from_config(cls, equations: Mapping[str, Any]) -> Plan:
        """The plan in the `equations` section of a configuration."""
        after = equations["after"]
        return cls(
            settings=replace(SearchSettings.from_config(equations), max_length=after["max_length"]),
            n_points=equations["n_points"],
            parsimony=equations["parsimony"],
            known=after["known"],
            restarts=after["restarts"],
            rounds=after["rounds"],
            stages=after["stages"],
            constants=after["constants"],
            combine=tuple(after["combine"]),
            free=after["known_constants"] == "free",
        )


@dataclass
class Search:
    """What a search for a law came to.

    Attributes:
        known: Known parts that were tried.
        region: R^2 of the best equation on the validation samples of the region.
        screened: Smallest error by combination, over the short searches of the first stage.
        trials: Laws of all searches.
        chosen: The law; None if there is none.
        expressions: Number of expressions that evolution evaluated.
        compared: Number of laws that were compared on training and validation samples.
    """

    known: list[Known] = field(default_factory=list)
    region: float = -math.inf
    screened: dict[str, float] = field(default_factory=dict)
    trials: list[Composed] = field(default_factory=list)
    chosen: Composed | None = None
    expressions: int = 0
    compared: int = 0
