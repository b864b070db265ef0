"""How often the default training finds aligned axes, over many restarts.

Every restart is trained as in `train_vae`; groups of as many as the default run trains are then put
through its unsupervised choice. Correlations are over all samples of the default data set, which
must have been computed (`make run`).

    python -m benchmarks.alignment [number of restarts, 20]
"""

from __future__ import annotations

import sys
import time

import jax.numpy as jnp
import numpy as np
from flax import nnx
from scipy.stats import pearsonr, spearmanr

from autoencoder.alignment import choose, factorisation_gap
from autoencoder.model import Architecture, structure
from autoencoder.schedule import Schedule
from autoencoder.training import Trainer
from benchmarks.common import ROOT, machine, table
from datafiles.spectra import channel_spectra, read_spectra, split_mask
from stage.config import load_config, run_settings
from stage.seeds import derive_seed

ENSEMBLE, RUN = "low_field", "vae"


def main(n_restarts: int) -> None:
    """Print a row for each restart, and what the choice makes of them."""
    config = load_config()
    settings = run_settings(config, ENSEMBLE, RUN)
    dataset = read_spectra(ROOT / f"results/spectra/{ENSEMBLE}.nc")
    spectra = channel_spectra(dataset, settings["channel"])
    train, validation = (spectra[split_mask(dataset, part)] for part in ("train", "validation"))
    n_d = dataset["occupation"].to_numpy().sum(axis=1)
    descriptors = {
        "half-width": np.log10(dataset["half_width"].to_numpy()),
        "T_chi": np.log10(dataset["T_chi"].to_numpy()),
        "n_d": n_d,
        "|n_d - 1|": np.abs(n_d - 1),
    }
    architecture = Architecture(
        spectra.shape[1], tuple(settings["hidden"]), settings["n_latents"], settings["activation"]
    )
    schedule = Schedule.from_settings(settings)
    trainer = Trainer(
        architecture,
        schedule,
        settings["batch_size"],
        jnp.asarray(train),
        jnp.asarray(validation),
    )
    graph, _ = structure(architecture)
    rows, losses, gaps, aligned = [], [], [], []
    for index in range(n_restarts):
        started = time.process_time()
        trained = trainer.run(derive_seed(config["seed"], "alignment", index))
        seconds = time.process_time() - started
        kept = int(np.flatnonzero(trained.history.epoch == trained.epoch)[0])
        kl = trained.history.kl[kept]
        parts = trained.history.reconstruction[kept] + schedule.beta * kl.sum(axis=-1)
        losses.append(float(np.average(parts, weights=[len(train), len(validation)])))
        gaps.append(factorisation_gap(architecture, trained.weights, trainer.train, schedule.beta))
        mean = np.asarray(nnx.merge(graph, trained.weights).encode(jnp.asarray(spectra))[0])
        best = {
            name: max(abs(spearmanr(latent, values)[0]) for latent in mean.T)
            for name, values in descriptors.items()
        }
        linear = max(abs(pearsonr(latent, descriptors["T_chi"])[0]) for latent in mean.T)
        aligned.append(best["half-width"] >= 0.99 and best["n_d"] >= 0.985)
        largest = np.sort(kl[0])[::-1][:4]
        rows.append(
            [
                index,
                f"{losses[-1]:.3f}",
                f"{gaps[-1]:.4f}",
                ", ".join(f"{value:.2g}" for value in largest),
                *(f"{value:.3f}" for value in best.values()),
                f"{linear:.3f}",
                f"{seconds:.0f}",
            ]
        )
    print(f"{machine()}; {len(train)} training spectra\n")
    header = ["restart", "loss", "gap", "KL", *(f"Spearman {name}" for name in descriptors)]
    print(table([*header, "Pearson T_chi", "CPU s"], rows))
    size = settings["restarts"]
    rng = np.random.default_rng(0)
    groups = [rng.choice(n_restarts, size, replace=False) for _ in range(10_000)]
    hits = [
        aligned[group[choose([losses[i] for i in group], [gaps[i] for i in group])]]
        for group in groups
    ]
    print(
        f"\nAligned (half-width 0.99, n_d 0.985): {sum(aligned)} of {n_restarts} restarts; the "
        f"choice among {size}, drawn from them 10,000 times, is aligned in {np.mean(hits):.1%}."
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
