"""Whether the configuration fits the spectra that a user brings, before any work starts.

The names of the quantities are known only when the file is read. It is read here if the libraries
are at hand, which they are not where Snakemake runs with --sdm conda, and if it is not very large.
Else the stages check what they use, and the import of the file checks the labels.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from kondoflow.files.channels import channels_allowed, channels_exist, chosen_parts
from kondoflow.files.errors import InputError
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.operations import PI
from kondoflow.formulas.trees import names_in
from kondoflow.stage.checks.expressions import check_systems, texts_of
from kondoflow.stage.checks.names import computed_names
from kondoflow.stage.ensembles import in_use, is_computed
from kondoflow.systems.registry import system_names

LIBRARIES = ("xarray", "netCDF4", "pandas")
LARGEST = 200e6  # bytes
DEFAULT_CHANNEL = ("up",)  # of the configuration, which has spins in view


def check_brought(config: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Check the files that ensembles in use name, and names and channels against them.

    Returns:
        Names of all variables by system, for systems of which every file was read.

    Raises:
        InputError: Names the first key, file or variable that is not usable.
    """
    if any(find_spec(library) is None for library in LIBRARIES):
        return {}
    found: dict[str, frozenset[str]] = {}
    unread = set()
    for name, ensemble in in_use(config).items():
        system_name = ensemble["system"]
        if is_computed(ensemble):
            continue
        if _size(Path(ensemble["path"])) > LARGEST:
            unread.add(system_name)
            continue
        # By name, as these modules need the libraries, and most stages do not need these modules.
        reading = import_module("kondoflow.files.brought.reading")
        importing = import_module("kondoflow.files.importing")
        spectra = import_module("kondoflow.files.spectra")
        path = Path(ensemble["path"])
        brought = reading.read_brought(path, ensemble)
        dataset, _ = importing.usable_set(brought, ensemble, 0, path)
        variables = spectra.sample_variables(dataset)
        names = frozenset(variables)
        system = config["systems"][system_name]
        check_systems({system_name: system}, {system_name: names})
        found[system_name] = found.get(system_name, frozenset()).union(names, dataset.variables)
        _check_constant(system, names, path)
        _check_values(system_name, system, variables, path)
        _check_channels(config, name, spectra.channel_labels(dataset))
        omega = [float(value) for value in dataset["omega"].to_numpy()]
        _check_windows(config, name, omega, spectra.LEAST_FREQUENCIES)
        _check_views(config, name, dataset)
    return {
        name: names | computed_names(name) if name in system_names() else names
        for name, names in found.items()
        if name not in unread
    }


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(each.stat().st_size for each in files if each.is_file())


def _check_constant(system: Mapping[str, Any], names: frozenset[str], path: Path) -> None:
    """Refuse a quantity with the name of a constant where an expression uses this name."""
    if PI.name not in names:
        return
    for key, text in texts_of(system).items():
        if PI.name in text.replace("(", " ").replace(")", " ").replace("*", " ").split():
            allowed = (
                f"another name, as {key} uses pi, the constant; the key properties of the ensemble "
                "renames it: {new_name: pi}"
            )
            raise InputError(path, "variable", PI.name, allowed)


def _check_values(
    name: str, system: Mapping[str, Any], variables: Mapping[str, Any], path: Path
) -> None:
    """Refuse a formula without a value at any sample, and a region without samples."""
    evaluation = import_module("kondoflow.formulas.evaluation")
    numbers = import_module("numpy")
    known = {*variables, PI.name}
    for place, text in texts_of(system).items():
        if not names_in(parse(text, place, condition=place == "region")) <= known:
            continue  # a joint quantity in what a solver gives
        values = evaluation.evaluate_text(text, place, variables, condition=place == "region")
        if place == "region" and not values.any():
            allowed = f"a condition that samples of {path} meet; none of the {len(values)} does"
        elif not numbers.isfinite(values).any():
            allowed = f"a formula that has a value at samples of {path}; at none of them it has one"
        else:
            continue
        raise InputError("config", f"systems.{name}.{place}", text, allowed)


def _check_windows(
    config: Mapping[str, Any], ensemble: str, omega: Sequence[float], least: int
) -> None:
    for index, run in enumerate(config["runs"]):
        window = run.get("window", config["autoencoder"]["window"])
        if run["ensemble"] != ensemble or window is None:
            continue
        if sum(window[0] <= value <= window[1] for value in omega) < least:
            allowed = (
                f"a window with at least {least} points of the grid {omega[0]:g} .. {omega[-1]:g}"
            )
            raise InputError("config", f"runs.{index}, window", window, allowed)


def _check_channels(config: Mapping[str, Any], ensemble: str, labels: list[str]) -> None:
    for index, run in enumerate(config["runs"]):
        wanted = run.get("channel", config["autoencoder"]["channel"])
        # Spectra without channels are single spectra, to which the default does no harm.
        known = labels or list(DEFAULT_CHANNEL)
        if run["ensemble"] != ensemble or channels_exist(wanted, known):
            continue
        allowed = channels_allowed(labels) if labels else "left out: the spectra have no channels"
        raise InputError("config", f"runs.{index}, channel", wanted, allowed)


def _check_views(config: Mapping[str, Any], ensemble: str, dataset: Any) -> None:
    """Refuse parts that spectra do not have, and the logarithm of what is not above 0."""
    spectra = import_module("kondoflow.files.spectra")
    omega = dataset["omega"].to_numpy()
    for index, run in enumerate(config["runs"]):
        view = {**config["autoencoder"], **run}
        in_parts = bool(chosen_parts(view["channel"], spectra.channel_labels(dataset)))
        if run["ensemble"] != ensemble or not (in_parts or view["transform"] == "log"):
            continue
        low, high = view["window"] or (-math.inf, math.inf)
        seen = dataset.isel(omega=(omega >= low) & (omega <= high))
        values = spectra.channel_spectra(seen, view["channel"])
        lowest = spectra.flat(values).min(axis=1)
        if view["transform"] == "log" and not lowest.min() > 0:
            allowed = (
                "none, sqrt or arcsinh for spectra that are not above 0: sample "
                f"{int(lowest.argmin())} has {lowest.min():g}"
            )
            raise InputError("config", f"runs.{index}, transform", "log", allowed)
