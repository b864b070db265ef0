"""Everything that can be wrong with a configuration, checked before any work starts.

Three layers: values that no key may have (NaN, infinity, keys that are not text); the JSON schema,
which fixes keys, types and ranges; and what a schema can't say, such as references between
sections, ordered ranges and files that must exist. The first violation is reported as one
`InputError` that names the key, the value and what is allowed.

Only the standard library and what Snakemake itself needs are used here, because Snakemake may run
in an environment that holds nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from kondoflow.files.errors import InputError
from kondoflow.files.splits import split_counts
from kondoflow.stage.yaml_files import read_yaml
from kondoflow.systems.anderson.contract import SPECTRA, SPINS
from kondoflow.systems.table import read_table

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"

BOUNDS = {  # allowed values of an axis, in units of D
    "U": (0.0, 1.0),
    "Gamma": (1e-4, 0.2),
    "eps_d_over_U": (-3.0, 3.0),
    "B": (-0.5, 0.5),
    "T": (1e-9, 1.0),
}


def check_config(config: Mapping[str, Any]) -> None:
    """Check a configuration against the schema and against itself.

    Raises:
        InputError: Names the first key that is not usable.
    """
    _check_plain(config, [])
    _check_schema(config)
    for name, ensemble in config["ensembles"].items():
        _check_ensemble(f"ensembles.{name}", ensemble, config["systems"])
    if config["omega"]["max"] <= config["omega"]["min"]:
        raise InputError("config", "omega.max", config["omega"]["max"], "above omega.min")
    for name, system in config["systems"].items():
        _check_system(f"systems.{name}", system)
    _check_runs(config)


def check_files(config: Mapping[str, Any]) -> None:
    """Check that the files named by the ensembles in use are there, and tables of points usable.

    Raises:
        InputError: Names the first file that is not usable.
    """
    for name in dict.fromkeys(run["ensemble"] for run in config["runs"]):
        ensemble, key = config["ensembles"][name], f"ensembles.{name}"
        if "path" in ensemble and not Path(ensemble["path"]).is_file():
            raise InputError("config", f"{key}.path", ensemble["path"], "an existing netCDF file")
        if "points" in ensemble:
            if not Path(ensemble["points"]).is_file():
                allowed = "an existing CSV file"
                raise InputError("config", f"{key}.points", ensemble["points"], allowed)
            rows = read_table(Path(ensemble["points"]))
            _check_split(key, len(rows), ensemble["split"])
            _check_points(ensemble["points"], rows)


def _check_points(source: str, rows: Sequence[Mapping[str, float]]) -> None:
    """Hold parameter sets against the axes' bounds; the solver's job looks at eps_d too."""
    for name, (low, high) in BOUNDS.items():
        for row in rows:
            if name in row and not low <= row[name] <= high:
                raise InputError(source, name, row[name], f"between {low:g} and {high:g}")


def known_names(config: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Names of the per-sample variables that a system's expressions may use.

    Returns:
        Names by system, for the systems of computed ensembles in use; what a user's own file holds
        is known only when it is read.
    """
    resolved = set()
    for name, variable in SPECTRA.items():
        if variable.dims == ("sample",) and name not in ("split", "status"):
            resolved.add(name)
        elif variable.dims == ("sample", "spin"):
            resolved.update(f"{name}_{spin}" for spin in SPINS)
    used = {run["ensemble"] for run in config["runs"]}
    return {
        ensemble["system"]: frozenset(resolved)
        for name, ensemble in config["ensembles"].items()
        if name in used and ensemble["source"] == "anderson"
    }


def _check_plain(value: Any, path: list[str]) -> None:
    """Refuse keys that are not text, and numbers that are not finite."""
    key = ".".join(path) or "top level"
    if isinstance(value, Mapping):
        for name, item in value.items():
            if not isinstance(name, str):
                raise InputError("config", f"key in {key}", name, "text")
            _check_plain(item, [*path, name])
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _check_plain(item, [*path, str(index)])
    elif isinstance(value, float) and not math.isfinite(value):
        raise InputError("config", key, value, "a finite number")


def _is_integer(checker: Any, instance: Any) -> bool:
    del checker
    return isinstance(instance, int) and not isinstance(instance, bool)


# JSON Schema counts 60.0 as an integer; the code behind the keys does not.
_TYPES = jsonschema.Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer)
_Validator = jsonschema.validators.extend(jsonschema.Draft202012Validator, type_checker=_TYPES)


@cache
def _validator() -> jsonschema.Validator:
    return _Validator(read_yaml(SCHEMA))


def _check_schema(config: Mapping[str, Any]) -> None:
    error = jsonschema.exceptions.best_match(_validator().iter_errors(config))
    if error is None:
        return
    key = ".".join(str(part) for part in error.absolute_path) or "top level"
    if error.validator == "additionalProperties":
        known = ", ".join(sorted(error.schema.get("properties", {})))
        unknown = sorted(set(error.instance) - set(error.schema.get("properties", {})))
        raise InputError("config", f"keys of {key}", unknown, f"among {known}")
    if error.validator == "required":
        missing = sorted(set(error.validator_value) - set(error.instance))
        raise InputError("config", f"keys of {key}", sorted(error.instance), f"with {missing} too")
    raise InputError("config", key, error.instance, _allowed(error))


