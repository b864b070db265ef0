"""The door of every stage."""

import importlib
import re
import sys
from inspect import signature
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import import_spectra
import plot_figures
import regress_operon
import train_restart
from kondoflow.files.errors import InputError
from kondoflow.stage.arguments import Setting, arguments_of
from kondoflow.stage.command_line import Settings
from kondoflow.stage.entry import run_stage

SCRIPTS = Path(train_restart.__file__).parent


def test_a_stage_sums_in_one_thread(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["stage"])
    matrix = np.eye(2)
    threads = []

    def main() -> None:
        assert (matrix @ matrix == matrix).all()
        threads.extend(library["num_threads"] for library in threadpool_info())

    with threadpool_limits(2):
        run_stage(main)
    assert threads
    assert set(threads) == {1}


@pytest.mark.parametrize("channel", ["mean", ["edge", "splitting"]])
def test_figures_get_the_channels_of_a_rule_as_they_are(channel):
    given = {}

    def main(**values):
        given.update(values)

    main.__signature__ = signature(plot_figures.main)
    main.__annotations__ = plot_figures.main.__annotations__
    names = ("spectra", "history", "latents", "scores", "verdict", "predictions")
    inputs = dict.fromkeys(names, "file.nc") | {"found": [], "laws": []}
    params = {"system": {}, "channel": channel}
    job = {"input": inputs, "output": {"figures": []}, "params": params, "threads": 1}
    run_stage(main, SimpleNamespace(**job, log=[None]))
    assert given["channel"] == channel


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (
            ["--source", "a.csv", "--spectra", "a.csv"],
            "--spectra = '.*a.csv' .* than that of --source",
        ),
        (["--source", "a.csv", "--spectra", "link.csv"], "--spectra = '.*link.csv' .* of --source"),
        (["--source", "a.csv", "--spectra", "."], "--spectra = '.' .* a file, not a folder"),
        (
            ["--source", "a.csv", "--spectra", "b.nc"],
            "ensemble = 'one of anderson, computed' is not",
        ),
        (
            ["--source", "a.csv", "--spectra", "b.nc", "--config", "c.yaml"],
            "c.yaml: file = 'No such",
        ),
    ],
)
def test_a_command_that_would_lose_its_input_is_refused(
    tmp_path, monkeypatch, capsys, flags, message
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("gap,1,2")
    (tmp_path / "link.csv").symlink_to("a.csv")
    monkeypatch.setattr(sys, "argv", ["import_spectra.py", *flags])
    with pytest.raises(SystemExit):
        run_stage(import_spectra.main)
    assert re.fullmatch(f"error: .*{message}.*\n", capsys.readouterr().err)
    assert (tmp_path / "a.csv").read_text() == "gap,1,2"


STAGES = sorted(path.stem for path in SCRIPTS.glob("*.py"))


@pytest.mark.parametrize("name", STAGES)
def test_the_command_line_knows_all_settings_of_a_stage(name):
    settings = Settings({"config": [], "ensemble": None, "run": None}, name)
    for argument in arguments_of(importlib.import_module(name).main):
        if isinstance(argument.kind, Setting):
            settings.get(argument.kind.section)


def test_numbers_that_count_are_not_negative():
    arguments = {each.name: each for each in arguments_of(train_restart.main)}
    assert arguments["restart"].convert(["0", "2"]) == [0, 2]
    for name, value, allowed in (
        ("restart", ["-1"], "at least 0"),
        ("restart", ["0", "1.5"], "of type int"),
    ):
        with pytest.raises(InputError, match=f"--restart = .* must be {allowed}"):
            arguments[name].convert(value)
    threads = {each.name: each for each in arguments_of(regress_operon.main)}["threads"]
    with pytest.raises(InputError, match="--threads = 0 is not usable: must be at least 1"):
        threads.convert("0")
