"""Loading the configuration, and what rules and scripts read from it.

A configuration passes through one door, for rules and command line alike: the default experiment is
changed by the user's files, checked, completed with what the systems' own folders say, and checked
again. The completed ("resolved") configuration is the one that everything else reads: each system
has all its entries, and each computed ensemble has all settings of its solver and grid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from kondoflow.files.errors import InputError
from kondoflow.stage.checks.brought import check_brought
from kondoflow.stage.checks.files import check_files
from kondoflow.stage.checks.names import check_labels, check_nulls, names_of_computed
from kondoflow.stage.checks.plain import check_plain
from kondoflow.stage.checks.resolved import check_resolved
from kondoflow.stage.ensembles import in_use, is_computed
from kondoflow.stage.layers import merge, merged, own_knowledge
from kondoflow.stage.paths import DEFAULT
from kondoflow.stage.seeds import derive_seed
from kondoflow.stage.yaml_files import read_mapping
from kondoflow.systems.registry import system_names

SETTINGS = ("solver", "omega")  # parts of a system that an ensemble may change
SPLIT = {"train": 0.8, "validation": 0.1, "test": 0.1}  # of spectra that a user brings
CHECKPOINTS = "checkpoint_every"  # how often a training is saved, which changes no result
TOGETHER = "together"  # restarts that one job trains, which only the job must know
NOT_OF_RESTARTS = (CHECKPOINTS, TOGETHER, "active_above", "refine_epochs", "restarts", "seed")
NETWORKS = "train_vae"  # use of the seeds of networks; another word would give other networks


def load_config(*overrides: Path) -> dict[str, Any]:
    """Load the default experiment, apply further files as Snakemake does, check and resolve.

    Raises:
        InputError: Names the first key or file that is not usable.
    """
    layers = [read_mapping(path) for path in overrides]
    changes: dict[str, Any] = {}
    for layer in layers:
        merge(changes, layer)
    return resolved_config(changes, layers)


def resolved_config(
    changes: Mapping[str, Any],
    layers: Sequence[Mapping[str, Any]] | None = None,
    *,
    with_files: bool = True,
    with_names: bool = False,
) -> dict[str, Any]:
    """The default experiment with some changes, checked and resolved.

    Args:
        changes: What differs from the default experiment.
        layers: The files whose content together makes these changes, in their order; none where
            they are not known. None if the changes are a single layer.
        with_files: Whether the files that ensembles name must exist.
        with_names: Whether the names of the quantities in them are checked too, for which they
            are read.

    Raises:
        InputError: Names the first key or file that is not usable.
    """
    default = read_mapping(DEFAULT)
    config = merged(default, changes)
    _drop_null_keys(config["ensembles"])
    check_plain(config)
    check_nulls([default, *([changes] if layers is None else layers)])
    given = config["systems"]
    config = resolve(config)
    check_resolved(config)
    check_labels(given, config["systems"], names_of_computed(config))
    if with_files:
        check_files(config)
    if with_files and with_names:
        check_labels(given, config["systems"], check_brought(config))
    return _without_unused(config)


def _without_unused(config: dict[str, Any]) -> dict[str, Any]:
    """A resolved configuration without the ensembles of no run and the systems of no ensemble."""
    ensembles = in_use(config)
    known = {ensemble["system"] for ensemble in ensembles.values()}
    systems = {name: each for name, each in config["systems"].items() if name in known}
    return {**config, "ensembles": ensembles, "systems": systems}


def resolve(config: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in what the folders of the systems say; an entry that is null removes what is there."""
    completed = deepcopy(dict(config))
    used = {ensemble["system"] for ensemble in config["ensembles"].values()}
    names = [name for name in system_names() if name in used or name in config["systems"]]
    completed["systems"] = {
        name: resolve_system(name, config["systems"].get(name, {}))
        for name in dict.fromkeys([*names, *config["systems"]])
    }
    for name, knowledge in completed["systems"].items():
        if name not in system_names() and "parameters" in knowledge:
            own = knowledge["parameters"]
            knowledge.setdefault("descriptors", {str(each): str(each) for each in own})
    for ensemble in completed["ensembles"].values():
        if not is_computed(ensemble):
            ensemble.setdefault("split", dict(SPLIT))
        else:
            for part in SETTINGS:
                settings = deepcopy(completed["systems"][ensemble["system"]].get(part, {}))
                merge(settings, ensemble.get(part, {}))
                ensemble[part] = settings
    return completed


