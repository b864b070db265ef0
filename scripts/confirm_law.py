"""The law of an ensemble on points that are drawn and solved after it was chosen.

Their seed depends on the law itself. For spectra or points that were brought in a file, the test
samples, which took no part in any choice, stand in.
"""

import logging
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from kondoflow.discovery.laws.confirmation import confirm, values_of_law
from kondoflow.discovery.laws.fresh import fresh_samples, held_out_samples, residuals
from kondoflow.discovery.targets import read_samples
from kondoflow.files.atomic import read_json, write_json
from kondoflow.files.netcdf import read_dataset, write_dataset
from kondoflow.files.spectra import read_spectra
from kondoflow.report.headline import law_headline
from kondoflow.stage.entry import Input, Output, Setting, Threads, run_stage
from kondoflow.systems.fresh_points import solve_fresh

logger = logging.getLogger("kondoflow")


def main(
    *,
    spectra: Annotated[Path, Input("set of spectra (netCDF)")],
    law: Annotated[Path, Input("the law (JSON)")],
    confirmation: Annotated[Path, Output("the law on new points (JSON)")],
    points: Annotated[Path, Output("target and law at the new points (netCDF)")],
    ensemble: Annotated[dict[str, Any], Setting("ensemble")],
    system: Annotated[dict[str, Any], Setting("system")],
    equations: Annotated[dict[str, Any], Setting("equations")],
    seed: Annotated[int, Setting("ensemble_seed")],
    threads: Annotated[int, Threads()],
    joint: Annotated[Sequence[Path], Input("joint quantities (netCDF), for a law of one")] = (),
) -> None:
    """Confirm the law of one ensemble."""
    together = [read_dataset(path) for path in joint]
    found, trained = read_json(law), read_samples(read_spectra(spectra), system, *together)
    computed = "axes" in ensemble and found["law"] is not None
    if computed:
        drawn = (seed + zlib.crc32(found["law"]["formula"].encode())) % 2**32
        solved = points.with_name(f".{points.stem}.solved.nc")
        solve_fresh(ensemble, equations["after"]["confirm"], drawn, solved, threads)
        fresh = fresh_samples(read_dataset(solved), system)
        solved.unlink()
    else:
        fresh = held_out_samples(trained)
    source = "fresh points" if computed else "test samples"
    result = confirm(found, fresh, trained, system, equations, seed, source)
    values = values_of_law(found, fresh) if found["law"] else None
    write_dataset(points, residuals(fresh, system, equations, values))
    headline = law_headline(found, result)
    write_json(confirmation, {"headline": headline, **result})
    logger.info(headline)


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
