r"""The finite band in the law of T_chi: its factors, Haldane's coefficients, and D to infinity.

    python -m studies.law_band [--results FOLDER] [--law law.json]

1. Haldane's three coefficients c in the law that a run found, on its own training samples. The
   known part becomes

   .. math:: V_1 = \exp\Bigl(\frac{c_1}{2}\log\frac{a}{2}
             + c_2 \frac{\pi a}{2} \bigl(b^2 - \tfrac14\bigr) + c_3 \frac{\pi}{2 a}\Bigr)

   with a = U/Gamma and b = abs(eps_d + U/2)/U, and all constants of the law are refitted with them:
   without factors of the band, with those of the first order in Gamma/D, and with fitted ones. At
   last c_3 is fitted with c_1 and c_2 held at 1.
2. A small ensemble: the same 60 pairs of U/Gamma and eps_d/U at eleven Gamma/D. The slope of
   log(T_chi/Gamma) in Gamma/D at Gamma/D = 0, of polynomials of several degrees, gives the factors
   of the band; the coefficients are fitted at each Gamma/D by itself, without factors, and
   extrapolated to Gamma/D = 0.

Uncertainties are standard deviations over resamples; those of the extrapolation are over resamples
of the pairs.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from kondoflow.discovery.laws.combining import COMBINATIONS, Combination, combinations_of
from kondoflow.discovery.laws.fresh import fresh_samples
from kondoflow.discovery.laws.joint import fit_law
from kondoflow.discovery.laws.law import Law
from kondoflow.discovery.laws.posed import Posed
from kondoflow.discovery.laws.question import set_question, target_of, usable
from kondoflow.discovery.targets import Samples
from kondoflow.files.atomic import read_json
from kondoflow.files.netcdf import read_dataset
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.trees import Expression, Number, constant_value
from kondoflow.systems.chunks import solve_chunk
from kondoflow.systems.points import split_rows
from kondoflow.systems.registry import find_system
from studies.law import data_of

TERMS = ("log(a/2)/2", "pi*a*b**2/2 - pi*a/8", "pi/(2*a)")
KNOWN = "exp(" + " + ".join(f"1.0*({term})" for term in TERMS) + ")"
THIRD = f"exp({TERMS[0]} + {TERMS[1]} + 1.0*({TERMS[2]}))"
NAMES = ("log(U Gamma/2)/2", "exponent", "pi Gamma/(2 U)")
GAMMAS = tuple(0.02 / 2 ** (k / 2) for k in range(10, -1, -1))
DEGREES = (1, 2, 3, 4)  # of the polynomials in Gamma/D
PAIRS = 60
RESAMPLES = 16
STEP = 0.01  # of a factor k, in the derivative of the law
FIRST_ORDER = {"U": "2/pi", "folded_eps_d": "0", "target": "-(2/pi)"}


def remainder_of(found: Mapping[str, Any]) -> tuple[Combination, Expression]:
    """Combination and remainder of a law."""
    by_label = {each.label: each for each in combinations_of(COMBINATIONS)}
    combination = by_label[found["combination"]]
    parts = combination.parts_of(parse(found["law"]["reduced"], "law"))
    assert parts is not None
    return combination, parts[1]


def pairs() -> tuple[np.ndarray, np.ndarray]:
    """U/Gamma and eps_d/U, with Haldane's expression at most Gamma."""
    rng = np.random.default_rng(0)
    u, b = (
        np.exp(rng.uniform(np.log(0.4), np.log(20.0), 4 * PAIRS)),
        rng.uniform(-1.2, 0.2, 4 * PAIRS),
    )
    kept = np.flatnonzero(u * np.maximum(b, -1 - b) < 1.0)[:PAIRS]
    return u[kept], b[kept]


