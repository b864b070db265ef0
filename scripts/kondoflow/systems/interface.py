"""What a computed system provides, and in which words.

A system has parameters (the arguments of its Hamiltonian or of its formulas) and axes (the
coordinates in which an ensemble is drawn, such as a level position in units of the interaction).
A solution belongs to one set of parameters. It is a number or an array for each variable of the
system's contract. Settings are the options of its solver and the grid of frequencies.

`System` describes all this without numerical libraries, so that a configuration can be checked in
an environment that holds Snakemake alone. The functions that do the work stand in another module of
the system, which is imported when it is needed, see `systems.computation`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kondoflow.files.contract import Variable, per_sample
from kondoflow.files.errors import InputError
from kondoflow.files.splits import SPLIT
from kondoflow.systems.computation import Record as Record  # systems of users import it from here
from kondoflow.systems.meaning import Meaning, Settings

VALID, FAILED = 0, 1  # indices into the statuses of every system
STATUSES = ("valid", "failed")

Bounds = tuple[float, float]


@dataclass(frozen=True)
class Parameter:
    """A parameter of the system.

    Attributes:
        low: Smallest value that is accepted.
        high: Largest value that is accepted.
        units: Its unit, "1" if it is dimensionless.
        long_name: What it is, in words.
        default: Value in tables that leave the column out; None if they must not.
        optional: Whether a set of points has it only where its axes or its table name it.
    """

    low: float
    high: float
    units: str
    long_name: str
    default: float | None = None
    optional: bool = False

    @property
    def variable(self) -> Variable:
        """Its entry in the contract."""
        return per_sample(self.units, self.long_name)

    def check(self, name: str, value: float, source: object) -> None:
        """Raise an `InputError` that names the parameter if a value is out of bounds."""
        if not self.low <= value <= self.high:  # also if it is NaN
            unit = "" if self.units == "1" else f" {self.units}"
            raise InputError(source, name, value, f"between {self.low:g} and {self.high:g}{unit}")


@dataclass(frozen=True)
class System:
    """A computed system as far as it can be described without computing.

    Attributes:
        folder: Where the system stands.
        title: Title of a set of its spectra.
        source: The method of its solution.
        references: Publications of the method.
        parameters: Parameters by name.
        axes: Bounds of the axes that an ensemble is drawn from, by name.
        further: Parameters that a set of points has only where its axes or its table name them;
            each is an axis of the same name.
        quantities: Variables that a solution gives beside the parameters; `spectral_function` and
            `omega` are among them.
        offered: Further variables that a solution gives on request, by the name under which the
            setting `store` of the solver asks for them.
        coordinates: Labels of dimensions that have no variable of their own.
        windows: Names of the quantities that an ensemble may restrict (`accept`).
        statuses: Reasons why a solution can't be used; the first two are those of `STATUSES`.
        without_effect: Settings that change no solution.
        intermediate: What a solution may leave before its last step, the finish (such as peaks
            before broadening), so that the finish can be repeated; empty if there is no such step.
        intermediate_coordinates: Labels of its dimensions.
        before_finish: Settings on which the intermediate result depends.
        stored_before_finish: Those names of `offered` on which it depends.
        readable: Quantities that the system's module `reading` reads off spectra, by name, see
            `computation.Reading`; empty if there is no such module.
        libraries: Libraries whose versions are recorded.
        apart: Modules of the folder whose text changes no solution.
        meaning: What the settings of the solver mean beside their values.
    """

    folder: Path
    title: str
    source: str
    references: str
    parameters: Mapping[str, Parameter]
    axes: Mapping[str, Bounds]
    quantities: Mapping[str, Variable]
    offered: Mapping[str, Mapping[str, Variable]] = field(default_factory=dict)
    coordinates: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    further: Mapping[str, Parameter] = field(default_factory=dict)
    windows: tuple[str, ...] = ()
    statuses: tuple[str, ...] = STATUSES
    without_effect: tuple[str, ...] = ()
    intermediate: Mapping[str, Variable] = field(default_factory=dict)
    intermediate_coordinates: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    before_finish: tuple[str, ...] = ()
    stored_before_finish: tuple[str, ...] = ()
    readable: Mapping[str, Variable] = field(default_factory=dict)
    libraries: tuple[str, ...] = ("numpy", "scipy", "xarray", "netcdf4")
    apart: tuple[str, ...] = ("contract.py", "definition.py")
    meaning: Meaning = field(default_factory=Meaning)

    @property
    def name(self) -> str:
        """The name of the folder."""
        return self.folder.name

    def using(self, names: Iterable[str]) -> System:
        """The system with those of its further parameters that are among some names."""
        used = {name: self.further[name] for name in names if name in self.further}
        axes = {name: (each.low, each.high) for name, each in used.items()}
        return replace(
            self, parameters={**self.parameters, **used}, axes={**self.axes, **axes}, further={}
        )

    @property
    def accepted(self) -> Mapping[str, Parameter]:
        """Parameters that a table may have, the further ones among them."""
        return {**self.parameters, **self.further}

    def with_defaults(self, solver: Settings) -> System:
        """The system with the defaults of parameters that the settings of a solver give.

        Raises:
            InputError: If a file that the settings name can't be used.
        """
        given = {name: value() for name, value in self.meaning.defaults(solver).items()}
        parameters = {
            name: replace(each, default=given.get(name, each.default))
            for name, each in self.parameters.items()
        }
        return replace(self, parameters=parameters)

    @property
    def status(self) -> Variable:
        """The variable that says whether a solution can be used."""
        text = "whether the solution can be used"
        return Variable(("sample",), "int8", "1", text, optional=True, flags=self.statuses)

    @property
    def variables(self) -> Mapping[str, Variable]:
        """Contract of a set of this system's spectra."""
        first = ("spectral_function", "omega")
        return {
            **{name: self.quantities[name] for name in first},
            **{name: parameter.variable for name, parameter in self.parameters.items()},
            **{name: each for name, each in self.quantities.items() if name not in first},
            "cpu_seconds": per_sample("s", "processor time of the solution"),
            "split": SPLIT,
            "status": self.status,
        }

    @property
    def rejected(self) -> Mapping[str, Variable]:
        """What a set of spectra keeps of the samples that can't be used, if there are any."""
        kept = {name: each.variable for name, each in self.parameters.items()}
        return {
            f"rejected_{name}": Variable(
                ("rejected",), each.dtype, each.units, each.long_name, True, each.flags
            )
            for name, each in {**kept, "status": self.status}.items()
        }

    @property
    def solved(self) -> tuple[str, ...]:
        """Names of the per-sample variables of a solution, beside its parameters."""
        apart = {"omega", "split", *self.parameters}
        return tuple(name for name in self.variables if name not in apart)

    @property
    def on_request(self) -> Mapping[str, Variable]:
        """All variables that a solution may give on request, by name."""
        return {name: each for group in self.offered.values() for name, each in group.items()}

    @property
    def kept(self) -> Mapping[str, Variable]:
        """Contract of a file of intermediate results."""
        parameters = {name: each.variable for name, each in self.parameters.items()}
        return {**parameters, **self.intermediate}

    def check(self, values: Mapping[str, Iterable[Any]], source: object) -> None:
        """Check parameter sets against the bounds.

        Args:
            values: Columns (n,) by parameter.
            source: File or part of the configuration named in an error.

        Raises:
            InputError: Names the first parameter that is out of bounds, and its value.
        """
        for name, parameter in self.using(values).parameters.items():
            for value in values[name]:
                parameter.check(name, float(value), source)
