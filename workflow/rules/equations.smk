"""Equations: symbolic regression by every engine that can run here, and their judgement."""

import os
import sys

from kondoflow.discovery.engines.availability import available_engines
from snakemake.settings.types import DeploymentMethod

SEARCH = """
    objectives latents symbols reciprocals max_length restarts null_restarts n_points population generations seconds
    parsimony
""".split()
JUDGEMENT = ["objectives", "latents", "parsimony", "recovered_below", "constants_within"]
DISCOVERY_CODE = code_version("formulas", "discovery", "files", "stage")
JUDGEMENT_CODE = code_version(
    "formulas", "discovery", "files", "stage", "report/headline.py", "report/words.py"
)
ENGINES, ABSENCE = available_engines(
    config["equations"]["engines"],
    in_conda=DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method,
    environment=os.environ,
)

prefixed = workflow.modifier.path_modifier.modify  # of a module, whose files have another place


onstart:
    if ABSENCE:
        print(ABSENCE, file=sys.stderr)


rule regress_operon:
    input:
        spectra=SPECTRA,
        latents=latents_of_run,
    output:
        found=f"{EQUATIONS}/operon.json",
    log:
        "logs/regress_operon/{ensemble}/{run}.log",
    benchmark:
        "results/benchmarks/regress_operon/{ensemble}/{run}.tsv"
    conda:
        "../../envs/regress_operon.yaml"
    threads: CORES
    resources:
        mem_mb=memory(500, a_thread=500, a_file=4),
        runtime=minutes_of_searches(30),
    params:
        system=system_of("parameters", "inputs", "with_unit", "region", "targets"),
        equations=part(config["equations"], SEARCH),
        seed=lambda wildcards: seed_of("regress_operon", wildcards.ensemble, wildcards.run),
        attempt=attempt_of("operon"),
        code=DISCOVERY_CODE,
    script:
        "../../scripts/regress_operon.py"


rule regress_pysr:
    input:
        spectra=SPECTRA,
        latents=latents_of_run,
    output:
        found=f"{EQUATIONS}/pysr.json",
        searches=directory(f"{EQUATIONS}/pysr"),
    log:
        "logs/regress_pysr/{ensemble}/{run}.log",
    benchmark:
        "results/benchmarks/regress_pysr/{ensemble}/{run}.tsv"
    conda:
        "../../envs/regress_pysr.yaml"
    threads: CORES
    resources:
        mem_mb=memory(1000, a_thread=1500, a_file=4),
        runtime=minutes_of_searches(90),
    params:
        system=system_of("parameters", "inputs", "with_unit", "region", "targets"),
        equations=part(config["equations"], SEARCH),
        seed=lambda wildcards: seed_of("regress_pysr", wildcards.ensemble, wildcards.run),
        attempt=attempt_of("pysr"),
        code=DISCOVERY_CODE,
    script:
        "../../scripts/regress_pysr.py"


rule judge_equations:
    input:
        spectra=SPECTRA,
        latents=f"{MODELS}/latents.nc",
        scores=f"{LATENTS}/scores.json",
        found=lambda wildcards: equations_of(wildcards.ensemble, wildcards.run),
    output:
        verdict=f"{EQUATIONS}/verdict.json",
        predictions=f"{EQUATIONS}/predictions.nc",
    log:
        "logs/judge_equations/{ensemble}/{run}.log",
    benchmark:
        "results/benchmarks/judge_equations/{ensemble}/{run}.tsv"
    conda:
        "../../envs/judge_equations.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000, a_file=4),
        runtime=30,
    params:
        system=system_of(
            "parameters", "inputs", "region", "targets", "references", "scale", "labels"
        ),
        equations=part(config["equations"], JUDGEMENT),
        seed=lambda wildcards: seed_of("judge_equations", wildcards.ensemble, wildcards.run),
        code=JUDGEMENT_CODE,
    script:
        "../../scripts/judge_equations.py"
