"""Spectra of others: which latents a single network finds, and what they follow.

    python -m studies.anyone NAME ['JSON of settings' ...]

NAME: tablets, reflectances, superconductors, kondo, fano, doublet or collagen.

One network of 120 epochs is trained with each group of settings, on top of those of the example's
configuration (`examples/<name>.yaml`) or, for the sets of `studies.sets`, of the
default ones. `{"kl_weight": "scan"}` finds the weight first. Data files that are not there are
written; packages whose data an example reads must be installed (`make example EXAMPLE=<name>`).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
import xarray as xr
from scipy.stats import spearmanr

from benchmarks.common import ROOT, scored, table
from kondoflow.autoencoder.model import separate_network
from kondoflow.autoencoder.preparation import Prepared, in_window, prepare
from kondoflow.autoencoder.procedure import Outcome, run_procedure
from kondoflow.autoencoder.weight_scan import scan_weights, with_weight
from kondoflow.files.brought.reading import Brought, read_brought
from kondoflow.files.importing import usable_set
from kondoflow.files.spectra import channel_spectra, flat, sample_variables
from kondoflow.formulas.descriptors import evaluate_descriptors
from kondoflow.stage.config import SPLIT, load_config, run_settings
from kondoflow.stage.yaml_files import read_mapping
from studies.sets import SETS

SHORT = {"restarts": 1, "refine_epochs": 0, "epochs": 120}


class Task(NamedTuple):
    """What a study trains on.

    Attributes:
        dataset: The spectra.
        known: Quantities by name, (sample,).
        settings: Settings of a run.
    """

    dataset: xr.Dataset
    known: Mapping[str, np.ndarray]
    settings: Mapping[str, Any]


def tasks(name: str) -> list[Task]:
    """The sets of spectra of an example, or a synthetic set."""
    if name in SETS:
        dataset, _ = usable_set(Brought(SETS[name](), []), {"split": SPLIT}, 1, Path(name))
        return [Task(dataset, sample_variables(dataset), load_config()["autoencoder"])]
    place = ROOT / f"examples/{name}.yaml"
    if not all((ROOT / path).exists() for path in _paths(place)):
        import_module(f"examples.{name}").main()
    config = load_config(place)
    found = []
    for run in config["runs"]:
        ensemble = config["ensembles"][run["ensemble"]]
        path = ROOT / ensemble["path"]
        dataset, _ = usable_set(read_brought(path, ensemble), ensemble, 1, path)
        descriptors = config["systems"][ensemble["system"]]["descriptors"]
        known = evaluate_descriptors(descriptors, sample_variables(dataset))
        found.append(Task(dataset, known, run_settings(config, run["ensemble"], run["name"])))
    return found


def _paths(place: Path) -> list[str]:
    return [each["path"] for each in read_mapping(place)["ensembles"].values()]


def trained(prepared: Prepared, settings: Mapping[str, Any]) -> Outcome:
    """The default procedure with so many restarts."""
    networks = [prepared.trainer.run(seed) for seed in range(settings["restarts"])]
    return run_procedure(prepared, networks, settings, 1)


def row(task: Task, changes: Mapping[str, Any]) -> list[str]:
    """Train with changed settings, and tell what active latents follow on held-out samples."""
    begin = time.process_time()
    settings = {**task.settings, **SHORT, **changes}
    if settings["kl_weight"] == "scan":
        any_weight = {**task.settings, **changes, "kl_weight": 0.16}
        scan = scan_weights(prepare(task.dataset, any_weight, Path("study")).trainer, any_weight, 1)
        settings = with_weight(settings, scan)
    prepared = prepare(task.dataset, settings, Path("study"))
    outcome = trained(prepared, settings)
    dataset = in_window(task.dataset, settings["window"])
    spectra = flat(channel_spectra(dataset, settings["channel"]))
    network = separate_network(prepared.trainer.architecture, outcome.weights)
    codes = network.encode(jnp.asarray(prepared.scaling.to_network(spectra)))[0]
    latents = outcome.conventions.from_network(np.asarray(codes))
    held_out, active = dataset["split"].to_numpy() > 0, int(outcome.conventions.active.sum())
    best = []
    for name, values in task.known.items():
        scores = [abs(spearmanr(values[held_out], latents[held_out, k])[0]) for k in range(active)]
        best.append(
            f"{name} {scored(max(scores, default=0))} (latent {int(np.argmax(scores or [0]))})"
        )
    kl = ", ".join(f"{value:.2f}" for value in outcome.conventions.kl[:active])
    gap = min(candidate.gap for candidate in outcome.candidates)
    shown = json.dumps({**changes, "kl_weight": settings["kl_weight"]})
    seconds = f"{time.process_time() - begin:.0f}"
    return [shown, str(active), kl, f"{gap:.3f}", "; ".join(best), seconds]


def main(name: str, groups: list[str]) -> None:
    """Print a row for each set of spectra and group of settings."""
    rows = [row(task, json.loads(group)) for task in tasks(name) for group in groups or ["{}"]]
    header = ["settings", "active", "KL (nats)", "gap (nat)", "best abs(Spearman)", "CPU s"]
    print(table(header, rows))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
