"""The autoencoder: the network, its training, the choice among restarts, its errors."""

from __future__ import annotations

from typing import Any

from kondoflow.report.advice import REASONS, further_advice, scan_in_words
from kondoflow.report.results import Results
from kondoflow.report.sections.judgement import PARTS

ACTIVATIONS = {"silu": "SiLU", "relu": "ReLU"}


def facts(results: Results) -> dict[str, Any]:
    """What `topics/autoencoder.html` tells."""
    settings, model = results.settings, results.model
    restarts = model.get("restarts", [])
    return {
        "variational": results.kl_weight > 0,
        "widths": [
            # Of all channels, in the window.
            model["architecture"].get("n_omega", results.spectra.sizes["omega"]),
            *settings["hidden"],
            settings["n_latents"],
        ],
        "activation": ACTIVATIONS.get(settings["activation"], settings["activation"]),
        "weighed": "uncertainty" in results.spectra,
        "settings": {**settings, "kl_weight": results.kl_weight},
        "losses": [entry["loss"] for entry in restarts],
        "gaps": [entry["factorisation_gap"] for entry in restarts],
        "n_group": len(model.get("group", [])),
        "n_active": len(results.active),
        "corrected": model.get("axes_corrected"),
        "advice": [
            (REASONS[entry["code"]], entry, further_advice(entry["code"], settings))
            for entry in model.get("advice", [])
        ],
        "scan": model.get("scan"),
        "scan_answer": scan_in_words(model["scan"]) if model.get("scan") else "",
        "left_out": model.get("left_out", []),
        "part_names": PARTS,
        "reconstruction": results.scores["reconstruction"],
    }
