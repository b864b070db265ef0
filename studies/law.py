"""The law of T_chi over the whole box, found with several seeds.

    python -m studies.law seeds [--results FOLDER] [--seeds 1 2 3]

It reads the spectra of the default run. Points that no search sees are solved once and kept
beside the results: 300 of the box, 100 at U/Gamma from 25 to 33, 100 with Gamma from 5e-4 to 0.1,
and 50 at eps_d = -U/2, where no sample lies.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kondoflow.discovery.engines.operon import Operon
from kondoflow.discovery.laws.combining import COMBINATIONS, combinations_of
from kondoflow.discovery.laws.composing import compose_law
from kondoflow.discovery.laws.confirmation import values_of_law
from kondoflow.discovery.laws.fresh import fresh_samples
from kondoflow.discovery.laws.question import target_of
from kondoflow.discovery.targets import Samples, read_samples
from kondoflow.files.atomic import write_json
from kondoflow.files.engine_files import read_engines
from kondoflow.files.netcdf import read_dataset
from kondoflow.files.spectra import read_spectra
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.trees import Apply, Expression, constant_value
from kondoflow.stage.config import load_config
from kondoflow.systems.chunks import solve_chunk
from kondoflow.systems.points import split_rows
from kondoflow.systems.registry import find_system
from kondoflow.systems.sampling import sample_ensemble

N_BOX = 300  # points of the box of the default run
BOXES = {  # U/Gamma, Gamma, eps_d/U, T and number of points of other boxes
    "U/Gamma 25 to 33": ((25.0, 33.0), (5e-4, 0.012), (-1.2, 0.2), 1e-9, 100),
    "Gamma 5e-4 to 0.1": ((0.21, 40.0), (5e-4, 0.1), (-1.2, 0.2), 1e-9, 100),
    "eps_d = -U/2": ((0.21, 33.0), (5e-3, 0.05), (-0.5, -0.5), 1e-9, 50),
}


def data_of(results: Path) -> tuple[dict[str, Any], dict[str, Any], Samples, list[Any]]:
    """Configuration, knowledge, samples and equations of the region of the default run."""
    config = load_config()
    system = config["systems"]["anderson"]
    samples = read_samples(read_spectra(results / "spectra/low_field.nc"), system)
    engines = read_engines([results / "equations/low_field/targets/operon.json"])
    return config, system, samples, engines


def new_points(
    config: Mapping[str, Any], system: Mapping[str, Any], folder: Path, processes: int
) -> dict[str, Samples]:
    """Points of each box that took no part, solved once."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for index, name in enumerate(["box", *BOXES]):
        path = folder / f"points_{index}.nc"
        if not path.exists():
            own = config["ensembles"]["low_field"]
            rows = split_rows(drawn(name, index) if index else in_box(config, 900, N_BOX))
            anderson = find_system("anderson")
            solve_chunk(anderson, rows, path, own["solver"], own["omega"], processes)
        found[name] = fresh_samples(read_dataset(path), system)
    return found


def in_box(config: Mapping[str, Any], seed: int, n: int) -> dict[str, np.ndarray]:
    """Parameters of the box of the default run, drawn as there, by a seed of their own."""
    own = config["ensembles"]["low_field"]
    return sample_ensemble({**own, "n_samples": n}, seed, n)


def drawn(name: str, seed: int) -> dict[str, np.ndarray]:
    """Parameters of the points of another box, where log10(T_K/D) is -7.5 to -1 and U <= 0.4 D."""
    ratios, gammas, levels, T, n = BOXES[name]
    rng = np.random.default_rng(900 + seed)
    many = 40 * n
    Gamma = np.exp(rng.uniform(np.log(gammas[0]), np.log(gammas[1]), many))
    U = Gamma * np.exp(rng.uniform(np.log(ratios[0]), np.log(ratios[1]), many))
    eps_d = U * rng.uniform(*levels, many)
    log_T_K = np.log10(U * Gamma / 2) / 2 + np.pi * eps_d * (eps_d + U) / (
        2 * U * Gamma * np.log(10)
    )
    kept = np.flatnonzero((log_T_K > -7.5) & (log_T_K < -1.0) & (U <= 0.4))[:n]
    values = {"U": U, "Gamma": Gamma, "eps_d": eps_d, "B": 0.0 * U, "T": np.full(many, T)}
    return {key: column[kept] for key, column in values.items()}


