"""What a training asks its user to change, and what a scan over the KL weight has found, in words.

Only the standard library is needed, as Snakemake prints these lines at the end of a run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

REASONS = {
    "worse_than_mean": (
        "The network decodes spectra worse than their mean would: its latents say nothing."
    ),
    "worse_outside": (
        "On validation spectra the network has a larger loss than their mean would: its latents "
        "say little."
    ),
    "no_latent_active": "No latent is active: the KL weight outweighs what any latent explains.",
    "all_latents_active": "All latents are active: there may be more than the network can hold.",
    "folded": "The latents are folded: several of them share one quantity of the data.",
}


FALL = (
    "Or let the KL weight fall to its value: kl_start: 32 with kl_weight: 0.02, warmup: 0.1, "
    "learning_rate: [3.0e-3, 5.0e-5] and few latents (n_latents: 3). This is the remedy for a "
    "quantity that moves a sharp peak, as a gap does."
)


WITH_FALL = (
    "Together with kl_weight: 0.02, warmup: 0.1, learning_rate: [3.0e-3, 5.0e-5] and few latents "
    "(n_latents: 3). This is the remedy for a quantity that moves a sharp peak, as a redshift does."
)


def further_advice(code: str, settings: Mapping[str, Any]) -> str:
    """What helps beside the setting that is named, as the README says; nothing for most codes."""
    if code == "worse_outside":
        return WITH_FALL
    rises = settings.get("kl_start", 0) <= 1
    return FALL if code == "folded" and rises else ""


def advice_lines(model: Mapping[str, Any]) -> list[str]:
    """Lines for the terminal.

    Args:
        model: Content of `model.json`.
    """
    scan = model.get("scan")
    lines = [scan_in_words(scan)] if scan else []
    for entry in model.get("advice", []):
        change = f"Try {entry['setting']}: {entry['advised']} in place of {entry['value']}."
        further = further_advice(entry["code"], model.get("settings", {}))
        lines.append(" ".join(filter(None, [REASONS[entry["code"]], change, further])))
    return lines


def scan_in_words(scan: Mapping[str, Any]) -> str:
    """The answer of a scan."""
    low, high = scan["plateau"]
    number = scan["n_active"]
    latents = "1 latent is" if number == 1 else f"{number} latents are"
    return (
        f"Scan of the KL weight: {latents} active from {low:g} to {high:g}, the widest plateau; "
        f"{scan['kl_weight']:g} was taken."
    )
