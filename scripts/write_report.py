"""One page that tells what was done and what was found, for all runs of the configuration.

The page is a single HTML file: figures and formulas are embedded, nothing is loaded, no script is
needed. Every number on it is read from the pipeline's files, to which it links.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import yaml

from kondoflow.autoencoder.contract import HISTORY, LATENTS
from kondoflow.discovery.descriptors import evaluate_descriptors
from kondoflow.files.atomic import read_json, write_text
from kondoflow.files.contract import check
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset
from kondoflow.files.spectra import read_spectra, sample_variables
from kondoflow.report import section
from kondoflow.report.benchmarks import rule_times
from kondoflow.report.captions import CAPTIONS, scan_caption
from kondoflow.report.labels import Labels
from kondoflow.report.page import Figure, Grid, embed, render
from kondoflow.report.results import Results
from kondoflow.stage.config import iterate_runs, run_settings
from kondoflow.stage.entry import Input, Option, Output, Setting, run_stage

SCAN_ALT = "Active latents, their KL and the reconstruction error of all runs over the KL weight."


def main(
    *,
    spectra: Annotated[list[Path], Input("set of spectra of each run (netCDF)")],
    history: Annotated[list[Path], Input("training history of each run (netCDF)")],
    latents: Annotated[list[Path], Input("latents of each run (netCDF)")],
    model: Annotated[list[Path], Input("network of each run (JSON)")],
    scores: Annotated[list[Path], Input("scores of each run (JSON)")],
    verdict: Annotated[list[Path], Input("verdict of each run (JSON)")],
    equations: Annotated[list[Path], Input("<ensemble>/<run>/<engine>.json of all runs")],
    figures: Annotated[list[Path], Input("<ensemble>/<run>/<figure>.png and .svg of all runs")],
    scan: Annotated[list[Path], Input("scan.png and .svg where there are several runs")],
    report: Annotated[Path, Output("the page (HTML)")],
    config: Annotated[dict[str, Any], Setting("config")],
    benchmarks: Annotated[
        Path | None, Option("folder of Snakemake's benchmark files (benchmarks/ of the results)")
    ] = None,
) -> None:
    """Write the page; the files of each kind stand in the order of the config's runs."""
    runs = list(iterate_runs(config))
    files = {
        "spectra": spectra,
        "history": history,
        "latents": latents,
        "model": model,
        "scores": scores,
        "verdict": verdict,
    }
    for name, paths in files.items():
        if len(paths) != len(runs):
            raise InputError("report", f"number of {name} files", len(paths), f"{len(runs)}")
    results = [
        read_results(
            config,
            run,
            {name: paths[index] for name, paths in files.items()},
            [path for path in equations if belongs(path, run)],
        )
        for index, run in enumerate(runs)
    ]
    sections = [
        describe(one, [path for path in figures if belongs(path, run)], report)
        for one, run in zip(results, runs, strict=True)
    ]
    content = {
        "title": "KondoFlow",
        "lead": lead(results),
        "runs": sections,
        "scan": Figure(embed(scan, report), scan_caption(results), SCAN_ALT) if scan else None,
        "times": section.time_grid(
            rule_times(
                benchmarks or report.parents[1] / "benchmarks", set(runs), chunks(results, config)
            )
        ),
        "versions": version_grid(results),
        "config": yaml.safe_dump(plain(config), sort_keys=False, allow_unicode=True),
    }
    write_text(report, render(content))


