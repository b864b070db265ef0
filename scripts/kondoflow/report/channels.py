"""Spectra of several channels in figures: a panel each, with the channel's name on its axis.

A channel is one of several spectra of a sample on the same grid, such as the two spins, or the real
and the imaginary part.
"""

from __future__ import annotations

import numpy as np

from kondoflow.files.channels import PARTS, chosen_parts
from kondoflow.files.spectra import channel_labels, chosen_channels
from kondoflow.report.results import Results
from kondoflow.report.typeset import safe_text


def channels_of(results: Results) -> list[str]:
    """Labels of the channels or parts that the network takes; an empty one for a single channel."""
    channel, labels = results.settings["channel"], channel_labels(results.spectra)
    several = chosen_channels(results.spectra, channel)
    return several or chosen_parts(channel, labels) or [""]


def by_channel(values: np.ndarray, n_channels: int) -> np.ndarray:
    """Spectra (..., omega), or (..., channel, omega) of several, as (channel, ..., omega)."""
    return values[None] if n_channels == 1 else np.moveaxis(values, -2, 0)


def height_axis(results: Results, channel: str) -> str:
    """Label of the axis of spectra: symbol, unit, and the channel if there are several.

    A part of a spectrum (`files.parts`) has its own name and no unit.
    """
    if channel in PARTS and channel not in channel_labels(results.spectra):
        return channel
    return of_channel(results.labels.axis("spectral_function"), safe_text(channel))


def of_channel(name: str, channel: str) -> str:
    """A name with that of a channel, if there is one."""
    return f"{name}, {channel}" if channel else name
