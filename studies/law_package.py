"""The law of the package, `kondoflow.systems.anderson.law`: laws of runs, continued on a wider box.

    python -m studies.law_package LAW.json [LAW.json ...] [--compose 21 22] [--results FOLDER]

The samples of the default run end at eps_d/Gamma = 1.06 on the upper side, because Haldane's
expression stays below 0.1 D and Gamma above 0.005 D. `N_TRAIN` points with Gamma from 5e-4 to 0.1
D, half of them with eps_d/Gamma from 0.7 to 2.6 on the upper side, join the training samples, but
every eleventh the validation samples. Laws that are composed on all of these may join those of
runs. Each law is refitted, grows and is reduced to ten fitted constants, three times. The law with
the smallest error on training and validation samples is kept.
`N_TEST` more points of the same kind take no part.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from kondoflow.discovery.engines.interface import SearchSettings
from kondoflow.discovery.engines.operon import Operon
from kondoflow.discovery.laws.combining import COMBINATIONS, combinations_of
from kondoflow.discovery.laws.composing import compose_law
from kondoflow.discovery.laws.fresh import fresh_samples
from kondoflow.discovery.laws.growth import grow_law
from kondoflow.discovery.laws.joint import fit_law, simplify_law
from kondoflow.discovery.laws.law import Law
from kondoflow.discovery.laws.posed import Posed
from kondoflow.discovery.laws.question import set_question, target_of, training, usable
from kondoflow.discovery.laws.remainder import Composed, Job, assessed
from kondoflow.discovery.targets import Samples
from kondoflow.files.atomic import read_json
from kondoflow.files.netcdf import read_dataset
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.printing import to_text
from kondoflow.formulas.trees import Number, constant_value
from kondoflow.systems.chunks import solve_chunk
from kondoflow.systems.points import split_rows
from kondoflow.systems.registry import find_system
from studies.law import data_of, new_points

N_TRAIN, N_TEST = 300, 100
MOST, GROWN = 10, 18  # fitted constants: at the end, and while a law grows
TURNS = 3  # times that a law grows and is reduced
PRICE = 0.03  # logarithm of the squared error that a fitted constant must gain
UPPER = (0.7, 2.6)  # eps_d/Gamma of every second point


def drawn(n: int, seed: int) -> dict[str, np.ndarray]:
    """Parameters of the wider box: every second point lies near the empty or the full orbital."""
    rng = np.random.default_rng(seed)
    many = 200 * n
    Gamma = np.exp(rng.uniform(np.log(5e-4), np.log(0.1), many))
    U = Gamma * np.exp(rng.uniform(np.log(0.21), np.log(70.0), many))
    eps_d = U * rng.uniform(-1.2, 0.2, many)
    upper = np.maximum(eps_d, -U - eps_d)
    log_T_K = np.log(U * Gamma / 2) / 2 + np.pi * upper * (upper + U) / (2 * U * Gamma)
    inside = (log_T_K > np.log(1e-6)) & (log_T_K < np.log(0.1)) & (U <= 0.4)
    beyond = inside & (upper > UPPER[0] * Gamma) & (upper < UPPER[1] * Gamma)
    half = np.flatnonzero(beyond)[: n // 2]
    kept = np.append(half, np.flatnonzero(inside)[: n - half.size])
    values = {"U": U, "Gamma": Gamma, "eps_d": eps_d, "B": 0.0 * U, "T": np.full(many, 1e-8)}
    return {key: column[kept] for key, column in values.items()}


def joined(samples: Samples, further: Samples) -> Samples:
    """Samples of the run and further ones, of which every eleventh is a validation sample."""
    n = further.region.size
    validation = np.arange(n) % 11 == 0
    parts = {"train": ~validation, "validation": validation, "test": np.zeros(n, dtype=np.bool_)}

    def both(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {name: np.append(one[name], other[name]) for name in one if name in other}

    return replace(
        samples,
        variables=both(dict(samples.variables), dict(further.variables)),
        inputs=both(dict(samples.inputs), dict(further.inputs)),
        region=np.append(samples.region, further.region),
        parts=both(dict(samples.parts), parts),
    )


def continued(found: Mapping[str, Any], job: Job, posed: Posed, symbols: list[str]) -> Composed:
    """A law of a run, refitted, grown and reduced on the samples of a job."""
    own = found["law"]
    texts = [own["factors"][name] for name in (*posed.corrected, "target")]
    values = [constant_value(parse(text, "law")) or 0.0 for text in texts]
    law = Law(parse(own["reduced"], "law"), tuple(Number(float(k)) for k in values))
    law = fit_law(fit_law(law, job.train), job.train, even=True)
    by_label = {each.label: each for each in combinations_of(COMBINATIONS)}
    job = replace(job, origin=found["origin"], combination=by_label[found["combination"]])
    reached = []
    for _ in range(TURNS):
        grown = grow_law(assessed(law, job, 0), job, symbols, PRICE, GROWN)
        law, _ = simplify_law(grown[-1].law if grown else law, job.train, PRICE, 0, MOST)
        reached.append(assessed(law, job, 0))
    return min(reached, key=lambda item: item.size)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("laws", type=Path, nargs="+")
    parser.add_argument("--compose", type=int, nargs="*", default=[], help="seeds")
    parser.add_argument("--results", type=Path, default=Path("results"))
    parser.add_argument("--folder", type=Path, default=Path("results/studies/law"))
    given = parser.parse_args()
    config, system, samples, engines = data_of(given.results)
    equations, own = config["equations"], config["ensembles"]["low_field"]
    wide = {}
    for name, n, seed in (("train", N_TRAIN, 77), ("test", N_TEST, 78)):
        path = given.folder / f"wide_{name}.nc"
        if not path.exists():
            rows = split_rows(drawn(n, seed))
            solve_chunk(find_system("anderson"), rows, path, own["solver"], own["omega"], 1)
        wide[name] = fresh_samples(read_dataset(path), system)
    everything = joined(samples, wide["train"])
    target = target_of(everything, system, equations)
    setting, known = set_question(everything, target, system, 1), usable(everything, target)
    posed = setting.posed
    train = training(setting, target, everything)
    validation = posed.part(known & everything.parts["validation"])
    job = Job(
        label="continued",
        view=(),
        train=train,
        validation=validation,
        known=Law(Number(1)),
        origin="",
        combination=combinations_of(COMBINATIONS)[0],
        free=True,
        settings=SearchSettings.from_config(equations),
        n_points=equations["n_points"],
        seed=1,
    )
    starts: dict[str, Mapping[str, Any]] = {path.stem: read_json(path) for path in given.laws}
    for seed in given.compose:
        composed = compose_law(everything, system, equations, engines, Operon(), seed, 1)
        starts |= {f"composed_{seed}": composed} if composed["law"] else {}
    laws = [continued(each, job, posed, equations["symbols"]) for each in starts.values()]
    best = min(laws, key=lambda item: item.size)
    for label, item in zip(starts, laws, strict=True):
        constants = len(item.law.constants)
        print(f"| {label} | {constants} | {100 * item.rms:.2f} | {100 * item.largest:.1f} |")
    print(to_text(best.law.reduced), [to_text(k) for k in best.law.factors])
    points = {**new_points(config, system, given.folder, 1), "wider box": wide["test"]}
    formula = best.law.formula(posed)
    for name, each in points.items():
        values = np.log(np.asarray(evaluate(formula, each.variables)))
        errors = 100 * np.abs(target_of(each, system, equations).values - values)
        print(f"| {name} | {np.sqrt(np.mean(errors**2)):.2f} | {errors.max():.1f} |")


if __name__ == "__main__":
    main()
