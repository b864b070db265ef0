"""Formulas and labels: MathML where they can be read, safe text where not."""

from __future__ import annotations

import pytest
import xarray as xr
from markupsafe import Markup
from matplotlib.figure import Figure

from kondoflow.report.glyphs import plain
from kondoflow.report.labels import Labels
from kondoflow.report.style import save_figure
from kondoflow.report.typeset import formula, rich_text, safe_text


def test_formulas_are_mathml() -> None:
    shown = formula(r"\frac{\pi \epsilon_d}{2 \Gamma}", display=True)
    assert isinstance(shown, Markup)
    assert shown.startswith('<math alttext="\\frac{\\pi \\epsilon_d}{2 \\Gamma}"')
    assert "<mfrac>" in shown
    assert "<msub><mi>ϵ</mi><mi>d</mi></msub>" in shown


@pytest.mark.parametrize(
    "hostile",
    ["<script>alert(1)</script>", '"><img src=x onerror=1>', "\\href{javascript:1}{x}", ""],
)
def test_what_is_no_formula_stays_text(hostile: str) -> None:
    assert "href" not in formula(hostile).replace("\\href", "")
    for text in (hostile, f"${hostile}$", f"$x${hostile}"):
        assert "<script" not in rich_text(text)
        assert "<img" not in rich_text(text)


@pytest.mark.parametrize("text", [r"$\frac{\Delta", "costs $5", "$_$", "5$ a$ b$"])
def test_dollar_signs_that_begin_no_formula_stay_as_they_were_written(text: str) -> None:
    known = safe_text(text)
    assert rich_text(known) == text
    assert plain(known) == text


@pytest.mark.parametrize(
    ("unit", "axis", "word"),
    [
        ("W/m^2", "I (W/m$^{2}$)", "W/m²"),
        ("cm**(-1)", "I (cm$^{-1}$)", "cm⁻¹"),
        ("kg*m^2/s^(+3)", "I (kg*m$^{2}$/s$^{3}$)", "kg*m²/s³"),
        *(
            (unit, f"I ({unit})", unit)
            for unit in ("V/Hz^0.5", "Hz^(1/2)", "nV/Hz^1/2", "Hz^-12.5", "m^(2", "a_b^c")
        ),
        ("meV", "I (meV)", "meV"),
    ],
)
def test_powers_in_units_are_raised(unit: str, axis: str, word: str) -> None:
    labels = Labels({}, xr.Dataset({"I": ("sample", [1.0], {"units": unit})}))
    assert (labels.axis("I"), labels.unit("I")) == (axis, word)


def test_unreadable_mathtext_is_drawn_literally(tmp_path) -> None:
    figure = Figure()
    for index, text in enumerate([r"$\nonsense{", "5$ a$ b$", "$_$", "a_b^c"]):
        figure.text(0.5, index / 4, safe_text(text))
    save_figure(figure, [tmp_path / "figure.png"])
    assert (tmp_path / "figure.png").stat().st_size > 0


def test_labels_carry_units() -> None:
    dataset = xr.Dataset(
        {
            "U": ("sample", [1.0], {"units": "D"}),
            "V": ("sample", [1.0], {"units": "meV"}),
            "n": ("sample", [1.0], {"units": "1"}),
        }
    )
    system = {
        "labels": {"U": "$U$", "V": "$V$", "T": r"$T_\chi$"},
        "inputs": {"barrier": "V", "x": "U/V"},
    }
    labels = Labels(system, dataset)
    assert labels.axis("barrier") == "barrier (meV)"
    assert labels.axis("x") == "x"
    assert labels.axis("U") == "$U/D$"
    assert labels.axis("V") == "$V$ (meV)"
    assert labels.axis("n") == "n"
    assert labels.unit("V") == "meV"
    assert labels.unit("n") == labels.unit("nothing") == ""
    assert labels.axis("omega") == r"$\omega$"
    assert labels.symbol("spectral_function") == r"$A(\omega)$"
    shift = xr.Dataset(coords={"omega": ("omega", [0.0], {"long_name": "shift"})})
    brought = Labels({}, shift.assign_attrs(source_file="own.csv"))
    assert brought.symbol("spectral_function") == "$A$(shift)"
    crystals = shift.assign(A=("sample", [1.0])).assign_attrs(source_file="own.csv")
    assert Labels({}, crystals).symbol("spectral_function") == "$S$(shift)"
    assert labels.ratio("omega", "T") == r"$\omega/T_\chi$"
    assert labels.target("latent_0") == "latent 0"
