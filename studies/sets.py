r"""Sets of spectra that had no part in choosing the default weight of the KL term.

- `fano`: Fano resonances (q + e)^2/[(1 + e^2)(1 + q^2)], e = 2 (omega - omega_0)/Gamma; three
  quantities: q, omega_0 and Gamma (U. Fano, Phys. Rev. 124, 1866 (1961)).
- `doublet`: spin-orbit doublets as in photoemission, two Lorentzians with one width on a
  background; four quantities: shift, width, ratio of the intensities, background.
- `collagen`: 731 measured infrared spectra of tissue of four kinds, from the package
  orange-spectroscopy (GPL 3), whose data file alone is read.

Noise of 1 % of the largest value is added to the synthetic spectra.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping

import numpy as np
import xarray as xr
from scipy.stats import qmc

from examples.packages import folder_of

N, NOISE = 1000, 0.01


def fano() -> xr.Dataset:
    """Fano resonances."""
    omega = np.linspace(-3, 3, 201)
    draws = qmc.Sobol(3, seed=3).random(1024)[:N]
    q, omega_0, Gamma = 6 * draws[:, 0] - 3, draws[:, 1] - 0.5, 0.2 * 5 ** draws[:, 2]
    e = 2 * (omega - omega_0[:, None]) / Gamma[:, None]
    spectra = (q[:, None] + e) ** 2 / (1 + e**2) / (1 + q[:, None] ** 2)
    return data_set(omega, spectra, {"q": q, "omega_0": omega_0, "log_width": np.log(Gamma)})


def doublet() -> xr.Dataset:
    """Spin-orbit doublets."""
    omega = np.linspace(-4, 6, 251)
    draws = qmc.Sobol(4, seed=4).random(1024)[:N]
    shift, width = 1.5 * draws[:, 0] - 0.75, 0.3 * 3 ** draws[:, 1]
    ratio, background = 0.2 + 0.6 * draws[:, 2], 0.4 * draws[:, 3]

    def line(place: np.ndarray) -> np.ndarray:
        return 1 / (1 + ((omega - place[:, None]) / width[:, None]) ** 2)

    spectra = line(shift) + ratio[:, None] * line(shift + 2) + background[:, None]
    known = {"shift": shift, "width": width, "ratio": ratio, "background": background}
    return data_set(omega, spectra, known)


def collagen() -> xr.Dataset:
    """Infrared spectra of tissue; each kind is a property that is 0 or 1."""
    place = folder_of("orangecontrib", "collagen") / "spectroscopy/datasets/collagen.csv"
    with place.open(newline="") as file:
        header, _, _, *rows = csv.reader(file)
    grid = np.array(header[1:], float)
    values = np.array([row[1:] for row in rows], float)
    kinds = sorted({row[0] for row in rows})
    known = {kind: np.array([row[0] == kind for row in rows], float) for kind in kinds}
    if grid[0] > grid[-1]:
        grid, values = grid[::-1], values[:, ::-1]
    return xr.Dataset(
        {
            "spectral_function": (("sample", "omega"), values),
            **{name: ("sample", each) for name, each in known.items()},
        },
        {"omega": grid},
    )


def data_set(omega: np.ndarray, spectra: np.ndarray, known: Mapping[str, np.ndarray]) -> xr.Dataset:
    """Noisy spectra with what is known of them."""
    noise = np.random.default_rng(5).normal(size=spectra.shape) * NOISE * spectra.max()
    return xr.Dataset(
        {
            "spectral_function": (("sample", "omega"), spectra + noise),
            **{name: ("sample", values) for name, values in known.items()},
        },
        {"omega": omega},
    )


SETS: Mapping[str, Callable[[], xr.Dataset]] = {
    "fano": fano,
    "doublet": doublet,
    "collagen": collagen,
}
