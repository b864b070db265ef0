"""A table of impurities whose Kondo temperature is known, and files made of it."""

import numpy as np
import xarray as xr

from kondoflow.autoencoder.contract import LATENTS
from kondoflow.discovery.engines.interface import SearchProblem, SearchSettings
from kondoflow.files.contract import assemble
from kondoflow.files.netcdf import write_dataset
from kondoflow.files.splits import assign_split
from kondoflow.stage.config import load_config

CONFIG = load_config()


SYSTEM = CONFIG["systems"]["anderson"]


SMALL = {
    **CONFIG["equations"],
    "restarts": 2,
    "n_points": 150,
    "population": 100,
    "generations": 20,
    "max_length": 12,
}


def impurities():
    """A table of 600 impurities with T_chi = Haldane's T_K times exp(pi Gamma/(2 U))."""
    n = 600
    rng = np.random.default_rng(1)
    U, Gamma = 0.02 * 20 ** rng.random(5 * n), 0.005 * 10 ** rng.random(5 * n)
    eps_d = U * rng.uniform(-1.0, 0.0, 5 * n)
    log_T = np.log(U * Gamma / 2) / 2 + np.pi * eps_d * (eps_d + U) / (2 * U * Gamma)
    kept = np.flatnonzero((log_T > np.log(1e-4)) & (log_T < np.log(1e-1)))[:n]
    U, Gamma, eps_d, log_T = (values[kept] for values in (U, Gamma, eps_d, log_T))
    dims = "sample"
    split = assign_split(n, {"train": 0.7, "validation": 0.15, "test": 0.15}, 1)
    return xr.Dataset(
        {
            "U": (dims, U),
            "Gamma": (dims, Gamma),
            "eps_d": (dims, eps_d),
            "T_chi": (dims, np.exp(log_T + np.pi * Gamma / (2 * U))),
            "split": (dims, split),
        }
    )


def encoded(mean, split):
    """Latents of some samples, all but the last active."""
    n, n_latents = mean.shape
    values = {
        "mean": mean,
        "log_variance": np.zeros((n, n_latents)),
        "kl": np.arange(n_latents, 0, -1.0),
        "active": np.r_[np.ones(n_latents - 1), 0],
        "reconstruction_error": np.ones(n),
        "absolute_error": np.ones(n),
        "split": split,
        "omega": np.linspace(-1, 1, 5),
        "step": [0.5],
        "traversal_latents": np.zeros((n_latents, 1, n_latents)),
        "traversal": np.zeros((n_latents, 1, 5)),
        "example": [0],
        "example_input": np.zeros((1, 5)),
        "example_reconstruction": np.zeros((1, 5)),
    }
    return assemble(values, LATENTS, {"title": "test"})


def write_stage(folder, table, mean):
    spectra = table.assign(
        spectral_function=(
            ("sample", "omega"),
            np.linspace(1, 2, 3000, dtype=np.float32).reshape(600, 5),
        ),
        omega=("omega", np.linspace(-1, 1, 5)),
    )
    write_dataset(folder / "spectra.nc", spectra)
    write_dataset(folder / "latents.nc", encoded(mean, table["split"].to_numpy()))
    return {"spectra": folder / "spectra.nc", "latents": folder / "latents.nc"}


def problem(samples, target, **changes):
    train = samples.usable(target) & samples.parts["train"]
    names = tuple(samples.inputs)
    given = {
        "label": "search",
        "names": names,
        "X": np.column_stack([samples.inputs[name][train] for name in names]),
        "y": target.values[train],
        "objective": target.objective,
        "settings": SearchSettings.from_config(SMALL),
        "seed": 5,
    }
    return SearchProblem(**{**given, **changes})
