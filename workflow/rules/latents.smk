"""Latents: which are active, and what they know."""


rule score_latents:
    input:
        spectra=SPECTRA,
        latents=f"{MODELS}/latents.nc",
    output:
        scores=f"{LATENTS}/scores.json",
    log:
        "logs/score_latents/{ensemble}/{run}.log",
    benchmark:
        "results/benchmarks/score_latents/{ensemble}/{run}.tsv"
    conda:
        "../../envs/score_latents.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000, a_file=4),
        runtime=minutes(10),
    params:
        system=system_of("descriptors", "references", "scale", "published", "landmarks"),
        code=code_version("formulas", "discovery", "files", "stage"),
    script:
        "../../scripts/score_latents.py"


# Runs where the system names joint quantities.
rule join_latents:
    input:
        spectra=SPECTRA,
        latents=f"{MODELS}/latents.nc",
    output:
        joint=JOINT,
    log:
        "logs/join_latents/{ensemble}/{run}.log",
    benchmark:
        "results/benchmarks/join_latents/{ensemble}/{run}.tsv"
    conda:
        "../../envs/join_latents.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000, a_file=8),
        runtime=minutes(10),
    params:
        system=system_of("joint"),
        system_name=lambda wildcards: ensemble_of(wildcards)["system"],
        code=lambda wildcards: code_version("formulas", "discovery", "files", "stage")
        + reading_code(wildcards),
    script:
        "../../scripts/join_latents.py"