def solved(config: Mapping[str, Any], system: Mapping[str, Any], path: Path) -> Samples:
    """The small ensemble, pairs within each Gamma; it is solved once."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        own = config["ensembles"]["low_field"]
        u, b = pairs()
        Gamma = np.repeat(GAMMAS, PAIRS)
        U = np.tile(u, len(GAMMAS)) * Gamma
        columns = {"U": U, "Gamma": Gamma, "eps_d": U * np.tile(b, len(GAMMAS))}
        columns |= {"B": 0.0 * U, "T": np.full(U.size, 1e-9)}
        rows = split_rows(columns)
        solve_chunk(find_system("anderson"), rows, path, own["solver"], own["omega"], 1)
    return fresh_samples(read_dataset(path), system)


def coefficients(law: Law, train: Posed, n: int = 3) -> tuple[np.ndarray, np.ndarray, float]:
    """The n fitted coefficients, their standard deviations, and the law's error in percent."""
    fitted = fit_law(fit_law(law, train), train)
    rng, rows = np.random.default_rng(1), train.target.size
    drawn = [
        fit_law(fitted, train.part(rng.choice(rows, rows))).constants[:n] for _ in range(RESAMPLES)
    ]
    error = 100 * float(np.sqrt(np.mean(fitted.errors(train) ** 2)))
    return np.array(fitted.constants[:n]), np.std(drawn, axis=0), error


def on_run(found: Mapping[str, Any], posed: Posed, train: np.ndarray) -> Law:
    """Part 1; the law with fitted factors, for part 2."""
    combination, tau = remainder_of(found)
    reduced = combination.compose(parse(KNOWN, "known"), tau)
    names = (*posed.corrected, "target")
    zero = tuple(Number(0) for _ in names)
    first = tuple(parse(FIRST_ORDER[name], "k") for name in names)
    fitted = tuple(Number(float(constant_value(k) or 0.0)) for k in first)
    rows = posed.part(train)
    print(f"| factors of the band | {' | '.join(NAMES)} | error of the law, % |", flush=True)
    for words, factors in (("none", zero), ("first order", first), ("fitted", fitted)):
        value, spread, error = coefficients(Law(reduced, factors), rows)
        cells = " | ".join(f"{v:.4f} +- {s:.4f}" for v, s in zip(value, spread, strict=True))
        print(f"| {words} | {cells} | {error:.2f} |", flush=True)
    held = Law(combination.compose(parse(THIRD, "known"), tau), fitted)
    value, spread, error = coefficients(held, rows, 1)
    print(f"| fitted | 1 | 1 | {value[0]:.4f} +- {spread[0]:.4f} | {error:.2f} |", flush=True)
    return fit_law(Law(reduced, fitted), rows)


def factors_of_band(law: Law, posed: Posed, Gamma: np.ndarray) -> None:
    """The factors k from the slope in Gamma/D of log(T_chi/Gamma) at Gamma/D = 0, pair by pair.

    By the definition of k the slope is the sum of k times the derivative of the law in it. A
    low degree takes higher orders of Gamma/D for the first; a high degree follows the noise of the
    solver.
    """
    none = [0.0] * len(law.factors)
    rows = [np.flatnonzero(np.isclose(Gamma, each)) for each in GAMMAS]
    reduced = posed.reduced(none)
    table = np.array([reduced[each] for each in rows])  # Gamma, pair
    part = posed.part(rows[0])
    columns = []
    for index in range(len(none)):
        ends = []
        for sign in (1, -1):
            moved = [Number(sign * STEP * float(i == index)) for i in range(len(none))]
            ends.append(replace(law, factors=tuple(moved)).values(part))
        columns.append((ends[0] - ends[1]) / (2 * STEP * GAMMAS[0]))
    matrix = np.column_stack(columns)
    rng = np.random.default_rng(3)
    draws = [np.arange(PAIRS)] + [rng.choice(PAIRS, PAIRS) for _ in range(RESAMPLES)]
    print(f"| degree | left, % | {' | '.join(posed.corrected)} | T_chi | of the slopes left |")
    for degree in DEGREES:
        fitted = np.polynomial.polynomial.polyfit(GAMMAS, table, degree)
        off = table.T - np.polynomial.polynomial.polyval(np.array(GAMMAS), fitted)
        slopes = fitted[1]
        found = np.array([np.linalg.lstsq(matrix[each], slopes[each])[0] for each in draws])
        left = np.sqrt(np.mean((slopes - matrix @ found[0]) ** 2))
        both = zip(found[0], found[1:].std(axis=0), strict=True)
        cells = " | ".join(f"{v:.3f} +- {s:.3f}" for v, s in both)
        print(
            f"| {degree} | {100 * np.sqrt(np.mean(off**2)):.3f} | {cells} | {left:.3f} |",
            flush=True,
        )


