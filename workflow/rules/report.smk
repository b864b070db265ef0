"""Report: figures of each run, and the page that shows them all."""

MISSING = "results/report/missing.json"  # what the page could not show
PLOT_CODE = code_version("report", "formulas", "files", "stage")
DRAWN = system_of(
    "parameters",
    "descriptors",
    "colours",
    "scale",
    "inputs",
    "joint",
    "labels",
    "axis",
    "landmarks",
)


report: "../report/workflow.rst"


onsuccess:
    say_verdict()


onerror:
    say_verdict()
    say_killed(log)


rule plot_figures:
    input:
        spectra=SPECTRA,
        history=f"{MODELS}/history.nc",
        latents=f"{MODELS}/latents.nc",
        scores=f"{LATENTS}/scores.json",
        found=lambda wildcards: equations_of(wildcards.ensemble, wildcards.run),
        verdict=f"{EQUATIONS}/verdict.json",
        predictions=f"{EQUATIONS}/predictions.nc",
        laws=law_of_ensemble,
    output:
        figures=drawn_by("plot_figures"),
    log:
        "logs/plot_figures/{ensemble}/{run}.log",
    benchmark:
        "results/benchmarks/plot_figures/{ensemble}/{run}.tsv"
    priority: 1  # the report waits for it
    conda:
        "../../envs/plot_figures.yaml"
    threads: cores_of_run
    resources:
        mem_mb=memory(1500, a_thread=500, a_file=4),
        runtime=minutes(10),
    params:
        system=DRAWN,
        channel=lambda wildcards: settings_of_run(wildcards)["channel"],
        transform=lambda wildcards: settings_of_run(wildcards)["transform"],
        code=PLOT_CODE,
    script:
        "../../scripts/plot_figures.py"


rule plot_scan:
    input:
        scores=of_all_runs(f"{LATENTS}/scores.json"),
        model=of_all_runs(f"{MODELS}/model.json"),
    output:
        figures=drawn_by("plot_scan", SHARED),
    log:
        "logs/plot_scan.log",
    benchmark:
        "results/benchmarks/plot_scan.tsv"
    conda:
        "../../envs/plot_scan.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
        runtime=minutes(10),
    params:
        config=part(config, ["runs", "autoencoder"]),
        code=code_version("report", "files", "stage"),
    script:
        "../../scripts/plot_scan.py"


rule write_report:
    input:
        spectra=of_all_runs(SPECTRA),
        history=of_all_runs(f"{MODELS}/history.nc"),
        latents=of_all_runs(f"{MODELS}/latents.nc"),
        model=of_all_runs(f"{MODELS}/model.json"),
        scores=of_all_runs(f"{LATENTS}/scores.json"),
        verdict=of_all_runs(f"{EQUATIONS}/verdict.json"),
        predictions=of_all_runs(f"{EQUATIONS}/predictions.nc"),
        equations=equations_of_all_runs(),
        laws=of_all_laws(f"{LAW}/law.json") + of_all_laws(f"{LAW}/confirmation.json"),
        figures=all_figures(),
    output:
        report=report(REPORT, caption="../report/report.rst", category="Report"),
        missing=MISSING,
    log:
        "logs/write_report.log",
    benchmark:
        "results/benchmarks/write_report.tsv"
    conda:
        "../../envs/write_report.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000, a_file=4),
        runtime=minutes(10),
    params:
        config=config,
        configfiles=", ".join(map(as_seen_from_here, workflow.configfiles)),
        code=PLOT_CODE,
    script:
        "../../scripts/write_report.py"


# A rule of its own, because Snakemake removes what a rule that fails has written: the page stays.
rule check_report:
    input:
        report=REPORT,
        missing=MISSING,
    output:
        complete="results/report/complete",
    log:
        "logs/check_report.log",
    benchmark:
        "results/benchmarks/check_report.tsv"
    localrule: True
    conda:
        "../../envs/check_report.yaml"
    threads: 1
    resources:
        mem_mb=memory(500),
        runtime=minutes(10),
    params:
        code=code_version("files", "stage"),
    script:
        "../../scripts/check_report.py"
