"""What symbolic regression found: Pareto fronts, predictions, and what is left over.

Whatever is compared with a target is first mapped onto it by the best map of the target's
objective (monotone for a latent, none for a quantity in known units), fitted on the training
samples of the region. What a formula leaves unexplained is 1 - R^2 after that map.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from kondoflow.autoencoder.contract import LATENTS
from kondoflow.discovery.descriptors import evaluate_descriptors
from kondoflow.discovery.engine_files import read_engines
from kondoflow.discovery.monotone import unexplained
from kondoflow.discovery.objectives import Objective, fit_map
from kondoflow.discovery.targets import Samples, Target, read_samples, read_targets
from kondoflow.files.atomic import read_json
from kondoflow.files.contract import check
from kondoflow.files.netcdf import read_dataset
from kondoflow.files.spectra import read_spectra
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse
from kondoflow.report.axes import colour_bar, draw_cells, log_axis, notice, panels
from kondoflow.report.labels import Labels
from kondoflow.report.style import (
    BLUE,
    CYCLE,
    DIVERGING,
    FAINT,
    INK,
    ORANGE,
    WIDTH,
    house_style,
    save_figure,
)
from kondoflow.stage.entry import Input, Output, Setting, run_stage

NO_EQUATION = "No equation was found."
NO_REFERENCE = "The system names no reference formulas."
SEARCHES = {"searches": "searches", "null": "searches on permuted values"}
DASHES = ("--", "-.", ":")  # of the best reference formulas in a Pareto front
MEANINGLESS = 0.5  # unexplained share above which a reference is not drawn
MARKERS = "osD^v"
MAPS = {
    Objective.ISOTONIC: "monotone map",
    Objective.PEARSON: "affine map",
    Objective.SQUARED_ERROR: "identity",
}


@dataclass(frozen=True)
class Formula:
    """An equation or a reference: label, values, (sample,), and the share it leaves unexplained."""

    label: str
    values: np.ndarray
    unexplained: float


@dataclass(frozen=True)
class Found:
    """One target with what was found for it.

    Attributes:
        label: Symbol of the target.
        values: Values to be explained, (sample,).
        objective: Maps up to which they are.
        fitted: Mask (sample,) of the training samples in the region.
        shown: Mask (sample,) of the other samples in the region.
        fronts: For each engine, complexity and unexplained share of its equations, (n, 2).
        complexity: Complexity of the chosen equation.
        chosen: The chosen equation.
        references: The reference formulas that say something about the target, best first.
    """

    label: str
    values: np.ndarray
    objective: Objective
    fitted: np.ndarray
    shown: np.ndarray
    fronts: Mapping[str, np.ndarray]
    complexity: int
    chosen: Formula
    references: Sequence[Formula]


def main(
    *,
    spectra: Annotated[Path, Input("set of spectra (netCDF)")],
    latents: Annotated[Path, Input("latents of the samples (netCDF)")],
    found: Annotated[list[Path], Input("what each engine found (JSON)")],
    verdict: Annotated[Path, Input("chosen equations (JSON)")],
    pareto: Annotated[list[Path], Output("Pareto fronts, .png, .svg or .pdf")],
    prediction: Annotated[list[Path], Output("target against equation, likewise")],
    residual: Annotated[list[Path], Output("what is left over the region, likewise")],
    recovery: Annotated[list[Path], Output("how often a reference is recovered, likewise")],
    system: Annotated[dict[str, Any], Setting("system")],
    equations: Annotated[dict[str, Any], Setting("equations")],
) -> None:
    """Draw the equations of one run."""
    dataset, encoded = read_spectra(spectra), read_dataset(latents)
    check(encoded, LATENTS, latents)
    labels, samples = Labels(system, dataset), read_samples(dataset, system)
    references = evaluate_descriptors(system.get("references", {}), samples.variables, "references")
    named = {labels.symbol(name): values for name, values in references.items()}
    engines = read_engines(found)
    judged = read_json(verdict)["targets"]
    chosen = {entry["target"]: entry for entry in judged}
    pictures = [
        collect(target, chosen[target.name], engines, samples, named, labels)
        for target in read_targets(encoded, samples, system, equations)
        if chosen.get(target.name, {}).get("equation_inputs")
    ]
    plane = [(labels.symbol(name), values) for name, values in samples.inputs.items()][:2]
    save_figure(draw_pareto(pictures), pareto)
    save_figure(draw_prediction(pictures), prediction)
    save_figure(draw_residual(pictures, plane), residual)
    save_figure(draw_recovery([entry for entry in judged if entry["equation"]], labels), recovery)


def collect(
    target: Target,
    chosen: Mapping[str, Any],
    engines: Sequence[Mapping[str, Any]],
    samples: Samples,
    references: Mapping[str, np.ndarray],
    labels: Labels,
) -> Found:
    """Put together what was found for one target.

    Args:
        target: The target.
        chosen: Its entry in the verdict.
        engines: What each engine found, for all targets.
        samples: The samples.
        references: Values of the reference formulas by label, (sample,).
        labels: Symbols.
    """
    usable = samples.usable(target)
    fitted, shown = usable & samples.parts["train"], usable & ~samples.parts["train"]
    formulas = [
        Formula(label, values, left_over(target, values, fitted, shown))
        for label, values in references.items()
    ]
    telling = [formula for formula in formulas if formula.unexplained < MEANINGLESS]
    expression = parse(chosen["equation_inputs"], "equation_inputs", "verdict")
    values = np.broadcast_to(evaluate(expression, samples.inputs), target.values.shape)
    return Found(
        label=labels.target(target.name),
        values=target.values,
        objective=target.objective,
        fitted=fitted,
        shown=shown,
        fronts={engine["engine"]: front_of(engine, target.name) for engine in engines},
        complexity=chosen["complexity"],
        chosen=Formula("chosen equation", values, 1 - chosen["score_validation"]),
        references=sorted(telling, key=lambda formula: formula.unexplained),
    )


def front_of(engine: Mapping[str, Any], target: str) -> np.ndarray:
    """Complexity and unexplained share of an engine's equations for a target, (n, 2)."""
    points = [
        (item["complexity"], 1 - item["score_validation"])
        for entry in engine["targets"]
        if entry["target"] == target
        for item in entry["front"]
        if item["score_validation"] is not None
    ]
    return np.array(points, dtype=float).reshape(-1, 2)


