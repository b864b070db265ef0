r"""The half-filled Hubbard model on the Bethe lattice: Z, energies, and what is known of them.

The loop is that of `validation.self_consistency`. Two laws hold at any U and are no part of it. The
energy of a site at T = 0 is

.. math::
    E = U D - \frac{2}{\pi} \int_{-\infty}^0 d\omega\; \mathrm{Im}\, \frac{h^2}{4} G(\omega)^2,
    \qquad \frac{dE}{dU} = D,

with the double occupation D. In the insulator electrons on neighbouring sites gain 4 t_ij^2/U if
their spins form a singlet, a quarter of all cases: to lowest order E = -h^2/(8 U).

    python -m validation.hubbard

prints the tables of `hubbard.md` and draws `workflow/report/hubbard.png`.
"""

from __future__ import annotations

import csv
import os
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy.interpolate import CubicSpline
from threadpoolctl import threadpool_limits

from benchmarks.common import ROOT, machine, table
from validation.fourth_order import bethe_ansatz, bethe_lattice, flat_band
from validation.self_consistency import (
    HALF,
    OMEGA,
    OTHER,
    SETTINGS,
    Found,
    T,
    self_consistent,
    starts,
)

METALS = (0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 2.5, 2.75)  # U/h
INSULATORS = (2.7, 3.5)
PUBLISHED = Path(__file__).parent / "reference" / "bethe_lattice.csv"


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
    known = {U: Z for U, (Z, _) in published().items()}
    ring = {"ms": 9, "mfc": "none", "label": "exact diagonalisation (EDIpack, 2025)"}
    right.plot(list(known), list(known.values()), "s", color="C3", **ring)
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
    print(f"\n{of_metals(metals)}\n\n{against_published(metals)}")
    print(f"\n{of_insulators(insulators)}\n\n{of_transition(metals)}")
    draw(metals, insulators, ROOT / "workflow/report/hubbard.png")


def of_metals(metals: list[Found]) -> str:
    """The table of the metals."""
    rows = []
    for found, energy in zip(metals, integrated_energy(metals), strict=True):
        known = f"{fourth_order(found.U):.3f}" if found.U <= 1 else "-"
        height = -found.last.G.imag[len(OMEGA) // 2] * HALF / 2
        levels = f"{np.median(found.Z_levels):.3f}"
        weights = [f"{found.last.Z:.3f}", f"{found.Z_other:.3f}", levels, f"{found.last.slope:.3f}"]
        cells = [f"{found.U:g}", *weights, known, f"{height:.3f}", f"{found.last.double:.4f}"]
        cells += [f"{found.energy:.4f}", f"{energy:.4f}"]
        rows.append([*cells, found.rounds, f"{found.step:.0e}"])
    header = ["U/h", "Z", f"Lambda = {OTHER.Lambda:g}", "from levels", "on the real axis"]
    header += ["Z, fourth order", "pi h A(0)/2", "double occupation D", "energy/h", "from D"]
    return "Metal\n\n" + table([*header, "rounds", "last step of Delta/h"], rows)


def published() -> dict[float, tuple[float, float]]:
    """Z and double occupation of EDIpack for each U/h, see `reference/README.md`."""
    with PUBLISHED.open(encoding="utf-8") as lines:
        return {
            float(row["U_over_h"]): (float(row["Z"]), float(row["double_occupation"]))
            for row in csv.DictReader(lines)
        }


def against_published(metals: list[Found]) -> str:
    """The table of published values."""
    rows = []
    for found in (each for each in metals if each.U in published()):
        Z, double = published()[found.U]
        rows.append([f"{found.U:g}", f"{found.last.Z:.4f}", f"{Z:.4f}"])
        rows[-1] += [f"{found.last.double:.4f}", f"{double:.4f}"]
    header = ["U/h", "Z", "Z, EDIpack", "double occupation", "double occupation, EDIpack"]
    return "Against published values\n\n" + table(header, rows)


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
