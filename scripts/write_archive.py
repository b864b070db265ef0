"""Pack all results of a configuration for an archive with a DOI.

One zip file holds spectra, models, latents, equations, pages, the configuration, digests and a
datasheet in words, described as an RO-Crate 1.1. The same results give the same bytes.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from kondoflow.files.packing import Entry, checksums, pack
from kondoflow.report.again import configuration_again
from kondoflow.report.crate import METADATA, About, describe_crate
from kondoflow.report.datasheet import summary, write_datasheet
from kondoflow.report.runs import read_runs
from kondoflow.stage.entry import Input, Output, Setting, run_stage
from kondoflow.stage.yaml_files import yaml_text


def main(
    *,
    spectra: Annotated[list[Path], Input("set of spectra of each run (netCDF)")],
    model: Annotated[list[Path], Input("network of each run (JSON)")],
    scores: Annotated[list[Path], Input("scores of each run (JSON)")],
    verdict: Annotated[list[Path], Input("verdict of each run (JSON)")],
    files: Annotated[list[Path], Input("all further files, below the folder of the archive")],
    archive: Annotated[Path, Output("the zip file, beside the folders of results")],
    config: Annotated[dict[str, Any], Setting("config")],
) -> None:
    """Pack the results of one configuration."""
    read = {"spectra": spectra, "model": model, "scores": scores, "verdict": verdict}
    runs = read_runs(config, read)
    packed = sorted({*spectra, *model, *scores, *verdict, *files})
    newest = datetime.fromtimestamp(max(path.stat().st_mtime for path in packed), UTC)
    own = config["archive"]
    ensembles = dict.fromkeys(run.ensemble for run in runs)
    title = own["title"] or f"Spectra, latents and equations: {', '.join(ensembles)}"
    date = own["date"] or newest.date().isoformat()
    entries = {path.relative_to(archive.parent).as_posix(): Entry(path) for path in packed}
    entries["config.yaml"] = Entry(yaml_text(config))
    entries["again.yaml"] = Entry(yaml_text(configuration_again(config)))
    entries["README.md"] = Entry(write_datasheet(runs, title, own["licence"], date).encode())
    entries["checksums.sha256"] = Entry(checksums(entries))
    about = About(title, summary(runs), own["creators"], own["licence"], date)
    entries[METADATA] = Entry(describe_crate(entries, about))
    pack(archive, entries)


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
