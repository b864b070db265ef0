r"""Other laws in the spectra of the default run, and what its latents hold.

    python -m studies.law_others laws [--results FOLDER] [--only n_d] [--seeds 1 2 3]
    python -m studies.law_others latents [--results FOLDER] [--latents latents.nc]

Laws are sought over the whole box in a = U/Gamma, c = abs(eps_d + U/2)/Gamma, b = c/a and
c_upper = c - a/2, as any target is, with factors of the band that collapse finds for each target.
On the side eps_d + U/2 > 0, n = 1 - abs(1 - n_d), and D is the double occupation there: on the
other side it is that of the holes, 1 - n_d + D.

- n_d: f in cot(pi n/2) = c exp(-f); without interaction f = 0.
- width: log(half_width/T_chi).
- double: log(D).

The front is told with errors on test samples: of n, and in percent of the ratio and of D.

Latents: what a smooth function of all active ones, fitted on the training samples, leaves of each
quantity on the test samples.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from benchmarks.common import scored
from kondoflow.discovery.engines.interface import SearchProblem, SearchSettings
from kondoflow.discovery.engines.operon import Operon
from kondoflow.discovery.laws.collapse import find_collapse, fit_surface
from kondoflow.discovery.laws.posed import Posed
from kondoflow.discovery.laws.question import set_question, target_of
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.search.planning import search_seed
from kondoflow.discovery.search.searches import Task, search_once
from kondoflow.discovery.selection import Candidate, Part, pareto_front
from kondoflow.discovery.targets import Samples
from kondoflow.files.netcdf import read_dataset
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.trees import Number
from studies.law import data_of

RESTARTS = 4  # searches for a law, two in each view
SMALL_C = 0.05  # below, f is not known: it is the ratio of two small numbers


@dataclass(frozen=True)
class Other:
    """A law that is sought: what the search sees, where, and the error of an equation's values."""

    values: np.ndarray
    known: np.ndarray
    error: Callable[[np.ndarray], np.ndarray]
    unit: str


def others(samples: Samples) -> dict[str, Other]:
    """The three laws."""
    v = samples.variables
    n_d = v["occupation_up"] + v["occupation_down"]
    s = v["eps_d"] + v["U"] / 2
    c = np.abs(s) / v["Gamma"]
    n = 1 - np.abs(1 - n_d)
    D = np.where(s > 0, v["double_occupation"], 1 - n_d + v["double_occupation"])
    everywhere = np.ones(n.shape, dtype=np.bool_)
    with np.errstate(all="ignore"):
        f = np.log(c * np.tan(np.pi * n / 2))
    ratio = np.log(v["half_width"] / v["T_chi"])

    def of_n(found: np.ndarray) -> np.ndarray:
        return 2 / np.pi * np.arctan2(1.0, c * np.exp(-found)) - n

    return {
        "n_d": Other(f, c > SMALL_C, of_n, "n"),
        "width": Other(ratio, np.isfinite(ratio), lambda found: 100 * (found - ratio), "%"),
        "double": Other(
            np.log(np.maximum(D, 1e-12)),
            everywhere & (D > 1e-6),
            lambda found: 100 * (found - np.log(np.maximum(D, 1e-12))),
            "%",
        ),
    }


def corrected(posed: Posed, train: np.ndarray) -> list[float]:
    """Factors of the band for a target, by collapse."""
    part = posed.part(train)
    view = part.views[-1]
    g = np.broadcast_to(evaluate(part.small or Number(0), part.values), part.target.shape)

    def numbers(factors: np.ndarray) -> np.ndarray:
        return np.column_stack(list(part.numbers_with(factors, view).values()))

    return find_collapse(numbers, g, part.target, len(part.corrected)).factors.tolist()


