"""A law of T_chi from latents alone: what spectra say, what latents keep, which law follows.

    python -m studies.law_latents spectra [--results FOLDER]
    python -m studies.law_latents laws --models FOLDER ... [--results FOLDER] [--points FOLDER]
    python -m studies.law_latents quantities --models FOLDER ... [--results FOLDER]

`spectra` holds T_FL, which is read off the spectra of the default run, against T_chi, in parts of
the box. For `laws` each folder holds the `latents.nc` of a network, and the rest follows the preset
`joint.yaml`: T_FL as all active latents say it, searches in the region, the law over the box. What
is in the folder already (`joint.nc`, `operon.json`, `law.json`) is not made again. The errors of
the law are against T_chi, on the test samples and on the points of `studies.law`. `quantities`
tells what latents keep of other quantities.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from benchmarks.common import scored
from kondoflow.discovery.engines.operon import Operon
from kondoflow.discovery.latents.joint_quantities import kept_by_latents, read_together
from kondoflow.discovery.laws.composing import compose_law
from kondoflow.discovery.laws.confirmation import values_of_law
from kondoflow.discovery.search.regression import regress
from kondoflow.discovery.targets import joint_targets, read_samples
from kondoflow.files.atomic import read_json, write_json
from kondoflow.files.netcdf import read_dataset, write_dataset
from kondoflow.files.spectra import read_spectra, sample_variables
from kondoflow.files.splits import split_mask
from kondoflow.stage.config import load_config
from kondoflow.stage.paths import ROOT
from kondoflow.systems.anderson.reading import read_off
from studies.law import errors_on, new_points

QUANTITIES = {
    "log T_FL": "log(T_FL)",
    "log T_chi": "log(T_chi)",
    "log half_width": "log(half_width)",
    "wilson_ratio": "wilson_ratio",
    "A(0)": "spectral_function_at_0_up",
    "n_d": "occupation_up + occupation_down",
}


def told(errors: np.ndarray) -> str:
    """Number, root mean square, mean and largest of errors of a logarithm, in percent."""
    own = 100 * errors[np.isfinite(errors)]
    size, largest = np.sqrt(np.mean(own**2)), np.abs(own).max()
    return f"{own.size} | {size:.2f} | {own.mean():+.2f} | {largest:.1f} |"


def parts_of_box(v: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Masks (sample,) of parts of the box."""
    ratio, s = v["U"] / v["Gamma"], np.abs(v["eps_d"] / v["U"] + 0.5)
    parts = {
        "all": np.ones(s.shape, dtype=np.bool_),
        "U/Gamma < 2": ratio < 2,
        "Kondo: U/Gamma > 8, abs(eps_d/U + 1/2) < 0.2": (ratio > 8) & (s < 0.2),
        "mixed valence: U/Gamma > 4, 0.38 to 0.62": (ratio > 4) & (np.abs(s - 0.5) < 0.12),
        "empty or full: U/Gamma > 4, > 0.62": (ratio > 4) & (s > 0.62),
        "edge of the box: > 0.68": s > 0.68,
        "T_chi < 3e-4 D": v["T_chi"] < 3e-4,
    }
    return {**parts, "U/Gamma > 30": ratio > 30, "Gamma > 0.04 D": v["Gamma"] > 0.04}


def spectra(results: Path) -> None:
    """T_FL against T_chi."""
    dataset = read_spectra(results / "spectra/low_field.nc")
    v = sample_variables(dataset)
    errors = np.log(read_off(dataset)["T_FL"] / v["T_chi"])
    print("| part | n | rms, % | mean, % | largest, % |\n| --- | --- | --- | --- | --- |")
    for name, rows in parts_of_box(v).items():
        print(f"| {name} | {told(errors[rows])}")
    print(f"| test samples | {told(errors[split_mask(dataset, 'test')])}")


