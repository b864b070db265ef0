"""Points of the user's choice as a labelled data set, each chain diagonalised once a sweep."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
import yaml
from threadpoolctl import threadpool_limits

from kondoflow.files.contract import assemble
from kondoflow.files.errors import InputError
from kondoflow.files.schema import check_schema
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
    Gamma: Values | None = None,
    eps_d: Values,
    B: Values = 0.0,
    T: Values,
    r: Values = 0.0,
    omega: Mapping[str, float] | None = None,
    **solver: Any,
) -> xr.Dataset:
    """Solve the Anderson model at points of the user's choice, see `solve_points`.

    Args:
        U: Repulsion, 0 .. 1, in units of the half-bandwidth D like all energies that follow.
        Gamma: Hybridisation strength, 1e-4 .. 0.2; if the bath is a table, by default the mean of
            the table.
        eps_d: Level energy, -2 .. 2.
        B: Magnetic field, -0.5 .. 0.5; B > 0 favours up.
        T: Temperature, 1e-9 .. 1, of a sweep for example. Above 1 the edges of the band and not the
            impurity would decide.
        r: Exponents of the bath, 0 .. 2, in place of the setting `bath`.
        omega: Changes of the stored grid (n_side, min, max).
        **solver: Changes of the solver's settings (store, n_keep and so on), see `system.yaml`.

    Returns:
        What `solve_points` gives, with the bath as an attribute, and as variables if it is a table.

    Warns:
        UserWarning: If the solver discards states of low energy, see `shown`.

    Raises:
        InputError: If a parameter or a setting is not usable.
        ValueError: If LAPACK fails.
    """
    known = yaml.safe_load((HERE / "system.yaml").read_text())
    settings = {
        "solver": {**known["solver"], **_plain(solver, "solver")},
        "omega": {**known["omega"], **_plain({} if omega is None else omega, "omega")},
    }
    schema = yaml.safe_load((HERE / "schema.yaml").read_text())
    check_schema(settings, schema, source="solve")
    if not settings["omega"]["min"] < settings["omega"]["max"]:
        raise InputError("solve", "omega.max", settings["omega"]["max"], "above omega.min")
    meaning, chosen = SYSTEM.meaning, settings["solver"]
    if Gamma is None:
        if "Gamma" not in meaning.defaults(chosen):
            raise InputError("solve", "Gamma", None, "a number, as no table of the bath gives it")
        Gamma = meaning.defaults(chosen)["Gamma"]()
        SYSTEM.parameters["Gamma"].check("Gamma, the mean of the bath's table,", Gamma, "solve")
    points = _columns(U=U, Gamma=Gamma, eps_d=eps_d, B=B, T=T, r=r)
    if not points["r"].any():
        del points["r"]
    SYSTEM.check(points, "solve")
    meaning.check_points(points, chosen, "solve")
    ensure_compiled()
    dataset = solve_points(Settings.from_config(chosen, settings["omega"]), **points)
    energies = dataset["truncation_energy"].to_numpy().tolist()
    for doubt in meaning.doubts({"truncation_energy": energies}, chosen):
        warnings.warn(doubt, stacklevel=2)
    variables, attributes = meaning.stored(chosen, points)
    values = {name: np.array(column) for name, (_, column) in variables.items()}
    beside = assemble(values, {name: variable for name, (variable, _) in variables.items()}, {})
    return dataset.merge(beside).assign_attrs(attributes)


def _plain(value: Any, key: str) -> Any:
    """A setting as YAML would give it: no types of numpy, paths or tuples.

    Raises:
        InputError: If a number is not finite, or changes of settings have no names.
    """
    if isinstance(value, Mapping):
        return {name: _plain(each, f"{key}.{name}") for name, each in value.items()}
    if key == "omega":
        raise InputError("solve", key, value, "a mapping such as {'min': 1e-6, 'max': 1.0}")
    if isinstance(value, list | tuple):
        return [_plain(each, f"{key}.{k}") for k, each in enumerate(value)]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        raise InputError("solve", key, value, "a finite number")
    return os.fspath(value) if isinstance(value, os.PathLike) else value


def _columns(**parameters: Values) -> dict[str, np.ndarray]:
    """Parameters combined element by element, (n,) each.

    Raises:
        InputError: If one does not consist of numbers, or shapes can't be combined, or are empty.
    """
    arrays = {}
    for name, value in parameters.items():
        try:
            arrays[name] = np.atleast_1d(np.asarray(value, float))
        except (TypeError, ValueError):
            raise InputError("solve", name, value, "a number or an array of numbers") from None
    shapes = {name: array.shape for name, array in arrays.items() if array.shape != (1,)}
    try:
        combined = np.broadcast_arrays(*arrays.values())
    except ValueError:
        allowed = "shapes that can be combined element by element"
        raise InputError("solve", "shapes of the parameters", shapes, allowed) from None
    if not combined[0].size:
        raise InputError("solve", "shapes of the parameters", shapes, "at least one point")
    return {name: column.ravel() for name, column in zip(arrays, combined, strict=True)}


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
        The variables of a set of spectra (but split) and of `contract.STORE`; a `status` other than
        0 says why a solution should not be used.

    Raises:
        InputError: If a parameter lies outside the solver's bounds, or is no array of numbers.
        ValueError: If LAPACK fails.
    """
    columns = _columns(U=U, Gamma=Gamma, eps_d=eps_d, B=B, T=T, r=r)
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
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
    table = {name: v for name, v in variables.items() if name != "split"} | stored
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
