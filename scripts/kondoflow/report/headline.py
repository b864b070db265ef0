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
    test, outside = entry["errors"]["test"], entry["errors"]["outside"]
    if not entry["found"]:
        return (
            f"{left_side}: no equation explains it, the best has R^2 {_r2(test)} on "
            f"{test['n']} test samples (at least {entry['found_above']:g} is asked)."
        )
    equation = entry["shown"]
    if len(equation) > MAX_LENGTH:
        equation = equation[:MAX_LENGTH] + "..."
    scores = f"R^2 {_r2(test)} on {test['n']} test samples of the region"
    if outside["n"]:
        scores += f", {_r2(outside)} on {outside['n']} samples outside it"
    if entry["null"]["score_validation"] is not None:
        scores += f", on permuted values {entry['null']['score_validation']:.2f}"
    return f"{left_side} = {equation} ({scores}){_on_references(entry)}."


def _r2(errors: Mapping[str, Any]) -> str:
    return "undefined" if errors["r2"] is None else f"{errors['r2']:.4f}"


def _on_references(entry: Mapping[str, Any]) -> str:
    """The recovered references, or else the nearest one and why it is not recovered."""
    if entry["recovered"]:
        return f"; recovers {', '.join(_with_angle(entry, name) for name in entry['recovered'])}"
    name = entry["nearest"]
    if name is None:
        return ""
    law = entry["references"][name]["law"]
    if law["reason"] == "one input":
        return "; with one input no law can be told from another up to a monotone map"
    if law["reason"] == "narrow":
        return "; the inputs vary too little to tell a law from a power law"
    return f"; recovers no reference, nearest is {_with_angle(entry, name)}"


def _with_angle(entry: Mapping[str, Any], name: str) -> str:
    """A reference with what separates the equation from it."""
    item = entry["references"][name]
    measured = [f"1 - R^2 = {item['residual']['inside']:.1e}"]
    if item["law"]["angle"] is not None:
        measured.append(f"angle {item['law']['angle']:.1f} degrees")
    return f"{name} ({', '.join(measured)})"
