"""Values of expressions on arrays of samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from kondoflow.formulas.expressions import Expression, Name, Number, check_names, parse

_UFUNCS: Mapping[str, Callable[..., np.ndarray]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "pow": np.power,
    "neg": np.negative,
    "sqrt": np.sqrt,
    "exp": np.exp,
    "log": np.log,
    "log10": np.log10,
    "abs": np.abs,
    "sign": np.sign,
    "tanh": np.tanh,
    "sin": np.sin,
    "cos": np.cos,
    "square": np.square,
    "minimum": np.minimum,
    "maximum": np.maximum,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "eq": np.equal,
    "ne": np.not_equal,
    "not": np.logical_not,
    "pi": lambda: np.array(np.pi),
    "and": lambda *parts: np.logical_and.reduce(np.broadcast_arrays(*parts)),
    "or": lambda *parts: np.logical_or.reduce(np.broadcast_arrays(*parts)),
}


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
    return _UFUNCS[expression.function](*arguments)


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
