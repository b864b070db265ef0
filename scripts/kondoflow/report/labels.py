"""Names of variables as a reader wants to see them: symbol and unit."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

import xarray as xr

from kondoflow.files.contract import unit_of
from kondoflow.files.text import plain_text
from kondoflow.report.typeset import safe_text

DEFAULTS = {"omega": r"$\omega$", "spectral_function": r"$A(\omega)$"}
# A whole power in a unit: m^2, s**(-1). Others, such as Hz^0.5 or Hz^(1/2), stay as they are.
_RAISED = re.compile(
    r"(?<=[^\W\d_])(?:\^|\*\*)(?:\(\+?(-?\d+)\)|\+?(-?\d+)(?!\d|[.,/]\d))(?![^$]*\$)"
)
_RAISE = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
LETTERS = "ASIY"  # the first that no other quantity has stands for spectra without a name


def latent_name(index: int) -> str:
    """Name of a latent, counted from 0 as in the files."""
    return f"latent {index}"


def colours_of(system: Mapping[str, Any]) -> list[str]:
    """Descriptors that colour samples: those the system names, else its scale, else the first."""
    first = [system["scale"]] if "scale" in system else list(system.get("descriptors", {}))[:1]
    return list(system.get("colours", first))


def _function_of(axis: str, taken: Collection[str]) -> str:
    """Symbol of spectra that have no name of their own, over a grid that has one."""
    letter = next((each for each in LETTERS if each not in taken), LETTERS[0])
    formula = re.fullmatch(r"\$([^$]+)\$", axis)
    return f"${letter}({formula[1]})$" if formula else f"${letter}$({axis})"


class Labels:
    """Symbols from a system's `labels`, units from the data set.

    Args:
        system: What the config says of the samples; `labels` is a mapping of a name (per-sample
            variable, descriptor, input, target or reference) to text with $LaTeX$, `joint` one of
            names of joint quantities.
        dataset: Spectra, whose variables' units are shown.
    """

    def __init__(self, system: Mapping[str, Any], dataset: xr.Dataset) -> None:
        said = {
            name: plain_text(dataset[name].attrs.get("long_name", name))
            for name in DEFAULTS
            if "source_file" in dataset.attrs and name in dataset
        }
        own = {name: words for name, words in said.items() if words != name}
        self._symbols = {**DEFAULTS, **own, **system.get("labels", {})}
        if "spectral_function" not in {**own, **system.get("labels", {})}:
            others = {name: self._symbols.get(name, name) for name in map(str, dataset.variables)}
            taken = {symbol.strip("$") for symbol in others.values()}
            self._symbols["spectral_function"] = _function_of(self._symbols["omega"], taken)
        self._joint = frozenset(system.get("joint", ()))
        self._units = {
            str(name): unit_of(variable.attrs) for name, variable in dataset.variables.items()
        }
        for section in ("descriptors", "inputs", "targets"):
            for name, text in system.get(section, {}).items():
                # A quantity that is a variable of the data has its unit, whatever its name.
                self._units.setdefault(name, self._units.get(text.strip(), ""))

    def symbol(self, name: str) -> str:
        """The symbol alone, as mathtext; a name without a label stands for itself."""
        return safe_text(self._symbols.get(name, name))

    def target(self, name: str) -> str:
        """Symbol of a target of the regression; `latent_0` is latent 0.

        A joint quantity is said to be what the latents together say of it.
        """
        latent = re.fullmatch(r"latent_(\d+)", name)
        if latent:
            return latent_name(int(latent[1]))
        return f"joint latents: {self.symbol(name)}" if name in self._joint else self.symbol(name)

    def axis(self, name: str) -> str:
        """Symbol and unit: `$U/D$` for a one-letter unit, `$U$ (meV)` for others."""
        symbol, unit = self.symbol(name), self._units.get(name, "")
        if not unit:
            return symbol
        if len(unit) == 1 and unit.isalpha() and symbol.endswith("$"):
            return safe_text(f"{symbol[:-1]}/{unit}$")
        # Fonts of figures lack most raised digits.
        raised = _RAISED.sub(lambda power: f"$^{{{power[1] or power[2]}}}$", unit)
        return safe_text(f"{symbol} ({raised})")

    def unit(self, name: str) -> str:
        """Unit of a quantity as the data set gives it, powers raised; "" where it gives none."""
        unit = self._units.get(name, "")
        return _RAISED.sub(lambda power: (power[1] or power[2]).translate(_RAISE), unit)

    def ratio(self, numerator: str, denominator: str) -> str:
        """Symbol of a quantity in units of another."""
        above, below = self.symbol(numerator), self.symbol(denominator)
        if above.endswith("$") and below.startswith("$"):
            return safe_text(f"{above[:-1]}/{below[1:]}")
        return safe_text(f"{above} / {below}")
