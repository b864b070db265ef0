"""Write Kondo spectra of second-order perturbation theory, and of the NRG at the same points.

    python -m examples.kondo

writes `examples/second_order.nc` and `examples/nrg.nc`: 800 impurities with Gamma from 0.02 to 0.1,
U from Gamma to 6 Gamma, eps_d from -1.2 U to 0.2 U, at T = 5e-4, in units of the half-bandwidth D.
The two solvers share no code (`examples.second_order`).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr
from scipy.stats import qmc

from examples import second_order
from kondoflow import solve

FOLDER = Path("examples")
SIDE = np.geomspace(1e-4, 1.6, 100)
OMEGA = np.concatenate([-SIDE[::-1], [0.0], SIDE])
N, T = 800, 5e-4


def points() -> dict[str, np.ndarray]:
    """Parameters, each (sample,)."""
    draws = qmc.Sobol(3, seed=1).random(1024)[:N]
    Gamma = 0.02 * 5 ** draws[:, 0]
    U = Gamma * 6 ** draws[:, 1]
    return {"U": U, "Gamma": Gamma, "eps_d": U * (1.4 * draws[:, 2] - 1.2)}


def of_second_order(known: dict[str, np.ndarray]) -> xr.Dataset:
    """Spectra of the interpolating second-order self-energy."""
    solved = [
        second_order.solve(U, Gamma, eps_d, T, OMEGA)
        for U, Gamma, eps_d in zip(known["U"], known["Gamma"], known["eps_d"], strict=True)
    ]
    spectra = np.array([each.spectral_function for each in solved])
    return data_set(known, spectra, np.array([each.filling for each in solved]))


def of_nrg(known: dict[str, np.ndarray]) -> xr.Dataset:
    """Spectra of the product's own solver, with its default settings."""
    grid = {"n_side": len(SIDE), "min": SIDE[0], "max": SIDE[-1]}
    solved = solve(**known, T=T, omega=grid)
    spectra = solved["spectral_function"].isel(spin=0)
    return data_set(known, spectra.to_numpy(), solved["occupation"].sum("spin").to_numpy())


def data_set(known: dict[str, np.ndarray], spectra: np.ndarray, fillings: np.ndarray) -> xr.Dataset:
    """A set of spectra as a user would bring it, with the width that each spectrum shows."""
    of_samples = {**known, "n_d": fillings, "width": width_at_0(OMEGA, spectra)}
    return xr.Dataset(
        {
            "spectral_function": (("sample", "omega"), spectra),
            **{name: ("sample", values) for name, values in of_samples.items()},
        },
        {"omega": OMEGA},
    )


def width_at_0(omega: np.ndarray, spectra: np.ndarray) -> np.ndarray:
    """Mean distance from 0, over both sides, at which A falls to half of A(0), (sample,).

    Unlike the half-width about the maximum it is defined for a resonance beside the Fermi energy.
    NaN where A falls to half of A(0) on neither side.
    """
    middle = int(np.searchsorted(omega, 0.0))
    sides = []
    for points in (slice(middle, None), slice(middle, None, -1)):
        distance, heights = np.abs(omega[points]), spectra[:, points] - spectra[:, [middle]] / 2
        found = (heights < 0).any(axis=1)
        width = np.full(len(spectra), np.nan)
        index = np.argmax(heights[found] < 0, axis=1)
        rows = np.flatnonzero(found)
        high, low = heights[rows, index - 1], heights[rows, index]
        step = distance[index] - distance[index - 1]
        width[rows] = distance[index - 1] + high / (high - low) * step
        sides.append(width)
    both = np.array(sides)
    n = np.isfinite(both).sum(axis=0)
    return np.where(n > 0, np.nansum(both, axis=0) / np.maximum(n, 1), np.nan)


def main(folder: Path = FOLDER) -> None:
    """Write both files."""
    known = points()
    of_second_order(known).to_netcdf(folder / "second_order.nc", engine="netcdf4")
    of_nrg(known).to_netcdf(folder / "nrg.nc", engine="netcdf4")


if __name__ == "__main__":
    main()
