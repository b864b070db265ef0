"""What the bath of a solver's settings means for an ensemble, without numpy.

A table gives Gamma, bounds the levels and the temperature, and is stored with the spectra.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import product
from pathlib import Path
from typing import Any

from kondoflow.files.contract import Variable
from kondoflow.files.errors import InputError
from kondoflow.systems.anderson.baths.bath_file import BathTable, read_bath
from kondoflow.systems.anderson.hamiltonian import PARAMETERS
from kondoflow.systems.meaning import Meaning, Settings, Stored

LOWEST_T = 0.01  # in units of the distance from the Fermi energy to the next state of the bath


def table_of(solver: Settings) -> BathTable | None:
    """The table that the settings of a solver name, if they name any.

    Raises:
        InputError: If the file can't be used.
    """
    bath = solver.get("bath", "flat")
    if isinstance(bath, str) or "file" not in bath:
        return None
    return read_bath(Path(bath["file"]), float(bath.get("half_bandwidth", 1.0)))


class OfBath(Meaning):
    """What the setting `bath` means for the parameters of an ensemble and for its file."""

    of_points = ("bath",)

    def files(self, solver: Settings) -> tuple[str, ...]:
        """The table, if the bath is one."""
        bath = solver.get("bath", "flat")
        return () if isinstance(bath, str) or "file" not in bath else (bath["file"],)

    def content(self, solver: Settings) -> Settings:
        """The settings with the digest of a table in place of its name."""
        table = table_of(solver)
        return solver if table is None else {**solver, "bath": {"digest": table.digest}}

    def defaults(self, solver: Settings) -> Mapping[str, Callable[[], float]]:
        """Gamma, if the bath is a table."""
        if not self.files(solver):
            return {}

        def strength() -> float:
            table = table_of(solver)
            assert table is not None
            return table.strength

        return {"Gamma": strength}

    def check_box(self, axes: Mapping[str, Any], solver: Settings, key: str) -> None:
        """Check the corners of an ensemble's box against the bath, see `check_points`."""
        _check_names(axes, solver, key)
        table = table_of(solver)
        if table is None:
            return
        if "Gamma" not in axes:
            name = "mean of Delta over -D .. D, which is Gamma,"
            PARAMETERS["Gamma"].check(name, table.strength, solver["bath"]["file"])
        U, positions, B, T = (_ends(axes[name]) for name in ("U", "eps_d_over_U", "B", "T"))
        corners = [(u * position, b) for u, position, b in product(U, positions, B)]
        eps_d, fields = zip(*corners, strict=True)
        self.check_points({"eps_d": eps_d, "B": fields, "T": T}, solver, key)

    def check_points(
        self, points: Mapping[str, Iterable[Any]], solver: Settings, source: object
    ) -> None:
        """Check parameter sets against the bath.

        Raises:
            InputError: If there are exponents of samples beside a bath of all; if a level lies
                beyond the table, or T far below its gap at the Fermi energy.
        """
        _check_names(points, solver, source)
        table = table_of(solver)
        if table is None:
            return
        name = solver["bath"]["file"]
        low, high = table.omega[0], table.omega[-1]
        for eps_d, B in zip(points["eps_d"], points["B"], strict=True):
            if not low <= eps_d - abs(B) / 2 <= eps_d + abs(B) / 2 <= high:
                allowed = f"within the frequencies of {name}, {low:g} .. {high:g}, in both spins"
                raise InputError(source, "eps_d", float(eps_d), allowed)
        coldest, least = min(map(float, points["T"])), LOWEST_T * table.gap
        if coldest < least:
            allowed = (
                f"at least {least:.3g}, a hundredth of the gap of {name} at the Fermi energy, "
                "where its chain ends"
            )
            raise InputError(source, "T", coldest, allowed)

    def stored(self, solver: Settings, names: Collection[str]) -> Stored:
        """The table as variables, and the attribute `bath` in words."""
        bath, table = solver.get("bath", "flat"), table_of(solver)
        if table is None:
            if "r" in names:
                return {}, {"bath": "abs(omega)**r, r of each sample"}
            return {}, {
                "bath": bath if isinstance(bath, str) else f"abs(omega)**{bath['exponent']}"
            }
        file = Path(bath["file"]).name
        words = f"table bath_omega, bath_Delta, from {file}, sha256 {table.digest}"
        columns = {
            "bath_omega": (_column("frequencies of the bath's table"), table.omega),
            "bath_Delta": (_column("-Im Delta at bath_omega in the table"), table.Delta),
        }
        return columns, {"bath": words}


def _column(long_name: str) -> Variable:
    return Variable(("bath",), "float64", "D", long_name)


def _check_names(names: Iterable[str], solver: Settings, source: object) -> None:
    if "r" in names and solver.get("bath", "flat") != "flat":
        allowed = "left out, as the solver's settings name the bath of all samples"
        raise InputError(source, "r", "an exponent of each sample", allowed)


def _ends(axis: Any) -> tuple[float, ...]:
    return tuple(map(float, axis["range"])) if isinstance(axis, Mapping) else (float(axis),)
