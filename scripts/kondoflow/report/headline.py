"""The verdict in at most three lines for the terminal, from stored findings alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MAX_LENGTH = 160  # of an equation before it is cut


def write_headline(
    targets: Sequence[Mapping[str, Any]], scores: Mapping[str, Any], scale: str | None
) -> list[str]:
    """Say what was found: the equation of a known quantity, and the latent of the physical scale.

    Args:
        targets: Entries of the verdict.
        scores: Content of `scores.json`.
        scale: Descriptor of the physical scale, if the system names one.

    Returns:
        Up to three lines: the equation of the first target that is no latent, the latent that
        follows the scale, and the equation of that latent.
    """
    named = [item for item in targets if not item["target"].startswith("latent_")]
    lines = [_on_equation(named[0], named[0]["target"])] if named else []
    latent = scores["leading_latent"]
    if latent is not None and scale is not None:
        lines.append(_on_latent(latent, scores, scale))
    name = f"latent_{latent or 0}"
    lines += [_on_equation(item, f"g({name})") for item in targets if item["target"] == name]
    if not scores["active_latents"]:
        lines.append("No latent is active.")
    return lines[:3]


def _on_latent(latent: int, scores: Mapping[str, Any], scale: str) -> str:
    entry = scores["descriptors"][scale][str(latent)]
    measured = ", ".join(
        f"{word} {entry[key]:.3f}"
        for key, word in (
            ("pearson", "Pearson"),
            ("spearman", "Spearman"),
            ("isotonic_r2", "isotonic R^2"),
        )
        if entry[key] is not None
    )
    n_active = len(scores["active_latents"])
    return f"latent_{latent}, of {n_active} active, follows {scale}: {measured}."


def _on_equation(entry: Mapping[str, Any], left_side: str) -> str:
    if entry.get("equation") is None:
        return f"{left_side}: no equation, {entry['skipped'] or 'none was found'}."
    equation = entry["equation"]
    if len(equation) > MAX_LENGTH:
        equation = equation[:MAX_LENGTH] + "..."
    scores = f"held-out R^2 {entry['score_validation']:.5f}"
    if entry["null"]["score_validation"] is not None:
        scores += f", on permuted values {entry['null']['score_validation']:.2f}"
    return f"{left_side} = {equation} ({scores}){_on_references(entry)}."


def _on_references(entry: Mapping[str, Any]) -> str:
    """The recovered references, or else the nearest one, each with the share that is left of it."""

    def with_share(name: str) -> str:
        return f"{name} (1 - R^2 = {entry['references'][name]['residual']['inside']:.1e})"

    if entry["recovered"]:
        return f"; recovers {', '.join(map(with_share, entry['recovered']))}"
    if entry["nearest"] is None:
        return ""
    return f"; recovers no reference, nearest is {with_share(entry['nearest'])}"
