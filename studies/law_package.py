"""The law of the package, `kondoflow.systems.anderson.law`: composed on a wider box.

    python -m studies.law_package [--results FOLDER] [--seed 1]

The samples of the default run end at eps_d/Gamma = 1.06 on the upper side, because Haldane's
expression stays below 0.1 D and Gamma above 0.005 D. `N_TRAIN` points with Gamma from 5e-4 to 0.1
D, half of them with eps_d/Gamma from 0.7 to 2.6 on the upper side, join the training samples, but
every eleventh the validation samples. `N_TEST` more points of the same kind take no part.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from kondoflow.discovery.engines.operon import Operon
from kondoflow.discovery.laws.composing import compose_law, target_of
from kondoflow.discovery.laws.confirmation import values_of_law
from kondoflow.discovery.laws.fresh import fresh_samples
from kondoflow.discovery.targets import Samples
from kondoflow.files.atomic import write_json
from kondoflow.files.netcdf import read_dataset
from kondoflow.systems.anderson.law import t_chi
from kondoflow.systems.chunks import solve_chunk
from kondoflow.systems.points import split_rows
from kondoflow.systems.registry import find_system
from studies.law import data_of, new_points

N_TRAIN, N_TEST = 300, 100
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


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=Path("results"))
    parser.add_argument("--folder", type=Path, default=Path("results/studies/law"))
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    config, system, samples, engines = data_of(given.results)
    own = config["ensembles"]["low_field"]
    wide = {}
    for name, n, seed in (("train", N_TRAIN, 77), ("test", N_TEST, 78)):
        path = given.folder / f"wide_{name}.nc"
        if not path.exists():
            rows = split_rows(drawn(n, seed))
            solve_chunk(find_system("anderson"), rows, path, own["solver"], own["omega"], 1, "")
        wide[name] = fresh_samples(read_dataset(path), system)
    everything = joined(samples, wide["train"])
    found = compose_law(
        everything,
        system,
        {**config["equations"], "null_restarts": 0},
        engines,
        Operon(),
        given.seed,
        1,
    )
    write_json(given.folder / f"package_{given.seed}.json", found)
    print(found["law"], found["combination"])
    points = {**new_points(config, system, given.folder, 1), "wider box": wide["test"]}
    for name, each in points.items():
        y = target_of(each, system, config["equations"]).values
        U, Gamma, eps_d = (each.variables[key] for key in ("U", "Gamma", "eps_d"))
        for label, values in (
            ("this law", values_of_law(found, each)),
            ("the package's", np.log(t_chi(U, Gamma, eps_d))),
        ):
            errors = 100 * np.abs(y - values)
            print(f"| {name} | {label} | {np.sqrt(np.mean(errors**2)):.2f} | {errors.max():.1f} |")


if __name__ == "__main__":
    main()
