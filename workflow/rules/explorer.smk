"""Explorer: one page on which spectra, latents and equations of all runs can be walked through."""


rule write_explorer:
    input:
        spectra=of_all_runs(SPECTRA),
        weights=of_all_runs(f"{MODELS}/weights.safetensors"),
        model=of_all_runs(f"{MODELS}/model.json"),
        latents=of_all_runs(f"{MODELS}/latents.nc"),
        scores=of_all_runs(f"{LATENTS}/scores.json"),
        verdict=of_all_runs(f"{EQUATIONS}/verdict.json"),
        equations=equations_of_all_runs(),
        joint=joint_of_all_runs(),
        laws=of_all_laws(f"{LAW}/law.json") + of_all_laws(f"{LAW}/confirmation.json"),
    output:
        explorer=report(EXPLORER, caption="../report/explorer.rst", category="Report"),
    log:
        "logs/write_explorer.log",
    benchmark:
        "results/benchmarks/write_explorer.tsv"
    conda:
        "../../envs/write_explorer.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000, a_file=6),
        runtime=minutes(10),
    params:
        config=without(config, ["archive", "conda"]),
        code=code_version("report", "autoencoder", "discovery", "formulas", "files", "stage"),
    script:
        "../../scripts/write_explorer.py"
