"""KondoFlow: spectra -> autoencoder -> latents -> equations -> report.

==============  ================================================================================
`files`         reading and writing: atomic writes, netCDF, errors, sets of spectra
`systems`       computed systems, one folder each; what they share
`autoencoder`   the variational autoencoder: model, training, choice among restarts, encoding
`formulas`      formulas as trees: grammar, evaluation, algebra, units, printing
`discovery`     scores of latents, symbolic regression, judgement, findings
`report`        findings in words and figures, the page
`stage`         how a rule or a command line enters a stage; the configuration
==============  ================================================================================

`files` imports no other package. `systems`, `autoencoder` and `formulas` import only `files`,
`discovery` imports `formulas` and `files`. The scripts of the workflow join them.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.2.0"


def __getattr__(name: str) -> Any:
    """`from kondoflow import solve`, without importing the solver where it is not asked for."""
    if name == "solve":
        return import_module("kondoflow.systems.anderson.sweep").solve
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
