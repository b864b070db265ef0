"""Report: figures of each run, and the page that shows them all."""

import time

from datafiles.atomic import read_json

REPORT = "results/report/report.html"
MODELS = "results/models/{ensemble}/{run}"
EQUATIONS = "results/equations/{ensemble}/{run}"
FIGURES = """
    examples samples training reconstructions latent_plane latent_scale correlations traversals
    pareto prediction residual
""".split()
PLOT_CODE = code_version("report", "discovery", "datafiles", "stage")
STARTED = time.time()


def figure(name, category):
    """Files of a figure; Snakemake's own report shows the SVG."""
    path = f"results/report/{{ensemble}}/{{run}}/{name}"
    shown = report(
        f"{path}.svg",
        caption=f"../report/{name}.rst",
        category=category,
        labels={"ensemble": "{ensemble}", "run": "{run}", "figure": name.replace("_", " ")},
    )
    return [f"{path}.png", shown]


def figures_of_all_runs():
    """PNG and SVG of every figure of every run."""
    folder = "results/report/{ensemble}/{run}"
    names = [f"{name}.{suffix}" for name in FIGURES for suffix in ("png", "svg")]
    return [path for name in names for path in of_all_runs(f"{folder}/{name}")]


def figures_of_the_scan():
    """The figure of all runs side by side, where there are several."""
    several = len(RUNS) > 1
    return [f"results/report/scan.{suffix}" for suffix in ("png", "svg")] if several else []


def equations_of(folder):
    """Files of all regression engines in a folder."""
    return [f"{folder}/{engine}.json" for engine in ENGINES]


def say_verdict():
    """Print where the report is and what it found, if it was written in this run."""
    page = Path(REPORT)
    if page.is_file() and page.stat().st_mtime >= STARTED:
        print(f"Report: {page}")
        for path in of_all_runs(f"{EQUATIONS}/verdict.json"):
            print("\n".join(read_json(Path(path)).get("headline", [])))


report: "../report/workflow.rst"


onsuccess:
    say_verdict()


rule plot_spectra:
    input:
        spectra="results/spectra/{ensemble}.nc",
    output:
        examples=figure("examples", "Data"),
        samples=figure("samples", "Data"),
    log:
        "logs/plot_spectra/{ensemble}/{run}.log",
    benchmark:
        "results/benchmarks/plot_spectra/{ensemble}/{run}.tsv"
    conda:
        "../../envs/plot_spectra.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        system=system_of,
        channel=lambda wildcards: settings_of_run(wildcards)["channel"],
        code=PLOT_CODE,
    script:
        "../../scripts/plot_spectra.py"


rule plot_training:
    input:
        history=f"{MODELS}/history.nc",
        latents=f"{MODELS}/latents.nc",
    output:
        training=figure("training", "Autoencoder"),
    log:
        "logs/plot_training/{ensemble}/{run}.log",
    benchmark:
        "results/benchmarks/plot_training/{ensemble}/{run}.tsv"
    conda:
        "../../envs/plot_training.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code_version("report", "datafiles", "stage"),
    script:
        "../../scripts/plot_training.py"


rule plot_latents:
    input:
        spectra="results/spectra/{ensemble}.nc",
        latents=f"{MODELS}/latents.nc",
        scores="results/latents/{ensemble}/{run}/scores.json",
    output:
        latent_plane=figure("latent_plane", "Latents"),
        latent_scale=figure("latent_scale", "Latents"),
        correlations=figure("correlations", "Latents"),
        traversals=figure("traversals", "Latents"),
        reconstructions=figure("reconstructions", "Autoencoder"),
    log:
        "logs/plot_latents/{ensemble}/{run}.log",
    benchmark:
        "results/benchmarks/plot_latents/{ensemble}/{run}.tsv"
    conda:
        "../../envs/plot_latents.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        system=system_of,
        code=PLOT_CODE,
    script:
        "../../scripts/plot_latents.py"


rule plot_equations:
    input:
        spectra="results/spectra/{ensemble}.nc",
        latents=f"{MODELS}/latents.nc",
        found=equations_of(EQUATIONS),
        verdict=f"{EQUATIONS}/verdict.json",
    output:
        pareto=figure("pareto", "Equations"),
        prediction=figure("prediction", "Equations"),
        residual=figure("residual", "Equations"),
    log:
        "logs/plot_equations/{ensemble}/{run}.log",
    benchmark:
        "results/benchmarks/plot_equations/{ensemble}/{run}.tsv"
    conda:
        "../../envs/plot_equations.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        system=system_of,
        equations=config["equations"],
        code=PLOT_CODE,
    script:
        "../../scripts/plot_equations.py"


rule plot_scan:
    input:
        latents=of_all_runs(f"{MODELS}/latents.nc"),
    output:
        scan=[
            "results/report/scan.png",
            report(
                "results/report/scan.svg",
                caption="../report/scan.rst",
                category="Report",
                labels={"figure": "all runs"},
            ),
        ],
    log:
        "logs/plot_scan.log",
    benchmark:
        "results/benchmarks/plot_scan.tsv"
    conda:
        "../../envs/plot_scan.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        config=config,
        code=code_version("report", "datafiles", "stage"),
    script:
        "../../scripts/plot_scan.py"


rule write_report:
    input:
        spectra=of_all_runs("results/spectra/{ensemble}.nc"),
        history=of_all_runs(f"{MODELS}/history.nc"),
        latents=of_all_runs(f"{MODELS}/latents.nc"),
        model=of_all_runs(f"{MODELS}/model.json"),
        scores=of_all_runs("results/latents/{ensemble}/{run}/scores.json"),
        verdict=of_all_runs(f"{EQUATIONS}/verdict.json"),
        equations=[path for pattern in equations_of(EQUATIONS) for path in of_all_runs(pattern)],
        figures=figures_of_all_runs(),
        scan=figures_of_the_scan(),
    output:
        report=report(REPORT, caption="../report/report.rst", category="Report"),
    log:
        "logs/write_report.log",
    benchmark:
        "results/benchmarks/write_report.tsv"
    conda:
        "../../envs/write_report.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        config=config,
        code=PLOT_CODE,
    script:
        "../../scripts/write_report.py"
