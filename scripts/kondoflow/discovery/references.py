"""The reference formulas of a system, evaluated on its samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kondoflow.discovery.targets import Samples
from kondoflow.formulas.evaluation import evaluate_text
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.trees import Expression


@dataclass(frozen=True)
class Reference:
    """A known formula.

    Attributes:
        name: Its key in the configuration.
        expression: The formula, over the data's variables.
        values: (sample,), non-finite where it has none.
    """

    name: str
    expression: Expression
    values: np.ndarray


def read_references(system: Mapping[str, Any], samples: Samples) -> list[Reference]:
    """Evaluate the references of a system on every sample.

    Raises:
        InputError: If one is no expression or names what the data do not have.
    """
    found = []
    for name, text in system.get("references", {}).items():
        key = f"references.{name}"
        values = evaluate_text(text, key, samples.variables)
        found.append(Reference(name, parse(text, key), values))
    return found
