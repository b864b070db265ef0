"""Numbers as words: few digits, true minus signs, dashes for what is missing."""

from __future__ import annotations

import math

import pytest

from benchmarks.common import scored
from kondoflow.report.numbers import (
    GAP,
    MINUS,
    TIMES,
    correlation,
    count,
    duration,
    exact,
    fixed,
    in_figure,
    in_terminal,
    latex,
    measured,
    percent,
    r2,
    share,
    significant,
)
from kondoflow.report.templating import listed


@pytest.mark.parametrize(
    ("value", "html", "tex"),
    [
        (0.0, "0", "0"),
        (0.0123456, "0.0123", "0.0123"),
        (-2.5e-9, f"{MINUS}2.5{TIMES}10<sup>{MINUS}9</sup>", r"-2.5\times 10^{-9}"),
        (1e-6, f"10<sup>{MINUS}6</sup>", r"1\times 10^{-6}"),
        (1.7996e-4, f"1.80{TIMES}10<sup>{MINUS}4</sup>", r"1.80\times 10^{-4}"),
        (0.99999, "1.00", "1.00"),
        (12345.6, "12,346", "12,346"),
    ],
)
def test_numbers_have_few_digits(value: float, html: str, tex: str) -> None:
    assert significant(value) == html
    assert latex(value) == tex


@pytest.mark.parametrize(
    ("value", "html"),
    [
        (2.0, "2"),
        (-1.6, f"{MINUS}1.6"),
        (1e-3, "0.001"),
        (2e-5, f"2{TIMES}10<sup>{MINUS}5</sup>"),
        (1e-6, f"10<sup>{MINUS}6</sup>"),
    ],
)
def test_settings_stand_as_their_author_wrote_them(value: float, html: str) -> None:
    assert exact(value) == html


def test_missing_numbers_are_dashes() -> None:
    shown = [significant(None), significant(math.nan), fixed(None), fixed(math.inf)]
    shown += [percent(None), exact(None), count(None)]
    assert set(shown) == {"\N{EN DASH}"}
    assert fixed(-0.0004) == "0.000"


def test_shares_are_per_cent() -> None:
    assert percent(0.0037) == f"0.37{GAP}%"
    assert in_terminal(percent(1e-6)) == "1e-4 %"
    assert in_figure(percent(-2.5e-6)) == f"{MINUS}2.5e{MINUS}4 %"
    assert in_terminal(measured("2e-05 +- 4e-06")) == "2e-5 (uncertainty 4e-6)"


def test_durations_read_well() -> None:
    assert [duration(s) for s in (0.04, 9.96, 99.9, 100, 5990, 86400)] == [
        "0.0 s",
        "10 s",
        "100 s",
        "1.7 min",
        "99.8 min",
        "24.0 h",
    ]


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "<b>", "c"], "a, &lt;b&gt; and c"),
    ],
)
def test_lists_read_as_in_a_sentence(items: list[str], expected: str) -> None:
    assert listed(items) == expected


@pytest.mark.parametrize(
    ("value", "html"),
    [
        (-1.25, f"{MINUS}1.25"),
        (0.7912, "0.79"),
        (0.92083, "0.921"),
        (0.998453, "0.9985"),
        (0.999884, "0.99988"),
        (1.0, "1.00000"),
        (1 - 1e-15, "1.00000"),
        (-1001.84, f"{MINUS}1,002"),
    ],
)
def test_r2_has_two_digits_of_what_it_lacks_to_1(value: float, html: str) -> None:
    assert r2(value) == html


@pytest.mark.parametrize(
    ("value", "html", "figure", "terminal"),
    [
        (0.9999961, "0.999996", "0.999996", "0.999996"),
        (0.9999995, "0.9999995", "0.9999995", "0.9999995"),
        (
            1 - 3e-9,
            f"1{GAP}{MINUS}{GAP}3{TIMES}10<sup>{MINUS}9</sup>",
            f"1 {MINUS} 3e{MINUS}9",
            "1 - 3e-9",
        ),
        (1 - 1e-8, f"1{GAP}{MINUS}{GAP}10<sup>{MINUS}8</sup>", f"1 {MINUS} 1e{MINUS}8", "1 - 1e-8"),
        (-0.26, f"{MINUS}0.26", f"{MINUS}0.26", "-0.26"),
    ],
)
def test_r2_below_1_reads_as_1_nowhere(value, html, figure, terminal) -> None:
    assert r2(value) == html
    assert in_figure(r2(value)) == figure
    assert in_terminal(r2(value)) == terminal


def test_tables_of_studies_have_the_same_rule() -> None:
    assert [scored(0.99997), scored(0.5), scored(1.0), scored(1 - 3e-9, 5)] == [
        "0.99997",
        "0.500",
        "1.000",
        "1 - 3e-9",
    ]


def test_a_share_that_is_not_all_does_not_read_as_all() -> None:
    assert [share(part) for part in (0.873, 0.9996, 1.0, None)] == [
        f"87.3{GAP}%",
        f"99.96{GAP}%",
        f"100.0{GAP}%",
        "\N{EN DASH}",
    ]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("-0.349(5)", f"{MINUS}0.349(5)"),
        ("8.60(4)e+11", f"8.60(4){TIMES}10<sup>11</sup>"),
        (
            "2e-05 +- 4e-06",
            f"2{TIMES}10<sup>{MINUS}5</sup> (uncertainty 4{TIMES}10<sup>{MINUS}6</sup>)",
        ),
    ],
)
def test_a_measured_number_has_its_uncertainty(text: str, html: str) -> None:
    assert measured(text) == html


@pytest.mark.parametrize(
    ("value", "digits", "html"),
    [
        (-0.9953, 2, f"{MINUS}0.995"),
        (0.9996, 3, "0.9996"),
        (0.9774, 2, "0.98"),
        (0.99999996, 3, f"1{GAP}{MINUS}{GAP}4{TIMES}10<sup>{MINUS}8</sup>"),
        (1.0, 3, "1.000"),
    ],
)
def test_a_correlation_is_not_rounded_to_a_perfect_one(value, digits, html):
    assert correlation(value, digits) == html
