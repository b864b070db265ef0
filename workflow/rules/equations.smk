"""Equations: symbolic regression by every engine that can run here, and their judgement."""

import os

from kondoflow.discovery.engines.availability import available_engines
from snakemake.settings.types import DeploymentMethod

SEARCH = """
    objectives latents symbols reciprocals max_length restarts null_restarts n_points population generations seconds
    parsimony
""".split()
JUDGEMENT = """
    objectives latents parsimony recovered_below constants_within symbols
""".split()
OF_CONFIRMATION = "confirm"  # of the settings `after`, which the law itself does not need
DISCOVERY_CODE = code_version("formulas", "discovery", "files", "stage")
JUDGEMENT_CODE = code_version(
    *("formulas", "discovery", "files", "stage"),
    *(f"report/{name}.py" for name in ("headline", "claims", "words", "numbers")),
)
ENGINES, ABSENCE = available_engines(
    config["equations"]["engines"],
    in_conda=DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method,
    environment=os.environ,
)


rule regress_operon:
    input:
        spectra=SPECTRA,
        latents=latents_of_run,
        joint=joint_of_run,
    output:
        found=f"{EQUATIONS}/operon.json",
    log:
        "logs/regress_operon/{ensemble}/{run}.log",
    benchmark:
        "results/benchmarks/regress_operon/{ensemble}/{run}.tsv"
    conda:
        "../../envs/regress_operon.yaml"
    threads: cores_of_chain
    resources:
        mem_mb=memory(500, a_thread=500, a_file=4),
        runtime=minutes_of_searches(30),
    params:
        processes=processes_of_chain,
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
        joint=joint_of_run,
    output:
        found=f"{EQUATIONS}/pysr.json",
        searches=directory(f"{EQUATIONS}/pysr"),
    log:
        "logs/regress_pysr/{ensemble}/{run}.log",
    benchmark:
        "results/benchmarks/regress_pysr/{ensemble}/{run}.tsv"
    conda:
        "../../envs/regress_pysr.yaml"
    threads: cores_of_chain
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
        joint=joint_of_run,
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
    threads: cores_of_run
    resources:
        mem_mb=memory(1500, a_thread=500, a_file=4),
        runtime=minutes(30),
    params:
        system=system_of(
            "parameters",
            "inputs",
            "region",
            "targets",
            "joint",
            "references",
            "scale",
            "labels",
            "landmarks",
        ),
        equations=part(config["equations"], JUDGEMENT),
        seed=lambda wildcards: seed_of("judge_equations", wildcards.ensemble, wildcards.run),
        code=JUDGEMENT_CODE,
    script:
        "../../scripts/judge_equations.py"


rule compose_law:
    input:
        spectra=SPECTRA,
        found=engines_of_law,
        joint=joint_of_law,
    output:
        law=f"{LAW}/law.json",
    log:
        "logs/compose_law/{ensemble}.log",
    benchmark:
        "results/benchmarks/compose_law/{ensemble}.tsv"
    conda:
        "../../envs/compose_law.yaml"
    threads: cores_of_chain
    resources:
        mem_mb=memory(500, a_thread=500, a_file=4),
        runtime=minutes(60),
    params:
        processes=processes_of_chain,
        system=system_of(
            "parameters", "inputs", "with_unit", "region", "targets", "joint", "references", "law"
        ),
        equations={
            **part(config["equations"], [*SEARCH, *JUDGEMENT]),
            "after": without(config["equations"]["after"], [OF_CONFIRMATION]),
        },
        seed=lambda wildcards: seed_of("compose_law", wildcards.ensemble),
        code=DISCOVERY_CODE,
    script:
        "../../scripts/compose_law.py"


rule confirm_law:
    input:
        spectra=SPECTRA,
        law=f"{LAW}/law.json",
        joint=joint_of_law,
    output:
        confirmation=f"{LAW}/confirmation.json",
        points=f"{LAW}/points.nc",
    log:
        "logs/confirm_law/{ensemble}.log",
    benchmark:
        "results/benchmarks/confirm_law/{ensemble}.tsv"
    conda:
        "../../envs/confirm_law.yaml"
    threads: cores_of_chain
    resources:
        mem_mb=memory(500, a_thread=400, a_file=4),
        runtime=minutes(60),
    params:
        ensemble=lambda wildcards: part(
            ensemble_of(wildcards), ["system", "source", "axes", "accept", "solver", "omega"]
        ),
        system=system_of(
            "parameters", "inputs", "with_unit", "region", "targets", "joint", "references", "law"
        ),
        equations={
            **part(config["equations"], ["objectives"]),
            "after": part(config["equations"]["after"], [OF_CONFIRMATION]),
        },
        seed=lambda wildcards: seed_of("confirm_law", wildcards.ensemble),
        code=lambda wildcards: JUDGEMENT_CODE + code_version("systems/fresh_points.py"),
    script:
        "../../scripts/confirm_law.py"
