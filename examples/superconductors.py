r"""Write tunnelling spectra of superconductors, with names of a user's own.

    python -m examples.superconductors

writes `examples/superconductors.nc`: conductance(sample, bias) over 401 points from -5 to 5 meV,
for 1,200 superconductors with a gap of 1 to 2.5 meV at T = 0.1 to 0.5 meV (1.2 to 5.8 K), where the
temperature broadens spectra more than `dynes` (0.02 to 0.2 meV). A spectrum is the density of
states of Dynes, broadened by `dynes`, smeared by the thermal window at temperature T:

.. math::
    G(V)/G_N = \int dE\, N(E) [-f'(E - eV)], \qquad
    N(E) = \mathrm{Re} \frac{E + i\Gamma}{\sqrt{(E + i\Gamma)^2 - \Delta^2}} .
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr
from scipy.stats import qmc

from kondoflow.systems.bcs.computation import settings_of, solve
from kondoflow.systems.bcs.gap_equation import energy_gap

OUTPUT = Path("examples/superconductors.nc")
N = 1200
GAPS = (1.0, 2.5)  # meV


def superconductors(
    T: tuple[float, float], dynes: tuple[float, float], gaps: tuple[float, float] = GAPS, n: int = N
) -> xr.Dataset:
    """Spectra whose temperature and broadening are spread evenly in the logarithm.

    Args:
        T: Lowest and highest temperature, meV.
        dynes: Lowest and highest broadening, meV.
        gaps: Smallest and largest gap, meV.
        n: Number of spectra.
    """
    draws = qmc.Sobol(4, seed=1).random(2**15)
    coupling, omega_D = 0.15 + 0.85 * draws[:, 0], 10 ** (2 * draws[:, 1])
    known = {
        "coupling": coupling,
        "omega_D": omega_D,
        "T": T[0] * (T[1] / T[0]) ** draws[:, 2],
        "dynes": dynes[0] * (dynes[1] / dynes[0]) ** draws[:, 3],
    }
    gap = energy_gap(coupling, omega_D, known["T"])
    chosen = np.flatnonzero((gap > gaps[0]) & (gap < gaps[1]))[:n]
    settings = settings_of({}, {"n_side": 200, "max": 5.0})
    spectra = [
        solve({name: values[k] for name, values in known.items()}, settings).values for k in chosen
    ]
    known["gap"] = gap
    return xr.Dataset(
        {
            "conductance": (
                ("sample", "bias"),
                np.stack([each["spectral_function"] for each in spectra]),
            ),
            **{
                name: ("sample", values[chosen], {} if name == "coupling" else {"units": "meV"})
                for name, values in known.items()
            },
        },
        {"bias": ("bias", settings.omega, {"units": "meV"})},
    )


def main(path: Path = OUTPUT) -> None:
    """Write the file."""
    superconductors(T=(0.1, 0.5), dynes=(0.02, 0.2)).to_netcdf(path, engine="netcdf4")


if __name__ == "__main__":
    main()
