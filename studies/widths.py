r"""Which width a tunnelling spectrum holds, and how well a latent follows it.

    python -m studies.widths [number of seeds, 3]

For each range of temperature T and broadening Gamma (`dynes`), at gaps of 1 to 2.5 meV:

- the combination Gamma + c T that the spectra show. The derivatives of a spectrum to log Gamma and
  log T, without their parts along that to log Delta, give a matrix of two by two (the Fisher
  information of noise that is the same at all points). Along its weaker direction, where the
  spectrum hardly changes, d Gamma = -c dT;
- what a kernel regression reads from all points of the spectra;
- what polynomials of gap and Gamma + a T leave of the variance of the spectra;
- single networks with the settings of `examples/superconductors.yaml`, trained on 1,200 spectra and
  judged on the third 1,200 of the sequence, which took part in no choice (settings and range were
  chosen with the first and the second in view): abs(Spearman) of the best latent.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import xarray as xr
from scipy.stats import spearmanr

from benchmarks.common import ROOT, machine, scored, table
from examples.superconductors import main as write_example
from examples.superconductors import superconductors
from kondoflow.autoencoder.model import separate_network
from kondoflow.autoencoder.preparation import prepare
from kondoflow.autoencoder.procedure import make_candidate
from kondoflow.files.brought.reading import Brought
from kondoflow.files.importing import usable_set
from kondoflow.stage.config import SPLIT, load_config, run_settings
from kondoflow.systems.bcs.smearing import cell_averages
from studies.full import readout

RANGES = {  # T and Gamma, meV
    "the example": ((0.1, 0.5), (0.02, 0.2)),
    "T and Gamma alike": ((0.05, 0.3), (0.05, 0.3)),
}
N, N_SHOWN = 1200, 60
FACTORS = (1.0, 1.3, 1.5, 2.0)  # a of Gamma + a T
INNER = (1.1, 2.35)  # gaps away from the ends of their range, meV
STEP, DEGREE = 1e-3, 4


def shown_width(omega: np.ndarray, gap: float, Gamma: float, T: float) -> tuple[float, float]:
    """The factor c of the module's docstring, and the smaller eigenvalue over the larger."""
    at = {"Gamma": Gamma, "T": T, "gap": gap}
    derivatives = []
    for name, value in at.items():
        up, down = ({**at, name: value * (1 + sign * STEP)} for sign in (1, -1))
        ends = [cell_averages(omega, each["gap"], each["Gamma"], each["T"]) for each in (up, down)]
        derivatives.append((ends[0] - ends[1]) / (2 * STEP))
    of_width, of_gap = np.array(derivatives[:2]), np.array(derivatives[2])
    of_width -= np.outer(of_width @ of_gap, of_gap) / (of_gap @ of_gap)
    values, vectors = np.linalg.eigh(of_width @ of_width.T)
    weak = vectors[:, 0] * [Gamma, T]
    return -weak[0] / weak[1], values[0] / values[1]


def left_by_polynomials(dataset: xr.Dataset, a: float) -> float:
    """Share of the variance that a polynomial of gap and log(Gamma + a T) leaves."""
    gap, width = dataset["gap"].to_numpy(), np.log(known_width(dataset, a))
    x, y = ((each - each.mean()) / each.std() for each in (gap, width))
    orders = product(range(DEGREE + 1), range(DEGREE + 1))
    terms = np.column_stack([x**m * y**n for m, n in orders if m + n <= DEGREE])
    spectra = dataset["spectral_function"].to_numpy()
    centred = spectra - spectra.mean(axis=0)
    fitted = terms @ np.linalg.lstsq(terms, centred)[0]
    return float(((centred - fitted) ** 2).sum() / (centred**2).sum())


