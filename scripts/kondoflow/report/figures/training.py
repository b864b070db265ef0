"""Training curves: losses, the KL divergence of each latent, and the two schedules.

The loss that chooses the weights carries the final KL weight at every epoch and decodes the mean of
q(z|A), so that epochs can be compared. Active latents are drawn in colour, the others in grey.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from kondoflow.files.splits import SPLITS
from kondoflow.report.axes import label_powers, log_axis
from kondoflow.report.labels import latent_name
from kondoflow.report.panels import legend_below, letter, panels
from kondoflow.report.results import Results, epochs_of
from kondoflow.report.sections.judgement import PARTS
from kondoflow.report.style import CYCLE, FAINT, INK, house_style
from kondoflow.report.templating import fill_caption

LINES = ("-", ":", "--")  # of the parts of the data
KINDS = ("-", "--", ":", "-.")
GREY = "#7a7a7a"
LOSSES = {"loss": INK, "reconstruction": GREY}  # colours are those of latents
SMALLEST_KL = 1e-6  # nats, the lower end of the axis


def draw(results: Results) -> Figure:
    """Three panels: losses, KL of each latent (training mean), KL weight and learning rate."""
    history, encoded = results.history, results.latents
    active = encoded["active"].to_numpy().astype(bool)
    figure, (losses, kl, schedules) = panels(3, columns=3, height=3.1)
    epoch = epochs_of(history)
    of_latents = history["kl"].isel(part=0).to_numpy()
    with house_style():
        draw_losses(losses, epoch, history)
        draw_kl(kl, epoch, of_latents, active, encoded.attrs.get("active_above"))
        draw_schedules(schedules, epoch, history)
        for ax in (losses, kl, schedules):
            ax.set_xlabel("epoch")
            ax.set_xlim(epoch[0], max(epoch[-1], 2))
        letter((losses, kl, schedules))
    return figure


def draw_losses(ax: Axes, epoch: np.ndarray, history: xr.Dataset) -> None:
    """Loss at the final KL weight and reconstruction, for each part of the data.

    Behind them, in grey, stands the validation loss of all restarts.

    Args:
        ax: The panel.
        epoch: Epochs done at each record, (epoch,).
        history: Variables of `autoencoder.contract.HISTORY`.
    """
    if "loss_of_restarts" in history:
        others = history["loss_of_restarts"].isel(part=-1).transpose("epoch", "restart")
        ax.plot(epoch, others.to_numpy(), color=FAINT, lw=2.4, zorder=1)
    parts = history["part"].to_numpy() if "part" in history.coords else SPLITS
    for name, colour in LOSSES.items():
        curves = history[name].to_numpy()
        for part, curve, style in zip(parts, curves.T, LINES, strict=False):
            width = 1.1 if style == "-" else 1.8  # seen beside the curve of the training spectra
            ax.plot(epoch, curve, style, color=colour, lw=width, gid=f"{name}, {part}")
    log_axis(ax)
    ax.set_ylabel("mean per spectrum")
    marks = [Line2D([], [], color=colour, lw=1.1) for colour in LOSSES.values()]
    marks += [Line2D([], [], color=INK, ls=style, lw=1.1) for style in LINES[: len(parts)]]
    names = [PARTS.get(str(part), str(part)) for part in parts]
    names = [*LOSSES, *names]
    if "loss_of_restarts" in history:
        marks.append(Line2D([], [], color=FAINT, lw=1.1))
        names.append("loss of restarts")
    legend_below(ax, marks, names)


def draw_kl(
    ax: Axes, epoch: np.ndarray, kl: np.ndarray, active: np.ndarray, threshold: float | None
) -> None:
    """KL of each latent on a logarithmic axis; inactive latents in grey.

    Args:
        ax: The panel.
        epoch: Epochs done at each record, (epoch,).
        kl: KL divergence in nats, (epoch, latent).
        active: Whether a latent is active, (latent,).
        threshold: KL in nats from which a latent is active; None draws no line.
    """
    ax.set_ylabel("KL (nat)")
    if not (kl > 0).any():
        ax.text(0.5, 0.5, "deterministic codes", transform=ax.transAxes, ha="center")
        return
    curves = np.maximum(kl, SMALLEST_KL)
    for latent in np.flatnonzero(~active):
        ax.plot(epoch, curves[:, latent], color=FAINT, lw=0.8, gid=latent_name(int(latent)))
    for rank, latent in enumerate(np.flatnonzero(active)):
        style: dict[str, Any] = {"color": CYCLE[rank % len(CYCLE)]}
        style["ls"] = KINDS[rank // len(CYCLE) % len(KINDS)]  # where the colours are used up
        ax.plot(epoch, curves[:, latent], label=latent_name(int(latent)), **style)
    if threshold is not None:
        ax.axhline(threshold, color=INK, lw=0.7, ls="--")
    log_axis(ax)
    legend_below(ax)


def draw_schedules(ax: Axes, epoch: np.ndarray, history: xr.Dataset) -> None:
    """KL weight and learning rate, each on its own axis.

    Args:
        ax: The panel.
        epoch: Epochs done at each record, (epoch,).
        history: Variables `kl_weight` and `learning_rate`, (epoch,) each.
    """
    ax.plot(epoch, history["kl_weight"], color=INK, label="KL weight")
    ax.set_ylabel("KL weight")
    ax.set_ylim(bottom=0)
    rate = ax.twinx()
    rate.plot(epoch, history["learning_rate"], "--", color=GREY, label="learning rate")
    rate.set_yscale("log")
    label_powers(rate.yaxis)
    rate.set_ylabel("learning rate")
    rate.spines["right"].set_visible(True)
    legend_below(ax, [*ax.lines, *rate.lines], ["KL weight", "learning rate"], columns=1)


def caption(results: Results) -> Markup:
    """Where the loss is lowest, and how far active and inactive latents are apart."""
    loss, epochs = results.history["loss"].to_numpy()[:, -1], epochs_of(results.history)
    kl = np.array(results.scores["kl"], dtype=float)
    settings = results.model["settings"]
    active, inactive = kl[results.active], np.delete(kl, results.active)
    return fill_caption(
        "training",
        relative=settings.get("loss") == "relative",
        refined=settings.get("refine_epochs", 0),
        variational=bool((kl > 0).any()),
        lowest=loss.min(),
        epoch=int(epochs[loss.argmin()]),
        restarts=results.history.sizes.get("restart", 1),
        epochs=int(epochs[-1]),
        weakest=active.min() if active.size else None,
        strongest=inactive.max() if inactive.size else None,
    )
