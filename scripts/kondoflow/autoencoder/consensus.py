r"""The choice among restarts, and the axes on which they agree. Neither uses physical descriptors.

Restarts end with nearly the same loss and with latents of different meaning. Among the restarts
with a loss near the lowest, the leader is the one with the smallest factorisation gap
(`autoencoder.alignment`), because its axes suit its posterior best. A restart joins the leader's
group if its active latents pair one to one with the leader's. Order, sign and monotone map of a
latent are arbitrary, hence latents are paired by the size of their rank correlations, and each pair
must have at least `AGREES`.

The axes of each restart are tilted and bent by accidents of its own. The mean over the group has
less of both. Let X_i be the latents' means of restart i over the training spectra, standardised, in
the leader's order and with its signs, and C their mean over the group:

- The chosen restart i is the one nearest to the mean, with the largest tr(X_i^T C) (S. Duan et al.,
  ICLR 2020, choose among models by how well their latents agree). That avoids strongly bent
  latents. In a group of two both are equally near, and the leader is chosen.
- Its axes are turned to those of C, which removes the tilt: by the orthogonal matrix Q with the
  least sum of squares of X_i Q - C, which is U V^T if X_i^T C is U S V^T (P. H. Schoenemann,
  Psychometrika 31, 1 (1966)).

A leader that is alone in its group is chosen as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import orthogonal_procrustes
from scipy.optimize import linear_sum_assignment

from kondoflow.autoencoder.alignment import TOLERANCE, all_vary, keep_spread, rank_correlations

AGREES = 0.95  # least rank correlation of two latents that count as the same


@dataclass(frozen=True)
class Choice:
    """What is chosen among restarts.

    Attributes:
        restart: Index of the chosen restart.
        group: Indices of the restarts whose latents pair with the leader's, ascending; the leader
            and the chosen restart are among them.
        M: The map z -> z M of its active latents to the axes of the group, (active, active).
    """

    restart: int
    group: tuple[int, ...]
    M: np.ndarray


def choose(losses: Sequence[float], gaps: Sequence[float], codes: Sequence[np.ndarray]) -> Choice:
    """Choose among restarts.

    Args:
        losses: Loss of each restart.
        gaps: Factorisation gap of each restart in nats.
        codes: Means of the active latents of each over the training spectra, (sample, active).
    """
    good = [k for k, loss in enumerate(losses) if loss <= min(losses) * (1 + TOLERANCE)]
    leader = min(good, key=lambda k: gaps[k])
    compared = {k: same_latents(codes[leader], codes[k]) for k in good if k != leader}
    orders = {k: P for k, P in compared.items() if P is not None}
    n_latents = codes[leader].shape[1]
    if not orders:
        return Choice(leader, (leader,), np.eye(n_latents))
    orders[leader] = np.eye(n_latents)
    members = {k: _standardised(codes[k]) @ P for k, P in orders.items()}
    centre = np.mean(list(members.values()), axis=0)
    restart = leader
    if len(members) > 2:
        restart = max(members, key=lambda k: float(np.vdot(members[k], centre)))
    Q, _ = orthogonal_procrustes(members[restart], centre)
    P, X = orders[restart], codes[restart]
    M = np.diag(1 / X.std(axis=0)) @ P @ Q @ P.T
    return Choice(restart, tuple(sorted(members)), keep_spread(M, X))


def same_latents(a: np.ndarray, b: np.ndarray) -> np.ndarray | None:
    """The signed permutation P for which the latents b P pair one to one with the latents a.

    Args:
        a: Latents, (sample, latent).
        b: Other latents of the same samples, (sample, latent).

    Returns:
        P, (latent, latent). None if a pair correlates less than `AGREES`, if the numbers of latents
        differ, or if a latent is constant.
    """
    n_latents = a.shape[1]
    if b.shape[1] != n_latents or n_latents == 0 or not (all_vary(a) and all_vary(b)):
        return None
    between = rank_correlations(np.hstack([b, a]))[:n_latents, n_latents:]
    pairs = linear_sum_assignment(-np.abs(between))
    if np.any(np.abs(between[pairs]) < AGREES):
        return None
    P = np.zeros((n_latents, n_latents))
    P[pairs] = np.sign(between[pairs])
    return P


def _standardised(code: np.ndarray) -> np.ndarray:
    return (code - code.mean(axis=0)) / code.std(axis=0)