def _allowed(error: jsonschema.ValidationError) -> str:
    """What the schema allows, in words; a schema's own `description` goes first."""
    value = error.validator_value
    words = {
        "type": f"of type {value}",
        "enum": f"one of {value}",
        "minimum": f"at least {value}",
        "maximum": f"at most {value}",
        "exclusiveMinimum": f"above {value}",
        "minItems": f"a list of at least {value}",
        "maxItems": f"a list of at most {value}",
        "minProperties": "at least one entry",
        "minLength": f"text of at least {value} characters",
        "maxLength": f"text of at most {value} characters",
        "uniqueItems": "a list without repetitions",
    }
    allowed = error.schema.get("description") or words.get(error.validator)
    if _reads_as_number(error.instance) and error.validator in ("type", "oneOf"):
        allowed = f"{allowed} (YAML reads this as text: write 1.0e-6 or 1.0e+6)"
    return allowed or f"valid ({error.message})"


def _reads_as_number(value: Any) -> bool:
    try:
        return isinstance(value, str) and math.isfinite(float(value))
    except ValueError:
        return False


def _check_ensemble(key: str, ensemble: Mapping[str, Any], systems: Mapping[str, Any]) -> None:
    if ensemble["system"] not in systems:
        raise InputError("config", f"{key}.system", ensemble["system"], f"one of {sorted(systems)}")
    total = sum(ensemble["split"].values())
    if not math.isclose(total, 1.0, abs_tol=1e-9):
        raise InputError("config", f"{key}.split", ensemble["split"], "three shares that sum to 1")
    if "points" in ensemble:
        for name in ("n_samples", "sampling", *BOUNDS, "accept"):
            if name in ensemble:
                allowed = "left out beside points (an ensemble of another name inherits nothing)"
                raise InputError("config", f"{key}.{name}", ensemble[name], allowed)
    elif ensemble["source"] == "anderson":
        _check_sampling(key, ensemble)


def _check_sampling(key: str, ensemble: Mapping[str, Any]) -> None:
    _check_split(key, ensemble["n_samples"], ensemble["split"])
    for name, bounds in BOUNDS.items():
        _check_axis(f"{key}.{name}", ensemble[name], bounds)
    if not any(isinstance(ensemble[name], Mapping) for name in BOUNDS):
        axes = {name: ensemble[name] for name in BOUNDS}
        raise InputError("config", f"{key}, its axes", axes, "a range for at least one of them")
    for name, window in ensemble.get("accept", {}).items():
        if not window[0] < window[1]:
            raise InputError("config", f"{key}.accept.{name}", window, "[low, high], low < high")


def _check_split(key: str, n_samples: int, split: Mapping[str, float]) -> None:
    counts = split_counts(n_samples, split)
    if min(counts.values()) < 1:
        allowed = f"more: split leaves {counts} of them"
        raise InputError("config", f"{key}, number of samples", n_samples, allowed)


def _check_axis(key: str, axis: Any, bounds: tuple[float, float]) -> None:
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


def _check_system(key: str, system: Mapping[str, Any]) -> None:
    named = [("colours", name) for name in system.get("colours", [])]
    named += [("scale", system["scale"])] if "scale" in system else []
    for kind, name in named:
        _check_name(f"{key}.{kind}", name, "descriptors", system["descriptors"])
    section = "inputs" if system.get("inputs") else "parameters"
    for name in system.get("with_unit", []):
        _check_name(f"{key}.with_unit", name, section, system[section])
    published = system.get("published", {})
    for kind, section in (("pearson", "descriptors"), ("regression", "references")):
        for name in published.get(kind, {}):
            _check_name(f"{key}.published.{kind}", name, section, system.get(section, {}))


def _check_name(key: str, name: str, section: str, names: Collection[str]) -> None:
    if name not in names:
        raise InputError("config", key, name, f"one of the {section} {sorted(names)}")


def _check_runs(config: Mapping[str, Any]) -> None:
    seen: set[tuple[str, str]] = set()
    for index, run in enumerate(config["runs"]):
        if run["ensemble"] not in config["ensembles"]:
            allowed = f"one of {sorted(config['ensembles'])}"
            raise InputError("config", f"runs.{index}.ensemble", run["ensemble"], allowed)
        identity = (run["ensemble"], run["name"])
        if identity in seen:
            raise InputError("config", f"runs.{index}.name", run["name"], "unique in its ensemble")
        if run["name"] == "targets":
            allowed = "another name: targets is the folder of what all runs of an ensemble share"
            raise InputError("config", f"runs.{index}.name", run["name"], allowed)
        seen.add(identity)
