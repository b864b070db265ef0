r"""A set of spectra without an impurity in it: tunnelling into superconductors.

The density of states of a superconductor with the gap :math:`\Delta = 2\omega_D e^{-1/\lambda}`
(Bardeen, Cooper and Schrieffer 1957) and pair breaking :math:`\eta` (Dynes et al. 1978) is

.. math:: A(\omega) = (1 + a\,\omega)\,\left|\mathrm{Re}
    \frac{\omega + i\eta}{\sqrt{(\omega + i\eta)^2 - \Delta^2}}\right| ,

here with a slope a of the normal state. It shows what of the pipeline knows only its own solver.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

import choose_network
import encode_spectra
import judge_equations
import score_latents
import train_restart
from kondoflow.autoencoder.layers import plain_decoder
from kondoflow.autoencoder.stored import read_stored
from kondoflow.discovery.judgement.measuring import measure, measure_formulas
from kondoflow.discovery.targets import Samples, Target, read_samples, read_targets
from kondoflow.files.atomic import write_json
from kondoflow.files.netcdf import read_dataset, write_dataset
from kondoflow.files.splits import SPLITS, assign_split
from kondoflow.formulas.grammar import parse
from kondoflow.report.explorer.decoder import Decoder
from kondoflow.report.explorer.reading import make_run
from kondoflow.report.explorer.run import Run as Explored
from kondoflow.report.runs import read_runs
from kondoflow.stage.config import (
    choice_settings,
    load_config,
    restart_settings,
    run_settings,
)

EQUATIONS = (  # in the inputs, in the parameters, complexity
    ("x", "coupling", 1),
    ("log(w) - 0.95/x", "log(cutoff) - 0.95/coupling", 7),
    ("log(w) - 1/x + 0.6931", "log(cutoff) - 1/coupling + 0.6931", 9),
)
SYSTEM: dict[str, Any] = {
    "parameters": ["coupling", "cutoff", "slope"],
    "descriptors": {
        "log10_gap": "log10(gap)",
        "slope": "slope",
        "coupling": "coupling",
        "log10_cutoff": "log10(cutoff)",
    },
    "scale": "log10_gap",
    "inputs": {"x": "coupling", "w": "cutoff", "s": "slope"},
    "with_unit": {"w": "energy"},
    "targets": {"log_gap": "log(gap)"},
    "references": {"bcs": "log(2*cutoff) - 1/coupling", "exponent": "-1/coupling"},
    "bounds": {"spectral_function": [0, None]},
    "labels": {
        "spectral_function": "$A(\\omega)/A_0$",
        "coupling": "$\\lambda$",
        "cutoff": "$\\omega_D$",
        "slope": "$a$",
        "gap": "$\\Delta$",
        "log10_gap": "$\\log_{10}(\\Delta/\\mathrm{eV})$",
        "log10_cutoff": "$\\log_{10}(\\omega_D/\\mathrm{eV})$",
        "log_gap": "$\\log(\\Delta/\\mathrm{eV})$",
        "bcs": "BCS",
        "exponent": "exponent of BCS",
    },
}


@dataclass(frozen=True)
class Run:
    """Files of a run in a folder, and its configuration."""

    folder: Path
    config: dict[str, Any]

    @property
    def files(self) -> dict[str, Path]:
        """Paths by the names under which the page's script takes them."""
        names = {
            "spectra": "bcs.nc",
            "weights": "weights.safetensors",
            "model": "model.json",
            "latents": "latents.nc",
            "scores": "scores.json",
            "verdict": "verdict.json",
        }
        return {name: self.folder / file for name, file in names.items()}

    @property
    def equations(self) -> Path:
        """The engine's file."""
        return self.folder / "bcs" / "vae" / "operon.json"

    def read(self) -> Explored:
        """The run as the page takes it."""
        files = {name: [path] for name, path in self.files.items()}
        results = read_runs(self.config, files, [self.equations])[0]
        stored = read_stored(self.files["weights"], self.files["model"])
        return make_run(
            results,
            Decoder(**plain_decoder(stored)),
            measure_formulas(
                results.spectra, results.latents, SYSTEM, self.config["equations"], results.engines
            ),
        )


def make_spectra(n_samples: int, n_omega: int = 201, *, both: bool = False) -> xr.Dataset:
    """A set of spectra as a user would bring it; frequencies and energies in eV.

    Args:
        n_samples: Number of spectra.
        n_omega: Number of frequencies.
        both: Whether the imaginary part, without its modulus, is a second channel.
    """
    rng = np.random.default_rng(3)
    coupling = rng.uniform(0.25, 0.6, n_samples)
    cutoff = np.exp(rng.uniform(np.log(0.01), np.log(0.04), n_samples))
    slope = rng.uniform(-20.0, 20.0, n_samples)
    gap = 2 * cutoff * np.exp(-1 / coupling)
    omega = np.linspace(-0.02, 0.02, n_omega)
    complex_omega = omega + 1j * (3e-4 + 0.05 * gap[:, None])
    ratio = complex_omega / np.sqrt(complex_omega**2 - gap[:, None] ** 2)
    parts = [np.abs(ratio.real), ratio.imag]
    values = (1 + slope[:, None] * omega) * np.array(parts if both else parts[:1])
    energy = {"units": "eV"}
    dims = ("sample", "channel", "omega") if both else ("sample", "omega")
    spectra = np.moveaxis(values, 0, 1) if both else values[0]
    dataset = xr.Dataset(
        {
            "spectral_function": (dims, spectra.astype(np.float32)),
            "coupling": ("sample", coupling, {"units": "1"}),
            "cutoff": ("sample", cutoff, energy),
            "slope": ("sample", slope, {"units": "1/eV"}),
            "gap": ("sample", gap, energy),
        },
        {"omega": ("omega", omega, energy)},
    )
    return dataset.assign_coords(channel=["real", "imaginary"]) if both else dataset


