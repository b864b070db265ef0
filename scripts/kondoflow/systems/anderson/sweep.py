"""Points of the user's choice as a labelled data set, each chain diagonalised once a sweep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import xarray as xr
import yaml
from threadpoolctl import threadpool_limits

from kondoflow.files.contract import assemble
from kondoflow.files.errors import InputError
from kondoflow.systems.anderson.compilation import ensure_compiled
from kondoflow.systems.anderson.contract import SPINS, STORE
from kondoflow.systems.anderson.definition import SYSTEM
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.nrg.raw import Raw
from kondoflow.systems.anderson.settings import Settings
from kondoflow.systems.anderson.solver import Solution, finish
from kondoflow.systems.anderson.z_average import diagonalise_sweep, sharing_chains

Values = float | Sequence[float] | np.ndarray
HERE = Path(__file__).parent


def solve(
    *,
    U: Values,
    Gamma: Values,
    eps_d: Values,
    B: Values = 0.0,
    T: Values,
    r: Values = 0.0,
    omega: Mapping[str, float] | None = None,
    **solver: Any,
) -> xr.Dataset:
    """Solve the Anderson model at points of the user's choice, see `solve_points`.

    Args:
        U: Repulsion, in units of D like all that follow.
        Gamma: Hybridisation strength.
        eps_d: Level energy.
        B: Magnetic field.
        T: Temperature, of a sweep for example.
        r: Exponent of the bath; with 0 it is that of the settings.
        omega: Changes of the stored grid (n_side, min, max).
        **solver: Changes of the solver's settings (store, n_keep and so on), see `system.yaml`.

    Raises:
        InputError: If a parameter or a setting is not usable.
        ValueError: If LAPACK fails, or the shapes can't be combined.
    """
    known = yaml.safe_load((HERE / "system.yaml").read_text())
    settings = {
        "solver": {**known["solver"], **solver},
        "omega": {**known["omega"], **(omega or {})},
    }
    settings["solver"]["store"] = list(settings["solver"]["store"])
    schema = yaml.safe_load((HERE / "schema.yaml").read_text())
    for error in jsonschema.Draft202012Validator(schema).iter_errors(settings):
        path = ".".join(map(str, error.absolute_path))
        raise InputError("solve", path, error.instance, error.message)
    ensure_compiled()
    wanted = Settings.from_config(settings["solver"], settings["omega"])
    return solve_points(wanted, U=U, Gamma=Gamma, eps_d=eps_d, B=B, T=T, r=r)


def solve_points(
    settings: Settings,
    *,
    U: Values,
    Gamma: Values,
    eps_d: Values,
    B: Values = 0.0,
    T: Values,
    r: Values = 0.0,
) -> xr.Dataset:
    """Solve the Anderson model at points of the user's choice.

    Arrays are combined element by element, as numpy does: `T=[1e-5, 1e-4]` with numbers for the
    rest is a temperature sweep. Points that differ in T alone share the diagonalisation of a chain
    where T asks for the same number of sites. The numbers are those of single solutions.

    Args:
        settings: The solver's settings; `store` adds variables.
        U: Repulsion, in units of D like all that follow.
        Gamma: Hybridisation strength.
        eps_d: Level energy.
        B: Magnetic field.
        T: Temperature.
        r: Exponent of the bath; with 0 it is that of the settings.

    Returns:
        The variables of a set of spectra (but split and status) and of `contract.STORE`.

    Raises:
        InputError: If a parameter lies outside the solver's bounds.
        ValueError: If LAPACK fails, or the shapes can't be combined.
    """
    columns = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(x, float)) for x in (U, Gamma, eps_d, B, T, r))
    )
    rows = zip(*(column.ravel().tolist() for column in columns), strict=True)
    impurities = [Impurity(*row) for row in rows]
    for impurity in impurities:
        impurity.check()
    with threadpool_limits(1):
        raw = _diagonalise(impurities, settings)
        solutions = [
            finish(impurity, each, settings) for impurity, each in zip(impurities, raw, strict=True)
        ]
    return _dataset(impurities, solutions, settings)


def _diagonalise(impurities: Sequence[Impurity], settings: Settings) -> list[Raw]:
    found: dict[int, Raw] = {}
    for indices in sharing_chains(impurities, settings):
        results = diagonalise_sweep([impurities[index] for index in indices], settings)
        found.update(zip(indices, results, strict=True))
    return [found[index] for index in range(len(impurities))]


def _dataset(
    impurities: Sequence[Impurity], solutions: Sequence[Solution], settings: Settings
) -> xr.Dataset:
    stored = {name: variable for key in settings.store for name, variable in STORE[key].items()}
    used = ["r"] if any(each.r for each in impurities) else []
    system = SYSTEM.using(used)
    variables = system.variables
    table = {name: v for name, v in variables.items() if name not in ("split", "status")} | stored
    values = {"omega": settings.omega}
    for name in table:
        if name in system.parameters:
            values[name] = np.array([getattr(each, name) for each in impurities])
        elif name in stored:
            values[name] = np.array([each.extra[name] for each in solutions])
        elif name != "omega":
            values[name] = np.array([getattr(each, name) for each in solutions])
    attributes = {"title": "Spectral functions"}
    return assemble(values, table, attributes, {"spin": np.array(SPINS)})
