"""Points of the user's choice as a labelled data set, each chain diagonalised once a sweep."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import astuple, replace

import numpy as np
import xarray as xr
from threadpoolctl import threadpool_limits

from kondoflow.files.contract import assemble
from kondoflow.systems.anderson.contract import SPINS, STORE
from kondoflow.systems.anderson.definition import SYSTEM
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.raw import Raw
from kondoflow.systems.anderson.solver import (
    Settings,
    Solution,
    diagonalise_sweep,
    finish,
    n_sites,
)

Values = float | Sequence[float] | np.ndarray


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
    groups: dict[tuple[float, ...], list[int]] = defaultdict(list)
    for index, impurity in enumerate(impurities):
        same = *astuple(replace(impurity, T=0.0)), n_sites(impurity, settings)
        groups[same].append(index)
    found: dict[int, Raw] = {}
    for indices in groups.values():
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