def left_over(target: Target, values: np.ndarray, fitted: np.ndarray, shown: np.ndarray) -> float:
    """Share of a target's variance that a formula leaves unexplained on held-out samples."""
    train, others = np.isfinite(values) & fitted, np.isfinite(values) & shown
    if not train.any() or not others.any():
        return np.inf
    onto = fit_map(target.objective, values[train], target.values[train])
    return unexplained(target.values[others], onto(values[others]))


def draw_pareto(found: Sequence[Found]) -> Figure:
    """Unexplained share against complexity: all engines, the choice, the reference formulas."""
    if not found:
        return notice(NO_EQUATION)
    figure, axes = panels(len(found), columns=2, height=2.9)
    with house_style():
        for ax, one in zip(axes, found, strict=True):
            for index, (engine, front) in enumerate(one.fronts.items()):
                if front.size:
                    style: dict[str, Any] = {
                        "ls": "",
                        "marker": MARKERS[index],
                        "ms": 4.5,
                        "color": CYCLE[index],
                    }
                    ax.plot(*front.T, label=engine, **style)
            ring: dict[str, Any] = {
                "ls": "",
                "marker": "o",
                "ms": 11,
                "mfc": "none",
                "mec": INK,
                "mew": 1.2,
            }
            ax.plot(one.complexity, one.chosen.unexplained, label="chosen", **ring)
            for reference, dashes in zip(one.references, DASHES, strict=False):
                style = {"color": INK, "lw": 0.9, "ls": dashes, "zorder": 0}
                ax.axhline(reference.unexplained, label=reference.label, **style)
            log_axis(ax)
            ax.legend(loc="upper right", fontsize=8.5, frameon=True, edgecolor="none")
            ax.set_xlim(left=0)
            ax.xaxis.set_major_locator(MaxNLocator(integer=True))
            ax.set_xlabel("complexity")
            ax.set_ylabel("$1 - R^2$, held out")
            ax.set_title(one.label)
    return figure


def draw_prediction(found: Sequence[Found]) -> Figure:
    """Target against the chosen equation on the held-out samples of the region, with the map."""
    if not found:
        return notice(NO_EQUATION)
    figure, axes = panels(len(found), columns=2, height=2.9)
    with house_style():
        for ax, one in zip(axes, found, strict=True):
            values = one.chosen.values
            known = np.isfinite(values)
            train, shown = known & one.fitted, known & one.shown
            size = float(np.clip(4000 / max(shown.sum(), 1), 4, 16))
            marks: dict[str, Any] = {"s": size, "lw": 0, "color": BLUE, "rasterized": True}
            ax.scatter(values[shown], one.values[shown], **marks)
            if train.any():
                x = np.sort(values[train | shown])
                onto = fit_map(one.objective, values[train], one.values[train])
                ax.plot(x, onto(x), color=ORANGE, label=MAPS[one.objective])
                ax.legend()
            ax.set_xlabel("chosen equation")
            ax.set_ylabel(one.label)
    return figure


