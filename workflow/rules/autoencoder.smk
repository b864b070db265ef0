"""Autoencoder: training, and encoding of all spectra."""

import shutil

TRAINING = {"cpu": "train_vae.yaml", "cuda": "train_vae.cuda.yaml"}[config["conda"]["train_vae"]]
# A training holds a GPU alone; on a machine without one, trainings run side by side.
GPU = int(config["conda"]["train_vae"] == "cuda" or shutil.which("nvidia-smi") is not None)
AUTOENCODER_CODE = code_version("autoencoder", "files", "stage")


rule train_vae:
    input:
        spectra=SPECTRA,
    output:
        weights=f"{MODELS}/weights.safetensors",
        model=f"{MODELS}/model.json",
        history=f"{MODELS}/history.nc",
    log:
        "logs/train_vae/{ensemble}/{run}.log",
    benchmark:
        "results/benchmarks/train_vae/{ensemble}/{run}.tsv"
    conda:
        f"../../envs/{TRAINING}"
    # XLA runs in one thread, for the same bits on any number of cores.
    threads: 1
    resources:
        mem_mb=memory(2000, a_file=12),
        runtime=lambda wildcards, attempt: 120 * attempt,
        gpu=GPU,
    params:
        settings=settings_of_run,
        seed=lambda wildcards: seed_of("train_vae", wildcards.ensemble, wildcards.run),
        gpu_memory=0,  # share of a GPU's memory that JAX takes at once; 0: as it is needed
        code=AUTOENCODER_CODE,
    script:
        "../../scripts/train_vae.py"


rule encode_spectra:
    input:
        spectra=SPECTRA,
        weights=f"{MODELS}/weights.safetensors",
        model=f"{MODELS}/model.json",
    output:
        latents=f"{MODELS}/latents.nc",
    log:
        "logs/encode_spectra/{ensemble}/{run}.log",
    benchmark:
        "results/benchmarks/encode_spectra/{ensemble}/{run}.tsv"
    conda:
        "../../envs/encode_spectra.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000, a_file=16),
        runtime=30,
    params:
        code=AUTOENCODER_CODE,
    script:
        "../../scripts/encode_spectra.py"
