"""Reasons for which figures show nothing, shared by several of them."""

from __future__ import annotations

from kondoflow.report.results import Results

NO_ACTIVE = "No latent is active."
NO_EQUATION = "There is no equation."


def no_active_latent(results: Results) -> str:
    """Reason if the network has no active latent."""
    return "" if results.active else NO_ACTIVE


def no_equation(results: Results) -> str:
    """Reason if no target has an equation."""
    return "" if results.chosen else NO_EQUATION
