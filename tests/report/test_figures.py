"""Figures: drawn from the files of a run, with a notice where there is nothing to show."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from report_files import N_LATENTS, Run, make_history

import plot_figures
import plot_scan
from kondoflow.files.atomic import read_json
from kondoflow.files.errors import InputError
from kondoflow.report.colours import draw_cells
from kondoflow.report.drawn import table_of
from kondoflow.report.figures import (
    correlations,
    error_map,
    examples,
    landmarks,
    latent_scale,
    pareto,
    prediction,
    residual,
    samples,
    scan,
    training,
    traversals,
)
from kondoflow.report.figures.drawing import draw, why_empty
from kondoflow.report.figures.registry import FIGURES, figures_of_runs
from kondoflow.report.panels import panels
from kondoflow.report.results import Results, energy_of
from kondoflow.report.sections.judgement import region_of
from kondoflow.report.sections.latents import facts
from kondoflow.report.style import FAINT, save_figure
from kondoflow.report.templating import fill_caption, finding_of

DRAWN_BY_CHANNEL = ("examples", "reconstructions", "traversals", "triptych")


def results_of(run: Run) -> Results:
    settings = run.config["autoencoder"]
    return Results(run.files, run.system, settings, "set", "run", run.found)


def test_every_figure_is_written(anderson: Run, gap: Run) -> None:
    for run in (anderson, gap):
        for path in run.figures:
            absent = path.stem == ("law" if run is gap else "landmarks")  # a notice, no numbers
            smallest = 50 if path.suffix == ".csv" else 3000 if absent else 5000
            assert path.stat().st_size > (0 if absent and path.suffix == ".csv" else smallest), path


def entry_of(name: str) -> Any:
    return next(entry for entry in FIGURES if entry.name == name)


@pytest.mark.parametrize("name", [entry.name for entry in figures_of_runs()])
def test_without_active_latents_and_equations_a_notice_says_so(name: str, gap: Run) -> None:
    results = results_of(gap)
    results.__dict__["scores"] = results.scores | {"active_latents": [], "leading_latent": None}
    results.__dict__["verdict"] = {"targets": []}
    reason = why_empty(entry_of(name), results)
    category = entry_of(name).category
    expected = {
        "Latents": "No latent is active.",
        "Equations": "There is no equation.",
        "Law": "No law over the whole box was composed.",
    }
    assert reason == expected.get(category, "")
    if reason:
        figure = draw(entry_of(name), results)
        assert [text.get_text() for text in figure.texts] == [reason]


def test_a_system_without_scale_or_references_has_fewer_figures(gap: Run) -> None:
    results = results_of(gap)
    entries = [entry | {"references": {}} for entry in results.chosen]
    results.__dict__["verdict"] = {"targets": entries}
    assert why_empty(entry_of("recovery"), results) == "The system names no reference formulas."
    bare = Results(gap.files, {key: gap.system[key] for key in ("parameters", "descriptors")}, {})
    assert latent_scale.empty(bare) == "The system names no scale."
    bare.__dict__["scores"] = {"active_latents": [0]}
    assert landmarks.empty(bare) == "The system names no landmark."
    assert examples.empty(bare) == ""
    assert bare.energy is None


@pytest.mark.parametrize(
    ("scale", "unit", "expected"),
    [
        ("log(gap)", "meV", "gap"),
        ("log10( gap )", "meV", "gap"),
        ("log10(gap)", "K", None),
        ("log10(gap)", None, None),
        ("gap", "meV", None),
        ("log10(width)", "meV", None),
    ],
)
def test_spectra_are_shown_in_units_of_an_energy_in_the_unit_of_the_axis(
    scale: str, unit: str | None, expected: str | None
) -> None:
    attributes = {} if unit is None else {"units": unit}
    spectra = xr.Dataset(
        {"gap": ("sample", [1.0], attributes)}, {"omega": ("omega", [0.0, 1.0], {"units": "meV"})}
    )
    assert energy_of({"descriptors": {"s": scale}, "scale": "s"}, spectra) == expected


def test_linear_grids_are_drawn_linear_in_the_words_of_the_system(gap: Run) -> None:
    results = results_of(gap)
    first, second = examples.draw(results).axes[:2]
    assert first.get_xscale() == "linear"
    assert first.get_xlabel() == "$E$ (meV)"
    assert first.get_ylabel() == "$N(E)/N_0$"
    assert second.get_xlabel() == r"$E/\Delta$"


def test_the_axis_of_the_configuration_overrides_the_grid(gap: Run) -> None:
    results = results_of(gap)
    forced = replace(results, system=results.system | {"axis": "log"})
    for name in DRAWN_BY_CHANNEL:
        scales = [
            {
                ax.get_xscale()
                for ax in draw(entry_of(name), of).axes
                if ax.get_xlabel().startswith("$E$ (meV)")
            }
            for of in (results, forced)
        ]
        assert scales == [{"linear"}, {"symlog"}], name


@pytest.mark.parametrize(
    ("transform", "least", "kind"),
    [
        ("log", 1e-30, "log"),
        ("log", -1e-30, "linear"),
        ("log", 0.0, "linear"),
        ("none", 1e-30, "linear"),
    ],
)
def test_spectra_whose_logarithm_is_seen_are_drawn_in_decades(
    gap: Run, transform: str, least: float, kind: str
) -> None:
    results = results_of(gap)
    results = replace(results, settings={**results.settings, "transform": transform})
    height = np.geomspace(1.0, 1e-6, results.spectra.sizes["omega"]) * 1e-20
    for dataset, names in (
        (results.spectra, ["spectral_function"]),
        (results.latents, ["traversal", "example_input", "example_reconstruction"]),
    ):
        for name in names:
            known = dataset[name]
            low = np.where(np.arange(height.size) == height.size - 1, least, height)
            dataset[name] = (known.dims, np.broadcast_to(low, known.shape).copy())
    for name in DRAWN_BY_CHANNEL:
        figure = draw(entry_of(name), results)
        shown = [ax for ax in figure.axes if ax.lines and ax.get_xlabel().startswith("$E$")]
        assert {ax.get_yscale() for ax in shown} == {kind}, name
        if kind == "log":
            low, high = shown[0].get_ylim()
            assert low <= least
            assert high >= 1e-20
        assert f"{least:.6g}" in table_of(figure), name  # the numbers are those of the spectra


def test_steps_far_from_all_data_are_grey_and_told(gap: Run) -> None:
    results = results_of(gap)
    steps = len(results.latents["step"])
    effects = deepcopy(results.scores["traversal_effects"])
    effects["0"]["near"] = [False] + [True] * (steps - 1)
    results.__dict__["scores"] = results.scores | {"traversal_effects": effects}
    of_latent_0, of_latent_1 = traversals.draw(results).axes[:2]
    greys = [line.get_color() == FAINT for line in of_latent_0.lines]
    assert greys == [True] + [False] * (steps - 1)
    assert not any(line.get_color() == FAINT for line in of_latent_1.lines)
    assert "far" in traversals.caption(results)


def test_every_channel_is_drawn_under_its_name(anderson: Run, tmp_path: Path) -> None:
    results = results_of(anderson)
    results = replace(results, settings=results.settings | {"channel": "all"})
    one, names = results.latents, xr.DataArray(["up", "down"], dims="channel")
    both = {
        name: xr.concat([one[name], 0.5 * one[name]], names).transpose(..., "channel", "omega")
        for name in ("traversal", "example_input", "example_reconstruction")
    }
    results.__dict__["latents"] = one.assign(both)
    spectra = results.spectra["spectral_function"].to_numpy()
    save_figure(draw(entry_of("triptych"), results), [tmp_path / "a.png"])
    drawn = {name: draw(entry_of(name), results) for name in DRAWN_BY_CHANNEL}
    for name, figure in drawn.items():
        heights = [ax.get_ylabel() for ax in figure.axes]
        for channel in ("up", "down"):
            assert any(label.split(", ")[-1] == channel for label in heights), name
            assert f", {channel}" in table_of(figure).splitlines()[0], name
    index = results.latents["example"].to_numpy()[0]
    rows = drawn["reconstructions"].axes
    for ax, part in ((rows[0], spectra[index, 0]), (rows[3], 0.5 * spectra[index, 0])):
        np.testing.assert_allclose(ax.lines[0].get_ydata(), part)
    curves = np.array(
        [line.get_ydata() for ax in drawn["traversals"].axes[:4] for line in ax.lines]
    )
    expected = np.moveaxis(both["traversal"].to_numpy()[results.active], 1, 2)
    np.testing.assert_array_equal(curves, expected.reshape(curves.shape))


def test_the_drawn_maps_are_the_stored_maps(anderson: Run) -> None:
    results = results_of(anderson)
    (line,) = latent_scale.draw(results).axes[0].lines
    assert line.get_xdata().tolist() == [-9.0, 0.0]
    assert line.get_ydata().tolist() == [-2.0, 2.0]
    axes = [ax for ax in prediction.draw(results).axes if ax.get_visible()]
    assert axes[0].lines[0].get_ydata().tolist() == [-2.0, 2.0]
    assert [ax.get_legend().get_texts()[-1].get_text() for ax in axes] == [
        "after a monotone map",
        "after a monotone map",
        "equality",
    ]


def test_a_landmark_is_a_value_of_a_quantity_and_a_threshold_of_a_latent(gap: Run) -> None:
    results = results_of(gap)
    figure = landmarks.draw(results)
    plane, latent = figure.axes[:2]
    assert plane.get_xlabel() == "coupling"
    level, threshold = latent.lines
    assert level.get_ydata()[0] == 0.4
    assert threshold.get_xdata()[0] == results.scores["landmarks"]["crossing"]["threshold"]
    assert "latent 0 tells on which side" in landmarks.caption(results)
    assert "white line" in error_map.caption(results)
    known = {"x": "coupling", "y": "log_gap", "inside": [[1.0, 1.0], [None, 1.0]]}
    entry = {**results.chosen[0], "error_map": {**results.chosen[0]["error_map"], **known}}
    results.__dict__["verdict"] = {"targets": [entry]}
    assert "the landmark crossing" in error_map.caption(results)
    assert "white line" not in error_map.caption(results)  # no cell lies outside the region


def test_a_border_is_where_the_quantity_has_its_value() -> None:
    x, y = np.random.default_rng(2).uniform(0.1, 10, (2, 2000))
    _, (ax,) = panels(1, columns=1, height=2)
    ax.set_xscale("log")
    landmarks.draw_border(ax, x, y, np.log(x) + y, 5.0)
    (border,) = ax.collections
    points = np.concatenate([path.vertices for path in border.get_paths()])
    assert len(points) > 20
    np.testing.assert_allclose(np.log(points[:, 0]) + points[:, 1], 5.0, atol=0.1)
    landmarks.draw_border(ax, x, y, np.log(x) + y, 99.0)  # nowhere
    landmarks.draw_border(ax, x, 0 * y, x, 5.0)  # no plane
    assert len(ax.collections) == 1


def test_samples_are_counted_for_each_quantity(anderson: Run) -> None:
    """A quantity may have no value for some samples."""
    results = results_of(anderson)
    assert "On the 7 test samples of the region, R² is" in prediction.caption(results)
    assert facts(results)["n_correlated"] == 24
    first, *others = deepcopy(results.chosen)
    for part in first["errors"].values():
        part["n"] //= 2
    scores = deepcopy(dict(results.scores))
    scores["descriptors"][results.best_descriptor(0)]["0"]["n"] = 17
    before = region_of(results)
    results.__dict__.update(verdict={**results.verdict, "targets": [first, *others]}, scores=scores)
    told = prediction.caption(results)
    assert "On the test samples of the region, R² is" in told
    assert [text.split("(")[-1] for text in told.split(" samples)")[:-1]] == ["3", "7", "7"]
    assert facts(results)["n_correlated"] is None
    assert region_of(results) == before


def test_residuals_are_those_of_the_predictions(anderson: Run) -> None:
    results = results_of(anderson)
    figure = residual.draw(results)
    drawn = [ax.collections[0] for ax in figure.axes if "latent 1: Haldane," in ax.get_title()]
    found = results.predictions.sel(target="latent_1")
    values = (found["value"] - found["reference_mapped"]).to_numpy()
    (_, x), (_, y) = residual.plane_of(results)
    x_edges, y_edges, means = residual.binned(x, y, values)
    np.testing.assert_array_equal(drawn[0].get_array(), means)
    inside = (x >= x_edges[0]) & (x < x_edges[1]) & (y >= y_edges[0]) & (y < y_edges[1])
    expected = values[inside].mean() if inside.any() else np.nan
    assert means[0, 0] == pytest.approx(expected, nan_ok=True)


def test_only_telling_references_stand_in_a_front(anderson: Run) -> None:
    ax = pareto.draw(results_of(anderson)).axes[0]
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["Operon", "chosen", "Haldane", r"Haldane with $e^{\pi\Gamma/2U}$"]
    assert [line.get_ydata()[0] for line in ax.lines[2:]] == pytest.approx([0.01, 0.21])


def test_cells_without_a_number_are_empty() -> None:
    ax = draw_cells_of(np.array([[0.5, np.nan]]))
    assert [text.get_text() for text in ax.texts] == ["0.50"]


def draw_cells_of(table: np.ndarray) -> Any:
    from matplotlib.figure import Figure

    ax = Figure().subplots()
    draw_cells(ax, table)
    return ax


def test_a_single_epoch_is_drawn(anderson: Run, tmp_path: Path) -> None:
    results = results_of(anderson)
    results.__dict__["history"] = make_history(np.zeros(N_LATENTS), 1)
    save_figure(draw(entry_of("training"), results), [tmp_path / "a.png"])
    assert (tmp_path / "a.png").is_file()


def test_a_missing_file_is_named(anderson: Run, tmp_path: Path) -> None:
    missing = tmp_path / "history.nc"
    with pytest.raises(InputError) as caught:
        plot_figures.main(
            **{name: path for name, path in anderson.files.items() if name != "model"}
            | {"history": missing},
            laws=[],
            found=anderson.found,
            figures=[tmp_path / "training.png"],
            system=anderson.system,
        )
    expected = f"{missing}: file = None is not usable: must be an existing netCDF file"
    assert str(caught.value) == expected
    assert not (tmp_path / "training.png").exists()


def test_a_figure_that_asks_for_a_file_its_rule_lacks_is_told_so(anderson: Run) -> None:
    results = Results({"spectra": anderson.files["spectra"]}, {}, {})
    with pytest.raises(InputError) as caught:
        _ = results.verdict
    assert (
        str(caught.value) == "report: file of verdict = None is not usable: must be one of spectra"
    )


@pytest.mark.parametrize("weights", [(2.0,), (0.0,), (0.0, 2.0), (0.1, 1.0, 1.0, 4.0)])
def test_a_scan_joins_runs_that_differ_in_weight_and_seed(weights: tuple[float, ...]) -> None:
    kl, active = np.array([0.8, 1e-4, 0.0]), np.array([True, False, False])
    points = [
        scan.Point({"kl_weight": weight, "seed": seed, "n_latents": n}, kl, active, 0.01)
        for n in (3, 5)
        for seed, weight in enumerate(weights)
    ]
    by_line = scan.lines(points)
    assert list(by_line) == ["n_latents 3", "n_latents 5"]
    assert [point.kl_weight for point in by_line["n_latents 5"]] == list(weights)
    assert list(scan.lines(points[: len(weights)])) == [""]
    figure = scan.draw_points(points)
    curves = [curve for curve in figure.axes[0].lines if curve.get_label() == "n_latents 3"]
    assert curves[0].get_xdata().tolist() == sorted(set(weights))
    assert curves[0].get_ydata().tolist() == [1.0] * len(set(weights))


def test_a_scan_reads_the_scores(anderson: Run) -> None:
    point = scan.point_of(results_of(anderson))
    assert point.active.tolist() == [True, True, False, False]
    assert point.kl.tolist() == read_json(anderson.files["scores"])["kl"]
    assert point.error == 0.0625


def test_a_scan_needs_a_file_for_every_run(anderson: Run, tmp_path: Path) -> None:
    runs = [{"name": name, "ensemble": "set"} for name in ("run", "second")]
    with pytest.raises(InputError) as caught:
        plot_scan.main(
            scores=[anderson.files["scores"]],
            model=[anderson.files["model"]],
            figures=[tmp_path / "scan.png"],
            config=anderson.config | {"runs": runs},
        )
    assert str(caught.value) == "scan: number of scores files = 1 is not usable: must be 2"


def test_examples_are_coloured_by_a_quantity_where_there_is_no_scale(gap: Run) -> None:
    results = results_of(gap)
    system = {key: value for key, value in results.system.items() if key != "scale"}
    figure = draw(entry_of("examples"), replace(results, system=system))
    assert figure.axes[-1].get_ylabel() == "log_gap"
    assert "evenly spaced in the rank of log_gap" in examples.caption(
        replace(results, system=system)
    )


def test_few_samples_stand_in_few_bins() -> None:
    assert [samples.bins_of(n) for n in (3, 60, 2000, 60_000)] == [5, 8, 40, 40]


@pytest.mark.parametrize(("n", "rows"), [(3, 1), (8, 3)])
def test_tables_of_many_latents_stand_below_each_other(gap: Run, n: int, rows: int) -> None:
    results = results_of(gap)
    score = {"pearson": 0.1, "spearman": 0.999, "isotonic_r2": 0.99996}
    scores = {"log_gap": {str(k): score for k in range(n)}}
    results.__dict__["scores"] = {"active_latents": list(range(n)), "descriptors": scores}
    figure = correlations.draw(results)
    assert len({ax.get_subplotspec().rowspan.start for ax in figure.axes}) == rows
    shown = {text.get_text() for ax in figure.axes for text in ax.texts}
    assert shown == {"0.10", "0.999", "0.99996"}


def test_latents_are_told_apart_where_colours_are_used_up() -> None:
    _, (ax,) = panels(1, columns=1, height=2.0)
    training.draw_kl(ax, np.arange(4), np.ones((4, 15)), np.ones(15, bool), 0.01)
    looks = {(line.get_color(), line.get_linestyle()) for line in ax.lines[:15]}
    assert len(looks) == 15


def test_captions_of_many_latents_begin_with_three() -> None:
    effects = [(f"latent {k}", "it grows.") for k in range(5)]
    told = fill_caption("traversals", first=0.01, last=0.99, n_far=0, effects=effects)
    assert "latent 2" in finding_of(told)
    assert "latent 3" not in finding_of(told)
    assert "latent 4" in told


def test_held_parameters_of_a_law_have_units_and_points_their_name(anderson: Run) -> None:
    results = Results(
        anderson.files, anderson.system, {}, "set", "run", anderson.found, anderson.laws
    )
    figure = draw(entry_of("law"), results)
    assert all("/D$ = " in ax.get_title() for ax in figure.axes if ax.lines)
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert results.confirmation["source"] in names
    other = {**results.confirmation, "source": "test samples"}
    results.__dict__["confirmation"] = other
    figure = draw(entry_of("law"), results)
    assert "test samples" in [text.get_text() for text in figure.legends[0].get_texts()]


def test_examples_are_evenly_spread_in_rank() -> None:
    values = np.array([5.0, np.nan, 1.0, 3.0, 2.0, 4.0])
    assert values[examples.choose_examples(values, 3)].tolist() == [1.0, 3.0, 5.0]
    assert examples.choose_examples(np.full(3, np.nan), 3).size == 0
    scan = np.repeat(np.arange(10.0), 20)  # of two quantities, the second of which is the place
    chosen = examples.choose_examples(scan, 7)
    assert len(set(chosen % 20)) > 4
    assert (np.diff(scan[chosen]) > 0).all()


def test_the_second_panel_shows_the_sides_that_have_frequencies() -> None:
    shown = SimpleNamespace(set_xlim=lambda *limits: limits_of.append(limits))
    limits_of: list[Any] = []
    for omega in ([-1.0, 1.0], [0.0, 1.0], [-2.0, -1.0]):
        examples.zoom(shown, np.array(omega))  # type: ignore[arg-type]
    assert limits_of == [(-10.0, 10.0), (0.0, 10.0), (-10.0, 0.0)]


@pytest.mark.parametrize(("centre", "expected"), [(0.0, "width"), (6000.0, None)])
def test_a_narrow_line_far_from_0_has_no_panel_in_its_units(centre: float, expected: Any) -> None:
    grid = xr.Dataset(coords={"omega": centre + np.linspace(-0.5, 0.5, 101)})
    results: Any = SimpleNamespace(
        energy="width", spectra=grid, variables={"width": np.full(9, 0.05)}
    )
    assert examples.energy_of(results, np.arange(9)) == expected