def errors_on(found: Mapping[str, Any], samples: Samples) -> str:
    """Root mean square and largest error in percent, in the law's domain, and points outside."""
    config = load_config()
    target = target_of(samples, config["systems"]["anderson"], config["equations"])
    errors = target.values - values_of_law(found, samples)
    inside = in_domain(found, samples)
    own = errors[inside]
    beyond = f" (and {100 * np.abs(errors[~inside]).max():.0f} beyond)" if not inside.all() else ""
    return f"{100 * np.sqrt(np.mean(own**2)):.2f}, {100 * np.abs(own).max():.1f}{beyond}"


def in_domain(found: Mapping[str, Any], samples: Samples) -> np.ndarray:
    """Samples, (sample,), that the law covers: U/Gamma, and eps_d/Gamma on the upper side."""
    U, Gamma, eps_d = (samples.variables[name] for name in ("U", "Gamma", "eps_d"))
    upper = np.maximum(eps_d, -U - eps_d) / Gamma
    low, high = found["domain"]["a"]
    ratio = U / Gamma
    return (low <= ratio) & (ratio <= high) & (upper <= found["domain"]["c"][1])


def seeds(results: Path, folder: Path, chosen: Sequence[int], processes: int) -> None:
    """The default procedure with several seeds."""
    config, system, samples, engines = data_of(results)
    points = new_points(config, system, folder, processes)
    heads = " | ".join(f"{name}: rms %, largest %" for name in points)
    print(f"| seed | fitted, all numbers | {heads} | combination | CPU s |", flush=True)
    for seed in chosen:
        began = sum(os.times()[:4])
        found = compose_law(
            samples, system, config["equations"], engines, Operon(), seed, processes
        )
        spent = sum(os.times()[:4]) - began
        write_json(folder / f"law_{seed}.json", found)
        if found["law"] is None:
            print(f"| {seed} | {found['reason']} |", flush=True)
            continue
        errors = " | ".join(errors_on(found, each) for each in points.values())
        constants = f"{found['law']['constants']}, {numbers_in(found)}"
        print(
            f"| {seed} | {constants} | {errors} | {found['combination']} | {spent:.0f} |",
            flush=True,
        )


def numbers_in(found: Mapping[str, Any]) -> int:
    """Numbers in a law that are neither the known part's nor 1: fitted ones and closed ones."""
    by_label = {each.label: each for each in combinations_of(COMBINATIONS)}
    parts = by_label[found["combination"]].parts_of(parse(found["law"]["reduced"], "law"))
    texts = list(found["law"]["factors"].values())
    formulas = [parse(text, "law") for text in texts] + ([] if parts is None else [parts[1]])
    return sum(_numbers(each) for each in formulas)


def _numbers(node: Expression) -> int:
    if constant_value(node) is not None:  # one number, such as 3/(4 pi)
        return int(constant_value(node) != 0)
    if not isinstance(node, Apply):
        return 0
    if node.function == "pow":  # a square is an operation
        return _numbers(node.arguments[0])
    return sum(_numbers(each) for each in node.arguments)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=["seeds"])
    parser.add_argument("--results", type=Path, default=Path("results"))
    parser.add_argument("--folder", type=Path, default=Path("results/studies/law"))
    parser.add_argument("--seeds", type=int, nargs="*", default=list(range(1, 11)))
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    if given.part == "seeds":
        seeds(given.results, given.folder, given.seeds, given.threads)


if __name__ == "__main__":
    main()
