r"""What a network sees of a spectrum, and the way back.

A spectrum A passes through four steps, each of which can be undone:

.. math::
    A' = A\, N / N(A), \qquad t = f(A'/u), \qquad x = (t - m)/s .

- Size (`normalise`): N(A) is the area of abs(A), its maximum, or N for `none`. N is the median over
  the training spectra, so that A' has the size of the data. The network does not see N(A). A
  decoded spectrum has the size of the spectrum it is compared with, or N where there is none.
- Transform (`transform`): f is the identity, log, the signed square root sign(a) sqrt(abs(a)), or
  arcsinh, which is linear below the unit u and logarithmic above. u is the median of the absolute
  values that are not 0 (1 for `none`).
- Offset m: the mean over the training spectra, or 0.
- Scale s: one number for all points, or a number for each.

Spectra of several channels are one input, the channels one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kondoflow.files.errors import InputError


@dataclass(frozen=True)
class Transform:
    """A function of a value, its inverse and its slope, of arrays of any shape, which they keep."""

    forward: Callable[[np.ndarray], np.ndarray]
    back: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]


TRANSFORMS: Mapping[str, Transform] = {
    "none": Transform(lambda a: a, lambda t: t, np.ones_like),
    "log": Transform(np.log, np.exp, lambda a: 1 / a),
    "sqrt": Transform(
        lambda a: np.sign(a) * np.sqrt(np.abs(a)),
        lambda t: t * np.abs(t),
        lambda a: 0.5 / np.sqrt(np.maximum(np.abs(a), 1e-12)),
    ),
    "arcsinh": Transform(np.arcsinh, np.sinh, lambda a: 1 / np.sqrt(1 + a**2)),
}
LARGEST_EXPONENT = 80.0  # of a decoded value: beyond, single precision overflows
SIZES = ("none", "area", "maximum")


@dataclass(frozen=True)
class Scaling:
    """Units of a network, see the module; n is the number of its inputs.

    Attributes:
        offset: The m above, (n,).
        scale: The s above, a number or (n,).
        transform: Name of the transform.
        unit: The u above.
        normalise: What the size of a spectrum is: none, area or maximum.
        size: The N above.
        widths: Width of each point in the integral of the area, (n,).
    """

    offset: np.ndarray
    scale: float | np.ndarray
    transform: str = "none"
    unit: float = 1.0
    normalise: str = "none"
    size: float = 1.0
    widths: np.ndarray | None = None

    def to_network(self, spectra: np.ndarray) -> np.ndarray:
        """Spectra (..., n) in the units of the network, float32."""
        return ((self.transformed(spectra) - self.offset) / self.scale).astype(np.float32)

    def from_network(self, x: np.ndarray, sizes: np.ndarray | None = None) -> np.ndarray:
        """Spectra (..., n) in their own units, float32.

        Args:
            x: Spectra in the units of the network.
            sizes: Size of each spectrum, (...), see `sizes`; None for the median size.
        """
        t = x.astype(np.float64) * self.scale + self.offset
        if self.transform != "none":
            bound = LARGEST_EXPONENT if self.transform in ("log", "arcsinh") else np.inf
            t = self.unit * TRANSFORMS[self.transform].back(np.clip(t, -bound, bound))
        if sizes is not None and self.normalise != "none":
            t = t * (sizes[..., None] / self.size)
        return t.astype(np.float32)

    def sizes(self, spectra: np.ndarray) -> np.ndarray:
        """Size of spectra (..., n): (...), `size` for all where they are not normalised."""
        magnitude = np.abs(spectra.astype(np.float64))
        if self.normalise == "area":
            assert self.widths is not None
            return magnitude @ self.widths
        if self.normalise == "maximum":
            return magnitude.max(axis=-1)
        return np.full(spectra.shape[:-1], self.size)

    def transformed(self, spectra: np.ndarray) -> np.ndarray:
        """Spectra (..., n) after size and transform, float64."""
        values = spectra.astype(np.float64)
        if self.normalise != "none":
            values = values * (self.size / self.sizes(spectra))[..., None]
        if self.transform == "none":
            return values
        return TRANSFORMS[self.transform].forward(values / self.unit)

    def slopes(self, spectra: np.ndarray) -> np.ndarray:
        """Change of the transformed spectra with the value at their own points, (..., n)."""
        values = spectra.astype(np.float64)
        factor = (self.size / self.sizes(spectra))[..., None]
        inner = TRANSFORMS[self.transform].slope(values * factor / self.unit)
        return inner * factor / self.unit

    def as_json(self) -> dict[str, Any]:
        """The attributes as JSON types, but for the widths, which follow from the grid."""
        return {
            "scale": np.asarray(self.scale).tolist(),
            "offset": self.offset.tolist(),
            "transform": self.transform,
            "unit": self.unit,
            "normalise": self.normalise,
            "size": self.size,
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any], omega: np.ndarray) -> Scaling:
        """Read what `as_json` gave.

        Args:
            content: The description of a model.
            omega: Frequencies of its grid, (omega,).
        """
        scale = content["scale"]
        return cls(
            np.array(content["offset"], np.float64),
            np.array(scale, np.float64) if isinstance(scale, list) else float(scale),
            content["transform"],
            float(content["unit"]),
            content["normalise"],
            float(content["size"]),
            widths_of(omega, len(content["offset"])),
        )


def check_spectra_fit(scaling: Scaling, spectra: np.ndarray, source: object) -> None:
    """Refuse spectra (sample, n) that a scaling cannot take.

    Raises:
        InputError: If a spectrum has the size 0, or a value has no logarithm; names the sample.
    """
    if scaling.normalise != "none":
        empty = scaling.sizes(spectra) == 0
        if empty.any():
            key = f"{scaling.normalise} of sample {int(np.argmax(empty))}"
            raise InputError(source, key, 0.0, "above 0 for spectra that are normalised")
    if scaling.transform == "log":
        lowest = spectra.min(axis=1)
        if (lowest <= 0).any():
            key = f"smallest value of sample {int(np.argmin(lowest))}"
            allowed = "above 0 for the transform log (arcsinh and sqrt take any sign)"
            raise InputError(source, key, float(lowest.min()), allowed)


def widths_of(omega: np.ndarray, n: int) -> np.ndarray:
    """Widths of the trapezoidal rule for channels one after the other on a grid, (n,)."""
    step = np.diff(omega.astype(np.float64))
    widths = np.zeros(len(omega))
    widths[:-1] += step / 2
    widths[1:] += step / 2
    return np.tile(widths, n // len(omega))
