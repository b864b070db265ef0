"""How often the default procedure finds aligned axes.

A number of restarts are trained from seeds of their own. The default procedure, with its choice
among a few restarts, is then repeated on sets of these: ten sets go through all of it, and for some
thousand sets the latents alone are computed. Correlations are over the samples that took no part in
training. The default data set must have been computed (`make run`). Finished restarts stay in
results/alignment.

    python -m studies.alignment [number of restarts, 24 [index of the first seed, 0]]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Any

import jax.numpy as jnp
import numpy as np
import xarray as xr
from scipy.stats import pearsonr, spearmanr

from benchmarks.common import ROOT, machine, scored, table
from examples.kondo import width_at_0
from kondoflow.autoencoder.alignment import active_codes
from kondoflow.autoencoder.consensus import Choice
from kondoflow.autoencoder.encoding import encode
from kondoflow.autoencoder.loss import Spectra
from kondoflow.autoencoder.model import separate_network
from kondoflow.autoencoder.preparation import prepare
from kondoflow.autoencoder.procedure import (
    Candidate,
    choose_among,
    decide_conventions,
    finish,
    make_candidate,
)
from kondoflow.autoencoder.restarts import identity_of, train_restarts
from kondoflow.autoencoder.scaling import Scaling
from kondoflow.autoencoder.storage import Model
from kondoflow.autoencoder.training import Trainer
from kondoflow.discovery.latents.scores import score_descriptors
from kondoflow.files.digests import code_digest
from kondoflow.files.spectra import channel_spectra, read_spectra, sample_variables
from kondoflow.files.splits import split_mask
from kondoflow.formulas.descriptors import evaluate_descriptors
from kondoflow.stage.config import load_config, restart_settings, run_settings
from kondoflow.stage.seeds import derive_seed

ENSEMBLE, RUN = "low_field", "vae"
SPECTRA = ROOT / f"results/spectra/{ENSEMBLE}.nc"
FOLDER = ROOT / "results/alignment"
AIMS = {  # column: least value
    "half-width at 0": 0.99,
    "T_chi": 0.975,
    "T_chi, Pearson": 0.965,
    "n_d": 0.985,
    "asymmetry": 0.95,
    "KL ratio": 100,
}
OF_AXES = ("half-width at 0", "n_d", "asymmetry")  # aims that tell aligned axes from mixed ones
SCORED = (
    "log10_half_width_at_0",
    "log10_half_width",
    "log10_T_chi",
    "n_d",
    "abs_n_d_minus_1",
    "asymmetry_over_U",
    "asymmetry_over_Gamma",
)
CORRELATIONS = [
    *(name for name in AIMS if name != "KL ratio"),
    "half-width",
    "|n_d - 1|",
]  # columns
LARGEST_ERROR = 0.01  # mean absolute error of a decoded test spectrum
N_REPEATS = 10  # of the whole procedure
MOST_SETS = 5000  # of restarts, of which the latents are computed


@dataclass(frozen=True)
class Experiment:
    """Trained restarts and what networks are judged by.

    Attributes:
        dataset: The spectra.
        settings: Settings of the run.
        descriptors: Physical quantities by name, (sample,).
        trainer: The training.
        scaling: Units of its network.
        seeds: Seed of each restart.
        candidates: Each restart with corrected axes.
    """

    dataset: xr.Dataset
    settings: Mapping[str, Any]
    descriptors: Mapping[str, np.ndarray]
    trainer: Trainer
    scaling: Scaling
    seeds: list[int]
    candidates: list[Candidate]

    def choose(self, indices: Sequence[int]) -> Choice:
        """What the default procedure chooses in a set of restarts, by their indices in all."""
        choice = choose_among([self.candidates[k] for k in indices])
        group = tuple(indices[k] for k in choice.group)
        return Choice(indices[choice.restart], group, choice.M)

    def finish(self, choice: Choice) -> dict[str, float]:
        """The quantities of `AIMS` and the error of the finished network."""
        seed = self.seeds[choice.restart]
        weights, _ = finish(self.trainer, self.candidates, choice, self.settings, seed)
        chosen = self.candidates[choice.restart]
        conventions = decide_conventions(self.trainer, weights, chosen, self.settings)
        model = Model(
            network=separate_network(self.trainer.architecture, weights),
            scaling=self.scaling,
            channel=self.settings["channel"],
            omega=self.dataset["omega"].to_numpy(),
            variational=True,
            active_above=self.settings["active_above"],
            conventions=conventions,
        )
        spectra = channel_spectra(self.dataset, self.settings["channel"])
        encoding, test = encode(model, spectra), split_mask(self.dataset, "test")
        kl, n_active = conventions.kl, int(conventions.active.sum())
        return {
            "active": n_active,
            "KL ratio": float(kl[n_active - 1] / kl[n_active]) if n_active < len(kl) else np.nan,
            **self._meanings(encoding.mean[:, :n_active]),
            "error": float(np.abs(encoding.reconstruction - spectra)[test].mean()),
        }

    def turn(self, choices: Sequence[Choice]) -> list[dict[str, float]]:
        """What the latents of chosen restarts mean on the axes of their groups."""
        values = channel_spectra(self.dataset, self.settings["channel"])
        x = jnp.asarray(self.scaling.to_network(values))
        spectra = Spectra(x, self.trainer.train.weights[:1])
        architecture = self.trainer.architecture
        codes = [
            active_codes(architecture, each.weights, spectra, each.active)
            for each in self.candidates
        ]
        return [self._meanings(codes[choice.restart] @ choice.M) for choice in choices]

    def _meanings(self, codes: np.ndarray) -> dict[str, float]:
        held_out = ~split_mask(self.dataset, "train")
        known = {name: values[held_out] for name, values in self.descriptors.items()}
        # Without training samples no monotone map is fitted, which nothing here asks for.
        unfitted = np.zeros(int(held_out.sum()), bool)
        scores = score_descriptors(known, codes[held_out].astype(np.float64), unfitted)
        return meanings(scores, range(codes.shape[1]))


def run_experiment(n_restarts: int, first: int) -> Experiment:
    """Train restarts on the default data set, finished ones are taken from their checkpoints."""
    config = load_config()
    settings = run_settings(config, ENSEMBLE, RUN)
    if n_restarts < settings["restarts"]:
        raise SystemExit(f"{n_restarts} restarts are fewer than a set of {settings['restarts']}")
    dataset = read_spectra(SPECTRA)
    definitions = config["systems"][config["ensembles"][ENSEMBLE]["system"]]["descriptors"]
    known = evaluate_descriptors(definitions, sample_variables(dataset))
    prepared = prepare(dataset, settings, SPECTRA)
    trainer, scaling = prepared.trainer, prepared.scaling
    indices = range(first, first + n_restarts)
    seeds = [derive_seed(config["seed"], "alignment", index) for index in indices]
    code = code_digest(ROOT / "scripts/kondoflow/autoencoder")
    every, own, trained = settings["checkpoint_every"], restart_settings(settings), []
    for seed in seeds:
        identity = identity_of(prepared, own, seed)
        checkpoint = FOLDER / f"{identity}.safetensors"
        trained += train_restarts(trainer, [seed], checkpoint, [identity], code, every)
    candidates = [make_candidate(each, trainer, settings) for each in trained]
    spectra = channel_spectra(dataset, "up").astype(np.float64)
    known["log10_half_width_at_0"] = np.log10(width_at_0(dataset["omega"].to_numpy(), spectra))
    descriptors = {name: known[name] for name in SCORED}
    return Experiment(dataset, settings, descriptors, trainer, scaling, seeds, candidates)


def meanings(descriptors: Mapping[str, Any], active: range) -> dict[str, float]:
    """What the latent that follows the half-width, and the best of the others, know.

    Args:
        descriptors: Scores by descriptor and latent, as in scores.json.
        active: The active latents.
    """

    def score(name: str, latent: int, measure: str = "spearman") -> float:
        return abs(descriptors[name][str(latent)][measure] or 0.0)

    width = max(active, key=lambda latent: score("log10_half_width_at_0", latent))
    others = [latent for latent in active if latent != width]
    filling = max(others, key=lambda latent: score("n_d", latent), default=width)
    asymmetries = ("asymmetry_over_U", "asymmetry_over_Gamma")
    return {
        "half-width at 0": score("log10_half_width_at_0", width),
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


def ceiling(experiment: Experiment) -> tuple[float, float]:
    """Spearman and Pearson of the half-width itself with T_chi, where latents are judged."""
    held_out = ~split_mask(experiment.dataset, "train")
    pair = [experiment.descriptors[name][held_out] for name in ("log10_half_width", "log10_T_chi")]
    return float(spearmanr(*pair)[0]), float(pearsonr(*pair)[0])


def draw_sets(n_restarts: int, size: int) -> list[tuple[int, ...]]:
    """All sets of so many restarts, or many different sets, in random order."""
    rng = np.random.default_rng(0)
    if comb(n_restarts, size) <= MOST_SETS:
        return [tuple(each) for each in rng.permutation([*combinations(range(n_restarts), size)])]
    drawn: dict[tuple[int, ...], None] = {}
    while len(drawn) < MOST_SETS:
        drawn[tuple(sorted(rng.choice(n_restarts, size, replace=False).tolist()))] = None
    return list(drawn)


def cells(found: Mapping[str, float]) -> list[object]:
    """The part of a row that is a network's outcome."""
    return [
        found["active"],
        f"{found['KL ratio']:.0f}",
        *(scored(found[name]) for name in CORRELATIONS),
        f"{found['error']:.4f}",
        "yes" if passes(found) else "no",
    ]


