"""Reciprocals of inputs as further inputs of a search.

A law in 1/x, such as exp(-1/x), costs a search a division inside a function, which small changes
rarely bring about. Offered as an input, 1/x costs it no more than x.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kondoflow.discovery.engines.interface import SearchProblem


def offer_reciprocals(problem: SearchProblem) -> SearchProblem:
    """The same search with the reciprocal of every input that is nowhere zero, if it may be used.

    The name of a reciprocal is its formula.
    """
    if not problem.settings.reciprocals:
        return problem
    known = [index for index in range(len(problem.names)) if problem.X[:, index].all()]
    dimensions = problem.dimensions
    if dimensions:
        inverse = [{base: -p for base, p in dimensions[index].items()} for index in known]
        dimensions = (*dimensions, *inverse)
    return replace(
        problem,
        names=(*problem.names, *(f"(1/{problem.names[index]})" for index in known)),
        X=np.column_stack([problem.X, 1 / problem.X[:, known]]),
        dimensions=dimensions,
    )
