"""Descriptors: known quantities of each sample, as expressions of its variables.

A descriptor may be undefined (NaN or infinite) on some samples, such as the logarithm of a scale
that exists in one regime only. Code that uses a descriptor leaves those samples out and stores the
number of the others.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kondoflow.formulas.evaluation import evaluate_text


def evaluate_descriptors(
    definitions: Mapping[str, str],
    variables: Mapping[str, np.ndarray],
    key: str = "descriptors",
) -> dict[str, np.ndarray]:
    """Evaluate named expressions on every sample.

    Args:
        definitions: Expression by name, as in the configuration.
        variables: Per-sample variables, (sample,), see `files.spectra.sample_variables`.
        key: Where in the configuration the expressions stand, named in an error.

    Returns:
        (sample,) float64 by name, NaN or infinite where undefined.

    Raises:
        InputError: If one is no expression or names what the data do not have.
    """
    return {
        name: evaluate_text(text, f"{key}.{name}", variables) for name, text in definitions.items()
    }
