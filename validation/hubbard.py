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
slope of Re Sigma at 0, as a mean over windows whose half-width goes from Z h/10 down by a factor
Lambda: with the window the slope oscillates periodically in the logarithm.

Two laws hold at any U and are no part of the loop. The energy of a site at T = 0 is

.. math::
    E = U D - \frac{2}{\pi} \int_{-\infty}^0 d\omega\; \mathrm{Im}\, \frac{h^2}{4} G(\omega)^2,
    \qquad \frac{dE}{dU} = D,

with the double occupation D. In the insulator electrons on neighbouring sites gain 4 t_ij^2/U if
their spins form a singlet, a quarter of all cases: to lowest order E = -h^2/(8 U).

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
from scipy.interpolate import CubicSpline
from threadpoolctl import threadpool_limits

from benchmarks.common import ROOT, machine, table
from kondoflow.systems.anderson.bath import Tabulated
from kondoflow.systems.anderson.bath_file import BathTable
from kondoflow.systems.anderson.dyson import interpolate
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.solver import Settings, continuous_functions, diagonalise
from validation.common import DEFAULT
from validation.fourth_order import bethe_ansatz, bethe_lattice, flat_band

HALF = 0.25  # h in units of the solver's D, so that the Hubbard bands lie within -D .. D
T = 1e-4 * HALF
LARGEST_STEP = 2e-3  # of Delta between rounds, in units of h
ROUNDS = 40
WIDEST = 0.1  # half-width of the widest window for the slope, in units of Z h
MIXED = 0.7  # share of the new bath in the next one
POSITIVE = np.geomspace(1e-6, 1.0, 300)
OMEGA = np.concatenate([-POSITIVE[::-1], [0.0], POSITIVE])
# The default estimator of the self-energy moves the Hubbard bands by 0.02 h from round to round.
SETTINGS = dataclasses.replace(
    DEFAULT, Lambda=5.0, n_z=8, n_keep=160, estimator="ratio", susceptibility=False
)
# Another discretisation, in which the converged bath is solved once more.
OTHER = dataclasses.replace(SETTINGS, Lambda=4.0, n_keep=240)
METALS = (0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 2.5, 2.7)  # U/h
INSULATORS = (2.7, 3.5)


@dataclasses.dataclass(frozen=True)
class Solution:
    """The impurity in a bath: G on the grid, Z, double occupation, and the bath that follows."""

    G: np.ndarray
    Z: float
    double: float
    Delta: np.ndarray


@dataclasses.dataclass(frozen=True)
class Found:
    """A solution of the loop: U/h, the last round, Z of the other discretisation, rounds, step."""

    U: float
    last: Solution
    Z_other: float
    rounds: int
    step: float

    @property
    def energy(self) -> float:
        """Energy of a site in units of h."""
        below = OMEGA <= 0
        kinetic = np.trapezoid((HALF**2 / 4 * self.last.G[below] ** 2).imag, OMEGA[below])
        return self.U * self.last.double - 2 / np.pi * float(kinetic) / HALF


def green_function(zeta: np.ndarray) -> np.ndarray:
    """Green function of the semicircle, the branch with Im G < 0."""
    root = np.sqrt(zeta - HALF) * np.sqrt(zeta + HALF)
    return 2 / HALF**2 * (zeta - root)


def solve_in(Delta: np.ndarray, U_over_h: float, settings: Settings) -> Solution:
    """Solve the impurity in a bath, -Im Delta on the grid."""
    U, bath = U_over_h * HALF, BathTable(tuple(OMEGA.tolist()), tuple(Delta.tolist()))
    impurity = Impurity(U, bath.strength, -U / 2, 0.0, T)
    own = dataclasses.replace(settings, bath=Tabulated.of(bath))
    raw = diagonalise(impurity, own)
    found = continuous_functions(raw, impurity, own)[0]
    sigma = interpolate(OMEGA, found.nodes, found.self_energy(found.nodes))
    G = green_function(OMEGA + 1e-12j + U / 2 - sigma)
    new = -G.imag * HALF**2 / 4
    Z, window = 0.5, np.geomspace(WIDEST / settings.Lambda, WIDEST, 12)
    for _ in range(6):
        omega = window * Z * HALF
        slopes = (found.self_energy(omega) - found.self_energy(-omega)).real / (2 * omega)
        Z = float(1 / (1 - min(slopes.mean(), 0.0)))
    # Half filling makes the spectrum even.
    return Solution(G, Z, raw.double_occupation, (new + new[::-1]) / 2)


def self_consistent(
    U_over_h: float,
    Delta: np.ndarray,
    settings: Settings = SETTINGS,
    other: Settings = OTHER,
    largest_step: float = LARGEST_STEP,
) -> Found:
    """Iterate until the bath stays.

    Args:
        U_over_h: Repulsion in units of the half-bandwidth.
        Delta: -Im Delta on the grid at the start.
        settings: Of the solver.
        other: Those for `Z_other`.
        largest_step: Change of Delta at which the loop ends, in units of h.
    """
    step, rounds = np.inf, 0
    while step > largest_step and rounds < ROUNDS:
        rounds += 1
        last = solve_in(Delta, U_over_h, settings)
        step = float(np.abs(last.Delta - Delta).max()) / HALF
        Delta = Delta + MIXED * (last.Delta - Delta)
    return Found(U_over_h, last, solve_in(Delta, U_over_h, other).Z, rounds, step)


