"""How often the default procedure finds aligned axes: ten repeats of it with other seeds.

A repeat is what `make run` does with its spectra: `train_vae` with all its restarts, the choice
among them and the refined decoder, `encode_spectra`, `score_latents`. Correlations are over the
samples that took no part in training. The default data set must have been computed (`make run`).
A repeat that is finished stays in results/alignment and is not done again with the same settings.

    python -m benchmarks.alignment [number of repeats, 10]
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

import encode_spectra
import score_latents
import train_vae
from benchmarks.common import ROOT, machine, table
from datafiles.atomic import read_json, write_json
from datafiles.netcdf import read_dataset
from datafiles.spectra import split_mask
from stage.config import load_config, run_settings
from stage.seeds import derive_seed

ENSEMBLE, RUN = "low_field", "vae"
SPECTRA = ROOT / f"results/spectra/{ENSEMBLE}.nc"
FOLDER = ROOT / "results/alignment"
AIMS = {  # column: least value
    "half-width": 0.99,
    "T_chi": 0.975,
    "T_chi, Pearson": 0.965,
    "n_d": 0.985,
    "asymmetry": 0.95,
    "KL ratio": 100,
}
LARGEST_ERROR = 0.01  # mean absolute error of a decoded test spectrum


def repeat(folder: Path, settings: Mapping[str, Any], system: Mapping[str, Any]) -> None:
    """Train, encode and score with the settings' seed, unless the folder holds the outcome."""
    finished = folder / "finished.json"
    if finished.is_file() and read_json(finished)["settings"] == settings:
        return
    started = time.process_time()
    files = {"weights": folder / "weights.safetensors", "model": folder / "model.json"}
    latents, scores = folder / "latents.nc", folder / "scores.json"
    seed = settings["seed"]
    train_vae.main(
        spectra=SPECTRA, **files, history=folder / "history.nc", settings=dict(settings), seed=seed
    )
    encode_spectra.main(spectra=SPECTRA, **files, latents=latents)
    score_latents.main(spectra=SPECTRA, latents=latents, scores=scores, system=dict(system))
    seconds = time.process_time() - started
    write_json(finished, {"settings": settings, "cpu_seconds": seconds})


def outcome(folder: Path) -> dict[str, float]:
    """The quantities of `AIMS` and the error of a repeat, with its choice and its cost."""
    model, scores, finished = (
        read_json(folder / name) for name in ("model.json", "scores.json", "finished.json")
    )
    latents = read_dataset(folder / "latents.nc")
    kl = np.array(scores["kl"])  # sorted, the largest first
    n_active = len(scores["active_latents"])
    test = split_mask(latents, "test")
    return {
        "restart": model["chosen_restart"],
        "gap": model["restarts"][model["chosen_restart"]]["factorisation_gap"],
        "largest gap": max(each["factorisation_gap"] for each in model["restarts"]),
        "active": n_active,
        "KL ratio": kl[n_active - 1] / kl[n_active] if 0 < n_active < len(kl) else np.nan,
        **meanings(scores["descriptors"], range(n_active)),
        "error": float(latents["absolute_error"].to_numpy()[test].mean()),
        "CPU s": finished["cpu_seconds"],
    }


def meanings(descriptors: Mapping[str, Any], active: range) -> dict[str, float]:
    """What the latent that follows the half-width, and the best of the others, know.

    Args:
        descriptors: Scores by descriptor and latent, as in scores.json.
        active: The active latents.
    """

    def score(name: str, latent: int, measure: str = "spearman") -> float:
        return abs(descriptors[name][str(latent)][measure] or 0.0)

    width = max(active, key=lambda latent: score("log10_half_width", latent))
    others = [latent for latent in active if latent != width]
    filling = max(others, key=lambda latent: score("n_d", latent), default=width)
    asymmetries = ("asymmetry_over_U", "asymmetry_over_Gamma")
    return {
        "half-width": score("log10_half_width", width),
        "T_chi": score("log10_T_chi", width),
        "T_chi, Pearson": score("log10_T_chi", width, "pearson"),
        "n_d": score("n_d", filling),
        "asymmetry": max(score(name, filling) for name in asymmetries),
        "|n_d - 1|": max(score("abs_n_d_minus_1", latent) for latent in others or active),
    }


def passes(found: Mapping[str, float]) -> bool:
    """Whether a repeat meets all aims."""
    enough = all(found[name] >= least for name, least in AIMS.items())
    return enough and found["error"] <= LARGEST_ERROR


def main(n_repeats: int) -> None:
    """Print a row for each repeat, and how many meet the aims."""
    config = load_config()
    system = config["systems"][config["ensembles"][ENSEMBLE]["system"]]
    rows, met = [], 0
    for index in range(n_repeats):
        seed = derive_seed(config["seed"], "alignment", index)
        settings = {**run_settings(config, ENSEMBLE, RUN), "seed": seed}
        folder = FOLDER / f"repeat_{index}"
        folder.mkdir(parents=True, exist_ok=True)
        repeat(folder, settings, system)
        found = outcome(folder)
        met += passes(found)
        rows.append(
            [
                index,
                f"{found['restart']:.0f}",
                f"{found['gap']:.4f} / {found['largest gap']:.4f}",
                f"{found['active']:.0f}",
                f"{found['KL ratio']:.0f}",
                *(
                    f"{found[name]:.3f}"
                    for name in ("half-width", "T_chi", "T_chi, Pearson", "n_d", "asymmetry")
                ),
                f"{found['|n_d - 1|']:.3f}",
                f"{found['error']:.4f}",
                f"{found['CPU s']:.0f}",
                "yes" if passes(found) else "no",
            ]
        )
    settings = run_settings(config, ENSEMBLE, RUN)
    samples = read_dataset(SPECTRA).sizes["sample"]
    print(f"{machine()}; {samples} spectra, seeds from {config['seed']}; {json.dumps(settings)}\n")
    header = ["repeat", "restart", "gap / largest gap", "active", "KL ratio"]
    header += ["half-width", "T_chi", "T_chi, Pearson", "n_d", "asymmetry", "abs(n_d - 1)"]
    print(table([*header, "error", "CPU s", "all aims"], rows))
    aims = ", ".join(f"{name} {least:g}" for name, least in AIMS.items())
    print(
        f"\n{met} of {n_repeats} repeats meet all aims (at least: {aims}; error at most "
        f"{LARGEST_ERROR:g}).\n\nhalf-width, T_chi, n_d, asymmetry: abs(Spearman) on the "
        f"{samples - int(split_mask(read_dataset(SPECTRA), 'train').sum())} samples that were not "
        "trained on, of one latent with the first two and of another one with the other two "
        "(asymmetry over U or over Gamma, the better). KL ratio: the weakest active latent to the "
        "strongest inactive one. Error: mean absolute error of a decoded test spectrum. Gap: the "
        "factorisation gap in nats by which a restart is chosen."
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
