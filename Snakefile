"""KondoFlow: spectra -> autoencoder -> latents -> equations -> report."""

from snakemake.utils import min_version

min_version("9.0")


configfile: f"{workflow.current_basedir}/config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/inputs.smk"
include: "workflow/rules/resources.smk"
include: "workflow/rules/messages.smk"
include: "workflow/rules/spectra.smk"
include: "workflow/rules/autoencoder.smk"
include: "workflow/rules/latents.smk"
include: "workflow/rules/equations.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/explorer.smk"
include: "workflow/rules/archive.smk"


onstart:
    for line in [
        *([ABSENCE] if ABSENCE else []),
        *remarks_on_settings(),
        *remarks_on_ensembles(),
    ]:
        # In a single write, as the progress of jobs is written at the same time.
        print(f"{line}\n", end="", file=sys.stderr)


rule all:
    default_target: True
    input:
        "results/report/report.html",
        "results/report/explorer.html",
        "results/report/complete",
    localrule: True
