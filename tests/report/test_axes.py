"""Axes and style: grids as they are spaced, colours as quantities are signed, equal bytes."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from kondoflow.files.errors import InputError
from kondoflow.report.axes import frequency_axis, spreads_over_decades
from kondoflow.report.colours import colour_scale
from kondoflow.report.style import DIVERGING, SEQUENTIAL, save_figure

SIDE = np.geomspace(1e-5, 1, 20)


@pytest.mark.parametrize(
    ("omega", "scale"),
    [
        (np.r_[-SIDE[::-1], 0, SIDE], "symlog"),
        (np.r_[-SIDE[::-1], SIDE].astype(np.float32), "symlog"),
        (np.r_[0, SIDE], "symlog"),
        (-SIDE[::-1], "symlog"),
        (SIDE, "log"),
        (np.geomspace(4e-6, 1.6, 166), "log"),
        (np.linspace(-1, 1, 41), "linear"),
        (np.arange(-0.3, 0.3, 0.001), "linear"),  # misses 0 by rounding
        (np.arange(-50, 50, 0.1), "linear"),
        (np.linspace(1e-6, 10, 5000), "linear"),  # seven decades in equal steps
        (np.linspace(-5, 5, 401).astype(np.float32), "linear"),
        (np.linspace(0, 3, 20), "linear"),
        (np.geomspace(400, 700, 30), "linear"),  # no power of ten to label
        (np.sort(np.random.default_rng(1).uniform(-1, 1, 50)), "linear"),
        (np.array([0.5]), "linear"),
        (np.array([1e-3, 1.0]), "linear"),
    ],
)
def test_a_frequency_axis_follows_the_spacing_of_the_grid(omega: np.ndarray, scale: str) -> None:
    ax = Figure().subplots()
    frequency_axis(ax, omega, "omega")
    assert ax.get_xscale() == scale


@pytest.mark.parametrize(
    ("omega", "spacing", "scale"),
    [
        (np.geomspace(400, 700, 30), "log", "log"),
        (np.arange(-0.3, 0.3, 0.001), "log", "symlog"),
        (np.r_[-SIDE[::-1], 0, SIDE], "linear", "linear"),
    ],
)
def test_an_option_overrides_the_spacing(omega: np.ndarray, spacing: str, scale: str) -> None:
    ax = Figure().subplots()
    frequency_axis(ax, omega, "omega", spacing=spacing)
    assert ax.get_xscale() == scale
    if scale == "symlog":  # the point that misses 0 by rounding is no smallest frequency
        assert ax.xaxis.get_transform().linthresh == pytest.approx(1e-3)


def test_the_smallest_frequency_of_a_grid_that_misses_0_is_tiny() -> None:
    omega = np.arange(-0.3, 0.3, 0.001)
    assert 0 < np.abs(omega).min() < 1e-12


def test_the_lowest_label_of_an_axis_of_both_signs_keeps_off_0() -> None:
    ax, side = Figure().subplots(), np.geomspace(1e-8, 1, 81)
    frequency_axis(ax, np.r_[-side[::-1], 0, side], "omega", ticks=2)
    assert ax.get_xticks().tolist() == [-1, -1e-4, 0, 1, 1e-4]


def test_values_spread_over_decades_if_their_middle_half_does() -> None:
    assert spreads_over_decades(np.geomspace(0.004, 0.15, 99))
    assert not spreads_over_decades(np.linspace(1e-4, 0.6, 99))  # a few values near 0
    assert not spreads_over_decades(np.r_[0, np.geomspace(0.004, 0.15, 99), np.nan])


def test_signed_quantities_get_a_diverging_map() -> None:
    assert colour_scale(np.linspace(-1, 0.8, 50))[0] is DIVERGING
    assert colour_scale(np.linspace(-4, -1, 50))[0] is SEQUENTIAL
    assert colour_scale(np.full(5, np.nan))[0] is SEQUENTIAL
    norm = colour_scale(np.r_[np.linspace(-1, 1, 1000), np.inf])[1]
    assert norm.vmin == -norm.vmax


def test_figures_have_equal_bytes_and_known_formats(tmp_path) -> None:
    def save(folder):
        figure = Figure(figsize=(2, 1))
        figure.subplots().plot([0, 1], [1, 0])
        folder.mkdir()
        save_figure(figure, [folder / name for name in ("a.png", "a.svg", "a.pdf")])
        return [(folder / name).read_bytes() for name in ("a.png", "a.svg", "a.pdf")]

    assert save(tmp_path / "first") == save(tmp_path / "second")
    with pytest.raises(
        InputError, match=r"suffix = '.bmp' is not usable: must be one of .png, .svg"
    ):
        save_figure(Figure(), [tmp_path / "a.bmp"])


def test_powers_of_ten_stand_in_labels_and_cover_nothing(tmp_path, monkeypatch):
    figure = Figure(layout="constrained")
    ax = figure.subplots()
    ax.plot([0, 2e-7, 4e-7], [1.0, 2.0, 3.0], label="line")
    ax.set(xlabel="delay (s)", ylabel="A(delay)")
    plain = Figure.savefig
    seen = []

    def savefig(self, *args, **kwargs):
        seen.append((ax.get_xlabel(), ax.get_ylabel(), ax.xaxis.offsetText.get_visible()))
        plain(self, *args, **kwargs)

    monkeypatch.setattr(Figure, "savefig", savefig)
    save_figure(figure, [tmp_path / "a.png", tmp_path / "a.csv"])
    assert seen == [("delay ($10^{-7}$ s)", "A(delay)", False)]
    assert ax.get_xlabel() == "delay (s)"
    assert ax.xaxis.offsetText.get_visible()
    table = (tmp_path / "a.csv").read_text()
    assert "delay (s)" in table
    assert "2e-07" in table
    ax.set_ylim(-4e9, 4e9)
    save_figure(figure, [tmp_path / "a.png"])
    assert seen[-1][1] == "A(delay) ($10^{9}$)"
