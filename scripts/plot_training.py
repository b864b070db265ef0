"""Training curves: losses, the KL of each latent, and the two schedules.

The loss that chooses the weights carries the nominal KL weight at every epoch and decodes the mean
of q(z|A), so that epochs can be compared. Active latents are drawn in colour, the others in grey.
"""

from pathlib import Path
from typing import Annotated

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from kondoflow.autoencoder.contract import HISTORY, LATENTS
from kondoflow.files.contract import check
from kondoflow.files.netcdf import read_dataset
from kondoflow.files.splits import SPLITS
from kondoflow.report.axes import label_powers, letter, log_axis, panels
from kondoflow.report.labels import latent_symbol
from kondoflow.report.results import epochs_of
from kondoflow.report.style import BLUE, CYCLE, FAINT, INK, ORANGE, house_style, save_figure
from kondoflow.stage.entry import Input, Output, run_stage

SMALLEST_KL = 1e-6  # nats, the lower end of the axis


def draw_training(history: xr.Dataset, active: np.ndarray, threshold: float | None) -> Figure:
    """Three panels: losses, KL of each latent (training mean), KL weight and learning rate.

    Args:
        history: The training history.
        active: Whether each latent is active, (latent,).
        threshold: KL above which a latent counts as active, if known.
    """
    figure, (losses, kl, schedules) = panels(3, columns=3, height=2.75)
    epoch = epochs_of(history)
    with house_style():
        draw_losses(losses, epoch, history)
        draw_kl(kl, epoch, history["kl"].isel(part=0).to_numpy(), active, threshold)
        draw_schedules(schedules, epoch, history)
        for ax in (losses, kl, schedules):
            ax.set_xlabel("epoch")
            ax.set_xlim(epoch[0], max(epoch[-1], 2))
        letter((losses, kl, schedules))
    return figure


def draw_losses(ax: Axes, epoch: np.ndarray, history: xr.Dataset) -> None:
    """Loss at the nominal KL weight and reconstruction, for each part of the data."""
    parts = history["part"].to_numpy() if "part" in history.coords else SPLITS
    for name, colour, offset in (("loss", BLUE, 5), ("reconstruction", ORANGE, -14)):
        curves = history[name].to_numpy()
        for index, style in zip(range(curves.shape[1]), ("-", ":", "--"), strict=False):
            ax.plot(epoch, curves[:, index], style, color=colour, lw=1.1)
        ax.annotate(
            name,
            (0.98, np.median(curves[-1])),
            xycoords=("axes fraction", "data"),
            xytext=(0, offset),
            textcoords="offset points",
            ha="right",
            color=colour,
        )
    log_axis(ax)
    ax.set_ylabel("mean per spectrum")
    styles = [Line2D([], [], color=INK, ls=style, lw=1.1) for style in ("-", ":", "--")]
    ax.legend(styles[: history.sizes["part"]], parts, loc="upper right")


def draw_kl(
    ax: Axes, epoch: np.ndarray, kl: np.ndarray, active: np.ndarray, threshold: float | None
) -> None:
    """KL of each latent, (epoch, latent), on a logarithmic axis; inactive ones in grey."""
    ax.set_ylabel("KL (nat)")
    if not (kl > 0).any():
        ax.text(0.5, 0.5, "deterministic codes", transform=ax.transAxes, ha="center")
        return
    curves = np.maximum(kl, SMALLEST_KL)
    ax.plot(epoch, curves[:, ~active], color=FAINT, lw=0.8)
    for rank, latent in enumerate(np.flatnonzero(active)):
        ax.plot(
            epoch,
            curves[:, latent],
            color=CYCLE[rank % len(CYCLE)],
            label=latent_symbol(int(latent)),
        )
    if threshold is not None:
        ax.axhline(threshold, color=INK, lw=0.7, ls="--")
    log_axis(ax)
    if active.any():
        ax.legend(frameon=True, edgecolor="none")


def draw_schedules(ax: Axes, epoch: np.ndarray, history: xr.Dataset) -> None:
    """Beta and learning rate, each on its own axis in its own colour."""
    ax.plot(epoch, history["kl_weight"], color=BLUE)
    ax.set_ylabel("KL weight", color=BLUE)
    ax.tick_params(axis="y", colors=BLUE)
    ax.set_ylim(bottom=0)
    rate = ax.twinx()
    rate.plot(epoch, history["learning_rate"], color=ORANGE)
    rate.set_yscale("log")
    label_powers(rate.yaxis)
    rate.set_ylabel("learning rate", color=ORANGE)
    rate.tick_params(axis="y", which="both", colors=ORANGE)
    rate.spines["right"].set_visible(True)


def main(
    *,
    history: Annotated[Path, Input("training history (netCDF)")],
    latents: Annotated[Path, Input("latents of the samples (netCDF)")],
    training: Annotated[list[Path], Output("training curves, .png, .svg or .pdf")],
) -> None:
    """Draw the training curves of one run."""
    curves, encoded = read_dataset(history), read_dataset(latents)
    check(curves, HISTORY, history)
    check(encoded, LATENTS, latents)
    active = encoded["active"].to_numpy().astype(bool)
    figure = draw_training(curves, active, encoded.attrs.get("active_above"))
    save_figure(figure, training)


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
