"""What the latents of ensembles with field and temperature mean, from finished runs.

    make run ARGS="--configfile workflow/presets/full.yaml"
    python -m studies.full
    make run ARGS="--configfile workflow/presets/fixed.yaml"
    python -m studies.full fixed
    python -m studies.full full --beyond 6000  # after the run `parts` on more spectra

Correlations are abs(Spearman) over the samples that took no part in training. A sample belongs to
the energy that is the largest of T_K, T and |B|. With --beyond only test samples count which lie
beyond the first so many of the sequence, so that they took no part in any choice.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from scipy.stats import pearsonr, spearmanr

from benchmarks.common import ROOT, machine, scored, table
from kondoflow.files.atomic import read_json
from kondoflow.files.netcdf import read_dataset
from kondoflow.files.parts import parts_of
from kondoflow.files.spectra import channel_spectra, read_spectra, sample_variables
from kondoflow.files.splits import split_mask
from kondoflow.formulas.descriptors import evaluate_descriptors
from kondoflow.stage.config import iterate_runs, load_config, run_settings

DOMINANT = ("T_K", "T", "abs(B)")
READ = ("log10_scale", "polarisation")  # by the readout
COMPONENTS = 12  # principal components of the readout
MOST = 1500  # training samples of the readout
RESAMPLES = 200
FLOOR = 1e-6  # below which the logarithm does not look
BY_ENERGY = (
    "log10_scale",
    "log10_half_width",
    "A(0)",
    "n_d",
    "odd part",
    "polarisation",
)


def of_spectra(spectra: np.ndarray) -> dict[str, np.ndarray]:
    """Height at 0, sum and odd part (summed over the upper side) of spectra (sample, omega)."""
    centre = spectra.shape[1] // 2
    odd = spectra[:, centre + 1 :] - spectra[:, centre - 1 :: -1]
    height, total = spectra[:, centre], spectra.sum(axis=1)
    return {"A(0)": height, "sum of A": total, "odd part": odd.sum(axis=1)}


def strength(latent: np.ndarray, values: np.ndarray, chosen: np.ndarray) -> float:
    """abs(Spearman) over the chosen samples on which the values are defined."""
    known = chosen & np.isfinite(values)
    return abs(spearmanr(latent[known], values[known])[0])


def main(preset: str) -> None:
    """Print the ensemble, and the latents of every run with what they follow."""
    config = load_config(ROOT / f"workflow/presets/{preset}.yaml")
    dataset = read_spectra(ROOT / f"results/spectra/{preset}.nc")
    system = config["systems"][config["ensembles"][preset]["system"]]
    descriptors = evaluate_descriptors(system["descriptors"], sample_variables(dataset))
    descriptors |= of_spectra(channel_spectra(dataset, "up"))
    print(f"{machine()}; {dataset.sizes['sample']} spectra\n")
    ensemble = config["ensembles"][preset] | {"n_samples": dataset.sizes["sample"]}
    print(f"ensemble: {ensemble}\n")
    print(f"{float(dataset['cpu_seconds'].mean()):.2f} CPU seconds a spectrum\n")
    for _, run in iterate_runs(config):
        print_run(config, preset, run, dataset, descriptors)
    print_readout(dataset, descriptors)


def print_readout(dataset: xr.Dataset, descriptors: Mapping[str, np.ndarray]) -> None:
    """Print how well a regression reads descriptors from spectra, for what a network may see."""
    views = {
        f"{word} of {name}": channel_spectra(dataset, channel)
        for name, channel in (("one spin", "up"), ("both spins", "all"))
        for word in ("spectrum", "logarithm")
    }
    rows = []
    for view, spectra in views.items():
        seen = spectra.reshape(spectra.shape[0], -1).astype(np.float64)
        seen = np.log(np.maximum(seen, FLOOR)) if view.startswith("logarithm") else seen
        found = [readout(seen, descriptors[name], dataset) for name in READ]
        rows.append([view, *map(scored, found)])
    print()
    print(table(["seen", *READ], rows))


def readout(spectra: np.ndarray, values: np.ndarray, dataset: xr.Dataset) -> float:
    """R^2 on test samples of a kernel ridge regression on principal components.

    Width and ridge are those with the smallest error on validation samples.
    """
    parts = [split_mask(dataset, part) for part in ("train", "validation", "test")]
    train = np.flatnonzero(parts[0])[:MOST]
    centred = spectra - spectra[train].mean(axis=0)
    axes = np.linalg.svd(centred[train], full_matrices=False)[2][:COMPONENTS]
    codes = centred @ axes.T
    codes /= codes[train].std(axis=0)
    distances = ((codes[:, np.newaxis, :] - codes[train]) ** 2).mean(axis=2)
    y = values - values[train].mean()
    best, error = y, np.inf
    for width in (0.3, 1.0, 3.0):
        kernel = np.exp(-distances / (2 * width**2))
        for ridge in (1e-5, 1e-3, 1e-1):
            system = kernel[train] + ridge * np.eye(train.size)
            fitted = kernel @ np.linalg.solve(system, y[train])
            own = float(np.mean((fitted - y)[parts[1]] ** 2))
            if own < error:
                best, error = fitted, own
    rest = (best - y)[parts[2]]
    return float(1 - np.mean(rest**2) / np.var(y[parts[2]]))


def print_run(
    config: dict[str, Any],
    ensemble: str,
    run: str,
    dataset: xr.Dataset,
    descriptors: Mapping[str, np.ndarray],
) -> None:
    """Print the settings of a run, its latents and what they follow."""
    folder = ROOT / f"results/models/{ensemble}/{run}"
    latents, model = read_dataset(folder / "latents.nc"), read_json(folder / "model.json")
    held_out, test = ~split_mask(dataset, "train"), split_mask(dataset, "test")
    kl, mean = latents["kl"].to_numpy(), latents["mean"].to_numpy().astype(np.float64)
    active = np.flatnonzero(latents["active"].to_numpy())
    print(f"network {run}: {run_settings(config, ensemble, run)}, seed {model['seed']}\n")
    by_kl = np.sort(kl)[::-1]
    shown = ", ".join(f"{value:.2g}" for value in by_kl[: len(active) + 1])
    error = float(latents["absolute_error"].to_numpy()[test].mean())
    print(
        f"{len(active)} active latents; KL of these and the next {shown} nat; mean absolute error "
        f"of a decoded test spectrum {error:.4f}\n"
    )
    rows = [
        [name, *(scored(strength(mean[:, k], values, held_out)) for k in active)]
        for name, values in descriptors.items()
    ]
    print(table(["descriptor", *(f"latent {k}" for k in active)], rows), end="\n\n")
    scale = max(active, key=lambda k: strength(mean[:, k], descriptors["log10_scale"], held_out))
    pearson = pearsonr(mean[held_out, scale], descriptors["log10_scale"][held_out]).statistic
    print(f"Latent {scale} and log10_scale: abs(Pearson) {scored(abs(pearson))}\n")
    rows = []
    for index, energy in enumerate(DOMINANT):
        chosen = held_out & (descriptors["dominant"] == index)
        for name in BY_ENERGY:
            found = [strength(mean[:, k], descriptors[name], chosen) for k in active]
            rows.append([energy, chosen.sum(), name, *map(scored, found)])
    heads = ["dominant", "samples", "descriptor", *(f"latent {k}" for k in active)]
    print(table(heads, rows))


def print_beyond(preset: str, beyond: int) -> None:
    """Print what the latents of the run `parts` follow on test samples beyond the first so many."""
    config = load_config(ROOT / f"workflow/presets/{preset}.yaml")
    dataset = read_spectra(ROOT / f"results/spectra/{preset}.nc")
    system = config["systems"][config["ensembles"][preset]["system"]]
    descriptors = evaluate_descriptors(system["descriptors"], sample_variables(dataset))
    latents = read_dataset(ROOT / f"results/models/{preset}/parts/latents.nc")
    mean = latents["mean"].to_numpy().astype(np.float64)[:, latents["active"].to_numpy() == 1]
    chosen = split_mask(dataset, "test") & (np.arange(len(mean)) >= beyond)
    print(f"{machine()}; {len(mean)} spectra, {chosen.sum()} test samples beyond {beyond}\n")
    rows = [
        [name, words, str(part.sum()), *_best_of(mean, descriptors[name], part)]
        for name in ("log10_scale", "polarisation")
        for words, part in [
            ("all", chosen),
            *((each, chosen & (descriptors["dominant"] == k)) for k, each in enumerate(DOMINANT)),
        ]
    ]
    print(table(["descriptor", "dominant", "samples", "best latent", "95 % of resamples"], rows))
    edge = parts_of(dataset["spectral_function"].to_numpy(), dataset["omega"].to_numpy(), ["edge"])
    edge = edge.reshape(len(mean), -1).astype(np.float64)
    train = split_mask(dataset, "train")
    axis = np.linalg.svd(edge[train] - edge[train].mean(axis=0), full_matrices=False)[2][0]
    found = strength(edge @ axis, descriptors["log10_scale"], chosen)
    print(f"\nFirst principal component of the edge and log10_scale: {found:.3f}")


def _best_of(mean: np.ndarray, values: np.ndarray, chosen: np.ndarray) -> tuple[str, str]:
    """The largest abs(Spearman) of a latent, and its interval over resamples of the samples."""

    def best(places: np.ndarray) -> float:
        return max(abs(spearmanr(column[places], values[places])[0]) for column in mean.T)

    places = np.flatnonzero(chosen & np.isfinite(values))
    rng = np.random.default_rng(0)
    found = [best(rng.choice(places, places.size)) for _ in range(RESAMPLES)]
    low, high = np.quantile(found, [0.025, 0.975])
    return f"{best(places):.3f}", f"{low:.3f} to {high:.3f}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("preset", nargs="?", default="full")
    parser.add_argument("--beyond", type=int)
    given = parser.parse_args()
    if given.beyond is None:
        main(given.preset)
    else:
        print_beyond(given.preset, given.beyond)
