"""Everything that can be wrong with a configuration, checked before any work starts.

There are four layers: values that no key may have (NaN, infinity, keys that are not text); the JSON
schemas (`stage.schema`), which fix keys, types and ranges; what a schema can't say, such as
references between sections and ordered ranges; and files that must exist. The first violation is
reported as one `InputError` that names the key, the value and what is allowed.

Only the standard library and what Snakemake itself needs are used here, because Snakemake may run
in an environment that holds nothing else.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from kondoflow.files.channels import channels_allowed, channels_exist
from kondoflow.files.errors import InputError
from kondoflow.files.splits import split_counts
from kondoflow.files.text import is_plain
from kondoflow.formulas.dimensions import check_dimensions
from kondoflow.stage.expressions_check import check_systems
from kondoflow.stage.schema import check_axes, check_schema, check_settings, config_schema
from kondoflow.systems.interface import Bounds, System
from kondoflow.systems.registry import find_system, system_names
from kondoflow.systems.table import read_table

LONGEST_NAME, LONGEST_PATH = 255, 4095  # characters that Linux and macOS allow
BESIDE_POINTS = ("n_samples", "sampling", "axes", "accept")  # refused where `points` is given


def check_plain(config: Mapping[str, Any]) -> None:
    """Check the configuration as the user gave it, before systems are filled in.

    Raises:
        InputError: Names the first key that is not usable.
    """
    _check_values(config, [])
    schema = config_schema()
    without_systems = {
        **schema,
        "properties": {**schema["properties"], "systems": {"$ref": "#/$defs/changes_of_systems"}},
    }
    check_schema(config, without_systems)
    for name, ensemble in config["ensembles"].items():
        kind = "computed_ensemble" if is_computed(ensemble) else "file_ensemble"
        own = {**schema["$defs"][kind], "$defs": schema["$defs"]}
        check_schema(ensemble, own, f"ensembles.{name}")
        if is_computed(ensemble) and ensemble["system"] not in system_names():
            allowed = f"one of {list(system_names())}"
            raise InputError("config", f"ensembles.{name}.system", ensemble["system"], allowed)


def check_resolved(config: Mapping[str, Any]) -> None:
    """Check a configuration in which systems and settings are filled in.

    Raises:
        InputError: Names the first key that is not usable.
    """
    schema = config_schema()
    part = {**schema["properties"]["systems"], "$defs": schema["$defs"]}
    check_schema(config["systems"], part, "systems")
    for name, knowledge in config["systems"].items():
        if name in system_names():
            check_settings(knowledge, find_system(name), f"systems.{name}")
        _check_knowledge(f"systems.{name}", knowledge)
    for name, ensemble in config["ensembles"].items():
        _check_ensemble(f"ensembles.{name}", ensemble, config["systems"])
    _check_runs(config)
    _check_run_of_law(config)
    check_systems(config["systems"], known_names(config))
    check_dimensions(config["systems"])


def is_computed(ensemble: Mapping[str, Any]) -> bool:
    """Whether the spectra of an ensemble are computed, and not brought in a file."""
    return ensemble.get("source") != "file"


def check_files(config: Mapping[str, Any]) -> None:
    """Check that the files named by the ensembles in use are there, and tables of points usable.

    Raises:
        InputError: Names the first file that is not usable.
    """
    for name in dict.fromkeys(run["ensemble"] for run in config["runs"]):
        ensemble, key = config["ensembles"][name], f"ensembles.{name}"
        for kind in ("path", "points"):
            if isinstance(ensemble.get(kind), str):
                _check_path(f"{key}.{kind}", ensemble[kind])
        if "path" in ensemble and not Path(ensemble["path"]).exists():
            raise InputError("config", f"{key}.path", ensemble["path"], "an existing file")
        table = ensemble.get("properties")
        if isinstance(table, str) and not Path(table).is_file():
            raise InputError("config", f"{key}.properties", table, "an existing file")
        if "points" in ensemble and not Path(ensemble["points"]).is_file():
            allowed = "an existing CSV file"
            raise InputError("config", f"{key}.points", ensemble["points"], allowed)
        if is_computed(ensemble):
            _check_points(key, ensemble)


def _check_points(key: str, ensemble: Mapping[str, Any]) -> None:
    """Hold parameter sets, or the box they are drawn from, against system and settings."""
    solver, system = ensemble["solver"], find_system(ensemble["system"])
    for path in system.meaning.files(solver):
        if not Path(path).is_file():
            raise InputError("config", f"{key}.solver", path, "an existing file")
    system = system.with_defaults(solver)
    if "points" not in ensemble:
        system.meaning.check_box(ensemble["axes"], solver, f"{key}.axes")
        return
    rows = read_table(Path(ensemble["points"]), system.accepted)
    _check_split(key, len(rows), ensemble["split"])
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    system.check(columns, ensemble["points"])
    system.meaning.check_points(columns, solver, ensemble["points"])


def _names_of_points(ensemble: Mapping[str, Any]) -> Collection[str]:
    """Names of axes or columns, as far as they are known before files are read."""
    system = find_system(ensemble["system"])
    if "points" not in ensemble:
        return list(ensemble["axes"])
    path = Path(ensemble["points"])
    return list(read_table(path, system.accepted)[0]) if path.is_file() else [*system.accepted]


def _check_path(key: str, path: str) -> None:
    """Refuse a path that Snakemake would take for a pattern, or that no file can have."""
    if set(path) & set("{}<>"):
        allowed = "a path without braces and < >, which Snakemake takes for wildcards"
        raise InputError("config", key, path, allowed)
    if len(path) > LONGEST_PATH or any(len(each) > LONGEST_NAME for each in path.split("/")):
        allowed = f"of at most {LONGEST_NAME} characters a name, {LONGEST_PATH} in all"
        raise InputError("config", key, path[:50] + "...", allowed)


def known_names(config: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Names of the per-sample variables that a system's expressions may use.

    Returns:
        Names by system, for the systems of computed ensembles in use. The variables of a user's own
        file are known only when it is read.
    """
    used = {run["ensemble"] for run in config["runs"]}
    return {
        ensemble["system"]: sample_names(
            find_system(ensemble["system"]).using(_names_of_points(ensemble)),
            ensemble["solver"].get("store", ()),
        )
        for name, ensemble in config["ensembles"].items()
        if name in used and is_computed(ensemble)
    }