def search(
    posed: Posed,
    samples: Samples,
    name: str,
    law: Other,
    equations: Mapping[str, Any],
    root: int,
) -> None:
    """Search for one law with one seed and tell its front."""
    known = law.known & np.isfinite(law.values)
    own = replace(posed, target=np.where(known, law.values, 0.0))
    factors = corrected(own, known & samples.parts["train"])
    print(f"\n{name}, seed {root}: factors of the band {np.round(factors, 2).tolist()}")
    scaled = own.numbers_with(own.corrections(factors)[:-1], own.numbers)
    y = law.values - np.log(own.corrections(factors)[-1])
    settings = SearchSettings.from_config(equations)
    candidates: list[Candidate] = []
    for restart in range(RESTARTS):
        view = posed.views[restart % len(posed.views)]
        parts = {}
        for part, mask in samples.parts.items():
            rows = known & mask
            parts[part] = Part({key: scaled[key][rows] for key in view}, y[rows])
        seed = search_seed(root, name, restart)
        train = parts["train"]
        rows = np.random.default_rng(seed).permutation(train.y.size)[: equations["n_points"]]
        table = np.column_stack([train.inputs[key][rows] for key in view])
        problem = SearchProblem(
            label=name,
            names=tuple(view),
            X=table,
            y=train.y[rows],
            objective=Objective.SQUARED_ERROR,
            settings=settings,
            seed=seed,
            with_sums=restart == 0,
        )
        candidates += search_once(Operon(), Task(problem, parts, equations["parsimony"])).candidates
    test = samples.parts["test"] & known
    print(f"| length | R^2, test | rms, {law.unit} | largest | equation |")
    for item in pareto_front(candidates):
        value = np.broadcast_to(evaluate(item.expression, scaled), y.shape)
        errors = law.error(value + np.log(own.corrections(factors)[-1]))[test]
        size, largest = np.sqrt(np.mean(errors**2)), np.abs(errors).max()
        print(
            f"| {item.complexity} | {scored(1 - item.test, 4)} | {size:.3g} | {largest:.3g} "
            f"| `{item.text}` |",
            flush=True,
        )


def laws(results: Path, only: str | None, seeds: Sequence[int]) -> None:
    """All laws with several seeds."""
    config, system, samples, _ = data_of(results)
    target = target_of(samples, system, config["equations"])
    posed = set_question(samples, target, system, 1).posed
    for name, law in others(samples).items():
        for root in seeds if only in (None, name) else ():
            search(posed, samples, name, law, config["equations"], root)


def latents(results: Path, path: Path) -> None:
    """What the latents hold."""
    _, _, samples, _ = data_of(results)
    found = read_dataset(path)
    columns = active(found)
    v = samples.variables
    quantities = {
        "log T_chi": np.log(v["T_chi"]),
        "log half_width": np.log(v["half_width"]),
        "log(half_width/T_chi)": np.log(v["half_width"] / v["T_chi"]),
        "abs(1 - n_d)": np.abs(1 - v["occupation_up"] - v["occupation_down"]),
    }
    train, test = samples.parts["train"], samples.parts["test"]
    print("| quantity | R^2 | rms |")
    for name, y in quantities.items():
        known = np.isfinite(y)
        fitted, held = train & known, test & known
        surface = fit_surface(columns[fitted], y[fitted], extent=columns)
        errors = y[held] - surface(columns[held])
        print(
            f"| {name} | {scored(1 - np.var(errors) / np.var(y[held]), 4)} | {np.std(errors):.4f} |"
        )


def active(found: xr.Dataset) -> np.ndarray:
    """The active latents, (sample, latent)."""
    mean = found["mean"]
    keep = found["active"].to_numpy().astype(bool)
    return mean.to_numpy()[:, keep]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=["laws", "latents"])
    parser.add_argument("--results", type=Path, default=Path("results"))
    parser.add_argument("--only", choices=["n_d", "width", "double"])
    parser.add_argument("--seeds", type=int, nargs="*", default=[1, 2, 3])
    parser.add_argument("--latents", type=Path)
    given = parser.parse_args()
    if given.part == "laws":
        laws(given.results, given.only, given.seeds)
    else:
        run = "models/low_field/vae/latents.nc"
        latents(given.results, given.latents or given.results / run)


if __name__ == "__main__":
    main()