def starts() -> tuple[np.ndarray, np.ndarray]:
    """-Im Delta without interaction, and of two bands."""
    band = np.sqrt(np.maximum(HALF**2 - OMEGA**2, 0)) / 2
    x = (np.abs(OMEGA) - 1.5 * HALF) / HALF
    return band, HALF * np.sqrt(np.maximum(1 - x**2, 0)) / 4


def fourth_order(U_over_h: np.ndarray | float) -> np.ndarray | float:
    """Z up to U^4, see `validation.fourth_order`; W = 2 h."""
    second, fourth = bethe_lattice()
    u = np.asarray(U_over_h) / 2
    return 1 + second * u**2 + fourth * u**4


def integrated_energy(metals: list[Found]) -> list[float]:
    """Energies that follow from the double occupations and from U = 0, in units of h."""
    U = [0.0, *(found.U for found in metals)]
    double = [0.25, *(found.last.double for found in metals)]
    rise = CubicSpline(U, double).antiderivative()
    return [float(-4 / (3 * np.pi) + rise(found.U)) for found in metals]


def draw(metals: list[Found], insulators: list[Found], path: Path) -> None:
    """Spectra and Z."""
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    omega = OMEGA / HALF
    for found in (*(m for m in metals if m.U in (1.0, 2.0, 2.5)), insulators[-1]):
        kind = "insulator" if found in insulators else "metal"
        values = -found.last.G.imag * HALF / 2
        left.plot(omega, values, label=f"$U/h = {found.U:g}$, {kind}", lw=1.3)
    left.set(xlim=(-3, 3), ylim=(0, 1.1), xlabel=r"$\omega/h$", ylabel=r"$\pi h A(\omega)/2$")
    left.legend(fontsize=8, frameon=False)
    U = np.linspace(0, 1.3, 50)
    right.plot(U, fourth_order(U), color="0.5", label="fourth order in $U$")
    right.plot([m.U for m in metals], [m.last.Z for m in metals], "o", ms=5, label="this solver")
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
            metal = metals[-1].last.Delta
        for U in reversed(INSULATORS):
            insulators.insert(0, self_consistent(U, insulator))
            insulator = insulators[0].last.Delta
    seconds = time.process_time() - started
    print("# The half-filled Hubbard model on the Bethe lattice\n")
    print(f"{machine()}; Lambda = {SETTINGS.Lambda:g}, n_z = {SETTINGS.n_z}, ", end="")
    print(f"n_keep = {SETTINGS.n_keep}, T = {T / HALF:g} h; {seconds:.0f} CPU seconds.")
    print(f"\n{of_metals(metals)}\n\n{of_insulators(insulators)}\n\n{of_transition(metals)}")
    draw(metals, insulators, ROOT / "workflow/report/hubbard.png")


def of_metals(metals: list[Found]) -> str:
    """The table of the metals."""
    rows = []
    for found, energy in zip(metals, integrated_energy(metals), strict=True):
        known = f"{fourth_order(found.U):.3f}" if found.U <= 1 else "-"
        height = -found.last.G.imag[len(OMEGA) // 2] * HALF / 2
        cells = [f"{found.U:g}", f"{found.last.Z:.3f}", f"{found.Z_other:.3f}", known]
        cells += [f"{height:.3f}", f"{found.last.double:.4f}"]
        cells += [f"{found.energy:.4f}", f"{energy:.4f}"]
        rows.append([*cells, found.rounds, f"{found.step:.0e}"])
    header = ["U/h", "Z", f"Z, Lambda = {OTHER.Lambda:g}", "Z, fourth order", "pi h A(0)/2"]
    header += ["double occupation D", "energy/h", "from D", "rounds", "last step of Delta/h"]
    return "Metal\n\n" + table(header, rows)


def of_insulators(insulators: list[Found]) -> str:
    """The table of the insulators."""
    rows = []
    for found in insulators:
        U, height = found.U, -found.last.G.imag[len(OMEGA) // 2] * HALF / 2
        cells = [f"{U:g}", f"{height:.3f}", f"{found.last.double:.4f}", f"{1 / (8 * U**2):.4f}"]
        cells += [f"{found.energy:.4f}", f"{-1 / (8 * U):.4f}"]
        rows.append([*cells, found.rounds, f"{found.step:.0e}"])
    header = ["U/h", "pi h A(0)/2", "double occupation D", "h^2/(8 U^2)", "energy/h", "-h/(8 U)"]
    return "Insulator\n\n" + table([*header, "rounds", "last step of Delta/h"], rows)


def of_transition(metals: list[Found]) -> str:
    """Where Z vanishes, and the coefficients of perturbation theory."""
    (a, b), (c, d) = ((found.U, found.last.Z) for found in metals[-2:])
    second, fourth = bethe_lattice()
    (flat, ansatz) = flat_band(), bethe_ansatz()
    return (
        f"Z extrapolated to 0 from its last two values: U = {a + b * (c - a) / (b - d):.2f} h. "
        "Bulla, PRL 83, 136 (1999), finds U_c2 = 2.94 h with the NRG.\n\n"
        f"Z up to fourth order is 1 - {-second:.4f} (U/W)^2 + {fourth:.4f} (U/W)^4, from the "
        "diagrams (`validation/fourth_order.py`). The same diagrams give the impurity in a flat "
        f"band {flat[0]:.6f} and {flat[1]:.7f}, where the Bethe ansatz has {ansatz[0]:.6f} and "
        f"{ansatz[1]:.7f}."
    )


if __name__ == "__main__":
    main()