def train(run: Run) -> None:
    """Train all restarts and choose among them."""
    settings, files, trained = run_settings(run.config, "bcs", "vae"), run.files, []
    for restart in range(settings["restarts"]):
        own = run.folder / "restarts" / str(restart)
        own.mkdir(parents=True, exist_ok=True)
        trained.append((own / "weights.safetensors", own / "history.nc"))
        train_restart.main(
            spectra=files["spectra"],
            weights=trained[-1][0],
            history=trained[-1][1],
            settings=restart_settings(settings),
            seed=1,
            checkpoint_every=settings["checkpoint_every"],
            restart=[restart],
        )
    choose_network.main(
        spectra=files["spectra"],
        trained=[weights for weights, _ in trained],
        histories=[history for _, history in trained],
        weights=files["weights"],
        model=files["model"],
        history=run.folder / "history.nc",
        settings=choice_settings(settings),
        seed=1,
    )


def write_run(
    folder: Path, n_samples: int, n_omega: int = 201, *, both: bool = False, **autoencoder: Any
) -> Run:
    """Take the set through the stages up to the verdict, in place of the search known equations.

    Args:
        folder: Where the files go.
        n_samples: Number of spectra.
        n_omega: Number of frequencies.
        both: Whether spectra have two channels, see `make_spectra`.
        **autoencoder: Settings of the autoencoder that differ from the default configuration.
    """
    run = Run(folder, merged(load_config(), configuration(folder / "bcs.nc", **autoencoder)))
    config, files = run.config, run.files
    dataset = make_spectra(n_samples, n_omega, both=both)
    fractions = config["ensembles"]["bcs"]["split"]
    dataset["split"] = ("sample", assign_split(n_samples, fractions, 1))
    write_dataset(files["spectra"], dataset)
    train(run)
    encode_spectra.main(
        spectra=files["spectra"],
        weights=files["weights"],
        model=files["model"],
        latents=files["latents"],
    )
    score_latents.main(
        spectra=files["spectra"],
        latents=files["latents"],
        scores=files["scores"],
        system=SYSTEM,
    )
    samples = read_samples(dataset, SYSTEM)
    targets = read_targets(read_dataset(files["latents"]), samples, SYSTEM, config["equations"])
    found = [known_equations(target, samples) for target in targets]
    engine = {"engine": "operon", "available": True, "reason": None, "targets": found}
    write_json(run.equations, engine)
    judge_equations.main(
        spectra=files["spectra"],
        latents=files["latents"],
        scores=files["scores"],
        found=[run.equations],
        verdict=files["verdict"],
        predictions=folder / "predictions.nc",
        system=SYSTEM,
        equations=config["equations"],
        seed=1,
    )
    return run


def known_equations(target: Target, samples: Samples) -> dict[str, Any]:
    """What an engine would leave for a target: known equations with their scores."""
    front = []
    for text, bare, complexity in EQUATIONS:
        scores, _ = measure(parse(bare, "equation"), target, samples)
        front.append(
            {
                "equation": bare,
                "equation_inputs": text,
                "complexity": complexity,
                **{f"score_{part}": scores[part] or 0.0 for part in SPLITS},
            }
        )
    found = {"seed": 1, "alone": front[-1]}
    return {
        "target": target.name,
        "engine": "operon",
        "objective": str(target.objective),
        "skipped": None,
        "versions": {},
        "restarts": [found],
        "null": {"restarts": []},
        "front": front,
        "selected": len(front) - 1,
    }


def merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A configuration with the ensembles, systems and runs of another, and its settings on top."""
    autoencoder = {**base["autoencoder"], **changes["autoencoder"]}
    return {**base, **changes, "autoencoder": autoencoder}


def configuration(path: Path, **autoencoder: Any) -> dict[str, Any]:
    """A configuration for the set in a file, to be laid over the default one."""
    split = {"train": 0.8, "validation": 0.1, "test": 0.1}
    ensemble = {"source": "file", "system": "bcs", "path": str(path), "split": split}
    return {
        "ensembles": {"bcs": ensemble},
        "systems": {"bcs": SYSTEM},
        "autoencoder": autoencoder,
        "runs": [{"name": "vae", "ensemble": "bcs"}],
    }


def main() -> None:
    """Write the set, and print the configuration with which the workflow takes it."""
    import yaml

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path, help="netCDF file to write")
    parser.add_argument("--samples", type=int, default=800)
    arguments = parser.parse_args()
    write_dataset(arguments.path, make_spectra(arguments.samples))
    print(yaml.safe_dump(configuration(arguments.path), sort_keys=False))


if __name__ == "__main__":
    main()
