"""How often the default procedure finds aligned axes.

A number of restarts are trained and finished as in `train_vae`, from seeds of their own. What the
default procedure, with its unsupervised choice among a few of them, makes of each group is then
known. Correlations are over the samples that took no part in training. The default data set must
have been computed (`make run`). Finished restarts stay in results/alignment.

    python -m benchmarks.alignment [number of restarts, 12]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
import xarray as xr
from flax import nnx
from scipy.stats import pearsonr, spearmanr

import train_vae
from autoencoder.alignment import choose
from autoencoder.encoding import encode
from autoencoder.model import separate_network
from autoencoder.storage import Model
from autoencoder.training import Trained, Trainer
from benchmarks.common import ROOT, machine, table
from datafiles.code import code_digest
from datafiles.spectra import channel_spectra, read_spectra, sample_variables, split_mask
from discovery.descriptors import evaluate_descriptors
from discovery.scores import score_descriptors
from stage.config import load_config, run_settings
from stage.seeds import derive_seed

ENSEMBLE, RUN = "low_field", "vae"
SPECTRA = ROOT / f"results/spectra/{ENSEMBLE}.nc"
FOLDER = ROOT / "results/alignment"
AIMS = {  # column: least value
    "half-width": 0.99,
    "T_chi": 0.975,
    "T_chi, Pearson": 0.965,
    "n_d": 0.985,
    "asymmetry": 0.95,
    "KL ratio": 100,
}
OF_AXES = ("half-width", "n_d", "asymmetry")  # aims that tell aligned axes from mixed ones
LARGEST_ERROR = 0.01  # mean absolute error of a decoded test spectrum
N_REPEATS = 10


def outcome(
    trainer: Trainer,
    trained: Trained,
    settings: Mapping[str, Any],
    dataset: xr.Dataset,
    definitions: Mapping[str, str],
) -> dict[str, float]:
    """The quantities of `AIMS` and the error of a finished restart."""
    weights = train_vae.finish(trainer, trained, settings, trained.seed)
    spectra, train = channel_spectra(dataset, settings["channel"]), split_mask(dataset, "train")
    model = _model(trainer, weights, settings, dataset)
    encoding = encode(model, spectra, train)
    active = range(int((encoding.relevance > settings["active_above"]).sum()))
    descriptors = evaluate_descriptors(definitions, sample_variables(dataset))
    scores = score_descriptors(descriptors, encoding.mean.astype(np.float64), train)
    n_active, kl = len(active), encoding.kl
    test = split_mask(dataset, "test")
    return {
        "active": n_active,
        "KL ratio": float(kl[n_active - 1] / kl[n_active]) if n_active < len(kl) else np.nan,
        **meanings(scores, active),
        "error": float(np.abs(encoding.reconstruction - spectra)[test].mean()),
    }


def _model(
    trainer: Trainer, weights: nnx.State, settings: Mapping[str, Any], dataset: xr.Dataset
) -> Model:
    return Model(
        network=separate_network(trainer.architecture, weights),
        scale=1.0,
        channel=settings["channel"],
        omega=dataset["omega"].to_numpy(),
        variational=True,
        active_above=settings["active_above"],
    )


def meanings(descriptors: Mapping[str, Any], active: range) -> dict[str, float]:
    """What the latent that follows the half-width, and the best of the others, know.

    Args:
        descriptors: Scores by descriptor and latent, as in scores.json.
        active: The active latents.
    """

    def score(name: str, latent: int, measure: str = "spearman") -> float:
        return abs(descriptors[name][str(latent)][measure] or 0.0)

    width = max(active, key=lambda latent: score("log10_half_width", latent))
    others = [latent for latent in active if latent != width]
    filling = max(others, key=lambda latent: score("n_d", latent), default=width)
    asymmetries = ("asymmetry_over_U", "asymmetry_over_Gamma")
    return {
        "half-width": score("log10_half_width", width),
        "T_chi": score("log10_T_chi", width),
        "T_chi, Pearson": score("log10_T_chi", width, "pearson"),
        "n_d": score("n_d", filling),
        "asymmetry": max(score(name, filling) for name in asymmetries),
        "|n_d - 1|": max(score("abs_n_d_minus_1", latent) for latent in others or active),
    }


def passes(found: Mapping[str, float]) -> bool:
    """Whether a finished restart meets all aims."""
    enough = all(found[name] >= least for name, least in AIMS.items())
    return enough and found["error"] <= LARGEST_ERROR


def is_aligned(found: Mapping[str, float]) -> bool:
    """Whether each of two latents is one quantity."""
    return all(found[name] >= AIMS[name] for name in OF_AXES)


def ceiling(dataset: xr.Dataset, definitions: Mapping[str, str]) -> tuple[float, float]:
    """Spearman and Pearson of the half-width itself with T_chi, where latents are judged."""
    held_out = ~split_mask(dataset, "train")
    known = evaluate_descriptors(definitions, sample_variables(dataset))
    pair = [known[name][held_out] for name in ("log10_half_width", "log10_T_chi")]
    return float(spearmanr(*pair)[0]), float(pearsonr(*pair)[0])


def train_all(trainer: Trainer, settings: Mapping[str, Any], seeds: list[int]) -> list[Trained]:
    """All restarts, finished ones from their checkpoints."""
    code = code_digest(ROOT / "scripts" / "autoencoder")
    identity = train_vae.identity_of(trainer, settings, seeds, code)
    return train_vae.train_restarts(trainer, seeds, FOLDER, identity, settings["checkpoint_every"])


def main(n_restarts: int) -> None:
    """Print a row for each restart, then what the choice makes of all groups of them."""
    config = load_config()
    settings = run_settings(config, ENSEMBLE, RUN)
    definitions = config["systems"][config["ensembles"][ENSEMBLE]["system"]]["descriptors"]
    dataset = read_spectra(SPECTRA)
    trainer, scale = train_vae.make_trainer(dataset, settings, SPECTRA)
    assert scale == 1
    seeds = [derive_seed(config["seed"], "alignment", index) for index in range(n_restarts)]
    trained = train_all(trainer, settings, seeds)
    losses = [train_vae.mean_loss(each, trainer) for each in trained]
    gaps = [train_vae.alignment_gap(each, trainer) for each in trained]
    size = settings["restarts"]
    groups = list(combinations(range(n_restarts), size))
    chosen = [
        group[choose([losses[i] for i in group], [gaps[i] for i in group])] for group in groups
    ]
    # The refinement changes the error alone, so that only what may be chosen is refined.
    found = [
        outcome(
            trainer,
            each,
            settings if index in chosen else {**settings, "refine_epochs": 0},
            dataset,
            definitions,
        )
        for index, each in enumerate(trained)
    ]
    met, aligned = [passes(each) for each in found], [is_aligned(each) for each in found]
    rows = [
        [
            index,
            f"{losses[index]:.3f}",
            f"{gaps[index]:.4f}",
            each["active"],
            f"{each['KL ratio']:.0f}",
            *(f"{each[name]:.3f}" for name in (*list(AIMS)[:-1], "|n_d - 1|")),
            f"{each['error']:.4f}",
            "yes" if met[index] else "no",
            f"{chosen.count(index) / len(groups):.0%}",
        ]
        for index, each in enumerate(found)
    ]
    samples, n_train = dataset.sizes["sample"], len(trainer.train)
    print(f"{machine()}; {samples} spectra, seeds from {config['seed']}; {json.dumps(settings)}\n")
    header = ["restart", "loss", "gap", "active", "KL ratio", *list(AIMS)[:-1], "abs(n_d - 1)"]
    print(table([*header, "error", "all aims", "chosen"], rows), end="\n\n")
    share = np.mean([met[index] for index in chosen])
    picked = np.random.default_rng(0).choice(len(groups), N_REPEATS, replace=False)
    repeats = [met[chosen[k]] for k in picked]
    best = ceiling(dataset, definitions)
    aims = ", ".join(f"{name} {least:g}" for name, least in AIMS.items())
    print(
        f"{sum(met)} of {n_restarts} restarts meet all aims (at least: {aims}; error at most "
        f"{LARGEST_ERROR:g}). The choice among {size} of them does so in {share:.1%} of all "
        f"{len(groups)} groups, and in {sum(repeats)} of {N_REPEATS} drawn at random. It has "
        f"aligned axes ({', '.join(OF_AXES)}) in {np.mean([aligned[i] for i in chosen]):.1%} of "
        f"them. The half-width itself has {best[0]:.3f} (Spearman) and {best[1]:.3f} (Pearson) "
        "with T_chi on these samples.\n\n"
        f"half-width, T_chi, n_d, asymmetry: abs(Spearman) on the {samples - n_train} samples that "
        "were not trained on, of one latent with the first two and of another one with the other "
        "two (asymmetry over U or over Gamma, the better). KL ratio: the weakest active latent to "
        "the strongest inactive one. Error: mean absolute error of a decoded test spectrum. Gap: "
        "the factorisation gap in nats by which a restart is chosen. Chosen: in this share of the "
        "groups; a restart that never is keeps its decoder unrefined."
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 12)
