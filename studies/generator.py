"""What the refinement makes of the decoder, at the codes and between them.

One restart is trained on the default data set (which must have been computed, `make run`) and its
decoder is refined without and with the anchor (`autoencoder.refinement`). Errors are squared and
summed over frequencies, in the unit of the spectra, on the training spectra.

    python -m studies.generator
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from scipy.spatial import cKDTree

from benchmarks.common import ROOT, machine, table
from kondoflow.autoencoder.model import Autoencoder, separate_network
from kondoflow.autoencoder.preparation import prepare
from kondoflow.autoencoder.refinement import ANCHOR, refine_decoder
from kondoflow.autoencoder.scaling import Scaling
from kondoflow.autoencoder.training import PARTS
from kondoflow.files.spectra import read_spectra
from kondoflow.stage.config import load_config, run_settings
from kondoflow.stage.seeds import derive_seed

ENSEMBLE, RUN = "low_field", "vae"
SPECTRA = ROOT / f"results/spectra/{ENSEMBLE}.nc"
N_PRIOR = 2000  # spectra drawn from the prior
MOST = 2.0  # traversals reach from -MOST to MOST


def main() -> None:
    """Print a row for each decoder."""
    config = load_config()
    settings = run_settings(config, ENSEMBLE, RUN)
    trainer, scaling, *_ = prepare(read_spectra(SPECTRA), settings, SPECTRA)
    trained = trainer.run(derive_seed(config["seed"], "generator"))
    active = trained.kept_kl[PARTS.index("train")] > settings["active_above"]
    refine = partial(
        refine_decoder,
        trainer.architecture,
        trained.weights,
        trainer.train,
        active,
        batch_size=trainer.batch_size,
        learning_rate=settings["learning_rate"][0],
        seed=1,
    )
    epochs = settings["refine_epochs"]
    decoders = {
        "unrefined": refine(epochs=0),
        "refined at the codes alone": refine(epochs=epochs, anchor=0.0),
        f"anchored, c = {ANCHOR:g}": refine(epochs=epochs),
    }
    spectra = scaling.from_network(np.asarray(trainer.train.values))
    print(f"{machine()}; {len(spectra)} training spectra, {active.sum()} active latents\n")
    header = ["decoder", "codes", "posterior draws", "prior draws, to the nearest spectrum"]
    rows = []
    for name, weights in decoders.items():
        network = separate_network(trainer.architecture, weights)
        rows.append([name, *figures(network, trainer.train.values, active, scaling)])
    print(table([*header, "largest value", "largest value of a traversal"], rows))
    print(f"\nThe largest value of a training spectrum is {spectra.max():.2f}.")


def figures(network: Autoencoder, x: jax.Array, active: np.ndarray, scaling: Scaling) -> list[str]:
    """A row of the table for one decoder, from the training spectra x in its units."""
    spectra = scaling.from_network(np.asarray(x))

    def decode(z: jax.Array | np.ndarray) -> np.ndarray:
        return scaling.from_network(np.asarray(network.decode(jnp.asarray(z))))

    mean, log_variance = network.encode(x)
    heard = jnp.asarray(active, mean.dtype)[None, :]
    keys = jax.random.split(jax.random.key(3))
    noise = jax.random.normal(keys[0], mean.shape)
    codes, drawn = mean * heard, (mean + jnp.exp(log_variance / 2) * noise) * heard
    prior = jax.random.normal(keys[1], (N_PRIOR, mean.shape[1])) * heard
    walk = np.tile(np.median(codes, axis=0), (active.sum(), 101, 1))
    for k, latent in enumerate(np.flatnonzero(active)):
        walk[k, :, latent] = np.linspace(-MOST, MOST, 101)
    decoded = [decode(z) for z in (codes, drawn, prior)]
    errors = [((each - spectra) ** 2).sum(axis=1).mean() for each in decoded[:2]]
    distances, _ = cKDTree(spectra).query(decoded[2])
    largest = max(float(each.max()) for each in decoded)
    numbers = [*errors, (distances**2).mean(), largest, float(decode(walk).max())]
    return [f"{number:.3g}" for number in numbers]


if __name__ == "__main__":
    main()
