"""The door of every stage."""

import sys

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

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
