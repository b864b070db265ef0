"""Cases whose truth is known, for the judgement of equations (`studies.judgement`).

A case draws samples of a system, computes a target by a law, adds noise, and gives an equation as
a search might return it. `true` names the references that the equation is, up to the maps which
the target allows. An empty `true` means that nothing may be claimed, either because the equation
is none of the references or because nothing can be known.

Equations are written out, with constants as they stand, or

- `fit: ...`: constants are refitted to the noisy target, as a search does;
- `polynomial 5`: the polynomial of degree 5 in the logarithms of the inputs, fitted by least
  squares to the target (before the map of a target known up to a monotone map).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.search.fitting import refit
from kondoflow.discovery.targets import Samples, Target
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.trees import Expression

N_SAMPLES = 400
FREE, EXACT = Objective.ISOTONIC, Objective.SQUARED_ERROR
AFFINE = Objective.PEARSON


@dataclass(frozen=True)
class System:
    """Inputs and references.

    Attributes:
        ranges: Of each input, (first, last), on a logarithmic scale if both are positive.
        references: Formulas by name.
        confirms: Whether its cases took no part in choosing the thresholds.
    """

    ranges: dict[str, tuple[float, float]]
    references: dict[str, str]
    confirms: bool = False


@dataclass(frozen=True)
class Case:
    """One question whose answer is known, see the module.

    Attributes:
        system: Key of `SYSTEMS`.
        law: The target as a formula.
        objective: Up to which maps it is known; if monotone, it is passed through tanh.
        noise: Standard deviation of the noise in units of the target's spread.
        equation: The equation.
        true: References that may be recovered.
        ranges: Ranges that differ from those of the system.
        permuted: Whether the target's values are permuted.
        only: References that take part, all of them if empty.
        extra: References beside those of the system, (name, formula).
    """

    system: str
    law: str
    objective: Objective
    noise: float
    equation: str
    true: tuple[str, ...] = ()
    ranges: tuple[tuple[str, float, float], ...] = ()
    permuted: bool = False
    only: tuple[str, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()

    @property
    def references(self) -> dict[str, Expression]:
        """References that take part, by name."""
        known = SYSTEMS[self.system].references | dict(self.extra)
        return {
            name: parse(text, name)
            for name, text in known.items()
            if not self.only or name in self.only
        }

    @property
    def is_logarithmic(self) -> bool:
        """Whether the target is the logarithm of a scale, as its definition shows."""
        return "log(" in self.law and self.objective is EXACT


IMPURITY_SCALE = "log(U*Gamma/2)/2 + pi*e*(e + U)/(2*U*Gamma)"
GAP = "W/(exp(1/c)-exp(-1/c))"

SYSTEMS = {
    "Anderson": System(
        {"U": (0.05, 0.4), "Gamma": (0.005, 0.03), "x": (0.15, 0.85)},
        {
            "haldane": IMPURITY_SCALE,
            "haldane_bethe": f"{IMPURITY_SCALE} + pi*Gamma/(2*U)",
            "exponent": "e*(e + U)/(U*Gamma)",
            "asymmetry": "(U + 2*e)/Gamma",
            "paper_z2": "e/(U + Gamma)",
        },
    ),
    "BCS": System(
        {"c": (0.15, 1.2), "W": (0.5, 5.0)},
        {
            "exact": f"log({GAP})",
            "weak": "log(W) - 1/c",
            "coupling": "-1/c",
            "strong": "log(W*c)",
        },
    ),
    "lightness": System(
        {"Y": (0.02, 1.0)},
        {
            "cube_root": "Y**(1/3)",
            "glasser": "2.468*Y**(1/3) - 1.636",
            "weber": "log(Y)",
            "saturation": "Y/(Y + 0.2)",
        },
    ),
    "Kepler": System(
        {"a": (0.3, 30.0), "M": (0.2, 5.0)},
        {"third": "a**1.5/sqrt(M)", "wrong": "a**1.2/sqrt(M)", "inverse": "sqrt(M)/a**1.5"},
        confirms=True,
    ),
    "radiation": System(
        {"f": (0.3, 6.0), "T": (0.3, 3.0)},
        {
            "planck": "f**3/(exp(f/T) - 1)",
            "wien": "f**3*exp(-f/T)",
            "rayleigh": "f**2*T",
            "boltzmann": "exp(-f/T)",
        },
        confirms=True,
    ),
    "rates": System(
        {"E": (0.5, 4.0), "T": (0.2, 1.5)},
        {
            "arrhenius": "log(T) - E/T",
            "plain": "-E/T",
            "power": "log(T/E)",
            "half": "log(T)/2 - E/T",
        },
    ),
    "folded": System(
        {"x": (0.2, 5.0), "y": (0.2, 5.0)},
        {
            "ratio": "log(x/y)",
            "squared": "log(x/y)**2",
            "product": "x*y",
            "gap": "abs(x - y)",
            "difference": "x - y",
        },
        confirms=True,
    ),
    "relativity": System(
        {"p": (0.1, 5.0), "m": (0.3, 3.0)},
        {
            "energy": "sqrt(p**2 + m**2)",
            "newton": "m + p**2/(2*m)",
            "light": "p + 0*m",
            "sum": "p + m",
        },
        confirms=True,
    ),
    "gas": System(
        {"n": (0.05, 0.6), "T": (0.5, 3.0)},
        {
            "ideal": "n*T",
            "van_der_waals": "n*T/(1 - n) - n**2",
            "virial": "n*T*(1 + n) - n**2",
        },
        confirms=True,
    ),
    "lens": System(
        {"u": (1.0, 20.0), "v": (1.0, 20.0)},
        {
            "thin": "u*v/(u + v)",
            "mean": "sqrt(u*v)",
            "half": "(u + v)/4",
            "nearest": "minimum(u, v)",
        },
        confirms=True,
    ),
    "adsorption": System(
        {"K": (0.1, 10.0), "p": (0.1, 10.0), "N": (0.5, 2.0)},
        {
            "langmuir": "N*K*p/(1 + K*p)",
            "freundlich": "N*sqrt(K*p)",
            "henry": "N*K*p",
            "hill": "N*(K*p)**2/(1 + (K*p)**2)",
        },
        confirms=True,
    ),
    "hopping": System(
        {"T0": (1.0, 100.0), "T": (0.2, 5.0)},
        {"mott": "-(T0/T)**0.25", "efros": "-(T0/T)**0.5", "activated": "-T0/T"},
        confirms=True,
    ),
    "magnet": System(
        {"h": (0.1, 4.0), "T": (0.3, 3.0), "m": (0.5, 2.0)},
        {
            "ising": "m*tanh(m*h/T)",
            "curie": "m**2*h/T",
            "langevin": "m*(cosh(m*h/T)/sinh(m*h/T) - T/(m*h))",
            "saturated": "m + 0*h",
        },
        confirms=True,
    ),
    "oscillator": System(
        {"w": (0.2, 5.0), "g": (0.05, 2.0)},
        {
            "lorentz": "1/((w**2 - 1)**2 + g**2*w**2)",
            "near": "1/(4*(w - 1)**2 + g**2)",
            "gauss": "exp(-(w - 1)**2/g**2)",
        },
        confirms=True,
    ),
    "growth": System(
        {"t": (0.1, 5.0)},
        {"exponential": "exp(t)", "square": "1 + t + t**2/2", "linear": "1 + t"},
        confirms=True,
    ),
}

HALDANE_LIKE = "0.97*log(Gamma) + 0.45*log(U/Gamma) - 0.3 + 1.5*e*(e + U)/(U*Gamma)"
WITH_BETHE = f"fit: {HALDANE_LIKE} + 1.4*Gamma/U"

CASES = [
    # The Kondo scale with and without the factor of the Bethe ansatz.
    *(
        Case("Anderson", f"{IMPURITY_SCALE} + pi*Gamma/(2*U)", EXACT, noise, WITH_BETHE, (name,))
        for noise in (0.0, 0.01, 0.05)
        for name in ("haldane_bethe",)
    ),
    *(
        Case("Anderson", IMPURITY_SCALE, EXACT, noise, f"fit: {HALDANE_LIKE}", ("haldane",))
        for noise in (0.0, 0.01, 0.03)
    ),
    Case("Anderson", IMPURITY_SCALE, AFFINE, 0.01, f"fit: {HALDANE_LIKE}", ("haldane",)),
    Case(
        "Anderson",
        IMPURITY_SCALE,
        FREE,
        0.0,
        "fit: log(U*Gamma) + 3.1*e*(e + U)/(U*Gamma)",
        ("haldane",),
    ),
    Case(
        "Anderson",
        IMPURITY_SCALE,
        FREE,
        0.01,
        "fit: log(U*Gamma) + 3.1*e*(e + U)/(U*Gamma)",
        ("haldane",),
    ),
    Case(
        "Anderson",
        f"{IMPURITY_SCALE} + pi*Gamma/(2*U)",
        FREE,
        0.01,
        "fit: log(U*Gamma) + 3.1*e*(e + U)/(U*Gamma) + 3.1*Gamma/U",
        ("haldane_bethe",),
    ),
    Case("Anderson", IMPURITY_SCALE, FREE, 0.01, "log(Gamma) + 1.25*e*(e + U)/(U*Gamma)"),
    Case(
        "Anderson",
        f"{IMPURITY_SCALE} + pi*Gamma/(2*U)",
        FREE,
        0.01,
        "log(Gamma) + 1.25*e*(e + U)/(U*Gamma)",
    ),
    Case(
        "Anderson",
        f"{IMPURITY_SCALE} + pi*Gamma/(2*U)",
        EXACT,
        0.0,
        "0.948*log(Gamma) + 0.33 + 1.41*e*(e + U)/(U*Gamma)",
    ),
    Case("Anderson", IMPURITY_SCALE, EXACT, 0.0, f"{IMPURITY_SCALE} + log(2)"),
    Case("Anderson", IMPURITY_SCALE, EXACT, 0.01, "e*(e + U)/(U*Gamma)"),
    Case("Anderson", IMPURITY_SCALE, EXACT, 0.0, "polynomial 4"),
    Case("Anderson", IMPURITY_SCALE, FREE, 0.0, "polynomial 3"),
    Case(
        "Anderson",
        IMPURITY_SCALE,
        FREE,
        0.01,
        "log(U*Gamma) + 3.1*e*(e+U)/(U*Gamma)",
        (),
        permuted=True,
    ),
    Case("Anderson", "(U + 2*e)/Gamma", FREE, 0.01, "U/Gamma + 2*e/Gamma", ("asymmetry",)),
    Case("Anderson", "(U + 2*e)/Gamma", EXACT, 0.02, "fit: 1.1*(U + 1.9*e)/Gamma", ("asymmetry",)),
    Case("Anderson", "(U + 2*e)/Gamma", FREE, 0.01, "U/Gamma + 1.5*e/Gamma"),
    # The gap: full, at weak coupling, and approximations of it.
    Case("BCS", f"log({GAP})", EXACT, 0.0, "log(W) - log(exp(1/c) - exp(-1/c))", ("exact",)),
    Case(
        "BCS",
        f"log({GAP})",
        EXACT,
        0.01,
        "fit: 1.02*log(W) - log(exp(1.05/c) - exp(-1/c))",
        ("exact",),
    ),
    Case("BCS", f"log({GAP})", FREE, 0.0, "W/(exp(1/c) - exp(-1/c))", ("exact",)),
    Case(
        "BCS", f"log({GAP})", FREE, 0.02, "fit: log(W) - 0.99/c - log(1 - exp(-2.03/c))", ("exact",)
    ),
    Case("BCS", GAP, EXACT, 0.0, "W*exp(-1/c)/(1 - exp(-2/c))"),
    Case("BCS", f"log({GAP})", FREE, 0.0, "c*W*exp(-0.551/c)"),
    Case("BCS", f"log({GAP})", FREE, 0.01, "fit: log(c) + log(W) - 0.551/c"),
    Case("BCS", f"log({GAP})", FREE, 0.0, "W*(c - 0.1957*log(c) - 0.4655)"),
    Case("BCS", f"log({GAP})", EXACT, 0.0, "log(W) - 1/c"),
    Case("BCS", f"log({GAP})", EXACT, 0.0, "polynomial 6"),
    Case("BCS", f"log({GAP})", FREE, 0.0, "polynomial 6"),
    Case("BCS", f"log({GAP})", EXACT, 0.01, "polynomial 3"),
    Case("BCS", f"log({GAP})", FREE, 0.01, "polynomial 4"),
    Case("BCS", "log(W) - 1/c", EXACT, 0.01, "fit: 1.03*log(W) - 0.97/c", ("weak",)),
    Case("BCS", "log(W) - 1/c", FREE, 0.01, "fit: log(W) - 0.97/c", ("weak",)),
    Case("BCS", "log(W) - 1/c", FREE, 0.01, "W*exp(-1.3/c)"),
    Case("BCS", "log(W) - 1/c", EXACT, 0.01, "log(W) - 1/c + 0.6931"),
    Case("BCS", "8*c**2 + 0*W", FREE, 0.0, "c**2", ranges=(("W", 1.0, 1.0),)),
    Case("BCS", "8*c**2*W", FREE, 0.0, "W*c**2"),
    Case("BCS", f"log({GAP})", FREE, 0.0, "log(c) - 0.551/c", ranges=(("W", 1.0, 1.0),)),
    Case(
        "BCS",
        f"log({GAP})",
        EXACT,
        0.0,
        "log(W) - log(exp(1/c) - exp(-1/c))",
        ("exact",),
        ranges=(("W", 1.0, 1.0),),
    ),
    Case(
        "BCS",
        "log(W*c) - 1",
        EXACT,
        0.0,
        "log(W) + log(c) - 1",
        ranges=(("c", 0.95, 1.05),),
        only=("weak",),
    ),
    Case(
        "BCS",
        "log(W*c) - 1",
        FREE,
        0.01,
        "log(W) + log(c)",
        ranges=(("c", 0.95, 1.05),),
        only=("weak",),
    ),
    Case(
        "BCS",
        "log(W) - 1/c",
        FREE,
        0.01,
        "log(W) + log(c)",
        ranges=(("c", 0.9, 1.1),),
        only=("strong",),
    ),
    Case(
        "BCS", "log(W) - 1/c", FREE, 0.05, "log(W*c)", ranges=(("c", 0.75, 1.3),), only=("strong",)
    ),
    # One input: every monotone formula is a map of any other.
    *(
        Case("lightness", law, FREE, noise, equation)
        for law in ("Y**(1/3)", "log(Y)")
        for noise, equation in ((0.0, "log(Y)"), (0.02, "Y"))
    ),
    Case("lightness", "Y**(1/3)", FREE, 0.01, "Y**(1/3)"),
    Case("lightness", "log(Y)", EXACT, 0.01, "fit: 0.98*log(Y) + 0.01", ("weber",)),
    Case("lightness", "Y**(1/3)", AFFINE, 0.01, "fit: Y**0.35", ("cube_root", "glasser")),
    Case("lightness", "Y**(1/3)", AFFINE, 0.01, "fit: log(Y + 0.03)"),
    Case(
        "lightness", "2.468*Y**(1/3) - 1.636", EXACT, 0.01, "fit: 2.4*Y**0.35 - 1.5", ("glasser",)
    ),
    Case("lightness", "Y**(1/3)", EXACT, 0.0, "2.468*Y**(1/3) - 1.636", ()),
    Case("lightness", "log(Y)", EXACT, 0.0, "polynomial 1", ("weber",)),
    Case("lightness", "Y/(Y + 0.2)", AFFINE, 0.0, "polynomial 3"),
    Case("lightness", "Y**(1/3)", EXACT, 0.0, "Y**(1/3)", ("cube_root",)),
    Case("lightness", "log(Y)", EXACT, 0.01, "1.02*log(Y)", ("weber",), permuted=False),
    Case("lightness", "log(Y)", EXACT, 0.01, "log(Y)", (), permuted=True),
    # Rates: prefactors and exponents.
    Case("rates", "log(T) - E/T", EXACT, 0.0, "log(T) - E/T", ("arrhenius",)),
    Case("rates", "log(T) - E/T", EXACT, 0.02, "fit: 1.1*log(T) - 0.98*E/T", ("arrhenius",)),
    Case("rates", "log(T) - E/T", FREE, 0.01, "fit: T*exp(-1.02*E/T)", ("arrhenius",)),
    Case("rates", "-E/T", FREE, 0.01, "E/T", ("plain", "power")),
    Case("rates", "-E/T", FREE, 0.0, "log(T/E)", ("plain", "power")),
    Case("rates", "-E/T", EXACT, 0.01, "fit: -1.01*E/T", ("plain",)),
    Case("rates", "-E/T", EXACT, 0.0, "-1.3*E/T"),
    Case("rates", "-E/T", EXACT, 0.0, "-E/T + 0.4"),
    Case("rates", "log(T)/2 - E/T", FREE, 0.01, "fit: sqrt(T)*exp(-E/T)", ("half",)),
    Case("rates", "log(T)/2 - E/T", FREE, 0.01, "E/T"),
    Case("rates", "log(T)/2 - E/T", EXACT, 0.0, "log(T) - E/T"),
    Case("rates", "log(T) - E/T", FREE, 0.0, "polynomial 5"),
    # Power laws.
    Case("Kepler", "a**1.5/sqrt(M)", EXACT, 0.0, "a*sqrt(a/M)", ("third",)),
    Case("Kepler", "a**1.5/sqrt(M)", EXACT, 0.01, "fit: 1.02*a**1.49*M**(-0.48)", ("third",)),
    Case(
        "Kepler", "a**1.5/sqrt(M)", FREE, 0.02, "fit: 3*log(a) - 1.02*log(M)", ("third", "inverse")
    ),
    Case("Kepler", "a**1.5/sqrt(M)", FREE, 0.0, "M/a**3", ("third", "inverse")),
    Case("Kepler", "a**1.5/sqrt(M)", FREE, 0.0, "a**2/M"),
    Case("Kepler", "a**1.5/sqrt(M)", EXACT, 0.0, "1.5*a**1.5/sqrt(M)"),
    Case("Kepler", "a**1.5/sqrt(M)", AFFINE, 0.01, "1.5*a**1.5/sqrt(M) + 3", ("third",)),
    Case("Kepler", "a**1.5/sqrt(M)", FREE, 0.0, "a + 0.01*a**2 - 0.1*M"),
    Case("Kepler", "a**1.5/sqrt(M)", EXACT, 0.01, "a**1.5/sqrt(M)", permuted=True),
    Case("Kepler", "a**1.2/sqrt(M)", FREE, 0.01, "fit: 1.2*log(a) - 0.5*log(M)", ("wrong",)),
    # Radiation: Planck, Wien, Rayleigh and Jeans.
    Case(
        "radiation",
        "f**3/(exp(f/T) - 1)",
        EXACT,
        0.0,
        "f**3*exp(-f/T)/(1 - exp(-f/T))",
        ("planck",),
    ),
    Case(
        "radiation",
        "f**3/(exp(f/T) - 1)",
        EXACT,
        0.01,
        "fit: 1.03*f**2.97/(exp(f/T) - 1.02)",
        ("planck",),
    ),
    Case(
        "radiation", "f**3/(exp(f/T) - 1)", FREE, 0.01, "3*log(f) - log(exp(f/T) - 1)", ("planck",)
    ),
    Case("radiation", "f**3/(exp(f/T) - 1)", FREE, 0.01, "f**3*exp(-f/T)"),
    Case("radiation", "f**3/(exp(f/T) - 1)", EXACT, 0.0, "f**3*exp(-f/T)"),
    Case("radiation", "f**3*exp(-f/T)", FREE, 0.02, "fit: 2.98*log(f) - 1.01*f/T", ("wien",)),
    Case("radiation", "f**3*exp(-f/T)", EXACT, 0.02, "fit: 1.02*f**3.05*exp(-f/T)", ("wien",)),
    Case("radiation", "f**3*exp(-f/T)", EXACT, 0.0, "2*f**3*exp(-f/T)"),
    Case("radiation", "f**3*exp(-f/T)", FREE, 0.0, "f**2.4*exp(-f/T)"),
    Case("radiation", "f**2*T", FREE, 0.01, "fit: log(T) + 2.03*log(f)", ("rayleigh",)),
    Case("radiation", "f**3/(exp(f/T) - 1)", FREE, 0.0, "polynomial 3"),
    # Folded maps.
    Case("folded", "log(x/y)", FREE, 0.0, "log(x/y)**2"),
    Case("folded", "log(x/y)", FREE, 0.0, "x/y", ("ratio",)),
    Case("folded", "log(x/y)**2", FREE, 0.0, "abs(log(x/y))", ("squared",)),
    Case("folded", "x - y", FREE, 0.0, "abs(x - y)"),
    Case("folded", "abs(x - y)", FREE, 0.01, "(x - y)**2", ("gap",)),
    Case("folded", "abs(x - y)", FREE, 0.01, "x - y"),
    Case("folded", "x*y", FREE, 0.05, "fit: log(x) + 1.03*log(y)", ("product",)),
    Case("folded", "x - y", EXACT, 0.03, "fit: 1.02*x - 0.97*y", ("difference",)),
    # Relativity.
    Case("relativity", "sqrt(p**2 + m**2)", FREE, 0.01, "fit: p**2 + 1.02*m**2", ("energy",)),
    Case(
        "relativity",
        "sqrt(p**2 + m**2)",
        EXACT,
        0.02,
        "fit: sqrt(1.02*p**2 + 0.97*m**2)",
        ("energy",),
    ),
    Case("relativity", "sqrt(p**2 + m**2)", EXACT, 0.0, "m + p**2/(2*m)"),
    Case("relativity", "sqrt(p**2 + m**2)", FREE, 0.0, "p + m"),
    Case("relativity", "m + p**2/(2*m)", FREE, 0.01, "fit: m + 0.52*p**2/m", ("newton",)),
    Case("relativity", "sqrt(p**2 + m**2)", FREE, 0.0, "polynomial 4"),
    Case("relativity", "sqrt(p**2 + m**2)", EXACT, 0.0, "p", ranges=(("m", 0.01, 0.03),)),
    # Approximations of few terms, and references that differ outside the samples only.
    Case("BCS", f"log({GAP})", EXACT, 0.0, "fit: log(W) + 0.1 - 0.9/c + 0.3*c"),
    Case("BCS", f"log({GAP})", FREE, 0.0, "fit: log(W) - 0.9/c + 0.3*c"),
    Case("BCS", f"log({GAP})", EXACT, 0.01, "fit: log(W) + 0.1 - 0.9/c - 0.3*log(c)"),
    Case("BCS", f"log({GAP})", FREE, 0.01, "W*exp(-0.93/c)*(1 + c)"),
    Case("radiation", "f**3/(exp(f/T) - 1)", EXACT, 0.01, "fit: 1.1*f**2.5*T**0.5*exp(-0.9*f/T)"),
    Case("radiation", "f**3/(exp(f/T) - 1)", FREE, 0.0, "fit: 2.2*log(f) + 0.7*log(T) - 0.9*f/T"),
    Case("relativity", "sqrt(p**2 + m**2)", EXACT, 0.01, "fit: m + p**2/(2*m + 1.1*p)"),
    Case("relativity", "sqrt(p**2 + m**2)", FREE, 0.01, "fit: m**1.7 + p**1.7", ("energy",)),
    Case(
        "Kepler",
        "a**1.5/sqrt(M)",
        EXACT,
        0.0,
        "a**1.5/sqrt(M)",
        (),
        extra=(("bent", "a**1.5/sqrt(M) + maximum(0, a - 30.0)"),),
    ),
    Case(
        "Kepler",
        "a**1.5/sqrt(M)",
        FREE,
        0.02,
        "3*log(a) - log(M)",
        (),
        extra=(("bent", "a**1.5/sqrt(M) + maximum(0, a - 30.0)"),),
    ),
    Case("rates", "log(T) - E/T", EXACT, 0.0, "log(T) - E/T", (), only=("plain", "half")),
    Case("rates", "log(T)/2 - E/T", EXACT, 0.05, "fit: 0.5*log(T) - 1.02*E/T", ("half",)),
    Case("radiation", "f**3*exp(-f/T)", FREE, 0.05, "3*log(f) - f/T", ("wien",)),
    Case("relativity", "sqrt(p**2 + m**2)", FREE, 0.05, "p**2 + m**2", ("energy",)),
    Case("gas", "n*T/(1 - n) - n**2", EXACT, 0.05, "n*T/(1 - n) - n**2", ("van_der_waals",)),
    Case("gas", "n*T", FREE, 0.0, "n/(0.1 + n) + T"),
    Case("Kepler", "pi/2 + 0*a + 0*M", EXACT, 0.0, "a", (), extra=(("number", "pi/2"),)),
    Case(
        "Kepler",
        "a**1.5/sqrt(M)",
        EXACT,
        0.01,
        "a**1.5/sqrt(M)",
        ("third",),
        extra=(("number", "pi/2"),),
    ),
    # Gases.
    Case("gas", "n*T/(1 - n) - n**2", EXACT, 0.0, "n*(T/(1 - n) - n)", ("van_der_waals",)),
    Case(
        "gas",
        "n*T/(1 - n) - n**2",
        EXACT,
        0.01,
        "fit: 1.01*n*T/(1 - 0.99*n) - 0.97*n**2",
        ("van_der_waals",),
    ),
    Case(
        "gas",
        "n*T/(1 - n) - n**2",
        FREE,
        0.01,
        "fit: n*T/(1 - 0.99*n) - 0.98*n**2",
        ("van_der_waals",),
    ),
    Case("gas", "n*T/(1 - n) - n**2", EXACT, 0.0, "n*T*(1 + n) - n**2"),
    Case("gas", "n*T", FREE, 0.03, "log(n) + log(T)", ("ideal",)),
    Case("gas", "n*T", EXACT, 0.03, "fit: 0.98*n*T", ("ideal",)),
    Case("gas", "n*T/(1 - n) - n**2", FREE, 0.0, "n*T"),
]


def draw(case: Case, seed: int) -> Samples:
    """Samples of a case, 70 % of them for training."""
    rng = np.random.default_rng(seed)
    ranges = SYSTEMS[case.system].ranges | {name: (low, high) for name, low, high in case.ranges}
    variables = {
        name: low * (high / low) ** rng.random(N_SAMPLES) for name, (low, high) in ranges.items()
    }
    if case.system == "Anderson":
        share = variables.pop("x")
        variables["e"] = -variables["U"] * share
    names = list(variables)
    part = np.arange(N_SAMPLES) % 20
    return Samples(
        variables=variables,
        definitions={name: parse(name, name) for name in names},
        inputs=dict(variables),
        region=np.ones(N_SAMPLES, dtype=np.bool_),
        parts={"train": part < 14, "validation": (part >= 14) & (part < 17), "test": part >= 17},
    )


def target_of(case: Case, samples: Samples, seed: int) -> Target:
    """The noisy target of a case."""
    rng = np.random.default_rng(seed + 1)
    values = evaluate(parse(case.law, "law"), samples.variables).astype(np.float64)
    if case.objective is FREE:
        values = np.tanh((values - values.mean()) / (1.5 * values.std()))
    values = values + case.noise * values.std() * rng.standard_normal(N_SAMPLES)
    return Target("target", rng.permutation(values) if case.permuted else values, case.objective)


def equation_of(case: Case, samples: Samples, target: Target) -> Expression:
    """The equation of a case, fitted if it is to be."""
    train = samples.parts["train"]
    inputs = {name: values[train] for name, values in samples.variables.items()}
    if case.equation.startswith("fit: "):
        form = parse(case.equation[5:], "equation")
        return refit(form, inputs, target.values[train], case.objective)
    if case.equation.startswith("polynomial "):
        y = target.values[train]
        if case.objective is FREE:
            y = evaluate(parse(case.law, "law"), inputs)
        return _polynomial(int(case.equation.split()[1]), inputs, y)
    return parse(case.equation, "equation")


def _polynomial(degree: int, inputs: dict[str, np.ndarray], y: np.ndarray) -> Expression:
    """Polynomial in the logarithms of the sizes of the inputs, fitted to y."""
    logs = {name: np.log(np.abs(values)) for name, values in inputs.items()}
    sign = {name: "-" if values[0] < 0 else "" for name, values in inputs.items()}
    powers = [
        combination
        for order in range(degree + 1)
        for combination in combinations_with_replacement(sorted(logs), order)
    ]
    columns = np.column_stack(
        [np.prod([np.ones(y.size), *(logs[name] for name in item)], axis=0) for item in powers]
    )
    found = np.linalg.lstsq(columns, y)[0]
    terms = [
        "*".join([repr(float(value)), *(f"log({sign[name]}{name})" for name in item)])
        for value, item in zip(found, powers, strict=True)
    ]
    return parse(" + ".join(terms), "equation")
