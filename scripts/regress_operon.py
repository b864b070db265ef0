"""Equations for the active latents, joint quantities and the system's targets, by Operon.

Operon (Burlacu, Kronberger & Kommenda, GECCO 2020) is genetic programming with fitted constants.
The stage runs an ensemble of searches, see `discovery.engines.operon` and
`discovery.search.regression`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from kondoflow.autoencoder.contract import LATENTS
from kondoflow.discovery.engines.operon import Operon
from kondoflow.discovery.search.regression import regress
from kondoflow.discovery.targets import read_samples, targets_of_search
from kondoflow.files.atomic import write_json
from kondoflow.files.netcdf import read_dataset
from kondoflow.files.spectra import read_spectra
from kondoflow.stage.entry import Input, Option, Output, Setting, Threads, run_stage


def main(
    *,
    spectra: Annotated[Path, Input("set of spectra (netCDF)")],
    latents: Annotated[list[Path], Input("latents of the samples (netCDF); none: targets")],
    found: Annotated[Path, Output("equations (JSON)")],
    system: Annotated[dict[str, Any], Setting("system")],
    equations: Annotated[dict[str, Any], Setting("equations")],
    seed: Annotated[int, Setting("seed")],
    threads: Annotated[int, Threads()],
    joint: Annotated[Sequence[Path], Input("joint quantities of the run (netCDF), if any")] = (),
    processes: Annotated[int, Option("processes, if more than cores")] = 0,
    attempt: Annotated[int, Option("number of this attempt, kept with the result")] = 1,
) -> None:
    """Search for equations with Operon."""
    together = [read_dataset(path) for path in joint]
    samples = read_samples(read_spectra(spectra), system, *together)
    encoded = [read_dataset(path, LATENTS) for path in latents]
    targets = targets_of_search(encoded, samples, system, equations)
    result = regress(Operon(), targets, samples, equations, seed, max(threads, processes))
    write_json(found, {**result, "attempt": attempt})


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