def chunks(results: Sequence[Results], config: Mapping[str, Any]) -> dict[str, int]:
    """Number of chunks of each computed ensemble."""
    found = {}
    for one in results:
        size = config["ensembles"][one.ensemble].get("chunk_size")
        if size is not None:
            solved = one.spectra.sizes["sample"] + one.spectra.sizes.get("rejected", 0)
            found[one.ensemble] = -(-solved // size)
    return found


def plain(config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration in plain dicts and lists; Snakemake keeps the order in types of its own."""
    return json.loads(json.dumps(config))


def belongs(path: Path, run: tuple[str, str]) -> bool:
    """Whether a file stands in the folder <ensemble>/<run>."""
    return path.parts[-3:-1] == run


def read_results(
    config: Mapping[str, Any],
    run: tuple[str, str],
    files: Mapping[str, Path],
    equations: list[Path],
) -> Results:
    """Read the files of one run, each under its name in `Results`.

    Raises:
        InputError: If a file is missing or breaks its contract.
    """
    ensemble, name = run
    system = config["systems"][config["ensembles"][ensemble]["system"]]
    spectra = read_spectra(files["spectra"])
    history, latents = read_dataset(files["history"]), read_dataset(files["latents"])
    check(history, HISTORY, files["history"])
    check(latents, LATENTS, files["latents"])
    return Results(
        ensemble=ensemble,
        run=name,
        system=system,
        settings=run_settings(config, ensemble, name),
        spectra=spectra,
        history=history,
        latents=latents,
        model=read_json(files["model"]),
        scores=read_json(files["scores"]),
        verdict=read_json(files["verdict"]),
        engines=[read_json(path) for path in equations],
        descriptors=evaluate_descriptors(system["descriptors"], sample_variables(spectra)),
        labels=Labels(system, spectra),
        files={**files, **{path.stem: path for path in equations}},
    )


def describe(results: Results, figures: list[Path], page: Path) -> section.Section:
    """Words, tables and figures about one run."""
    return section.Section(
        anchor=f"{results.ensemble}-{results.run}",
        name=f"{results.ensemble}, {results.run}",
        headline=section.verdict_lines(results),
        formulas=section.formula_rows(results),
        published=section.published_grid(results, strengths(results)),
        data=section.data_paragraphs(results),
        parameters=section.parameter_grid(results),
        solver=section.solver_facts(results),
        network=section.network_paragraphs(results),
        reconstruction=section.reconstruction_grid(results),
        meaning=section.meaning_paragraphs(results),
        search=section.search_paragraphs(results),
        equations=section.equation_grid(results),
        constants=section.constant_grid(results),
        references=section.reference_grid(results),
        coefficients=section.coefficient_grid(results),
        files=section.file_grid(results, page),
        figures=pictures(results, figures, page),
    )


def pictures(results: Results, files: list[Path], page: Path) -> dict[str, Figure]:
    """The figures that show something for this run, with captions."""
    empty = set()
    if not results.active:
        empty |= {"latent_plane", "latent_scale", "correlations", "traversals"}
    if "scale" not in results.system:
        empty.add("latent_scale")
    if not results.chosen:
        empty |= {"pareto", "prediction", "residual", "recovery"}
    elif not results.system.get("references"):
        empty.add("recovery")
    found = {}
    for name, caption in CAPTIONS.items():
        own = [path for path in files if path.stem == name]
        if name not in empty:
            alt = (caption.__doc__ or name).splitlines()[0]
            found[name] = Figure(embed(own, page), caption(results), alt)
    return found


def strengths(results: Results) -> dict[str, float]:
    """Largest abs(Pearson) of each reference with an active latent, on held-out samples."""
    references = evaluate_descriptors(
        results.system.get("references", {}), sample_variables(results.spectra), "references"
    )
    held_out = results.spectra["split"].to_numpy() != 0
    mean = results.latents["mean"].to_numpy().astype(np.float64)
    found = {}
    for name, values in references.items():
        known = held_out & np.isfinite(values)
        if known.sum() > 2 and np.ptp(values[known]) > 0:
            correlations = [
                abs(float(np.corrcoef(values[known], mean[known, latent])[0, 1]))
                for latent in results.active
            ]
            found[name] = max(correlations, default=np.nan)
    return found


def lead(results: list[Results]) -> str:
    """One line on the extent of it all."""
    sets = {one.ensemble: one.spectra.sizes["sample"] for one in results}
    n_active = ", ".join(str(len(one.active)) for one in results)
    networks = "a network" if len(results) == 1 else f"{len(results)} networks"
    return (
        f"{sum(sets.values()):,} spectra, {networks} with {n_active} active latents, "
        f"{sum(len(one.chosen) for one in results)} equations."
    )


def version_grid(results: list[Results]) -> Grid:
    """Versions of the software that made the data, the networks and the equations."""
    versions: dict[str, str] = {}
    for one in results:
        software = one.spectra.attrs.get("software", "{}")
        versions |= json.loads(software)
        versions |= one.model.get("versions", {})
        for engine in one.engines:
            for entry in engine["targets"]:
                versions |= entry.get("versions", {})
    return Grid(["software", "version"], sorted(versions.items()))


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
