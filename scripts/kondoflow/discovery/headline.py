"""The verdict in at most three lines of plain language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MAX_LENGTH = 160  # of an equation before it is cut


def write_headline(
    targets: Sequence[Mapping[str, Any]], scores: Mapping[str, Any], scale: str | None
) -> list[str]:
    """Say what was found: from a known quantity, which latent follows the scale, from that latent.

    Args:
        targets: Entries of the verdict.
        scores: Content of `scores.json`.
        scale: Descriptor of the physical scale, if the system names one.

    Returns:
        Up to three lines.
    """
    named = [item for item in targets if not item["target"].startswith("latent_")]
    lines = [_on_equation(named[0], named[0]["target"])] if named else []
    latent = leading_latent(scores, scale)
    if latent is not None:
        lines.append(_on_latent(latent, scores, scale))
    name = "latent_0" if latent is None else f"latent_{latent}"
    lines += [_on_equation(item, f"g({name})") for item in targets if item["target"] == name]
    if not scores["active_latents"]:
        lines.append("No latent is active.")
    return lines[:3]


def leading_latent(scores: Mapping[str, Any], scale: str | None) -> int | None:
    """The active latent with the largest abs(Spearman) with the scale."""
    by_latent = scores["descriptors"].get(scale, {})
    found = {
        index: abs(by_latent[str(index)]["spearman"])
        for index in scores["active_latents"]
        if by_latent.get(str(index), {}).get("spearman") is not None
    }
    return max(found, key=found.__getitem__) if found else None


def _on_latent(latent: int, scores: Mapping[str, Any], scale: str | None) -> str:
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
    return f"{left_side} = {equation} ({scores}){_on_references(entry['references'])}."


def _on_references(references: Mapping[str, Mapping[str, Any]]) -> str:
    """Recovered references, or else the nearest one; the nearest first, with what is left."""
    left = {
        name: item["residual"]["inside"]
        for name, item in references.items()
        if item["residual"]["inside"] is not None
    }
    nearest = sorted(left, key=left.__getitem__)
    recovered = [name for name in nearest if references[name]["recovered"]]
    if recovered:
        listed = ", ".join(f"{name} (1 - R^2 = {left[name]:.1e})" for name in recovered)
        return f"; recovers {listed}"
    if not nearest:
        return ""
    name = nearest[0]
    return f"; recovers no reference, nearest is {name} (1 - R^2 = {left[name]:.1e})"
