"""What the job of a rule does, in words, with its run in them.

Snakemake's own `message` of a rule would say the same, but then `snakemake -n` would no longer name
rule, input and output.
"""

from __future__ import annotations

from collections.abc import Mapping

from kondoflow.files.progress import rough

WORDS = {
    "sample_parameters": "drawing parameters of {ensemble}, chunk {chunk}",
    "solve_spectra": "solving spectra of {ensemble}, chunk {chunk}",
    "collect_spectra": "collecting the spectra of {ensemble}",
    "import_spectra": "reading the spectra of {ensemble}",
    "train_restart": "training {networks} of {run} on {ensemble}",
    "scan_weights": "trying KL weights for {run} on {ensemble}",
    "choose_network": "choosing the network of {run} on {ensemble}",
    "encode_spectra": "encoding {ensemble} with the network of {run}",
    "score_latents": "comparing the latents of {run} on {ensemble} with descriptors",
    "join_latents": "reading all latents of {run} on {ensemble} together",
    "regress_operon": "searching equations of {run} on {ensemble} with operon",
    "regress_pysr": "searching equations of {run} on {ensemble} with pysr",
    "judge_equations": "judging the equations of {run} on {ensemble}",
    "compose_law": "composing a law over the whole box of {ensemble}",
    "confirm_law": "confirming the law of {ensemble} on new points",
    "plot_figures": "drawing the figures of {run} on {ensemble}",
    "plot_scan": "drawing all runs side by side",
    "write_report": "writing the report",
    "write_explorer": "writing the explorer",
    "write_archive": "packing the archive",
    "check_report": "checking that the report is complete",
}


def in_words(rule: str, wildcards: Mapping[str, object]) -> str:
    """What a job does; of a rule without words its name and wildcards.

    As a module of another workflow the rules have a word before their names.
    """
    known = [name for name in WORDS if rule == name or rule.endswith(f"_{name}")]
    try:
        restart = str(wildcards.get("restart"))  # such as 3, or 0-5 of several together
        networks = f"network{'s' if '-' in restart else ''} {restart}"
        return WORDS[known[0]].format(**wildcards, networks=networks)
    except (IndexError, KeyError):
        return " ".join([rule.replace("_", " "), *map(str, wildcards.values())])


def duration(seconds: float) -> str:
    """A time that was measured: `0.4 s`, `40 s`, `12 min`, `3.5 h`."""
    return f"{seconds:.1f} s" if seconds < 9.95 else rough(seconds)
