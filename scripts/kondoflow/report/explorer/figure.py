"""What is shown without JavaScript: the latent plane and spectra along a latent, as plain SVG."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from markupsafe import Markup

from kondoflow.files.channels import PARTS
from kondoflow.report.channels import of_channel
from kondoflow.report.explorer.run import Run
from kondoflow.report.glyphs import plain
from kondoflow.report.labels import Labels
from kondoflow.report.results import in_decades

SIZE, MARGIN = 360, 44  # of a panel and around it, pixels
MOST_DOTS = 600
COLOURS = ("#3b2a8f", "#7a2c9b", "#a8328f", "#b3532f", "#8a6200")


def static_figure(run: Run) -> Markup:
    """Codes in the first two latents, and spectra of each channel decoded along the first."""
    shown = run.shown_latents
    codes = run.latents["mean"].to_numpy()[:, shown[:2]]
    codes = codes[:: max(1, -(-len(codes) // MOST_DOTS))]
    traversal = run.latents["traversal"].isel(latent=shown[0])
    channels = run.channels or [""]
    steps = traversal.to_numpy().reshape(traversal.sizes["step"], len(channels), -1)
    steps = steps[:: max(1, len(steps) // 4)]
    labels = Labels(run.system, run.spectra)
    first, last = f"latent {shown[0]}", f"latent {shown[-1] if len(shown) < 2 else shown[1]}"
    across = f"{plain(labels.axis('omega'))}, lowest to highest of the grid"
    symbol = plain(labels.symbol("spectral_function"))
    panels = [_panel(0, _dots(codes[:, 0], codes[:, -1]), first, last)]
    for number, channel in enumerate(channels):
        height_of = channel if channel in PARTS else of_channel(symbol, channel)
        up = f"{height_of}, {first} from low to high"
        left = (number + 1) * (SIZE + MARGIN)
        panels.append(_panel(left, _curves(steps[:, number], run.sees_logarithms), across, up))
    width, height = len(panels) * (SIZE + MARGIN), SIZE + MARGIN
    alt = f"Left: every spectrum as a dot in {first} and {last}. Right: spectra along {first}."
    return Markup(
        '<figure><svg role="img" aria-label="{alt}" width="{w}" height="{h}" '
        'viewBox="0 0 {w} {h}" font-family="sans-serif" font-size="13" fill="currentColor">'
        "{panels}</svg></figure>"
    ).format(alt=alt, w=width, h=height, panels=Markup("").join(panels))


def _panel(left: int, content: Markup, across: str, up: str) -> Markup:
    return Markup(
        '<g transform="translate({left} 4)"><rect width="{size}" height="{size}" fill="none" '
        'stroke="currentColor"/>{content}<text x="8" y="20">{up}</text>'
        '<text x="{middle}" y="{below}" text-anchor="middle">{across}</text></g>'
    ).format(
        left=left + 2,
        size=SIZE,
        content=content,
        up=up,
        across=across,
        middle=SIZE // 2,
        below=SIZE + 22,
    )


def _places(values: np.ndarray) -> np.ndarray:
    """Values spread over a panel, with a margin of a twentieth."""
    low, high = float(np.min(values)), float(np.max(values))
    return (0.05 + 0.9 * (values - low) / ((high - low) or 1.0)) * SIZE


def _dots(x: np.ndarray, y: np.ndarray) -> Markup:
    path = "".join(
        f"M{a:.0f} {SIZE - b:.0f}h0" for a, b in zip(_places(x), _places(y), strict=True)
    )
    return Markup(
        '<path d="{path}" stroke="#3f6fa8" stroke-width="4" stroke-linecap="round"/>'
    ).format(path=path)


def _curves(spectra: np.ndarray, is_logarithm_seen: bool) -> Markup:
    if is_logarithm_seen and in_decades(spectra):
        heights = _places(np.log10(spectra))
    else:
        heights = _places(np.append(spectra.ravel(), 0.0))[:-1].reshape(spectra.shape)
    x = np.linspace(0, SIZE, spectra.shape[1])
    curves: Iterable[Markup] = (
        Markup('<path d="M{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>').format(
            points="L".join(f"{a:.0f} {SIZE - b:.0f}" for a, b in zip(x, row, strict=True)),
            colour=COLOURS[index % len(COLOURS)],
        )
        for index, row in enumerate(heights)
    )
    return Markup("").join(curves)
