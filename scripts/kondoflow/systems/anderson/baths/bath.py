r"""Baths: the shape of a hybridisation, and the function that follows from it.

The hybridisation of strength Gamma has the shape g(omega) >= 0,

.. math::
    -\mathrm{Im} \Delta(\omega + i0) = \Gamma\, g(\omega), \qquad
    \Delta(\omega) = \frac{\Gamma}{\pi} \int \frac{g(x)\, dx}{\omega - x + i0}, \qquad
    V^2 = \frac{\Gamma}{\pi} \int g(x)\, dx,

V being the amplitude with which the impurity couples to the chain's first site.

The functions of a shape follow in closed form: see `power_law` and `tabulated`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kondoflow.systems.anderson.baths.bath_file import read_bath
from kondoflow.systems.anderson.baths.power_law import PowerLaw
from kondoflow.systems.anderson.baths.tabulated import Tabulated

Bath = PowerLaw | Tabulated

FLAT = PowerLaw(0.0)


def bath_of(setting: str | Mapping[str, Any]) -> Bath:
    """The bath that the setting `bath` describes.

    Args:
        setting: "flat", {"exponent": r}, or {"file": path, "half_bandwidth": D in its unit}.

    Raises:
        InputError: If the file can't be used.
    """
    if isinstance(setting, str):
        return FLAT
    if "exponent" in setting:
        return PowerLaw(float(setting["exponent"]))
    half_bandwidth = float(setting.get("half_bandwidth", 1.0))
    return Tabulated.of(read_bath(Path(setting["file"]), half_bandwidth))