def at_one_gamma(law: Law, combination: Combination, posed: Posed) -> np.ndarray:
    """Haldane's coefficients, (3,), without factors of the band, the remainder as it is.

    What the remainder leaves of V, the known part, is linear in them by its logarithm.
    """
    none = [0.0] * len(law.factors)
    inputs = posed.inputs(none, posed.numbers)
    parts = combination.parts_of(law.reduced)
    assert parts is not None
    V = np.exp(posed.reduced(none))
    tau = np.broadcast_to(evaluate(parts[1], inputs), V.shape)
    first = combination.first(V, tau)
    root = np.sqrt(combination.weights_of_first(V, first)) * first / V
    kept = (first > 0) & np.isfinite(root)
    columns = [np.broadcast_to(evaluate(parse(text, "t"), inputs), V.shape) for text in TERMS]
    table = np.column_stack(columns)[kept] * root[kept, None]
    return np.linalg.lstsq(table, root[kept] * np.log(first[kept]))[0]


def extrapolated(law: Law, combination: Combination, posed: Posed, Gamma: np.ndarray) -> None:
    """Haldane's coefficients at each Gamma/D, and at Gamma/D = 0 by polynomials."""
    rng = np.random.default_rng(2)
    draws = [np.arange(PAIRS)] + [rng.choice(PAIRS, PAIRS) for _ in range(RESAMPLES)]
    rows = [np.flatnonzero(np.isclose(Gamma, each)) for each in GAMMAS]
    table = np.array(
        [
            [at_one_gamma(law, combination, posed.part(each[chosen])) for each in rows]
            for chosen in draws
        ]
    )
    ends = {
        f"0, degree {degree}": np.array(
            [np.polynomial.polynomial.polyfit(GAMMAS, item, degree)[0] for item in table]
        )
        for degree in DEGREES[1:]
    }
    at = {f"{each:.3g}": table[:, i] for i, each in enumerate(GAMMAS)}
    print(f"| Gamma/D | {' | '.join(NAMES)} |", flush=True)
    for words, values in (at | ends).items():
        found = zip(values[0], values[1:].std(axis=0), strict=True)
        print(f"| {words} | {' | '.join(f'{v:.4f} +- {s:.4f}' for v, s in found)} |", flush=True)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=Path("results"))
    parser.add_argument("--folder", type=Path, default=Path("results/studies/law"))
    parser.add_argument("--law", type=Path, help="law.json; that of the run by default")
    given = parser.parse_args()
    config, system, samples, _ = data_of(given.results)
    found = read_json(given.law or given.results / "laws/low_field/law.json")
    target = target_of(samples, system, config["equations"])
    posed = set_question(samples, target, system, 1).posed
    law = on_run(found, posed, usable(samples, target) & samples.parts["train"])
    small = solved(config, system, given.folder / "band.nc")
    own = target_of(small, system, config["equations"])
    # All small samples count as test samples; the symmetry was tested on the run.
    asked = replace(
        posed, target=own.values, values={n: small_values(small, posed, n) for n in posed.values}
    )
    factors_of_band(law, asked, small.variables["Gamma"])
    extrapolated(law, remainder_of(found)[0], asked, small.variables["Gamma"])


def small_values(samples: Samples, posed: Posed, name: str) -> np.ndarray:
    """A quantity behind the numbers of a question on other samples, (sample,)."""
    if name in posed.folded:
        return np.asarray(evaluate(posed.folded[name], samples.variables))
    return samples.variables[name]


if __name__ == "__main__":
    main()
