"""What the settings of a solver mean beside their values, where a system gives them a meaning.

A setting may name a file of the user's, give a parameter, or restrict the points that make sense.
Needs the standard library alone, because configurations are checked with it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from kondoflow.files.contract import Variable

Settings = Mapping[str, Any]
Stored = tuple[Mapping[str, tuple[Variable, Any]], Mapping[str, str]]


class Meaning:
    """What the settings of a solver mean beside their values; here, that of plain numbers.

    Attributes:
        of_points: Names of the settings that `defaults` and the checks depend on; the rule that
            draws points asks for them.
    """

    of_points: tuple[str, ...] = ()

    def files(self, solver: Settings) -> tuple[str, ...]:
        """Names of the user's files that the settings name."""
        del solver
        return ()

    def content(self, solver: Settings) -> Settings:
        """The settings with what their files hold in place of the names, for digests."""
        return solver

    def defaults(self, solver: Settings) -> Mapping[str, Callable[[], float]]:
        """Parameters that the settings give where neither axes nor points do.

        They are functions, because files may have to be read.
        """
        del solver
        return {}

    def grid(self, omega: Settings) -> Sequence[float]:
        """Frequencies at which spectra are stored; none where the solver alone knows them."""
        del omega
        return ()

    def check_box(self, axes: Mapping[str, Any], solver: Settings, key: str) -> None:
        """Check the axes of an ensemble, at this key, against the settings."""

    def check_points(
        self, points: Mapping[str, Iterable[Any]], solver: Settings, source: object
    ) -> None:
        """Check columns of parameter sets against the settings."""

    def remarks(self, ensemble: Mapping[str, Any]) -> list[str]:
        """What the user of an ensemble (axes, accept, solver, omega) should know before a run."""
        del ensemble
        return []

    def doubts(self, solved: Mapping[str, Sequence[float]], solver: Settings) -> list[str]:
        """What the user of solutions should know of them, a line each.

        Args:
            solved: Numbers of the solutions by name, (sample,).
            solver: The settings.
        """
        del solved, solver
        return []

    def stored(self, solver: Settings, names: Collection[str]) -> Stored:
        """What a set of spectra says of the settings beside their values.

        Args:
            solver: The settings.
            names: Names of the parameters of the set.

        Returns:
            Variables with their values, and global attributes.
        """
        del solver, names
        return {}, {}
