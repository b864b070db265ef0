"""On which selection of the data the network sees two active latents, as the paper's did.

The default network is trained on parts of the default data set (which must have been computed,
`make run`) at two KL weights; a part is all samples on which an expression holds. One restart each,
as many steps for each part, nothing is refined. The third latent of the whole set is the height of
the resonance at omega = 0, sin^2(pi n_d/2) by Friedel's sum rule, so that it should vanish with
abs(n_d - 1).

    python -m studies.selection
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np
import xarray as xr
from flax import nnx
from scipy.stats import spearmanr

from benchmarks.common import ROOT, machine, scored, table
from kondoflow.autoencoder.alignment import factorisation_gap
from kondoflow.autoencoder.model import structure
from kondoflow.autoencoder.preparation import prepare
from kondoflow.autoencoder.training import PARTS
from kondoflow.files.spectra import channel_spectra, read_spectra, sample_variables
from kondoflow.files.splits import split_mask
from kondoflow.formulas.descriptors import evaluate_descriptors
from kondoflow.formulas.evaluation import evaluate_text
from kondoflow.stage.config import load_config, run_settings
from kondoflow.stage.seeds import derive_seed

ENSEMBLE, RUN = "low_field", "vae"
SPECTRA = ROOT / f"results/spectra/{ENSEMBLE}.nc"
WEIGHTS = (0.08, 0.16)
SHOWN = ("log10_half_width", "log10_T_chi", "n_d", "asymmetry_over_U", "abs_n_d_minus_1")
SELECTIONS = {
    "all": "U > 0",
    "Kondo regime": "abs(eps_d/U + 1/2) < 0.35 and U > 4*Gamma",
    "abs(n_d - 1) < 0.3": "abs(occupation_up + occupation_down - 1) < 0.3",
    "abs(n_d - 1) < 0.1": "abs(occupation_up + occupation_down - 1) < 0.1",
}


def row(
    dataset: xr.Dataset, definitions: Mapping[str, str], settings: Mapping[str, Any], seed: int
) -> list[str]:
    """Train on a data set: its KL divergences, error and what each active latent follows best."""
    spectra = channel_spectra(dataset, settings["channel"])
    held_out = ~split_mask(dataset, "train")
    trainer, scaling, *_ = prepare(dataset, settings, SPECTRA)
    architecture, schedule = trainer.architecture, trainer.schedule
    trained = trainer.run(seed)
    kl = trained.kept_kl[PARTS.index("train")]
    order = np.argsort(-kl)
    active = [latent for latent in order if kl[latent] > settings["active_above"]]
    network = nnx.merge(structure(architecture)[0], trained.weights)
    mean = np.asarray(network.encode(jnp.asarray(scaling.to_network(spectra)))[0])
    decoded = scaling.from_network(np.asarray(network.decode(mean)))
    error = np.abs(decoded - spectra)[held_out].mean()
    descriptors = evaluate_descriptors(definitions, sample_variables(dataset))
    meanings = []
    for latent in active:
        scores = {
            name: abs(spearmanr(mean[held_out, latent], values[held_out])[0])
            for name, values in descriptors.items()
            if name in SHOWN
        }
        best = max(scores, key=scores.__getitem__)
        meanings.append(f"{best} {scored(scores[best])}")
    gap = factorisation_gap(architecture, trained.weights, trainer.train, schedule.kl_weight)
    return [
        f"{len(trainer.train)}",
        f"{schedule.kl_weight:g}",
        f"{len(active)}",
        ", ".join(f"{value:.2g}" for value in kl[order[: len(active) + 1]]),
        ", ".join(meanings),
        f"{gap:.3f}",
        f"{error:.4f}",
    ]


def main() -> None:
    """Print a row for each selection and weight."""
    config = load_config()
    settings = run_settings(config, ENSEMBLE, RUN)
    definitions = config["systems"][config["ensembles"][ENSEMBLE]["system"]]["descriptors"]
    dataset = read_spectra(SPECTRA)
    variables = sample_variables(dataset)
    rows = []
    for name, condition in SELECTIONS.items():
        chosen = evaluate_text(condition, name, variables, condition=True).astype(bool)
        part = dataset.isel(sample=chosen)
        for weight in WEIGHTS:
            seed = derive_seed(config["seed"], "selection", name)
            epochs = round(settings["epochs"] * len(chosen) / chosen.sum())
            changes = {"kl_weight": weight, "epochs": epochs}
            rows.append([name, *row(part, definitions, {**settings, **changes}, seed)])
            print(*rows[-1], file=sys.stderr, flush=True)
    print(f"{machine()}; default settings but KL weight and epochs, one restart\n")
    header = ["selection", "spectra", "KL weight", "active", "KL of the active and the next (nat)"]
    print(table([*header, "best descriptor, abs(Spearman)", "gap", "error"], rows))


if __name__ == "__main__":
    main()
