r"""The half-filled Hubbard model on the Bethe lattice: a self-consistent bath.

In dynamical mean-field theory the lattice is an impurity in a bath that is made of the impurity's
own Green function (A. Georges et al., RMP 68, 13 (1996)). On the Bethe lattice of bandwidth W = 2 h
the density of states is a semicircle and

.. math::
    \Delta(\omega) = \frac{h^2}{4}\, G(\omega), \qquad
    G(\omega) = \frac{2}{h^2} \left(\zeta - \sqrt{\zeta^2 - h^2}\right), \quad
    \zeta = \omega + U/2 - \Sigma(\omega).

The loop starts from the lattice without interaction (metal) or from two separate bands (insulator):
solve the impurity, take Sigma, form G and Delta, and hand Delta to the solver as a table. Z is the
slope of Re Sigma over a twentieth of the quasi-particles' width Z h on both sides of 0.

    python -m validation.hubbard

prints the tables of `hubbard.md` and draws `workflow/report/hubbard.png`.
"""

from __future__ import annotations

import dataclasses
import os
import tempfile
import time
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.common import ROOT, machine, table
from kondoflow.systems.anderson.bath import Tabulated
from kondoflow.systems.anderson.bath_file import BathTable
from kondoflow.systems.anderson.dyson import interpolate
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.solver import Settings, continuous_functions, diagonalise
from validation.common import DEFAULT

HALF = 0.25  # h in units of the solver's D, so that the Hubbard bands lie within -D .. D
T = 1e-4 * HALF
LARGEST_STEP = 4e-3  # of Delta between rounds, in units of h
ROUNDS = 30
MIXED = 0.7  # share of the new bath in the next one
POSITIVE = np.geomspace(1e-6, 1.0, 300)
OMEGA = np.concatenate([-POSITIVE[::-1], [0.0], POSITIVE])
SETTINGS = dataclasses.replace(DEFAULT, Lambda=5.0, n_keep=120, susceptibility=False)
METALS = (0.5, 0.8, 1.0, 1.5, 2.0, 2.5, 2.7)  # U/h
INSULATORS = (2.7, 3.5)


@dataclasses.dataclass(frozen=True)
class Found:
    """A solution of the loop: U/h, -Im G on the grid, Z, double occupation, rounds."""

    U: float
    spectrum: np.ndarray
    Z: float
    double: float
    rounds: int
    step: float


def green_function(zeta: np.ndarray) -> np.ndarray:
    """Green function of the semicircle, the branch with Im G < 0."""
    root = np.sqrt(zeta - HALF) * np.sqrt(zeta + HALF)
    return 2 / HALF**2 * (zeta - root)


def self_consistent(U_over_h: float, Delta: np.ndarray, settings: Settings = SETTINGS) -> Found:
    """Iterate until the bath stays.

    Args:
        U_over_h: Repulsion in units of the half-bandwidth.
        Delta: -Im Delta on the grid at the start.
        settings: Of the solver.
    """
    U, step, rounds = U_over_h * HALF, np.inf, 0
    while step > LARGEST_STEP and rounds < ROUNDS:
        rounds += 1
        bath = BathTable(tuple(OMEGA.tolist()), tuple(Delta.tolist()))
        impurity = Impurity(U, bath.strength, -U / 2, 0.0, T)
        own = dataclasses.replace(settings, bath=Tabulated.of(bath))
        raw = diagonalise(impurity, own)
        found = continuous_functions(raw, impurity, own)[0]
        sigma = interpolate(OMEGA, found.nodes, found.self_energy(found.nodes))
        G = green_function(OMEGA + 1e-12j + U / 2 - sigma)
        new = -G.imag * HALF**2 / 4
        new = (new + new[::-1]) / 2  # half filling
        step, Delta = float(np.abs(new - Delta).max()) / HALF, Delta + MIXED * (new - Delta)
    Z = 0.5
    for _ in range(6):
        omega = 0.05 * Z * HALF * np.array([-1.0, 1.0])
        below, above = found.self_energy(omega).real
        Z = float(1 / (1 - min((above - below) / np.ptp(omega), 0.0)))
    return Found(U_over_h, -G.imag, Z, raw.double_occupation, rounds, step)


def starts() -> tuple[np.ndarray, np.ndarray]:
    """-Im Delta without interaction, and of two bands."""
    band = np.sqrt(np.maximum(HALF**2 - OMEGA**2, 0)) / 2
    x = (np.abs(OMEGA) - 1.5 * HALF) / HALF
    return band, HALF * np.sqrt(np.maximum(1 - x**2, 0)) / 4


