"""The functions that do the work of a system, in its modules `computation` and `reading`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr


@dataclass(frozen=True)
class Record:
    """A solution on its way to a file.

    Attributes:
        values: By variable: all that `System.solved` names, and what was asked for of
            `System.on_request`, without the dimension `sample`.
        intermediate: The intermediate result by variable, if it was asked for.
    """

    values: Mapping[str, Any]
    intermediate: Mapping[str, np.ndarray] | None = None


class SolverSettings(Protocol):
    """What a computation makes of the settings of the configuration."""

    @property
    def omega(self) -> np.ndarray:
        """Stored frequencies, (n,)."""

    @property
    def keep_raw(self) -> bool:
        """Whether solutions carry their intermediate result; asked only where there is one."""


class Computation(Protocol):
    """The module `computation` of a system."""

    parameters_of: Callable[[Mapping[str, np.ndarray]], dict[str, np.ndarray]]
    """Parameters from axes, columns (n,) by name."""

    windows_of: Callable[[Mapping[str, np.ndarray]], dict[str, np.ndarray]]
    """Values, (n,), of the quantities that `accept` may restrict, from parameters."""

    settings_of: Callable[[Mapping[str, Any], Mapping[str, Any]], SolverSettings]
    """Settings from the parts `solver` and `omega` of an ensemble."""

    prepare: Callable[[], None]
    """Once in each process that starts others, before they start: compile, for example."""

    solve: Callable[[Mapping[str, float], Any], Record]
    """Solve one parameter set. `ValueError` and `ArithmeticError` set the sample apart."""

    groups_of: Callable[[Sequence[Mapping[str, float]], Any], list[list[int]]]
    """Indices of parameter sets that share work; a module that has it has `solve_together`."""

    solve_together: Callable[[Sequence[Mapping[str, float]], Any], list[Record]]
    """Solve such a group. The numbers are those of single solutions."""

    finish: Callable[[Mapping[str, float], Mapping[str, np.ndarray], Any], Record]
    """The same from an intermediate result; asked only of systems that have one."""


class Reading(Protocol):
    """The module `reading` of a system, which needs no solver: spectra may be brought in a file."""

    read_off: Callable[[xr.Dataset], dict[str, np.ndarray]]
    """What `System.readable` names, (sample,), NaN where it can't be read, from a set of spectra.

    Of the variables of the set it uses the spectra, the parameters and the split alone.
    """
