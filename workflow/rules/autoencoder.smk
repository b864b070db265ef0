"""Autoencoder: training, and encoding of all spectra."""

AUTOENCODER_CODE = code_version("autoencoder", "datafiles", "stage")


rule train_vae:
    input:
        spectra="results/spectra/{ensemble}.nc",
    output:
        weights="results/models/{ensemble}/{run}/weights.safetensors",
        model="results/models/{ensemble}/{run}/model.json",
        history="results/models/{ensemble}/{run}/history.nc",
    log:
        "logs/train_vae/{ensemble}/{run}.log",
    benchmark:
        "results/benchmarks/train_vae/{ensemble}/{run}.tsv"
    conda:
        "../../envs/train_vae.yaml"
    # XLA runs in one thread, for the same bits on any number of cores.
    threads: 1
    # One GPU, so that two trainings never share it by accident; without one it is a mere token, and
    # a cluster without GPUs takes --set-resources train_vae:gpu=0.
    resources:
        mem_mb=4000,
        runtime=120,
        gpu=1,
    params:
        settings=settings_of_run,
        seed=lambda wildcards: seed_of("train_vae", wildcards.ensemble, wildcards.run),
        gpu_memory=0,  # share of a GPU's memory that JAX takes at once; 0: as it is needed
        code=AUTOENCODER_CODE,
    script:
        "../../scripts/train_vae.py"


rule encode_spectra:
    input:
        spectra="results/spectra/{ensemble}.nc",
        weights="results/models/{ensemble}/{run}/weights.safetensors",
        model="results/models/{ensemble}/{run}/model.json",
    output:
        latents="results/models/{ensemble}/{run}/latents.nc",
    log:
        "logs/encode_spectra/{ensemble}/{run}.log",
    benchmark:
        "results/benchmarks/encode_spectra/{ensemble}/{run}.tsv"
    conda:
        "../../envs/encode_spectra.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        code=AUTOENCODER_CODE,
    script:
        "../../scripts/encode_spectra.py"
