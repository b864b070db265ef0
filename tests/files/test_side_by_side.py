"""Pieces of work over processes: all are done, in order, also where a process is killed."""

import os
import signal

import pytest

from kondoflow.files.errors import InputError
from kondoflow.files.side_by_side import side_by_side


def power(exponent, number):
    return number**exponent


def refused(_, number):
    if number == 2:
        raise InputError("piece", "number", number, "not 2")
    return number


def killed_in_a_worker(parent, number):
    """End this process unless it is the one that handed the work out."""
    if os.getpid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.parametrize("processes", [1, 2, 5])
def test_results_keep_their_order(processes):
    assert side_by_side(power, 2, range(7), processes) == [number**2 for number in range(7)]


def test_no_work_has_no_results():
    assert side_by_side(power, 2, [], 4) == []


@pytest.mark.parametrize("processes", [1, 2])
def test_an_error_is_that_of_the_piece(processes):
    with pytest.raises(InputError, match="not 2"):
        side_by_side(refused, None, range(4), processes)


def test_a_piece_whose_process_is_killed_is_done_here():
    assert side_by_side(killed_in_a_worker, os.getpid(), range(5), 3) == list(range(5))
