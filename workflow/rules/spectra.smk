"""Spectra: computed by NRG in chunks, or brought by the user."""

ANDERSON = [name for name, entry in config["ensembles"].items() if entry["source"] == "anderson"]
BROUGHT = [name for name, entry in config["ensembles"].items() if entry["source"] == "file"]
NOTHING = r"(?!)"  # a wildcard constraint that no name meets
SOLVER_CODE = code_version("anderson", "datafiles")
SOLVER_KEYS = [name for name in config["solver"] if name not in NOT_OF_SOLUTIONS]


def n_samples_of(wildcards):
    """Number of samples of a computed ensemble."""
    ensemble = ensemble_of(wildcards)
    return ensemble.get("n_samples") or count_points(Path(ensemble["points"]))


def chunks_of(wildcards):
    """Files of an ensemble's chunks, in the order of its samples."""
    n_chunks = -(-n_samples_of(wildcards) // ensemble_of(wildcards)["chunk_size"])
    return [
        f"results/spectra/{wildcards.ensemble}/chunks/{chunk:04d}.nc" for chunk in range(n_chunks)
    ]


def first_sample(wildcards):
    """First sample of a chunk."""
    return int(wildcards.chunk) * ensemble_of(wildcards)["chunk_size"]


def samples_of_chunk(wildcards):
    """Number of samples in a chunk; the last one may be shorter."""
    left = n_samples_of(wildcards) - first_sample(wildcards)
    return min(left, ensemble_of(wildcards)["chunk_size"])


rule sample_parameters:
    input:
        points=lambda wildcards: ensemble_of(wildcards).get("points", []),
    output:
        parameters="results/spectra/{ensemble}/parameters.nc",
    log:
        "logs/sample_parameters/{ensemble}.log",
    benchmark:
        "results/benchmarks/sample_parameters/{ensemble}.tsv"
    wildcard_constraints:
        ensemble="|".join(ANDERSON) or NOTHING,
    conda:
        "../../envs/sample_parameters.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        ensemble=ensemble_of,
        seed=lambda wildcards: seed_of("sample_parameters", wildcards.ensemble),
        code=SOLVER_CODE,
    script:
        "../../scripts/sample_parameters.py"


rule solve_spectra:
    input:
        points="results/spectra/{ensemble}/parameters.nc",
    output:
        output="results/spectra/{ensemble}/chunks/{chunk}.nc",
    log:
        "logs/solve_spectra/{ensemble}/{chunk}.log",
    benchmark:
        "results/benchmarks/solve_spectra/{ensemble}/{chunk}.tsv"
    conda:
        "../../envs/solve_spectra.yaml"
    threads: workflow.cores or 8
    resources:
        mem_mb=lambda wildcards, threads: 500 + 400 * threads,
        runtime=120,
    params:
        solver={name: config["solver"][name] for name in SOLVER_KEYS},
        omega=config["omega"],
        first=first_sample,
        n_samples=samples_of_chunk,
        code=SOLVER_CODE,
    script:
        "../../scripts/solve_spectra.py"


rule collect_spectra:
    input:
        parameters="results/spectra/{ensemble}/parameters.nc",
        chunks=chunks_of,
    output:
        spectra="results/spectra/{ensemble}.nc",
    log:
        "logs/collect_spectra/{ensemble}.log",
    benchmark:
        "results/benchmarks/collect_spectra/{ensemble}.tsv"
    wildcard_constraints:
        ensemble="|".join(ANDERSON) or NOTHING,
    conda:
        "../../envs/collect_spectra.yaml"
    resources:
        mem_mb=lambda wildcards: 2000 + n_samples_of(wildcards) // 100,
        runtime=30,
    params:
        ensemble=ensemble_of,
        solver=config["solver"],
        omega=config["omega"],
        seed=lambda wildcards: seed_of("collect_spectra", wildcards.ensemble),
        name=lambda wildcards: wildcards.ensemble,
        code=SOLVER_CODE,
    script:
        "../../scripts/collect_spectra.py"


rule import_spectra:
    input:
        source=lambda wildcards: ensemble_of(wildcards)["path"],
    output:
        spectra="results/spectra/{ensemble}.nc",
    log:
        "logs/import_spectra/{ensemble}.log",
    benchmark:
        "results/benchmarks/import_spectra/{ensemble}.tsv"
    wildcard_constraints:
        ensemble="|".join(BROUGHT) or NOTHING,
    conda:
        "../../envs/import_spectra.yaml"
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        ensemble=ensemble_of,
        seed=lambda wildcards: seed_of("import_spectra", wildcards.ensemble),
        code=code_version("datafiles"),
    script:
        "../../scripts/import_spectra.py"
