"""What the choice of a network writes: `model.json` and `history.nc`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from kondoflow.autoencoder.contract import HISTORY
from kondoflow.autoencoder.preparation import Prepared
from kondoflow.autoencoder.procedure import Outcome
from kondoflow.autoencoder.restarts import versions
from kondoflow.autoencoder.training import PARTS, History, Trainer
from kondoflow.files.contract import assemble


def describe_model(
    outcome: Outcome,
    prepared: Prepared,
    settings: Mapping[str, Any],
    *,
    seed: int,
) -> dict[str, Any]:
    """Content of `model.json`.

    Args:
        outcome: What the procedure gave.
        prepared: What the training began with.
        settings: Settings of the run.
        seed: Seed of the run.
    """
    trainer = prepared.trainer
    chosen = outcome.candidates[outcome.choice.restart]
    return {
        "architecture": trainer.architecture.as_json(),
        "settings": settings,
        **prepared.scaling.as_json(),
        "channel": settings["channel"],
        "channels": prepared.channels,
        "omega": prepared.omega.tolist(),
        **outcome.conventions.as_json(),
        "axes_corrected": chosen.axes_corrected,
        "axes_turned": outcome.axes_turned,
        "left_out": prepared.left_out,
        "advice": outcome.advice,
        "seed": seed,
        "chosen_restart": outcome.choice.restart,
        "group": list(outcome.choice.group),
        "restarts": [
            {
                "seed": restart.seed,
                "epoch": restart.epoch,
                "validation_loss": restart.loss,
                "loss": candidate.loss,
                "factorisation_gap": candidate.gap,
            }
            for restart, candidate in zip(outcome.restarts, outcome.candidates, strict=True)
        ],
        "steps_per_epoch": max(1, prepared.n_train // settings["batch_size"]),
        "device": outcome.chosen.device,
        "versions": versions(),
    }


def training_curves(outcome: Outcome, trainer: Trainer) -> xr.Dataset:
    """Content of `history.nc`: the curves of the chosen restart, and the losses of all.

    Returns:
        Variables over (epoch, part), (epoch, part, latent) and (restart, epoch, part); see
        `contract.HISTORY`.
    """
    history, schedule = outcome.chosen.history, trainer.schedule
    epochs = history.epoch - 1

    def losses(history: History) -> np.ndarray:
        return history.reconstruction + schedule.kl_weight * history.kl.sum(axis=-1)

    values = {
        "learning_rate": np.array([float(schedule.learning_rate_at(epoch)) for epoch in epochs]),
        "kl_weight": np.array([float(schedule.kl_weight_at(epoch)) for epoch in epochs]),
        "reconstruction": history.reconstruction,
        "kl": history.kl[:, :, outcome.conventions.order],
        "loss": losses(history),
        "loss_of_restarts": np.stack([losses(each.history) for each in outcome.restarts]),
    }
    coordinates = {"epoch": history.epoch, "part": np.array(PARTS)}
    return assemble(values, HISTORY, {"title": "Training curves"}, coordinates)
