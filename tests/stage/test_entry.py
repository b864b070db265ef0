"""The door of every stage."""

import sys
from inspect import signature
from types import SimpleNamespace

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import plot_figures
from kondoflow.stage.entry import run_stage


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
