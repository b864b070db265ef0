r"""Write the reflectance spectra of 1,269 Munsell chips, from the package luxpy (GPL 3).

    python -m examples.reflectances

writes `examples/reflectances.nc`. The package is installed by `make example EXAMPLE=reflectances`;
it is not imported, only its data files are read: the spectra, the sensitivity of the eye (CIE 1931)
and the spectrum of daylight (D65). With the tristimulus values X, Y, Z of a chip, over those of
white, and f the cube root above 216/24389 and (24389 q/27 + 16)/116 below, the colours are

.. math::
    L = 116 f(Y) - 16, \quad a = 500 [f(X) - f(Y)], \quad b = 200 [f(Y) - f(Z)]

(CIE 015:2004). Each point is weighed by the sensitivity of the eye: its `uncertainty` is one over
the root of that.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from examples.packages import folder_of

OUTPUT = Path("examples/reflectances.nc")


def read_reflectances() -> xr.Dataset:
    """Spectra from 400 to 700 nm in steps of 5, with lightness and colour axes."""
    data = folder_of("luxpy", "reflectances") / "data"
    chips = np.loadtxt(data / "rfls/Munsell1269.dat", delimiter=",")
    eye = np.loadtxt(data / "cmfs/ciexyz_1931_2.dat", delimiter=",")
    light = np.loadtxt(data / "spds/CIE_D65.csv", delimiter=",")
    fine, values = chips[:, 0], chips[:, 1:].T
    sensitivity = np.stack([np.interp(fine, eye[:, 0], eye[:, k]) for k in (1, 2, 3)])
    lightness, a, b = colours(values, sensitivity * np.interp(fine, light[:, 0], light[:, 1]))
    coarse = (fine % 5 == 0) & (fine >= 400) & (fine <= 700)
    uncertainty = sensitivity[:, coarse].sum(axis=0) ** -0.5
    return xr.Dataset(
        {
            "reflectance": (("chip", "wavelength"), values[:, coarse]),
            "uncertainty": ("wavelength", uncertainty),
            "lightness": ("chip", lightness),
            "a": ("chip", a),
            "b": ("chip", b),
        },
        {"wavelength": ("wavelength", fine[coarse], {"units": "nm"})},
    )


def colours(spectra: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lightness L and colour axes a and b, each (sample,).

    Args:
        spectra: Reflectances, (sample, n).
        seen: Sensitivities for X, Y and Z times the spectrum of the light, (3, n).
    """
    ratio = spectra @ seen.T / seen.sum(axis=1)
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return 116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])


def main(path: Path = OUTPUT) -> None:
    """Write the file."""
    read_reflectances().to_netcdf(path, engine="netcdf4")


if __name__ == "__main__":
    main()
