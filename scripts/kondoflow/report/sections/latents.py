"""The latents: how many are active, and what each of them follows."""

from __future__ import annotations

from typing import Any

import numpy as np

from kondoflow.report.figures.landmarks import landmarks_of, told
from kondoflow.report.labels import latent_name
from kondoflow.report.results import Results
from kondoflow.report.typeset import rich_text
from kondoflow.report.words import common


def facts(results: Results) -> dict[str, Any]:
    """What `topics/latents.html` tells."""
    found = {latent: best(results, latent) for latent in results.active}
    relevance = np.atleast_1d(results.latents.attrs.get("relevance", []))
    return {
        "n": len(results.scores["kl"]),
        "correlated": any(found.values()),
        "n_correlated": common(score["n"] for score in found.values() if score),
        "variational": results.kl_weight > 0,
        "active": [
            {
                "name": latent_name(latent),
                "kl": results.scores["kl"][latent],
                "share": float(relevance[latent]) if latent < relevance.size else None,
                "best": score,
            }
            for latent, score in found.items()
        ],
        "joint": [
            {"symbol": rich_text(results.labels.symbol(entry["target"])), **entry["joint"]}
            for entry in results.verdict["targets"]
            if "joint" in entry
        ],
        "landmarks": [told(results, name) for name in landmarks_of(results)],
    }


def best(results: Results, latent: int) -> dict[str, Any] | None:
    """The descriptor that a latent follows best, with its scores."""
    name = results.best_descriptor(latent)
    if name is None:
        return None
    return {"symbol": rich_text(results.labels.symbol(name)), **results.score(name, latent)}