def draw_residual(found: Sequence[Found], plane: Sequence[tuple[str, np.ndarray]]) -> Figure:
    """What the chosen equation and the best reference leave of each target, over the region.

    Args:
        found: The targets.
        plane: Label and values, (sample,), of one or two inputs that span the region; with a
            single one the residual itself is the vertical axis.
    """
    if not found or not plane:
        return notice(NO_EQUATION)
    formulas = [[one.chosen, *one.references[:1]] for one in found]
    columns = max(len(row) for row in formulas)
    sharing: dict[str, Any] = {"sharex": True, "sharey": "row"}
    figure, axes = panels(columns * len(found), columns=columns, height=2.4, **sharing)
    with house_style():
        for index, (one, row) in enumerate(zip(found, formulas, strict=True)):
            in_row = axes[columns * index : columns * (index + 1)]
            left = [residual_of(one, formula) for formula in row]
            bound = max(bound_of(values) for values in left)
            for ax, formula, values in zip(in_row, row, left, strict=False):
                marks = draw_region(ax, plane, values, bound)
                ax.set_title(f"{one.label}: {formula.label}")
                ax.label_outer()
            for ax in in_row[len(row) :]:
                ax.set_visible(False)
            if len(plane) > 1:
                colour_bar(figure, marks, in_row, f"residual of {one.label}")
    return figure


def draw_recovery(judged: Sequence[Mapping[str, Any]], labels: Labels) -> Figure:
    """Share of the single searches, and of the null searches, that recover each reference.

    Args:
        judged: Entries of the verdict that hold an equation.
        labels: Symbols.
    """
    names = list(judged[0]["references"]) if judged else []
    if not names:
        return notice(NO_REFERENCE if judged else NO_EQUATION)
    height = 0.9 + 0.3 * len(judged)
    figure, axes = panels(2, columns=2, width=WIDTH, height=height, sharey=True)
    with house_style():
        for ax, (key, title) in zip(axes, SEARCHES.items(), strict=True):
            shares = [
                [entry[key]["recovered"][name] / (entry[key]["n"] or np.nan) for name in names]
                for entry in judged
            ]
            draw_cells(ax, np.array(shares))
            ax.set_title(title)
            symbols = [labels.symbol(name) for name in names]
            ax.set_xticks(range(len(names)), symbols, rotation=35, ha="right")
        axes[0].set_yticks(range(len(judged)), [labels.target(item["target"]) for item in judged])
    return figure


def residual_of(one: Found, formula: Formula) -> np.ndarray:
    """Target less the map of a formula, (sample,); NaN where undefined and outside the region."""
    known = np.isfinite(formula.values) & (one.fitted | one.shown)
    train = known & one.fitted
    left = np.full(len(one.values), np.nan)
    if train.any():
        onto = fit_map(one.objective, formula.values[train], one.values[train])
        left[known] = one.values[known] - onto(formula.values[known])
    return left


def bound_of(values: np.ndarray) -> float:
    """Symmetric range that holds 98 per cent of some residuals."""
    known = np.abs(values[np.isfinite(values)])
    return float(np.quantile(known, 0.98)) if known.size else 0.0


def draw_region(
    ax: Axes, plane: Sequence[tuple[str, np.ndarray]], values: np.ndarray, bound: float
) -> ScalarMappable:
    """Residuals over one input, or in colour over two."""
    known = np.isfinite(values)
    (label, x), *rest = plane
    ax.set_xlabel(label)
    if not rest:
        ax.axhline(0, color=FAINT, lw=0.8)
        ax.set_ylabel("residual")
        return ax.scatter(x[known], values[known], s=6, lw=0, color=BLUE, rasterized=True)
    ax.set_ylabel(rest[0][0])
    colours: dict[str, Any] = {"cmap": DIVERGING, "norm": Normalize(-(bound or 1.0), bound or 1.0)}
    marks: dict[str, Any] = {"s": 8, "lw": 0, "rasterized": True}
    return ax.scatter(x[known], rest[0][1][known], c=values[known], **colours, **marks)


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
