"""What the channel of an input may be, by the names alone.

A set of spectra has channels with labels, or one spectrum for each sample. An input is one or
several of the channels, all of them, their mean, or parts of them by symmetry (`files.parts`).
"""

from __future__ import annotations

from collections.abc import Sequence

ALL, MEAN = "all", "mean"  # of the channels
SHOWN = 10  # labels in an error
PARTS = ("edge", "odd", "splitting")  # of the logarithm of spectra, see `files.parts`


def listed(channel: str | Sequence[str]) -> list[str]:
    """The names in a setting, which is one name or a list."""
    return [channel] if isinstance(channel, str) else list(channel)


def channels_exist(channel: str | Sequence[str], labels: Sequence[str]) -> bool:
    """Whether a set of spectra with these labels has such an input."""
    return any(set(listed(channel)) <= set(way) for way in (labels, [ALL], [MEAN], PARTS))


def channels_allowed(labels: Sequence[str]) -> str:
    """What the channel of an input may be, for errors."""
    shown = ", ".join(labels if len(labels) <= SHOWN else [*labels[: SHOWN - 1], "..."])
    several = f"one or several of {shown}, or all, or mean"
    return f"{several}, or one or several of {', '.join(PARTS)}"


def chosen_parts(channel: str | Sequence[str], labels: Sequence[str]) -> list[str]:
    """The parts that an input consists of; none if it consists of channels as they are."""
    names = set(listed(channel))
    return listed(channel) if names <= set(PARTS) and not names <= set(labels) else []