def share(found: Sequence[Mapping[str, float]], test: Callable[[Mapping[str, float]], bool]) -> str:
    """Share of outcomes that pass a test."""
    return f"{np.mean([test(each) for each in found]):.1%}"


def main(n_restarts: int, first: int) -> None:
    """Print a row for each restart and for each repeat of the procedure, then what sets give."""
    experiment = run_experiment(n_restarts, first)
    sets = draw_sets(n_restarts, experiment.settings["restarts"])
    choices = [experiment.choose(indices) for indices in sets]
    alone = [experiment.finish(experiment.choose([k])) for k in range(n_restarts)]
    repeats = [experiment.finish(choice) for choice in choices[:N_REPEATS]]
    turned = experiment.turn(choices)
    found = [
        alone[choice.restart] | latents for choice, latents in zip(choices, turned, strict=True)
    ]
    print(
        f"{machine()}; {experiment.dataset.sizes['sample']} spectra; restarts from {first} on, "
        f"seeds from {load_config()['seed']}"
    )
    print(f"\n{json.dumps(experiment.settings)}\n\nEach restart by itself\n")
    header = ["active", "KL ratio", *CORRELATIONS[:-1], "abs(n_d - 1)", "error", "all aims"]
    rows = [
        [first + k, f"{each.loss:.3f}", f"{each.gap:.4f}", *cells(outcome)]
        for k, (each, outcome) in enumerate(zip(experiment.candidates, alone, strict=True))
    ]
    print(table(["restart", "loss", "gap", *header], rows))
    rows = [
        [
            ", ".join(str(first + k) for k in indices),
            first + choice.restart,
            len(choice.group),
            *cells(outcome),
        ]
        for indices, choice, outcome in zip(sets, choices, repeats, strict=False)
    ]
    print("\nRepeats of the whole procedure\n")
    print(table(["restarts", "chosen", "group", *header], rows))
    names = [*list(AIMS)[:-1], "|n_d - 1|"]
    apart = [
        abs(a[name] - b[name]) for a, b in zip(repeats, turned, strict=False) for name in names
    ]
    best = ceiling(experiment)
    aims = ", ".join(f"{name} {least:g}" for name, least in AIMS.items())
    held_out = int((~split_mask(experiment.dataset, "train")).sum())
    print(
        f"\n{sum(map(passes, alone))} of {n_restarts} restarts meet all aims by themselves (at "
        f"least: {aims}; error at most {LARGEST_ERROR:g}), {sum(map(passes, repeats))} of "
        f"{len(repeats)} repeats of the procedure, and {share(found, passes)} of {len(sets)} "
        f"sets. The axes are aligned ({', '.join(OF_AXES)}) in {share(found, is_aligned)} of the "
        f"sets. The half-width itself has {best[0]:.3f} (Spearman) and {best[1]:.3f} (Pearson) "
        "with T_chi on these samples.\n\n"
        "half-width at 0: the mean distance from the Fermi energy at which A falls to half of its "
        "value there; half-width: that about the maximum of the resonance.\n\n"
        f"half-width, T_chi, n_d, asymmetry: abs(Spearman) on the {held_out} samples that were not "
        "trained on, of one latent with the first two and of another one with the other two "
        "(asymmetry over U or over Gamma, the better). KL ratio: the weakest active latent to the "
        "strongest inactive one. Error: mean absolute error of a decoded test spectrum. Gap: the "
        "factorisation gap in nats. Group: number of restarts in the set with the same latents. "
        "For sets that are no repeats only the latents are computed, as if every turn of the axes "
        "passed the test of its loss (in the repeats the correlations of the two ways differ by "
        f"at most {max(apart):.1e}); KL ratio and error are those of the chosen restart by itself."
    )


if __name__ == "__main__":
    main(*(int(text) for text in [*sys.argv[1:], *("24", "0")[len(sys.argv) - 1 :]]))