def fourth_order(U_over_h: float) -> float:
    """Z up to U^4 (F. Gebhard et al., Eur. Phys. J. B 36, 491 (2003)), with W = 2 h."""
    u = U_over_h / 2
    return 1 - 1.307 * u**2 + 0.969 * u**4


def second_order_coefficient() -> float:
    """The factor of (U/W)^2 in 1 - Z, from the second-order self-energy at T = 0.

    2 U^2 times the integral of rho rho rho/(a + b + c)^2 over positive energies, with W = 1.
    """
    nodes, weights = np.polynomial.legendre.leggauss(80)
    x = (nodes + 1) / 4
    rho = weights / 4 * 8 / np.pi * np.sqrt(1 / 4 - x**2)
    sums = x[:, None, None] + x[:, None] + x
    return float(2 * np.einsum("i,j,k,ijk->", rho, rho, rho, 1 / sums**2))


def draw(metals: list[Found], insulators: list[Found], path: Path) -> None:
    """Spectra and Z."""
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    omega = OMEGA / HALF
    for found in (*(m for m in metals if m.U in (1.0, 2.0, 2.5)), insulators[-1]):
        kind = "insulator" if found in insulators else "metal"
        values = found.spectrum * HALF / 2
        left.plot(omega, values, label=f"$U/h = {found.U:g}$, {kind}", lw=1.3)
    left.set(xlim=(-3, 3), ylim=(0, 1.1), xlabel=r"$\omega/h$", ylabel=r"$\pi h A(\omega)/2$")
    left.legend(fontsize=8, frameon=False)
    U = np.linspace(0, 1.3, 50)
    right.plot(U, [fourth_order(u) for u in U], color="0.5", label="fourth order in $U$")
    right.plot([m.U for m in metals], [m.Z for m in metals], "o", ms=5, label="this solver")
    right.axvline(2.94, color="0.5", ls=":", label="$U_{c2}$ of Bulla (1999)")
    right.set(xlim=(0, 3.2), ylim=(0, 1.05), xlabel="$U/h$", ylabel="$Z$")
    right.legend(fontsize=8, frameon=False)
    figure.savefig(path, dpi=130)


def main() -> None:
    """Print the tables and draw the figure."""
    started = time.process_time()
    metal, insulator = starts()
    metals: list[Found] = []
    insulators: list[Found] = []
    with tempfile.TemporaryDirectory() as folder, threadpool_limits(1):
        os.environ["KONDOFLOW_CACHE_DIR"] = folder
        for U in METALS:
            metals.append(self_consistent(U, metal))
            metal = metals[-1].spectrum * HALF**2 / 4
        for U in reversed(INSULATORS):
            insulators.insert(0, self_consistent(U, insulator))
            insulator = insulators[0].spectrum * HALF**2 / 4
    seconds = time.process_time() - started
    rows = []
    for kind, found in [("metal", m) for m in metals] + [("insulator", i) for i in insulators]:
        known = f"{fourth_order(found.U):.3f}" if found.U <= 1 else "-"
        height = found.spectrum[len(OMEGA) // 2] * HALF / 2
        Z = f"{found.Z:.3f}" if kind == "metal" else "-"
        cells = [f"{found.U:g}", kind, Z, known, f"{height:.3f}", f"{found.double:.4f}"]
        rows.append([*cells, found.rounds, f"{found.step:.1e}"])
    header = ["U/h", "start", "Z", "Z, fourth order", "pi h A(0)/2", "double occupation"]
    header += ["rounds", "last change of Delta/h"]
    (a, b), (c, d) = ((m.U, m.Z) for m in metals[-2:])
    text = "# The half-filled Hubbard model on the Bethe lattice\n\n"
    text += f"{machine()}; Lambda = {SETTINGS.Lambda:g}, n_keep = {SETTINGS.n_keep}, "
    text += f"T = {T / HALF:g} h; {seconds:.0f} CPU seconds for all loops.\n\n"
    text += table(header, rows)
    text += (
        f"\n\nZ extrapolated to 0 from its last two values: U = {a + b * (c - a) / (b - d):.2f} h."
    )
    text += " Bulla, PRL 83, 136 (1999), finds U_c2 = 2.94 h and U_c1 = 2.5 h with the NRG.\n\n"
    text += f"Factor of (U/W)^2 in 1 - Z from second order: {second_order_coefficient():.4f}; "
    text += "Gebhard et al. give 1.307."
    print(text)
    draw(metals, insulators, ROOT / "workflow/report/hubbard.png")


if __name__ == "__main__":
    main()
