"""From several restarts to the one model that is kept.

Each restart keeps the weights with the lowest validation loss at the nominal KL weight, with z at
its mean. Latents with a KL divergence above `active_above` are active, and their axes are corrected
(`autoencoder.alignment`). Among the restarts with a loss near the lowest, one is chosen and turned
to the axes on which several agree (`autoencoder.consensus`). Its decoder is sharpened
(`autoencoder.refinement`). Last, order, sign and unit of its latents are fixed
(`autoencoder.conventions`).

Each of these decisions is made here, stored with the model, and read by all later stages.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flax import nnx

from kondoflow.autoencoder.advice import advise, error_of_mean
from kondoflow.autoencoder.alignment import (
    active_codes,
    align_axes,
    all_vary,
    factorisation_gap,
    rank_correlations,
    turn_axes,
)
from kondoflow.autoencoder.consensus import Choice, choose
from kondoflow.autoencoder.conventions import Conventions
from kondoflow.autoencoder.deciding import decide
from kondoflow.autoencoder.model import separate_network
from kondoflow.autoencoder.preparation import Prepared
from kondoflow.autoencoder.refinement import refine_decoder
from kondoflow.autoencoder.training import PARTS, Trained, Trainer

logger = logging.getLogger("kondoflow")


@dataclass(frozen=True)
class Candidate:
    """A restart with corrected axes.

    Attributes:
        weights: Its weights.
        active: Which latents are active, (latent,); none for a plain autoencoder, for which
            `decide_conventions` tells them.
        codes: Means of the active latents over the training spectra, (sample, active).
        loss: Loss of the weights before the correction, see `mean_loss`.
        gap: Factorisation gap of these weights; 0 for a plain autoencoder, whose axes nothing
            fixes.
        axes_corrected: Whether the correction was made.
    """

    weights: nnx.State
    active: np.ndarray
    codes: np.ndarray
    loss: float
    gap: float
    axes_corrected: bool = False


@dataclass(frozen=True)
class Outcome:
    """What the procedure gives.

    Attributes:
        weights: Weights of the model that is kept.
        conventions: Order, sign and unit of its latents.
        axes_turned: Whether its axes were turned to those of its group.
        choice: What was chosen among the restarts.
        restarts: All restarts.
        candidates: The restarts with corrected axes.
        advice: Settings to change if the latents say little, see `autoencoder.advice`.
    """

    weights: nnx.State
    conventions: Conventions
    axes_turned: bool
    choice: Choice
    restarts: Sequence[Trained]
    candidates: list[Candidate]
    advice: list[dict[str, Any]]

    @property
    def chosen(self) -> Trained:
        """The chosen restart."""
        return self.restarts[self.choice.restart]


def run_procedure(
    prepared: Prepared,
    restarts: Sequence[Trained],
    settings: Mapping[str, Any],
    refinement_seed: int,
) -> Outcome:
    """Choose among restarts, and finish the chosen one.

    Args:
        prepared: What the training began with.
        restarts: All restarts.
        settings: Settings of the run.
        refinement_seed: Seed of the refinement of the decoder.
    """
    trainer = prepared.trainer
    candidates = [make_candidate(trained, trainer, settings) for trained in restarts]
    choice = choose_among(candidates)
    logger.info("restart %d of %d is chosen", choice.restart, len(restarts))
    if len(choice.group) > 1:
        logger.info("restarts %s have the same latents", ", ".join(map(str, choice.group)))
    weights, turned = finish(trainer, candidates, choice, settings, refinement_seed)
    conventions = decide_conventions(trainer, weights, candidates[choice.restart], settings)
    chosen = candidates[choice.restart]
    of_mean = error_of_mean(trainer.train, trainer.validation)
    advice = advise(
        trainer.train,
        settings,
        int(conventions.active.sum()),
        chosen.gap,
        likeness(chosen),
        error=chosen.loss if settings["loss"] == "relative" else 0.0,
        outside=restarts[choice.restart].loss / of_mean if of_mean else 0.0,
        positive=prepared.positive,
    )
    for entry in advice:
        logger.info("%(code)s: try %(setting)s %(advised)s instead of %(value)s", entry)
    return Outcome(weights, conventions, turned, choice, restarts, candidates, advice)


def make_candidate(trained: Trained, trainer: Trainer, settings: Mapping[str, Any]) -> Candidate:
    """Correct the axes of a restart."""
    architecture, spectra = trainer.architecture, trainer.train
    kl_weight, weights = trainer.schedule.kl_weight, trained.weights
    gap, corrected = 0.0, False
    active = trained.kept_kl[PARTS.index("train")] > settings["active_above"]
    if kl_weight > 0:
        gap = factorisation_gap(architecture, weights, spectra, kl_weight)
        weights, corrected = align_axes(architecture, weights, spectra, kl_weight, active, gap)
    codes = active_codes(architecture, weights, spectra, active)
    return Candidate(weights, active, codes, mean_loss(trained, trainer), gap, corrected)


def likeness(candidate: Candidate) -> float:
    """Largest rank correlation of two active latents in magnitude, 0 with fewer than two."""
    if candidate.codes.shape[1] < 2 or not all_vary(candidate.codes):
        return 0.0
    between = rank_correlations(candidate.codes)
    return float(np.abs(between - np.eye(len(between))).max())


def mean_loss(trained: Trained, trainer: Trainer) -> float:
    """Loss of the kept weights over training and validation spectra, less noisy than either."""
    loss = trained.kept_reconstruction + trainer.schedule.kl_weight * trained.kept_kl.sum(axis=-1)
    return float(np.average(loss, weights=[trainer.train.n_samples, trainer.validation.n_samples]))


def choose_among(candidates: Sequence[Candidate]) -> Choice:
    """What is chosen among restarts, see `autoencoder.consensus`."""
    columns = zip(*((each.loss, each.gap, each.codes) for each in candidates), strict=True)
    return choose(*columns)


def finish(
    trainer: Trainer,
    candidates: Sequence[Candidate],
    choice: Choice,
    settings: Mapping[str, Any],
    seed: int,
) -> tuple[nnx.State, bool]:
    """Turn the chosen restart to the axes of its group and sharpen its decoder.

    Args:
        trainer: The training.
        candidates: All restarts.
        choice: What is chosen among them.
        settings: Settings of the run.
        seed: Seed of the refinement.

    Returns:
        The weights, and whether the axes were turned.
    """
    chosen, kl_weight = candidates[choice.restart], trainer.schedule.kl_weight
    if kl_weight == 0:
        return chosen.weights, False
    architecture, spectra, active = trainer.architecture, trainer.train, chosen.active
    weights, turned = turn_axes(architecture, chosen.weights, spectra, kl_weight, active, choice.M)
    refined = refine_decoder(
        architecture,
        weights,
        spectra,
        active,
        epochs=settings["refine_epochs"],
        batch_size=trainer.batch_size,
        learning_rate=settings["learning_rate"][0],
        seed=seed,
    )
    return refined, turned and len(choice.group) > 1


def decide_conventions(
    trainer: Trainer, weights: nnx.State, chosen: Candidate, settings: Mapping[str, Any]
) -> Conventions:
    """Order, sign and unit of the latents of the weights that are kept."""
    return decide(
        separate_network(trainer.architecture, weights),
        trainer.train,
        active=chosen.active if trainer.schedule.kl_weight > 0 else None,
        active_above=settings["active_above"],
    )
