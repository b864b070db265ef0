"""The verdict in short lines for the terminal, from stored findings alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kondoflow.report.claims import claim_in_words
from kondoflow.report.numbers import correlation, in_terminal, percent, r2, share, significant
from kondoflow.report.words import ALL, INSIDE, count_samples, follows, map_letter, region_in_words

MAX_LENGTH = 160  # of an equation before it is cut
MAX_LINES = 4


def write_headline(
    targets: Sequence[Mapping[str, Any]],
    region: Mapping[str, Any],
    scores: Mapping[str, Any],
    scale: str | None,
    landmarks: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[str]:
    """Say what was found: the equation of a known quantity, and the latent of the physical scale.

    Args:
        targets: Entries of the verdict.
        region: The region in which equations were fitted, see `discovery.region`.
        scores: Content of `scores.json`.
        scale: Descriptor of the physical scale, if the system names one.
        landmarks: Landmarks that the system names.

    Returns:
        Up to four lines: the equation of the first target that is no latent, where it holds, the
        latent that follows the scale, and the equation of that latent (without a scale, of the
        first latent for which an equation was found); a line for each landmark;
        and for each joint quantity how the latents keep it, and the equation of what they say.
    """
    joint = [item for item in targets if "joint" in item]
    own = [item for item in targets if "joint" not in item]
    named = [item for item in own if not item["target"].startswith("latent_")][:1]
    latent = scores["leading_latent"]
    of_latents = [item for item in own if item["target"].startswith("latent_")]
    if latent is None:
        of_latent = [item for item in of_latents if item.get("found")][:1] or of_latents[:1]
    else:
        of_latent = [item for item in of_latents if item["target"] == f"latent_{latent}"]
    lines: list[str] = []
    for item in named:
        lines += _on_equation(item, region)
    if latent is not None and scale is not None:
        lines.append(_on_latent(latent, scores, scale))
    for item in of_latent:
        lines += _on_equation(item, None if lines and named else region)
    if not scores["active_latents"]:
        lines.append("No latent is active.")
    on_landmarks = [
        _on_landmark(name, landmark, scores["landmarks"][name])
        for name, landmark in (landmarks or {}).items()
    ]
    on_joint = [line for item in joint for line in _on_joint(item, region)]
    return lines[:MAX_LINES] + on_landmarks + on_joint


def law_headline(found: Mapping[str, Any], confirmed: Mapping[str, Any]) -> str:
    """Say of the law over the whole box how far it holds, or why none is announced.

    Args:
        found: Content of `law.json`.
        confirmed: Content of `confirmation.json`.
    """
    left = found["quantity"] or found["target"]
    if not confirmed["announced"]:
        reasons = "; ".join(confirmed["reasons"])
        return f"No law of {left} over the whole box is announced: {reasons}."
    error = {
        key: in_terminal(percent(value) if found["quantity"] else significant(value, 2))
        for key, value in confirmed["errors"]["test"].items()
        if key in ("rms", "largest")
    }
    n, points = found["law"]["constants"], f"{confirmed['n']:,} {confirmed['source']}"
    source, against = "", ""
    if "run" in found:
        source, against = f", from all latents of {found['run']},", f" against {found['truth']}"
    return (
        f"A law of {left} over the whole box{source} has {n} fitted "
        f"constant{'s' if n != 1 else ''}. Its error on {points}{against} is {error['rms']}, root "
        f"mean square, and {error['largest']} at most."
    )


def _on_latent(latent: int, scores: Mapping[str, Any], scale: str) -> str:
    """How well the leading latent follows the scale, and what it follows better, if anything."""

    def measured(name: str) -> str:
        entry = scores["descriptors"][name][str(latent)]
        value = entry["spearman"]
        return "" if value is None else f" (Spearman {in_terminal(correlation(value))})"

    best = scores.get("best_descriptor", {}).get(str(latent))
    better = "" if best in (None, scale) else f" and, better still, {best}{measured(best)}"
    n_active = len(scores["active_latents"])
    verb = follows(scores["descriptors"][scale][str(latent)]["spearman"])
    return f"latent_{latent}, of {n_active} active, {verb} {scale}{measured(scale)}{better}."


def _on_landmark(name: str, landmark: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """How many samples lie on either side, and how well a latent tells the sides apart."""
    sides = f"{found['below']:,} samples below ({landmark['below']}), {found['above']:,} above"
    known = f"{name}, {landmark['quantity']} = {landmark['at']:g}: {sides} ({landmark['above']})"
    if found["latent"] is None:
        return f"{known}."
    right = (
        f"right for {in_terminal(share(found['right']))} of {found['n']:,} samples outside training"
    )
    return f"{known}; a threshold of latent_{found['latent']} is {right}."


def _on_joint(entry: Mapping[str, Any], region: Mapping[str, Any]) -> list[str]:
    """How well all active latents together keep a quantity, and the equation of what they say."""
    kept = entry["joint"]
    if kept["r2"] is None:
        return [f"All active latents together say nothing of {entry['target']}."]
    first = (
        f"All {kept['latents']} active latents together give {entry['target']} with R^2 "
        f"{_r2(kept)} and an error of {kept['rms']:.2g} on {kept['n']:,} test samples."
    )
    return [first, *_on_equation(entry, region)]


def _on_equation(entry: Mapping[str, Any], region: Mapping[str, Any] | None) -> list[str]:
    """The equation with its claim and where it holds; in one line where the region is known."""
    name = entry["target"]
    if entry.get("equation") is None:
        return [f"There is no equation for {name}: {entry['skipped'] or 'none was found'}."]
    if not entry["found"]:
        return [
            f"No equation was found for {name}; the best candidate has R^2 "
            f"{_r2(entry['errors']['test'])} on test samples."
        ]
    first = f"The equation {_equation(entry)} {claim_in_words(entry)}"
    if region is None:
        return [f"{first}; {_inside(entry)}; {_outside(entry)}."]
    return [f"{first}.", f"  {_sentence(entry, region)}"]


def _equation(entry: Mapping[str, Any]) -> str:
    """The equation as an equality: solved for the scale, or with the map to the target."""
    solved = entry["solved_for_scale"]
    mapped = entry["map"]["kind"] != "identity"
    right = f"{map_letter(entry)}({entry['shown']})" if mapped else entry["shown"]
    text = solved["text"] if solved else f"{entry['target']} = {right}"
    return text if len(text) <= MAX_LENGTH else text[:MAX_LENGTH] + "..."


def _sentence(entry: Mapping[str, Any], region: Mapping[str, Any]) -> str:
    errors = entry["errors"]
    n, n_all = count_samples(errors, INSIDE), count_samples(errors, ALL)
    where = f"In the region ({region_in_words(region)}; {n:,} of {n_all:,} samples)"
    return f"{where} {_inside(entry)}; {_outside(entry)}."


def _inside(entry: Mapping[str, Any]) -> str:
    test = entry["errors"]["test"]
    return f"its R^2 is {_r2(test)} on {test['n']:,} test samples{_largest(test)}{_valueless(test)}"


def _outside(entry: Mapping[str, Any]) -> str:
    outside = entry["errors"]["outside"]
    if outside["undefined"] and not outside["n"]:
        return f"it has no value on the {outside['undefined']:,} samples outside"
    if not outside["n"]:
        return "there are no samples outside"
    found = f"outside it is {_r2(outside)} on {outside['n']:,} samples{_largest(outside)}"
    return f"{found}{_valueless(outside)}"


def _valueless(part: Mapping[str, Any]) -> str:
    n = part["undefined"]
    return f", and it has no value on {n:,} other{'s' if n > 1 else ''}" if n else ""


def _largest(part: Mapping[str, Any]) -> str:
    factor = part.get("largest_factor")
    return "" if factor is None else f", off by a factor of {factor:.3g} at most"


def _r2(part: Mapping[str, Any]) -> str:
    value = part["r2"]
    if value is None:
        return "undefined"
    return in_terminal(r2(value))
