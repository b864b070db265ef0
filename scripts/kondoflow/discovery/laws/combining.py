r"""How a known part V_1 and a remainder make one law for V.

============ =================================
combination  law
============ =================================
add          :math:`V = V_1 + \rho`
multiply     :math:`V = V_1 \, \rho`
inverse_add  :math:`1/V = 1/V_1 + \rho`
============ =================================

The remainder rho is sought as exp(tau), as tau, or as 1/tau, with an expression tau that a search
can find; a product needs one of them alone. Where tau is wrong by d tau, the target is wrong by
(d target/d tau) d tau: the square of that factor is the weight of a sample in the search for tau.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kondoflow.formulas.trees import Apply, Expression, Number

COMBINATIONS = ("add", "multiply", "inverse_add")
FORMS = {
    "add": ("exp", "plain", "inverse"),
    "multiply": ("exp",),
    "inverse_add": ("exp", "plain", "inverse"),
}


@dataclass(frozen=True)
class Combination:
    """A combination, and the form in which its remainder is sought."""

    name: str
    form: str

    @property
    def label(self) -> str:
        """Name of both."""
        return f"{self.name}-{self.form}"

    @property
    def sign(self) -> int:
        """Whether V rises (1) or falls (-1) as tau does, for V > 0 and V_1 > 0."""
        falls = (self.name == "inverse_add") != (self.form == "inverse")
        return -1 if falls else 1

    def rho(self, tau: np.ndarray) -> np.ndarray:
        """The remainder from tau, (n,)."""
        with np.errstate(all="ignore"):
            if self.form == "exp":
                return np.exp(tau)
            return 1 / tau if self.form == "inverse" else tau

    def remainder(self, V: np.ndarray, known: np.ndarray) -> np.ndarray:
        """tau, (n,), non-finite where there is none, from V and the known part, (n,)."""
        with np.errstate(all="ignore"):
            rho = {
                "add": V - known,
                "multiply": V / known,
                "inverse_add": 1 / V - 1 / known,
            }[self.name]
            if self.form == "exp":
                return _log(rho)
            return 1 / rho if self.form == "inverse" else rho

    def weights(self, V: np.ndarray, known: np.ndarray, tau: np.ndarray) -> np.ndarray:
        """(dV/d tau)^2 of each sample, (n,), 0 where there is no remainder."""
        with np.errstate(all="ignore"):
            rho = self.rho(tau)
            slope = {"exp": rho, "plain": np.ones_like(tau), "inverse": rho**2}[self.form]
            slope = slope * {"add": 1.0, "multiply": known, "inverse_add": V**2}[self.name]
            return _usable(slope**2, tau)

    def first(self, V: np.ndarray, tau: np.ndarray) -> np.ndarray:
        """The known part, (n,), from V and tau; the other way round."""
        with np.errstate(all="ignore"):
            rho = self.rho(tau)
            return {
                "add": V - rho,
                "multiply": V / rho,
                "inverse_add": 1 / (1 / V - rho),
            }[self.name]

    def weights_of_first(self, V: np.ndarray, first: np.ndarray) -> np.ndarray:
        """(dV/d V_1)^2 of each sample, (n,), from V and the known part."""
        with np.errstate(all="ignore"):
            slope = {
                "add": np.ones_like(V),
                "multiply": V / first,
                "inverse_add": (V / first) ** 2,
            }[self.name]
            return _usable(slope**2, first)

    def compose(self, known: Expression, tau: Expression) -> Expression:
        """V as a formula."""
        rho = {
            "exp": Apply("exp", (tau,)),
            "plain": tau,
            "inverse": Apply("div", (Number(1), tau)),
        }[self.form]
        if self.name == "inverse_add":
            below = Apply("add", (Apply("div", (Number(1), known)), rho))
            return Apply("div", (Number(1), below))
        return Apply("mul" if self.name == "multiply" else "add", (known, rho))

    def parts_of(self, law: Expression) -> tuple[Expression, Expression] | None:
        """Known part and tau of a law that `compose` made; None if it has lost this form."""
        match self.name, law:
            case "inverse_add", Apply("div", (_, Apply("add", (Apply("div", (_, known)), rho)))):
                pass
            case "add", Apply("add", (known, rho)):
                pass
            case "multiply", Apply("mul", (known, rho)):
                pass
            case _:
                return None
        match self.form, rho:
            case "exp", Apply("exp", (tau,)):
                return known, tau
            case "inverse", Apply("div", (_, tau)):
                return known, tau
            case "plain", _:
                return known, rho
        return None


def _log(values: np.ndarray) -> np.ndarray:
    return np.where(values > 0, np.log(np.where(values > 0, values, 1.0)), np.nan)


def _usable(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(weights) & np.isfinite(values), weights, 0.0)


def combinations_of(names: Sequence[str]) -> list[Combination]:
    """All combinations of some names with their forms."""
    return [Combination(name, form) for name in names for form in FORMS[name]]
