"""Archive: all results of a configuration in one file, for a repository with a DOI."""


# No part of `all`: `make archive` asks for it.
rule write_archive:
    input:
        spectra=of_all_runs(SPECTRA),
        model=of_all_runs(f"{MODELS}/model.json"),
        scores=of_all_runs(f"{LATENTS}/scores.json"),
        verdict=of_all_runs(f"{EQUATIONS}/verdict.json"),
        files=[
            *of_all_runs(f"{MODELS}/weights.safetensors"),
            *of_all_runs(f"{MODELS}/history.nc"),
            *of_all_runs(f"{MODELS}/latents.nc"),
            *of_all_runs(f"{EQUATIONS}/predictions.nc"),
            *joint_of_all_runs(),
            *equations_of_all_runs(),
            *of_all_laws(f"{LAW}/law.json"),
            *of_all_laws(f"{LAW}/confirmation.json"),
            *of_all_laws(f"{LAW}/points.nc"),
            REPORT,
            EXPLORER,
        ],
    output:
        archive="results/archive.zip",
    log:
        "logs/write_archive.log",
    benchmark:
        "results/benchmarks/write_archive.tsv"
    conda:
        "../../envs/write_archive.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000, a_file=2),
        runtime=minutes(30),
    params:
        config=config,
        code=code_version("report", "files", "stage"),
    script:
        "../../scripts/write_archive.py"
