"""Autoencoder: training from several seeds, the choice of a network, encoding of all spectra."""

VARIANT = {"cpu": "yaml", "cuda": "cuda.yaml"}  # of an environment
AUTOENCODER_CODE = code_version("autoencoder", "files", "stage")
RESTART = f"{MODELS}/restarts/{{restart}}"


rule scan_weights:
    input:
        spectra=SPECTRA,
    output:
        scan=SCAN,
    log:
        "logs/scan_weights/{ensemble}/{run}.log",
    benchmark:
        "results/benchmarks/scan_weights/{ensemble}/{run}.tsv"
    conda:
        "../../envs/scan_weights.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000, a_file=12),
        runtime=minutes(240),
    params:
        settings=settings_of_choice,
        seed=seed_of_training,
        code=AUTOENCODER_CODE,
    script:
        "../../scripts/scan_weights.py"


rule train_restart:
    input:
        spectra=SPECTRA,
        needed=scan_of_run,
    output:
        weights=f"{RESTART}/weights.safetensors",
        history=f"{RESTART}/history.nc",
    log:
        "logs/train_restart/{ensemble}/{run}/{restart}.log",
    benchmark:
        "results/benchmarks/train_restart/{ensemble}/{run}/{restart}.tsv"
    priority: 1
    conda:
        f"../../envs/train_restart.{VARIANT[config['conda']['train_restart']]}"
    # XLA runs in one thread, for the same bits on any number of cores.
    threads: 1
    resources:
        mem_mb=memory(2000, a_file=12),
        runtime=minutes(120),
        gpu=gpus("train_restart"),
    params:
        settings=settings_of_restart,
        seed=seed_of_training,
        checkpoint_every=checkpoint_every,
        restart=restarts_of_job,
        scan=path_of_scan,
        gpu_memory=0,  # share of a GPU's memory that JAX takes at once; 0: as it is needed
        code=AUTOENCODER_CODE,
    script:
        "../../scripts/train_restart.py"


rule choose_network:
    input:
        spectra=SPECTRA,
        needed=scan_of_run,
        trained=of_restarts(f"{RESTART}/weights.safetensors"),
        histories=of_restarts(f"{RESTART}/history.nc"),
    output:
        weights=f"{MODELS}/weights.safetensors",
        model=f"{MODELS}/model.json",
        history=f"{MODELS}/history.nc",
    log:
        "logs/choose_network/{ensemble}/{run}.log",
    benchmark:
        "results/benchmarks/choose_network/{ensemble}/{run}.tsv"
    priority: 1
    conda:
        f"../../envs/choose_network.{VARIANT[config['conda']['choose_network']]}"
    threads: 1
    resources:
        mem_mb=memory(2000, a_file=12),
        runtime=minutes(60),
        gpu=gpus("choose_network"),
    params:
        settings=settings_of_choice,
        seed=seed_of_training,
        scan=path_of_scan,
        gpu_memory=0,
        code=AUTOENCODER_CODE,
    script:
        "../../scripts/choose_network.py"


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
    priority: 1
    conda:
        "../../envs/encode_spectra.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000, a_file=16),
        runtime=minutes(30),
    params:
        code=AUTOENCODER_CODE,
    script:
        "../../scripts/encode_spectra.py"