def resolve_system(name: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What is known about a system: its own folder's entries with the user's on top."""
    known = own_knowledge(name)
    _forget(known, changes)
    merge(known, changes)
    return _without_null(known)


def _forget(known: dict[str, Any], changes: Mapping[str, Any]) -> None:
    """Take away what the system's own entries say about entries that the user removes."""
    removed = {
        section: {name for name, value in entries.items() if value is None}
        for section, entries in changes.items()
        if isinstance(entries, Mapping)
    }
    removed |= {
        section: set(known[section])
        for section, entries in changes.items()
        if entries is None and isinstance(known.get(section), Mapping)
    }
    descriptors = removed.get("descriptors", set())
    if known.get("scale") in descriptors:
        del known["scale"]
    if "colours" in known:
        known["colours"] = [name for name in known["colours"] if name not in descriptors] or None
    if "landmarks" in known:
        known["landmarks"] = {
            name: landmark
            for name, landmark in known["landmarks"].items()
            if not descriptors & {landmark["quantity"], *landmark.get("plane", ())}
        }
    references = removed.get("references", set())
    published = known.get("published", {})
    for kind, gone in (("pearson", descriptors), ("regression", references)):
        for name in gone & set(published.get(kind, {})):
            del published[kind][name]
    inputs, units = removed.get("inputs", set()), known.get("with_unit", [])
    kept = [name for name in units if name not in inputs]
    if len(kept) < len(units):
        known["with_unit"] = (
            {name: units[name] for name in kept} if isinstance(units, dict) else kept
        )


def _drop_null_keys(ensembles: Any) -> None:
    """Take away the keys of brought ensembles that are null, all of which are optional."""
    for name, ensemble in ensembles.items() if isinstance(ensembles, dict) else ():
        if isinstance(ensemble, dict) and ensemble.get("source") == "file":
            ensembles[name] = _without_null(ensemble)


def _without_null(value: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _without_null(item) if isinstance(item, dict) else item
        for key, item in value.items()
        if item is not None
    }


def run_settings(config: Mapping[str, Any], ensemble: str, run: str) -> dict[str, Any]:
    """Settings of one training run: the `autoencoder` section with the run's own keys on top."""
    for entry in config["runs"]:
        if (entry["ensemble"], entry["name"]) == (ensemble, run):
            own = {key: value for key, value in entry.items() if key not in ("name", "ensemble")}
            return {**config["autoencoder"], **own}
    raise InputError("config", "runs", (ensemble, run), "a pair of ensemble and run of the config")


def restart_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a run on which each of its restarts depends, beside its seed."""
    return {key: value for key, value in settings.items() if key not in NOT_OF_RESTARTS}


def restart_jobs(settings: Mapping[str, Any]) -> list[str]:
    """Names of the jobs that train a run: "3" for one restart, "0-5" for several together."""
    n_restarts, size = settings["restarts"], settings["together"]
    pairs = [(k, min(k + size, n_restarts) - 1) for k in range(0, n_restarts, size)]
    return [f"{first}-{last}" if first < last else f"{first}" for first, last in pairs]


def choice_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a run on which the model that it keeps depends."""
    return {key: value for key, value in settings.items() if key not in (CHECKPOINTS, TOGETHER)}


def training_seed(config: Mapping[str, Any], ensemble: str, run: str) -> int:
    """Seed of a run's networks: its own, or else derived from that of the configuration."""
    own: int | None = run_settings(config, ensemble, run).get("seed")
    return derive_seed(config["seed"], NETWORKS, ensemble, run) if own is None else own


def iterate_runs(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Pairs (ensemble, run) in the order of the config."""
    for entry in config["runs"]:
        yield entry["ensemble"], entry["name"]


def knowledge_of(config: Mapping[str, Any], ensemble: str) -> Mapping[str, Any]:
    """What is known about the samples of an ensemble."""
    return config["systems"][config["ensembles"][ensemble]["system"]]
