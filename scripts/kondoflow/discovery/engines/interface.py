"""The interface of a regression engine: one seeded search on one set of samples gives equations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np

from kondoflow.discovery.objectives import Objective
from kondoflow.formulas.dimensions import Dimension


class EngineUnavailableError(RuntimeError):
    """An engine that can't be started on this machine; the message says why."""


@dataclass(frozen=True)
class SearchSettings:
    """The extent of one search.

    Attributes:
        symbols: Operations an equation may use beside constants, of those that
            `formulas.operations` has for the engine.
        max_length: Largest number of nodes of an expression tree.
        population: Expressions kept in a generation.
        generations: Generations (PySR: iterations).
        seconds: Limit of one search.
        reciprocals: Whether 1/x is an input wherever x is.
    """

    symbols: tuple[str, ...]
    max_length: int
    population: int
    generations: int
    seconds: float
    reciprocals: bool = False

    @classmethod
    def from_config(cls, section: Mapping[str, Any]) -> Self:
        """Settings in the `equations` section of a configuration."""
        return cls(
            symbols=tuple(section["symbols"]),
            max_length=section["max_length"],
            population=section["population"],
            generations=section["generations"],
            seconds=section["seconds"],
            reciprocals=section.get("reciprocals", False),
        )


@dataclass(frozen=True)
class SearchProblem:
    """One search.

    Attributes:
        label: Unique name of the search within its stage.
        names: Names of the inputs.
        X: Inputs, (n, input), finite.
        y: Target, (n,), finite.
        objective: The maps up to which equation and target are compared.
        settings: The extent of the search.
        seed: Seed of every random number.
        dimensions: Of each input; empty if nothing is known of them. The caller drops equations
            that do not respect them.
        with_sums: Whether all short sums are tried too, by an engine that can. They do not depend
            on the seed, so that one of several searches is enough.
    """

    label: str
    names: tuple[str, ...]
    X: np.ndarray
    y: np.ndarray
    objective: Objective
    settings: SearchSettings
    seed: int
    dimensions: tuple[Dimension, ...] = ()
    with_sums: bool = True


@dataclass(frozen=True)
class SearchResult:
    """What a search found.

    Attributes:
        equations: Equations in the inputs' names, in the language of `formulas.grammar`,
            over a range of lengths.
        timed_out: Whether the time limit ended the search, so that a repetition may differ.
    """

    equations: tuple[str, ...]
    timed_out: bool


class Engine(Protocol):
    """A regression engine; it is sent to worker processes, so it must be picklable."""

    @property
    def name(self) -> str:
        """Name in the configuration and in file names."""

    def prepare(self) -> dict[str, str]:
        """Prepare what all searches share and return the versions of the packages that run.

        Called once, in a worker, before the first search starts.

        Raises:
            EngineUnavailableError: If the engine can't run on this machine.
        """

    def search(self, problem: SearchProblem) -> SearchResult:
        """Search once; the same problem gives the same result, in any process.

        Raises:
            EngineUnavailableError: If the search failed; other searches may not.
        """

    def remains(self, problem: SearchProblem) -> SearchResult | None:
        """What a search left whose process died; None if nothing."""

    def last_words(self, label: str) -> str:
        """What was printed by the search `label`, whose process died; empty if nothing."""
