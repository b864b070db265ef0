"""Loading and checking the configuration before any work starts.

Two layers: the JSON schema fixes keys, types and ranges; what a schema can't say (references
between sections, ordered ranges, shares that sum to one) is checked here. The first violation is
reported as one `InputError` that names the key, the value and what is allowed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from datafiles.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"
DEFAULT = ROOT / "config.yaml"

BOUNDS = {  # allowed values of an axis, in units of D
    "U": (0.0, 1.0),
    "Gamma": (1e-5, 0.2),
    "eps_d_over_U": (-3.0, 3.0),
    "B": (-0.5, 0.5),
    "T": (1e-9, 1.0),
}


def read_yaml(path: Path) -> Any:
    """Read a YAML file.

    Raises:
        InputError: If it can't be read as YAML.
    """
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(path, "content", str(error), "a readable YAML file") from error


def load_config(*overrides: Path) -> dict[str, Any]:
    """Load the default experiment, apply further files as Snakemake does, and check the result.

    Raises:
        InputError: Names the first key that is not usable.
    """
    config = complete_config({})
    for path in overrides:
        _merge(config, read_yaml(path) or {})
    check_config(config)
    return config


def complete_config(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The default experiment with some changes, unchecked."""
    config = read_yaml(DEFAULT)
    _merge(config, changes)
    return config


def _merge(config: dict[str, Any], changes: Mapping[str, Any]) -> None:
    for key, value in changes.items():
        if isinstance(value, Mapping) and isinstance(config.get(key), dict):
            _merge(config[key], value)
        else:
            config[key] = value


def check_config(config: Mapping[str, Any]) -> None:
    """Check a configuration against the schema and against itself.

    Raises:
        InputError: Names the first key that is not usable.
    """
    _check_schema(config)
    for name, ensemble in config["ensembles"].items():
        _check_ensemble(f"ensembles.{name}", ensemble, config["systems"])
    if config["omega"]["max"] <= config["omega"]["min"]:
        raise InputError("config", "omega.max", config["omega"]["max"], "above omega.min")
    for name, system in config["systems"].items():
        _check_system(f"systems.{name}", system)
    _check_runs(config)


def _check_schema(config: Mapping[str, Any]) -> None:
    validator = jsonschema.Draft202012Validator(read_yaml(SCHEMA))
    error = jsonschema.exceptions.best_match(validator.iter_errors(config))
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
    value = error.validator_value
    words = {
        "type": f"of type {value}",
        "enum": f"one of {value}",
        "minimum": f"at least {value}",
        "maximum": f"at most {value}",
        "exclusiveMinimum": f"above {value}",
        "minItems": f"a list of at least {value}",
        "maxItems": f"a list of at most {value}",
        "pattern": "a letter followed by at most 40 letters, digits, _ or -",
    }
    return words.get(error.validator, f"valid ({error.message})")


def _check_ensemble(key: str, ensemble: Mapping[str, Any], systems: Mapping[str, Any]) -> None:
    if ensemble["system"] not in systems:
        raise InputError("config", f"{key}.system", ensemble["system"], f"one of {sorted(systems)}")
    total = sum(ensemble["split"].values())
    if not math.isclose(total, 1.0, abs_tol=1e-9):
        raise InputError("config", f"{key}.split", ensemble["split"], "three shares that sum to 1")
    if ensemble["source"] == "file" or "points" in ensemble:
        return
    for name, bounds in BOUNDS.items():
        _check_axis(f"{key}.{name}", ensemble[name], bounds)
    for name, window in ensemble.get("accept", {}).items():
        if not window[0] < window[1]:
            raise InputError("config", f"{key}.accept.{name}", window, "[low, high], low < high")


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
    named = [*system.get("colours", []), *([system["scale"]] if "scale" in system else [])]
    for name in named:
        if name not in system["descriptors"]:
            allowed = f"one of the descriptors {sorted(system['descriptors'])}"
            raise InputError("config", f"{key}.colours or scale", name, allowed)
    for kind, section in (("pearson", "descriptors"), ("regression", "references")):
        for name in system.get("published", {}).get(kind, {}):
            if name not in system.get(section, {}):
                allowed = f"one of the {section} {sorted(system.get(section, {}))}"
                raise InputError("config", f"{key}.published.{kind}", name, allowed)


def _check_runs(config: Mapping[str, Any]) -> None:
    seen: set[tuple[str, str]] = set()
    for index, run in enumerate(config["runs"]):
        if run["ensemble"] not in config["ensembles"]:
            allowed = f"one of {sorted(config['ensembles'])}"
            raise InputError("config", f"runs.{index}.ensemble", run["ensemble"], allowed)
        identity = (run["ensemble"], run["name"])
        if identity in seen:
            raise InputError("config", f"runs.{index}.name", run["name"], "unique in its ensemble")
        seen.add(identity)


def run_settings(config: Mapping[str, Any], ensemble: str, run: str) -> dict[str, Any]:
    """Settings of one training run: the `autoencoder` section with the run's own keys on top."""
    for entry in config["runs"]:
        if (entry["ensemble"], entry["name"]) == (ensemble, run):
            own = {key: value for key, value in entry.items() if key not in ("name", "ensemble")}
            return {**config["autoencoder"], **own}
    raise InputError("config", "runs", (ensemble, run), "a pair of ensemble and run of the config")


def iterate_runs(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Pairs (ensemble, run) in the order of the config."""
    for entry in config["runs"]:
        yield entry["ensemble"], entry["name"]


def count_points(path: Path) -> int:
    """Number of parameter sets in a user's CSV: the lines below the header that aren't empty.

    Raises:
        InputError: If the file can't be read.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(path, "points", str(error), "a readable CSV file") from error
    return sum(bool(line.strip()) for line in lines[1:])