def network_row(
    dataset: xr.Dataset, further: xr.Dataset, settings: Mapping[str, Any], seed: int
) -> list[str]:
    """Train a network, and judge it on further spectra."""
    prepared = prepare(dataset, settings, Path("superconductors"))
    trained = prepared.trainer.run(seed)
    candidate = make_candidate(trained, prepared.trainer, settings)
    network = separate_network(prepared.trainer.architecture, candidate.weights)
    x = prepared.scaling.to_network(further["spectral_function"].to_numpy().astype(np.float32))
    latents = np.asarray(network.encode(jnp.asarray(x))[0])[:, candidate.active]
    gap = further["gap"].to_numpy()
    inner = (gap > INNER[0]) & (gap < INNER[1])

    def best(values: np.ndarray, chosen: np.ndarray | slice) -> str:
        return scored(max(abs(spearmanr(values[chosen], z[chosen])[0]) for z in latents.T))

    widths = [known_width(further, a) for a in FACTORS]
    kl = ", ".join(f"{value:.2f}" for value in np.sort(trained.kept_kl[0])[::-1])
    whole_range = [best(values, slice(None)) for values in (gap, *widths)]
    return [str(seed), kl, f"{candidate.gap:.3f}", *whole_range, best(widths[-1], inner)]


def known_width(dataset: xr.Dataset, a: float) -> np.ndarray:
    """Gamma + a T of each spectrum, meV."""
    return dataset["dynes"].to_numpy() + a * dataset["T"].to_numpy()


def print_shown(name: str, whole: xr.Dataset) -> None:
    """Print which width spectra show."""
    omega, keys = whole["omega"].to_numpy(), ("gap", "dynes", "T")
    points = zip(*(whole[key].to_numpy()[:N_SHOWN] for key in keys), strict=True)
    c, ratios = np.array([shown_width(omega, *map(float, point)) for point in points]).T
    low, middle, high = np.quantile(c, [0.1, 0.5, 0.9])
    ceiling = spearmanr(known_width(whole, 2), known_width(whole, float(middle)))[0]
    print(
        f"{name}: T {RANGES[name][0]}, Gamma {RANGES[name][1]} meV. Shown: Gamma + c T, "
        f"c = {middle:.2f} (10 to 90 %: {low:.2f} to {high:.2f}), which has a rank correlation "
        f"of {ceiling:.3f} with Gamma + 2 T. The second width has {np.median(ratios):.4f} of the "
        "weight of the first.\n"
    )


def print_held(dataset: xr.Dataset) -> None:
    """Print what all points of the spectra tell, and what polynomials leave."""
    spectra = dataset["spectral_function"].to_numpy()
    values = {"gap": dataset["gap"].to_numpy(), "Gamma": known_width(dataset, 0)}
    values |= {"T": dataset["T"].to_numpy()}
    values |= {f"Gamma + {a:g} T": known_width(dataset, a) for a in FACTORS}
    read = [f"{readout(spectra, np.log(each), dataset):.4f}" for each in values.values()]
    print(table(["", *values], [["R^2 of the logarithm", *read]]), end="\n\n")
    left = [f"{left_by_polynomials(dataset, a):.4f}" for a in FACTORS]
    names = [f"gap, Gamma + {a:g} T" for a in FACTORS]
    print(table(["", *names], [["left of the variance", *left]]), end="\n\n")


def main(n_seeds: int) -> None:
    """Print what spectra of each range hold, and what latents follow."""
    if not (ROOT / "examples/superconductors.nc").exists():
        write_example(ROOT / "examples/superconductors.nc")
    config = load_config(ROOT / "examples/superconductors.yaml")
    settings = run_settings(config, "superconductors", "vae")
    print(f"{machine()}\n")
    for name, (T, Gamma) in RANGES.items():
        names = {"conductance": "spectral_function", "bias": "omega"}
        whole = superconductors(T, Gamma, n=3 * N).rename(names)
        print_shown(name, whole)
        first = Brought(whole.isel(sample=slice(0, N)), [])
        dataset, _ = usable_set(first, {"split": SPLIT}, 1, Path(name))
        print_held(dataset)
        further = whole.isel(sample=slice(2 * N, None))
        rows = [network_row(dataset, further, settings, seed) for seed in range(n_seeds)]
        widths = [f"Gamma + {a:g} T" for a in FACTORS]
        inner = f"Gamma + 2 T, gap {INNER[0]} to {INNER[1]}"
        print(table(["seed", "KL (nats)", "gap (nat)", "gap", *widths, inner], rows), end="\n\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
