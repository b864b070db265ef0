"""Report: figures of each run, and the page that shows them all."""

PLOT_CODE = code_version("report", "formulas", "discovery", "files", "stage")


report: "../report/workflow.rst"


onsuccess:
    say_verdict()


rule plot_spectra:
    input:
        spectra=SPECTRA,
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
        mem_mb=memory(2000, a_file=4),
        runtime=10,
    params:
        system=system_of("parameters", "descriptors", "scale", "labels"),
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
        mem_mb=memory(1000),
        runtime=10,
    params:
        code=code_version("report", "files", "stage"),
    script:
        "../../scripts/plot_training.py"


rule plot_latents:
    input:
        spectra=SPECTRA,
        latents=f"{MODELS}/latents.nc",
        scores=f"{LATENTS}/scores.json",
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
        mem_mb=memory(2000, a_file=4),
        runtime=10,
    params:
        system=system_of("descriptors", "colours", "scale", "labels"),
        code=PLOT_CODE,
    script:
        "../../scripts/plot_latents.py"


rule plot_equations:
    input:
        spectra=SPECTRA,
        latents=f"{MODELS}/latents.nc",
        found=lambda wildcards: equations_of(wildcards.ensemble, wildcards.run),
        verdict=f"{EQUATIONS}/verdict.json",
    output:
        pareto=figure("pareto", "Equations"),
        prediction=figure("prediction", "Equations"),
        residual=figure("residual", "Equations"),
        recovery=figure("recovery", "Equations"),
    log:
        "logs/plot_equations/{ensemble}/{run}.log",
    benchmark:
        "results/benchmarks/plot_equations/{ensemble}/{run}.tsv"
    conda:
        "../../envs/plot_equations.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000, a_file=4),
        runtime=10,
    params:
        system=system_of("parameters", "inputs", "region", "targets", "references", "labels"),
        equations=part(config["equations"], ["objectives", "latents"]),
        code=PLOT_CODE,
    script:
        "../../scripts/plot_equations.py"


rule plot_scan:
    input:
        latents=of_all_runs(f"{MODELS}/latents.nc"),
    output:
        scan=drawing("results/report/scan", "scan", "Report", {"figure": "all runs"}),
    log:
        "logs/plot_scan.log",
    benchmark:
        "results/benchmarks/plot_scan.tsv"
    conda:
        "../../envs/plot_scan.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
        runtime=10,
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
        equations=equations_of_all_runs(),
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
        mem_mb=memory(2000, a_file=4),
        runtime=10,
    params:
        config=config,
        code=PLOT_CODE,
    script:
        "../../scripts/write_report.py"
