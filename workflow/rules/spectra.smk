"""Spectra: computed in chunks, or brought by the user."""

CHUNK = "results/spectra/{ensemble}/chunks/{chunk}.nc"
BROUGHT_BY = """
    split spectra axis uncertainty columns missing properties group separator encoding resample set_apart
""".split()
SAMPLINGS = {entry.get("sampling") for entry in config["ensembles"].values()}
POINTS = "results/spectra/{ensemble}/parameters/{chunk}.nc"


# By chunks, so that a larger ensemble leaves the points of the smaller one alone. It takes less time
# than a cluster takes to start a job; but furthest-point sampling begins anew with the first point
# for every chunk.
rule sample_parameters:
    input:
        points=file_of_user("points"),
        bath=files_of_solver,
    output:
        parameters=POINTS,
    log:
        "logs/sample_parameters/{ensemble}/{chunk}.log",
    benchmark:
        "results/benchmarks/sample_parameters/{ensemble}/{chunk}.tsv"
    wildcard_constraints:
        ensemble="|".join(COMPUTED) or NOTHING,
    localrule: "furthest_point" not in SAMPLINGS
    conda:
        "../../envs/sample_parameters.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
        runtime=minutes(10),
    params:
        ensemble=box_of,
        first=first_sample,
        n_samples=samples_of_chunk,
        seed=lambda wildcards: seed_of("sample_parameters", wildcards.ensemble),
        code=sampling_code,
    script:
        "../../scripts/sample_parameters.py"


# `update` keeps the chunk that is there: what it holds of the wanted solutions is taken over.
rule solve_spectra:
    input:
        points=POINTS,
        bath=files_of_solver,
    output:
        output=update(CHUNK),
    log:
        "logs/solve_spectra/{ensemble}/{chunk}.log",
    benchmark:
        "results/benchmarks/solve_spectra/{ensemble}/{chunk}.tsv"
    conda:
        "../../envs/solve_spectra.yaml"
    threads: CORES
    resources:
        mem_mb=memory(500, a_thread=400),
        runtime=minutes(120),
    params:
        system=lambda wildcards: ensemble_of(wildcards)["system"],
        solver=solver_of_solutions,
        omega=setting_of("omega"),
        code=solver_code,
    script:
        "../../scripts/solve_spectra.py"


rule collect_spectra:
    input:
        parameters=of_chunks(POINTS),
        chunks=of_chunks(CHUNK),
        bath=files_of_solver,
    output:
        spectra=SPECTRA,
    log:
        "logs/collect_spectra/{ensemble}.log",
    benchmark:
        "results/benchmarks/collect_spectra/{ensemble}.tsv"
    wildcard_constraints:
        ensemble="|".join(COMPUTED) or NOTHING,
    conda:
        "../../envs/collect_spectra.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: attempt * (2000 + n_samples_of(wildcards) // 100),
        runtime=minutes(30),
    params:
        ensemble=lambda wildcards: part(ensemble_of(wildcards), [*BOX, "n_samples", "split"]),
        solver=setting_of("solver"),
        omega=setting_of("omega"),
        seed=lambda wildcards: seed_of("collect_spectra", wildcards.ensemble),
        name=lambda wildcards: wildcards.ensemble,
        code=solver_code,
    script:
        "../../scripts/collect_spectra.py"


rule import_spectra:
    input:
        source=file_of_user("path"),
        files=files_of_folder,
        properties=table_of_user,
    output:
        spectra=SPECTRA,
    log:
        "logs/import_spectra/{ensemble}.log",
    benchmark:
        "results/benchmarks/import_spectra/{ensemble}.tsv"
    wildcard_constraints:
        ensemble="|".join(BROUGHT) or NOTHING,
    conda:
        "../../envs/import_spectra.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000, a_file=6),
        runtime=minutes(30),
    params:
        ensemble=lambda wildcards: part(ensemble_of(wildcards), BROUGHT_BY),
        seed=lambda wildcards: seed_of("import_spectra", wildcards.ensemble),
        labels=labels_of_ensemble,
        system=lambda wildcards, threads: ensemble_of(wildcards)["system"],
        code=code_version("files"),
    script:
        "../../scripts/import_spectra.py"
