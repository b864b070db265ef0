"""Spectra: computed by NRG in chunks, or brought by the user."""

ANDERSON = [name for name, entry in config["ensembles"].items() if entry["source"] == "anderson"]
BROUGHT = [name for name, entry in config["ensembles"].items() if entry["source"] == "file"]
NOTHING = r"(?!)"  # a wildcard constraint that no name meets


def chunk_names(wildcards):
    """Names of an ensemble's chunks, in the order of its samples."""
    ensemble = ensemble_of(wildcards)
    n_chunks = -(-ensemble["n_samples"] // ensemble["chunk_size"])
    width = max(4, len(str(n_chunks - 1)))
    return [f"{index:0{width}d}" for index in range(n_chunks)]


rule sample_parameters:
    output:
        parameters="results/spectra/{ensemble}/parameters.nc",
    log:
        "logs/sample_parameters/{ensemble}.log",
    benchmark:
        "results/benchmarks/sample_parameters/{ensemble}.tsv"
    conda:
        "../../envs/sample_parameters.yaml"
    wildcard_constraints:
        ensemble="|".join(ANDERSON) or NOTHING,
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        ensemble=ensemble_of,
        seed=lambda wildcards: seed_of("sample_parameters", wildcards.ensemble),
        code=code_version("anderson", "datafiles", "stage"),
    script:
        "../../scripts/sample_parameters.py"
