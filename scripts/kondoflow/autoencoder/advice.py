r"""What to change if a training ends with latents that say little.

For a linear network the number of active latents is known (J. Lucas et al., NeurIPS 2019). With the
shares l_1 >= l_2 >= ... of the principal components in the weighted variance of the training
spectra, component k is encoded if

.. math::
    l_k > \kappa / 2, \qquad \mathrm{KL}_k = \tfrac12 \log (2 l_k / \kappa),

where kappa is the KL weight. Hence the weight at which the first component is worth 1/2 nat is
2 l_1/e. It is what is advised if no latent is active.

Latents are folded if one quantity of the data is spread over several of them. The posterior is then
no product, and the factorisation gap (`autoencoder.alignment`) is large. Twice the KL weight is
advised. On 1,500 tunnelling spectra of a superconductor, weights of 0.08, 0.16 and 0.32 have gaps
of 0.047, 0.011 and 0.001 nat, and the latent that follows the energy gap best has a rank
correlation of 0.91, 0.98 and 0.96. Two latents that follow each other share a quantity whatever
the gap: fluorescence decays have two with a rank correlation of 1.00 at a gap of 0.029 nat.

A network whose error is above that of the mean spectrum has learned nothing. It happens where the
weights of points differ by many decades, as errors of counts do. The logarithm is advised where all
values are above 0, else a third of the learning rate. If only its loss on validation spectra is
above their error about the mean training spectrum, a sharp peak moves, and the fall of the KL
weight is advised: on emission lines with redshift it takes the validation loss from 1.08 to 0.73,
and a latent that follows the redshift from a rank correlation of 0.38 to 0.75.

If all latents are active there may be more than the network can hold, and twice as many are
advised, but not where they are folded: more latents would share the same quantities.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kondoflow.autoencoder.loss import Spectra

FOLDED_ABOVE = 0.1  # nats of the factorisation gap
ALIKE_ABOVE = 0.95  # rank correlation of two latents
MOST_LATENTS = 64
WORSE_ABOVE = 1.1  # error, where that of the mean spectrum is 1
FALL_FROM = 32  # first KL weight over the last
ADVICE = (  # the codes
    "worse_than_mean",
    "worse_outside",
    "no_latent_active",
    "all_latents_active",
    "folded",
)


def advise(
    train: Spectra,
    settings: Mapping[str, Any],
    n_active: int,
    gap: float,
    likeness: float = 0.0,
    error: float = 0.0,
    outside: float = 0.0,
    *,
    positive: bool = False,
) -> list[dict[str, Any]]:
    """Findings that ask for another setting: code, setting, its value, and the advised value.

    Args:
        train: Training spectra.
        settings: Settings of the run.
        n_active: Number of active latents.
        gap: Factorisation gap of the chosen restart in nats, 0 for a plain autoencoder.
        likeness: Largest rank correlation of two active latents in magnitude.
        error: Loss of the chosen restart, 1 for the mean spectrum; 0 where it has another unit.
        outside: Loss of validation spectra over `error_of_mean`.
        positive: Whether all spectra are above 0.
    """
    found: list[dict[str, Any]] = []

    def add(code: str, setting: str, advised: Any) -> None:
        entry = {"code": code, "setting": setting, "value": settings[setting], "advised": advised}
        found.append(entry)

    kl_weight, n_latents = settings["kl_weight"], settings["n_latents"]
    if error > WORSE_ABOVE:
        if settings["transform"] == "none" and positive:
            add("worse_than_mean", "transform", "log")
        else:
            rates = [rounded(rate / 3) for rate in settings["learning_rate"]]
            add("worse_than_mean", "learning_rate", rates)
        return found
    if n_active == 0 and kl_weight > 0:
        add("no_latent_active", "kl_weight", rounded(2 * largest_share(train) / np.e))
    if outside > 1 and n_active and kl_weight > 0 and settings["kl_start"] <= 1:
        add("worse_outside", "kl_start", FALL_FROM)
    elif gap > FOLDED_ABOVE or (kl_weight > 0 and likeness > ALIKE_ABOVE):
        add("folded", "kl_weight", rounded(2 * kl_weight))
    elif n_active == n_latents and n_latents < MOST_LATENTS:
        add("all_latents_active", "n_latents", min(2 * n_latents, MOST_LATENTS))
    return found


def error_of_mean(train: Spectra, validation: Spectra) -> float:
    """Error of validation spectra (sample, omega) about the mean training spectrum."""
    mean = np.asarray(train.values, np.float64).mean(axis=0)
    weights = np.asarray(validation.weights, np.float64)
    squares = weights * (np.asarray(validation.values, np.float64) - mean) ** 2
    return float(squares.sum() / validation.n_samples)


def largest_share(train: Spectra) -> float:
    """Largest variance of a principal component, in the units of the loss."""
    values = np.asarray(train.values, np.float64)
    scaled = (values - values.mean(axis=0)) * np.sqrt(np.asarray(train.weights, np.float64))
    return float(np.linalg.norm(scaled, 2) ** 2 / len(values))


def rounded(value: float) -> float:
    """A value to two significant digits."""
    return float(f"{value:.2g}")
