"""A scan over the KL weight: the number of active latents that holds over the widest range.

A small weight leaves room for noise and for latents that share one quantity, a large weight leaves
out what the spectra hold. Between the two, the number of active latents stays the same over a range
of weights, a plateau. One network is trained at each of a few weights. The longest plateau with at
least one active latent, and not all of them, is the answer; of equally long plateaus that with
fewer latents. The weight in its middle is taken for the run.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from kondoflow.autoencoder.schedule import Schedule
from kondoflow.autoencoder.training import PARTS, Trainer
from kondoflow.files.errors import InputError

logger = logging.getLogger("kondoflow")

WEIGHTS = tuple(0.64 / 2**step for step in range(8))  # relative to the variance, falling
SHARE_OF_EPOCHS = 0.5  # of a run: the number of latents is settled earlier than their last digits
SCAN = "scan"  # value of the setting kl_weight


def scan_weights(trainer: Trainer, settings: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Train a network at each weight, and choose the weight.

    Args:
        trainer: A training; its weight is not used.
        settings: Settings of the run.
        seed: Seed of the networks.

    Returns:
        Content of `scan.json`: `networks` with `kl_weight`, `active` (number of active latents),
        `kl` (nats, falling) and `error` (share of the variance) each; `plateau`, the lowest and the
        highest weight with the answer's number of latents; this number, `n_active`; and the
        answer, `kl_weight`.

    Raises:
        InputError: If there is no plateau.
    """
    epochs = max(1, round(SHARE_OF_EPOCHS * settings["epochs"]))
    networks = []
    for weight in WEIGHTS:
        schedule = Schedule.from_settings({**settings, "kl_weight": weight, "epochs": epochs})
        trained = replace(trainer, schedule=schedule).run(seed)
        kl = np.sort(trained.kept_kl[PARTS.index("train")])[::-1]
        active = int((kl > settings["active_above"]).sum())
        error = float(trained.kept_reconstruction[PARTS.index("train")])
        logger.info("KL weight %g: %d active latents, error %.3g", weight, active, error)
        networks.append({"kl_weight": weight, "active": active, "kl": kl.tolist(), "error": error})
    counts = [network["active"] for network in networks]
    first, last = plateau(counts, settings["n_latents"])
    low, high = WEIGHTS[last], WEIGHTS[first]
    answer = float(f"{np.sqrt(low * high):.2g}")
    logger.info("%d active latents from %g to %g: %g is taken", counts[first], low, high, answer)
    return {
        "networks": networks,
        "plateau": [low, high],
        "n_active": counts[first],
        "kl_weight": answer,
    }


def plateau(counts: Sequence[int], n_latents: int) -> tuple[int, int]:
    """First and last index of the longest run of equal numbers of active latents.

    Args:
        counts: Number of active latents at each weight, the weights falling.
        n_latents: Number of latents of the networks.

    Raises:
        InputError: If all numbers are 0 or `n_latents`.
    """
    runs: list[tuple[int, int]] = []
    for index, count in enumerate(counts):
        if not 0 < count < n_latents:
            continue
        follows = runs and runs[-1][1] == index - 1 and counts[runs[-1][0]] == count
        if follows:
            runs[-1] = (runs[-1][0], index)
        else:
            runs.append((index, index))
    if not runs:
        allowed = f"a number, or {SCAN} with n_latents above {n_latents}"
        found = f"{SCAN}: {', '.join(map(str, counts))} active latents"
        raise InputError("autoencoder", "kl_weight", found, allowed)
    return max(runs, key=lambda run: (run[1] - run[0], -run[0]))


def with_weight(settings: Mapping[str, Any], scan: Mapping[str, Any] | None) -> dict[str, Any]:
    """Settings of a run with the weight that its scan has found.

    Raises:
        InputError: If a scan is asked for and there is none.
    """
    if settings["kl_weight"] != SCAN:
        return dict(settings)
    if scan is None:
        raise InputError("autoencoder", "kl_weight", SCAN, "a number where there is no scan.json")
    return {**settings, "kl_weight": scan["kl_weight"]}
