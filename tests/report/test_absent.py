"""What fails is named in its place: figures, captions and parts of the page; the rest is there."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from report_files import Run, make_run

import check_report
from kondoflow.files.atomic import read_json
from kondoflow.files.errors import InputError
from kondoflow.report import page
from kondoflow.report.figures import error_map, pareto

REASON = "Axis limits cannot be NaN or Inf"


def broken(*_: object) -> None:
    raise ValueError(REASON)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return make_run(tmp_path, anderson=False, n_active=1)


def test_a_complete_page_lacks_nothing(run: Run, tmp_path: Path) -> None:
    run.report()
    assert read_json(run.missing) == []
    complete = tmp_path / "complete"
    check_report.main(report=run.page, missing=run.missing, complete=complete)
    assert complete.read_text() == ""


def test_a_figure_that_cannot_be_drawn_says_so_in_its_place(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(pareto, "draw", broken)
    with caplog.at_level(logging.ERROR):
        run.plot()
    assert "figure pareto could not be drawn" in caplog.text
    assert "could not be drawn" not in run.figure("prediction")[1].read_text()
    text = run.report()
    assert 'id="set.run.pareto"' in text
    assert "This figure could not be drawn; the log of plot_figures tells more." in text
    line = f"figure pareto: ValueError: {REASON}"
    assert f"<li>{line}</li>" in text
    assert read_json(run.missing) == [f"set, run: {line}"]
    complete = run.root / "complete"
    with pytest.raises(SystemExit) as caught:
        check_report.main(report=run.page, missing=run.missing, complete=complete)
    assert caught.value.code == 1
    assert not complete.exists()
    assert capsys.readouterr().err == (
        f"error: {run.page} is written, but it lacks\n  set, run: {line}\n"
    )


def test_a_figure_that_is_mended_is_no_longer_missing(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(pareto, "draw", broken)
        run.plot()
    run.plot()
    run.report()
    assert read_json(run.missing) == []


def test_a_caption_and_a_part_that_fail_leave_the_rest(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(error_map, "caption", broken)
    monkeypatch.setitem(page.TOPICS, "latents", broken)  # type: ignore[arg-type]
    text = run.report()
    assert "The caption of this figure could not be written." in text
    assert "This part could not be written; the log of write_report tells more." in text
    assert 'id="set.run.correlations"' in text
    assert 'id="set.run.verdict"' in text
    assert read_json(run.missing) == [
        f"set, run: caption of figure error_map: ValueError: {REASON}",
        f"set, run: part latents: ValueError: {REASON}",
    ]


def test_a_missing_file_ends_the_stage(run: Run) -> None:
    run.files["verdict"].unlink()
    with pytest.raises(InputError, match=r"verdict\.json"):
        run.report()
