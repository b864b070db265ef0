"""Equations: symbolic regression by every engine that can run here, and their judgement."""

import os
import sys

from discovery.engines.availability import available_engines
from snakemake.settings.types import DeploymentMethod

DISCOVERY_CODE = code_version("discovery", "datafiles", "stage")
ENGINES, ABSENCE = available_engines(
    config["equations"]["engines"],
    in_conda=DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method,
    environment=os.environ,
)


def equations_of_engines(wildcards):
    """What the engines that take part find for a run."""
    folder = f"results/equations/{wildcards.ensemble}/{wildcards.run}"
    return [f"{folder}/{engine}.json" for engine in ENGINES]


onstart:
    if ABSENCE:
        print(ABSENCE, file=sys.stderr)


rule regress_operon:
    input:
        spectra="results/spectra/{ensemble}.nc",
        latents="results/models/{ensemble}/{run}/latents.nc",
    output:
        found="results/equations/{ensemble}/{run}/operon.json",
    log:
        "logs/regress_operon/{ensemble}/{run}.log",
    benchmark:
        "results/benchmarks/regress_operon/{ensemble}/{run}.tsv"
    conda:
        "../../envs/regress_operon.yaml"
    threads: workflow.cores or 8
    resources:
        mem_mb=lambda wildcards, threads: 500 + 500 * threads,
        runtime=60,
    params:
        system=system_of,
        equations=config["equations"],
        seed=lambda wildcards: seed_of("regress_operon", wildcards.ensemble, wildcards.run),
        code=DISCOVERY_CODE,
    script:
        "../../scripts/regress_operon.py"


rule regress_pysr:
    input:
        spectra="results/spectra/{ensemble}.nc",
        latents="results/models/{ensemble}/{run}/latents.nc",
    output:
        found="results/equations/{ensemble}/{run}/pysr.json",
        searches=directory("results/equations/{ensemble}/{run}/pysr"),
    log:
        "logs/regress_pysr/{ensemble}/{run}.log",
    benchmark:
        "results/benchmarks/regress_pysr/{ensemble}/{run}.tsv"
    conda:
        "../../envs/regress_pysr.yaml"
    threads: workflow.cores or 8
    resources:
        mem_mb=lambda wildcards, threads: 1000 + 1500 * threads,
        runtime=120,
    params:
        system=system_of,
        equations=config["equations"],
        seed=lambda wildcards: seed_of("regress_pysr", wildcards.ensemble, wildcards.run),
        code=DISCOVERY_CODE,
    script:
        "../../scripts/regress_pysr.py"


rule judge_equations:
    input:
        spectra="results/spectra/{ensemble}.nc",
        latents="results/models/{ensemble}/{run}/latents.nc",
        scores="results/latents/{ensemble}/{run}/scores.json",
        found=equations_of_engines,
    output:
        verdict="results/equations/{ensemble}/{run}/verdict.json",
    log:
        "logs/judge_equations/{ensemble}/{run}.log",
    benchmark:
        "results/benchmarks/judge_equations/{ensemble}/{run}.tsv"
    conda:
        "../../envs/judge_equations.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        system=system_of,
        equations=config["equations"],
        seed=lambda wildcards: seed_of("judge_equations", wildcards.ensemble, wildcards.run),
        code=DISCOVERY_CODE,
    script:
        "../../scripts/judge_equations.py"
