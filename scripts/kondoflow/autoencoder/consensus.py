r"""The choice among restarts and the axes on which they agree, both blind.

Restarts end with nearly the same loss and with latents of different meaning. Among those with a
loss near the lowest the leader is the one with the smallest factorisation gap
(`autoencoder.alignment`), that is, the one whose axes suit its posterior best. Its company are
those whose active latents are its own one by one: matched by the size of their rank correlations,
for the order, sign and monotone map of a latent are arbitrary, no pair has less than `AGREES`.

How far the axes of one restart are tilted, and how they are bent, is an accident that is another
one in each restart. An average over the company has less of both. With X_i the latents' means of
restart i over the training spectra, standardised, in the leader's order and with its signs, and C
their mean over the company:

- The chosen restart i is the one nearest to the mean: tr(X_i^T C) is largest (S. Duan et al., ICLR
  2020, choose among models by how well their latents agree). That avoids the more bent ones. Of two
  neither is nearer; the leader is chosen.
- Its axes are turned to those of C, which takes out the tilt: by the orthogonal matrix Q with the
  least sum of squares of X_i Q - C, which is U V^T if X_i^T C is U S V^T (P. H. Schoenemann,
  Psychometrika 31, 1 (1966)).

A leader without company is chosen as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import orthogonal_procrustes
from scipy.optimize import linear_sum_assignment

from kondoflow.autoencoder.alignment import TOLERANCE, all_vary, keep_spread, rank_correlations

AGREES = 0.95  # least rank correlation of two latents that count as the same one


@dataclass(frozen=True)
class Choice:
    """What is chosen among restarts.

    Attributes:
        restart: Index of the chosen restart.
        company: Indices of the restarts that found its latents, itself among them, ascending.
        M: The map z -> z M of its active latents to the company's axes, (active, active).
    """

    restart: int
    company: tuple[int, ...]
    M: np.ndarray


def choose(losses: Sequence[float], gaps: Sequence[float], codes: Sequence[np.ndarray]) -> Choice:
    """Choose among restarts.

    Args:
        losses: Loss of each restart.
        gaps: Its factorisation gap in nats.
        codes: Means of its active latents over the training spectra, (sample, active) each.
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
    """The signed permutation P for which the latents b P are the latents a one by one.

    Args:
        a: Latents, (sample, latent).
        b: Other latents of the same samples, (sample, latent).

    Returns:
        P, (latent, latent); None if there is none, as `AGREES` has it, or nothing to compare.
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
