"""Values of expressions on arrays of samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce

import numpy as np

from kondoflow.formulas.grammar import check_names, parse
from kondoflow.formulas.operations import OPERATIONS, Operation
from kondoflow.formulas.trees import Expression, Name, Number


def _on_arrays(operation: Operation) -> Callable[..., np.ndarray]:
    """What an operation does to arrays of samples."""
    if operation.ufunc is None:
        constant = operation.number
        assert constant is not None, f"{operation.name} has neither a ufunc nor a value"
        return lambda: np.array(constant())
    ufunc = getattr(np, operation.ufunc)
    if operation.arity is None:
        return lambda *arguments: reduce(ufunc, arguments)
    return ufunc


ON_ARRAYS = {name: _on_arrays(operation) for name, operation in OPERATIONS.items()}


def evaluate(expression: Expression, values: Mapping[str, np.ndarray]) -> np.ndarray:
    """Evaluate an expression sample by sample.

    Args:
        expression: A formula or a condition.
        values: Arrays of one shape by name; every name of the expression must be there.

    Returns:
        Array of that shape (0-d without names), float64 or bool; NaN or infinity where the
        formula has no finite value.
    """
    with np.errstate(all="ignore"):
        return _evaluate(expression, values)


def _evaluate(expression: Expression, values: Mapping[str, np.ndarray]) -> np.ndarray:
    match expression:
        case Number(value):
            return np.array(value, dtype=np.float64)
        case Name(name):
            return values[name]
    arguments = [_evaluate(argument, values) for argument in expression.arguments]
    return ON_ARRAYS[expression.function](*arguments)


def evaluate_text(
    text: str, key: str, variables: Mapping[str, np.ndarray], *, condition: bool = False
) -> np.ndarray:
    """Parse an expression of the configuration and evaluate it on every sample.

    Args:
        text: The expression.
        key: The configuration's key, named in an error.
        variables: Per-sample variables, (sample,).
        condition: Whether it is a condition.

    Returns:
        (sample,), float64 or bool.

    Raises:
        InputError: If the text is no expression or names what the data do not have.
    """
    expression = parse(text, key, condition=condition)
    check_names(expression, text, key, variables)
    shape = np.shape(next(iter(variables.values()))) if variables else ()
    result = np.broadcast_to(evaluate(expression, variables), shape)
    return result.astype(np.bool_ if condition else np.float64)
