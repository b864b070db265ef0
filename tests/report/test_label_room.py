"""Labels of axes that are longer than their panels."""

from itertools import combinations

import pytest
from matplotlib.backends.backend_agg import RendererAgg

from kondoflow.report.label_room import broken, make_room
from kondoflow.report.panels import panels
from kondoflow.report.style import house_style

LONG = [
    r"dominant energy (0 $T_K$, 1 $T$, 2 $|B|$)",
    r"$\log_{10}(\max(T_K, T, |B|, \Gamma, \epsilon_d + U)/D)$",
    "concentration_of_the_second_substance (mmol)",
    "x",
    "temperature of the outer shield / K",
]


def extents(figure, labels):
    with house_style():
        figure.draw_without_rendering()
    renderer = RendererAgg(1, 1, figure.dpi)
    return [label.get_window_extent(renderer) for label in labels]


@pytest.mark.parametrize("side", ["xlabel", "ylabel"])
def test_long_labels_do_not_run_into_each_other(side):
    n = 4 if side == "xlabel" else 1
    figure, axes = panels(len(LONG), columns=n, height=2.0)
    for ax, label in zip(axes, LONG, strict=True):
        ax.set(**{side: label})
    labels = [ax.xaxis.label if side == "xlabel" else ax.yaxis.label for ax in axes]
    assert any(a.overlaps(b) for a, b in combinations(extents(figure, labels), 2))
    make_room(figure)
    assert not any(a.overlaps(b) for a, b in combinations(extents(figure, labels), 2))
    assert (labels[3].get_text(), labels[3].get_fontsize()) == ("x", 11)


def test_short_labels_cost_no_layout(monkeypatch):
    figure, axes = panels(2, columns=2, height=2)
    for ax in axes:
        ax.set(xlabel=r"$\log_{10}(T_\chi/D)$", ylabel="samples")
    monkeypatch.setattr(figure, "draw_without_rendering", lambda: pytest.fail("laid out"))
    make_room(figure)


def test_a_formula_is_not_broken():
    assert broken("price of a gram in $ and cents") == "price of a gram in $ and cents"
    assert broken(r"$a + b$") == r"$a + b$"
    assert broken(r"energy of $a + b$ in meV") == "energy of\n$a + b$ in meV"