def joint_of(folder: Path, dataset: xr.Dataset, system: Mapping[str, Any]) -> xr.Dataset:
    """What the latents of a network say of T_FL."""
    path = folder / "joint.nc"
    if not path.exists():
        variables = {**sample_variables(dataset), **read_off(dataset)}
        latents = read_dataset(folder / "latents.nc")
        write_dataset(path, read_together(latents, dataset, system["joint"], variables))
    return read_dataset(path)


def laws(results: Path, models: Sequence[Path], points: Path) -> None:
    """The law that follows from the latents of each network."""
    config = load_config(ROOT / "workflow/presets/joint.yaml")
    system, equations = config["systems"]["anderson"], config["equations"]
    dataset = read_spectra(results / "spectra/low_field.nc")
    boxes, test = new_points(load_config(), without_joint(), points, 1), split_mask(dataset, "test")
    log_T = np.log(sample_variables(dataset)["T_chi"])
    heads = " | ".join(f"{name}: rms, largest" for name in boxes)
    print(
        "| network | latents | T_FL | T_chi | fitted | combination | test samples | "
        f"{heads} | CPU s |"
    )
    for folder in models:
        began = sum(os.times()[:4])
        joint = joint_of(folder, dataset, system)
        samples = read_samples(dataset, system, joint)
        if not (folder / "operon.json").exists():
            targets = joint_targets(samples, equations["objectives"])
            write_json(folder / "operon.json", regress(Operon(), targets, samples, equations, 1, 1))
        if not (folder / "law.json").exists():
            engines = [read_json(folder / "operon.json")]
            composed = compose_law(samples, system, equations, engines, Operon(), 1, 1)
            write_json(folder / "law.json", composed)
        kept, found = kept_by_latents(joint, "log_T_FL", test), read_json(folder / "law.json")
        off = joint["joint"].to_numpy()[0][test] - log_T[test]
        start = f"| {folder.name} | {kept['latents']} | {100 * kept['rms']:.2f} | {rms(off)}"
        if found["law"] is None:
            print(f"{start} | {found['reason']} |", flush=True)
            continue
        law, spent = found["law"], sum(os.times()[:4]) - began
        own = rms((values_of_law(found, samples) - log_T)[test])
        errors = " | ".join(errors_on(found, each) for each in boxes.values())
        form = f"{law['constants']} | {found['combination']}"
        print(
            f"{start} | {form} | {own} | {errors} | {spent:.0f} |\n`{law['formula']}`", flush=True
        )


def without_joint() -> Mapping[str, Any]:
    """What is known of the default run."""
    known: Mapping[str, Any] = load_config()["systems"]["anderson"]
    return known


def rms(errors: np.ndarray) -> str:
    """Root mean square and largest, in percent."""
    return f"{100 * np.sqrt(np.mean(errors**2)):.2f}, {100 * np.abs(errors).max():.1f}"


def quantities(results: Path, models: Sequence[Path]) -> None:
    """What latents keep of several quantities, on test samples."""
    dataset = read_spectra(results / "spectra/low_field.nc")
    variables = {**sample_variables(dataset), **read_off(dataset)}
    named = {f"q{index}": text for index, text in enumerate(QUANTITIES.values())}
    test = split_mask(dataset, "test")
    print("| network | " + " | ".join(QUANTITIES) + " |")
    for folder in models:
        joint = read_together(read_dataset(folder / "latents.nc"), dataset, named, variables)
        kept = [kept_by_latents(joint, name, test) for name in named]
        cells = [
            f"{scored(each['r2'], 5)}, {each['rms']:.4f}, {each['largest']:.3f}" for each in kept
        ]
        print(f"| {folder.name} | " + " | ".join(cells) + " |", flush=True)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=["spectra", "laws", "quantities"])
    parser.add_argument("--results", type=Path, default=Path("results"))
    parser.add_argument("--models", type=Path, nargs="*", default=[])
    parser.add_argument("--points", type=Path, default=Path("results/studies/law"))
    given = parser.parse_args()
    if given.part == "spectra":
        spectra(given.results)
    elif given.part == "laws":
        laws(given.results, given.models, given.points)
    else:
        quantities(given.results, given.models)


if __name__ == "__main__":
    main()
