"""Expressions that are evaluated many times, with other constants each time.

A fit does so. What depends on the samples alone, and what occurs twice, is calculated once. A
derivative asks for values where one constant after another is moved: only what depends on this
constant is calculated anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from kondoflow.formulas.evaluation import ON_ARRAYS
from kondoflow.formulas.trees import Expression, Name, Number


class Prepared:
    """An expression as a row of values: numbers, arrays, and operations on values before them.

    Its values have the same bits as those of `evaluate`.
    """

    def __init__(
        self, expression: Expression, known: Mapping[str, np.ndarray], shape: tuple[int, ...]
    ) -> None:
        """Calculate what is known.

        Args:
            expression: A formula or a condition.
            known: Arrays, by name, that stay the same.
            shape: Shape of the results.
        """
        self._known, self._shape = known, shape
        self._values: list[Any] = []  # None where it is not known
        self._steps: list[_Step] = []
        self._open: dict[str, int] = {}
        self._places: dict[tuple[str, object], int] = {}
        with np.errstate(all="ignore"):
            self._result = self._place(expression)
        last = {part: step.place for step in self._steps for part in step.parts}
        self._freed = [
            [part for part in step.parts if last[part] == step.place and self._values[part] is None]
            for step in self._steps
        ]
        self._after = {name: self._depending(place) for name, place in self._open.items()}

    def __call__(self, values: Mapping[str, np.ndarray]) -> np.ndarray:
        """Value of the expression.

        Args:
            values: Arrays of the other names, broadcast against each other and the known ones.
        """
        found = self._filled(values)
        with np.errstate(all="ignore"):
            for step, freed in zip(self._steps, self._freed, strict=True):
                step.take(found)
                for place in freed:
                    found[place] = None
        return self._shaped(found)

    def moved(
        self, values: Mapping[str, np.ndarray], others: Mapping[str, np.ndarray]
    ) -> np.ndarray:
        """Values of the expression where one name after another has another value.

        What does not depend on that name is calculated once.

        Args:
            values: As for a call.
            others: The other values by name, in the order of the results.

        Returns:
            The values, (name, ...).
        """
        found = self._filled(values)
        with np.errstate(all="ignore"):
            for step in self._steps:
                step.take(found)
            rows = []
            for name, value in others.items():
                changed = found.copy()
                if name in self._open:
                    changed[self._open[name]] = value
                    for step in self._after[name]:
                        step.take(changed)
                rows.append(self._shaped(changed))
        return np.array(rows)

    def _shaped(self, found: list[Any]) -> np.ndarray:
        result = found[self._result]
        return result if np.shape(result) == self._shape else np.broadcast_to(result, self._shape)

    def _filled(self, values: Mapping[str, np.ndarray]) -> list[Any]:
        found = self._values.copy()
        for name, place in self._open.items():
            found[place] = values[name]
        return found

    def _place(self, expression: Expression) -> int:
        """Where the value of an expression stands, which is added if it is not there."""
        match expression:
            case Number(value):
                return self._added(("number", repr(value)), np.array(value, dtype=np.float64))
            case Name(name):
                place = self._added(("name", name), self._known.get(name))
                if name not in self._known:
                    self._open[name] = place
                return place
        parts = tuple([self._place(argument) for argument in expression.arguments])
        key = (expression.function, parts)
        if key in self._places:
            return self._places[key]
        operation = ON_ARRAYS[expression.function]
        arguments = [self._values[part] for part in parts]
        if any(argument is None for argument in arguments):
            self._steps.append(_Step(operation, parts, len(self._values)))
            return self._added(key, None)
        return self._added(key, operation(*arguments))

    def _added(self, key: tuple[str, object], value: np.ndarray | None) -> int:
        place = self._places.setdefault(key, len(self._values))
        if place == len(self._values):
            self._values.append(value)
        return place

    def _depending(self, place: int) -> list[_Step]:
        """Steps that depend on a value."""
        places, steps = {place}, []
        for step in self._steps:
            if not places.isdisjoint(step.parts):
                places.add(step.place)
                steps.append(step)
        return steps


class _Step(NamedTuple):
    """An operation on values of a row, and where its result stands."""

    operation: Callable[..., np.ndarray]
    parts: tuple[int, ...]
    place: int

    def take(self, values: list[Any]) -> None:
        values[self.place] = self.operation(*[values[part] for part in self.parts])