def sample_names(system: System, store: Collection[str] = ()) -> frozenset[str]:
    """Names of the per-sample numbers of a computed set, as `files.spectra.sample_variables`.

    Args:
        system: The system.
        store: What its solutions give on request.
    """
    names: set[str] = set()
    stored = [system.variables, *(system.offered[key] for key in store)]
    for name, variable in (pair for group in stored for pair in group.items()):
        if variable.dims == ("sample",) and name not in ("split", "status"):
            names.add(name)
        elif variable.dims == ("sample", "spin"):
            names.update(f"{name}_{spin}" for spin in system.coordinates["spin"])
    return frozenset(names)


def _check_values(value: Any, path: list[str]) -> None:
    """Refuse keys that are not text, and numbers that are not finite."""
    key = ".".join(path) or "top level"
    if isinstance(value, Mapping):
        for name, item in value.items():
            if not isinstance(name, str):
                raise InputError("config", f"key in {key}", name, "text")
            _check_values(item, [*path, name])
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _check_values(item, [*path, str(index)])
    elif isinstance(value, float) and not math.isfinite(value):
        raise InputError("config", key, value, "a finite number")
    elif isinstance(value, str) and not is_plain(value):
        raise InputError("config", key, value, "text without control characters")


def _check_ensemble(key: str, ensemble: Mapping[str, Any], systems: Mapping[str, Any]) -> None:
    if ensemble["system"] not in systems:
        raise InputError("config", f"{key}.system", ensemble["system"], f"one of {sorted(systems)}")
    total = sum(ensemble["split"].values())
    if not math.isclose(total, 1.0, abs_tol=1e-9):
        raise InputError("config", f"{key}.split", ensemble["split"], "three shares that sum to 1")
    if not is_computed(ensemble):
        wanted = ensemble.get("resample", {})
        if {"min", "max"} <= wanted.keys() and not wanted["min"] < wanted["max"]:
            raise InputError("config", f"{key}.resample.max", wanted["max"], "above resample.min")
        return
    if "points" in ensemble:
        for name in BESIDE_POINTS:
            if name in ensemble:
                allowed = "left out beside points (an ensemble of another name inherits nothing)"
                raise InputError("config", f"{key}.{name}", ensemble[name], allowed)
    system = find_system(ensemble["system"])
    check_settings(ensemble, system, key)
    if {"min", "max"} <= ensemble["omega"].keys():
        low, high = ensemble["omega"]["min"], ensemble["omega"]["max"]
        if not low < high:
            raise InputError("config", f"{key}.omega.max", high, "above omega.min")
    if "points" not in ensemble:
        _check_sampling(key, ensemble, system)


def _check_sampling(key: str, ensemble: Mapping[str, Any], system: System) -> None:
    _check_split(key, ensemble["n_samples"], ensemble["split"])
    axes = ensemble["axes"]
    given = system.meaning.defaults(ensemble["solver"])
    check_axes(axes, system, given, f"{key}.axes")
    for name in axes:
        _check_axis(f"{key}.axes.{name}", axes[name], system.using(axes).axes[name])
    if not any(isinstance(axis, Mapping) for axis in axes.values()):
        raise InputError("config", f"{key}.axes", axes, "a range for at least one axis")
    for name, window in ensemble.get("accept", {}).items():
        if not window[0] < window[1]:
            raise InputError("config", f"{key}.accept.{name}", window, "[low, high], low < high")


def _check_split(key: str, n_samples: int, split: Mapping[str, float]) -> None:
    counts = split_counts(n_samples, split)
    if min(counts.values()) < 1:
        allowed = f"more: split leaves {counts} of them"
        raise InputError("config", f"{key}, number of samples", n_samples, allowed)


