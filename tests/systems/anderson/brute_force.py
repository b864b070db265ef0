"""Exact diagonalisation of impurity and chain in Fock space, written to be obviously right."""

from __future__ import annotations

from functools import reduce

import numpy as np

from kondoflow.systems.anderson.impurity import Impurity

_Z = np.diag([1.0, -1.0])
_LOWER = np.array([[0.0, 1.0], [0.0, 0.0]])


def annihilators(n_orbitals: int) -> list[np.ndarray]:
    """Jordan-Wigner matrices of the annihilators of all orbitals."""
    return [
        reduce(np.kron, [_Z] * k + [_LOWER] + [np.eye(2)] * (n_orbitals - k - 1))
        for k in range(n_orbitals)
    ]


class BruteForce:
    """Impurity and Wilson chain as one matrix; orbitals (site, spin) with spin fastest."""

    def __init__(
        self, impurity: Impurity, hoppings: np.ndarray, onsite: np.ndarray | None = None
    ) -> None:
        amplitudes = [np.sqrt(2 * impurity.Gamma / np.pi), *hoppings]
        c = annihilators(2 * (len(amplitudes) + 1))
        number = [operator.T @ operator for operator in c[:2]]
        H = sum(eps * n for eps, n in zip(impurity.levels, number, strict=True))
        H = H + impurity.U * number[0] @ number[1]
        for site, t in enumerate(amplitudes):
            for spin in range(2):
                hop = t * c[2 * site + spin].T @ c[2 * site + 2 + spin]
                H = H + hop + hop.T
        for site, energy in enumerate([] if onsite is None else onsite):
            for spin in range(2):
                orbital = c[2 * site + 2 + spin]
                H = H + energy * orbital.T @ orbital
        self.energies, self._vectors = np.linalg.eigh(H)
        self._total_spin = sum((-1) ** k * f.T @ f for k, f in enumerate(c)) / 2
        weights = np.exp(-(self.energies - self.energies[0]) / impurity.T)
        self.weights = weights / weights.sum()
        self.d = [self._rotate(c[spin]) for spin in range(2)]
        self.F = [self._rotate(impurity.U * number[1 - spin] @ c[spin]) for spin in range(2)]
        self.first_site = [self._rotate(c[2 + spin]) for spin in range(2)]
        self.number = [self._rotate(n) for n in number]
        self.S_z = (self.number[0] - self.number[1]) / 2
        self._beta = 1 / impurity.T

    def _rotate(self, operator: np.ndarray) -> np.ndarray:
        return self._vectors.T @ operator @ self._vectors

    def expectation(self, operator: np.ndarray) -> float:
        """Thermal expectation value."""
        return float(self.weights @ np.diag(operator))

    def moment(self) -> float:
        """Variance of the S_z of all orbitals."""
        S_z = self._rotate(self._total_spin)
        return self.expectation(S_z @ S_z) - self.expectation(S_z) ** 2

    def correlator(self, X: np.ndarray, d: np.ndarray, z: complex) -> complex:
        """<<X; d^+>>_z."""
        gaps = self.energies[None, :] - self.energies[:, None]
        return np.sum(X * d * (self.weights[:, None] + self.weights[None, :]) / (z - gaps))

    def susceptibility(self) -> float:
        """Static response of S_z to a field on the impurity."""
        gaps = self.energies[None, :] - self.energies[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            response = (self.weights[:, None] - self.weights[None, :]) / gaps
        limit = self._beta * (self.weights[:, None] + self.weights[None, :]) / 2
        return float(np.sum(self.S_z**2 * np.where(np.abs(gaps) < 1e-10, limit, response)))

    def spin_response(self, z: complex) -> complex:
        """Dynamical response of S_z to a field on the impurity, at a complex frequency."""
        gaps = self.energies[None, :] - self.energies[:, None]
        difference = self.weights[:, None] - self.weights[None, :]
        return -np.sum(self.S_z**2 * difference / (z - gaps))