def _check_axis(key: str, axis: Any, bounds: Bounds) -> None:
    low, high = bounds
    if not isinstance(axis, Mapping):
        if not low <= axis <= high:
            raise InputError("config", key, axis, f"between {low:g} and {high:g}")
        return
    start, stop = axis["range"]
    if not start < stop:
        raise InputError("config", f"{key}.range", axis["range"], "[low, high] with low < high")
    if axis["scale"] != "linear" and start <= 0:
        raise InputError("config", f"{key}.range", axis["range"], "positive on a logarithmic scale")
    smallest = -stop if axis["scale"] == "signed_log" else start
    if not (low <= smallest and stop <= high):
        raise InputError("config", f"{key}.range", axis["range"], f"within {low:g} and {high:g}")


def _check_knowledge(key: str, system: Mapping[str, Any]) -> None:
    named = [("colours", name) for name in system.get("colours", [])]
    named += [("scale", system["scale"])] if "scale" in system else []
    for kind, name in named:
        _check_name(f"{key}.{kind}", name, "descriptors", system["descriptors"])
    section = "inputs" if system.get("inputs") else "parameters"
    for name in system.get("with_unit", []):
        _check_name(f"{key}.with_unit", name, section, system[section])
    for name, landmark in system.get("landmarks", {}).items():
        place = f"{key}.landmarks.{name}"
        _check_name(f"{place}.quantity", landmark["quantity"], "descriptors", system["descriptors"])
        known = {*system["descriptors"], *(system.get("inputs") or system["parameters"])}
        for axis in landmark.get("plane", ()):
            _check_name(f"{place}.plane", axis, "descriptors and inputs", known)
    published = system.get("published", {})
    for kind, section in (("pearson", "descriptors"), ("regression", "references")):
        for name in published.get(kind, {}):
            _check_name(f"{key}.published.{kind}", name, section, system.get(section, {}))


def _check_name(key: str, name: str, section: str, names: Collection[str]) -> None:
    if name not in names:
        raise InputError("config", key, name, f"one of the {section} {sorted(names)}")


def _check_runs(config: Mapping[str, Any]) -> None:
    seen: set[tuple[str, str]] = set()
    folded = Counter(name.casefold() for name in config["ensembles"])
    for name in config["ensembles"]:
        if folded[name.casefold()] > 1:
            raise InputError(
                "config",
                "ensembles",
                name,
                "a name that differs from the others in more than capitals",
            )
    for index, run in enumerate(config["runs"]):
        if run["ensemble"] not in config["ensembles"]:
            allowed = f"one of {sorted(config['ensembles'])}"
            raise InputError("config", f"runs.{index}.ensemble", run["ensemble"], allowed)
        # Some file systems take names that differ in capitals alone for one.
        identity = (run["ensemble"].casefold(), run["name"].casefold())
        if identity in seen:
            raise InputError(
                "config",
                f"runs.{index}.name",
                run["name"],
                "unique in its ensemble",
            )
        if run["name"].casefold() == "targets":
            allowed = "another name: targets is the folder of what all runs of an ensemble share"
            raise InputError("config", f"runs.{index}.name", run["name"], allowed)
        seen.add(identity)
        _check_view(f"runs.{index}", {**config["autoencoder"], **run}, config)


def _check_run_of_law(config: Mapping[str, Any]) -> None:
    """Refuse a law of joint quantities of a run that an ensemble lacks."""
    runs: dict[str, set[str]] = {}
    for run in config["runs"]:
        runs.setdefault(run["ensemble"], set()).add(run["name"])
    for ensemble, names in runs.items():
        system = config["ensembles"][ensemble]["system"]
        wanted = config["systems"][system].get("law", {}).get("run")
        if wanted is not None and wanted not in names:
            allowed = f"a run on the ensemble {ensemble}: one of {sorted(names)}"
            raise InputError("config", f"systems.{system}.law.run", wanted, allowed)


def _check_view(key: str, run: Mapping[str, Any], config: Mapping[str, Any]) -> None:
    """Check what a run's network sees, as far as the data need not be known."""
    if run["window"] is not None and not run["window"][0] < run["window"][1]:
        raise InputError("config", f"{key}, window", run["window"], "[low, high] with low < high")
    if run["output"] == "softplus" and (run["transform"], run["scaling"]) != ("none", "common"):
        allowed = "linear or auto with a transform or with scaling by point"
        raise InputError("config", f"{key}, output", run["output"], allowed)
    if run["loss"] == "sum" and run["kl_weight"] == "scan":
        raise InputError("config", f"{key}, loss", run["loss"], "relative with kl_weight: scan")
    if run["loss"] == "sum" and (run["transform"], run["scaling"]) != ("none", "common"):
        allowed = "relative with a transform or with scaling by point"
        raise InputError("config", f"{key}, loss", run["loss"], allowed)
    ensemble = config["ensembles"][run["ensemble"]]
    if is_computed(ensemble):
        labels = find_system(ensemble["system"]).coordinates.get("spin", ())
        if labels and not channels_exist(run["channel"], labels):
            allowed = channels_allowed(labels)
            raise InputError("config", f"{key}, channel", run["channel"], allowed)
