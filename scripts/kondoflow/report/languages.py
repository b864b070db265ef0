"""Formulas as source code: Python with numpy, SymPy and Julia.

The names of the quantities are those of the configuration.
"""

from __future__ import annotations

from collections.abc import Mapping

from kondoflow.formulas.trees import Apply, Expression, Name, Number, names_in

PRECEDENCE = {"add": 2, "sub": 2, "mul": 4, "div": 4, "neg": 3, "pow": 8}
INFIX = {"add": " + ", "sub": " - ", "mul": "*", "div": "/"}
FUNCTIONS: Mapping[str, Mapping[str, str]] = {
    "python": {"abs": "np.abs", "pi": "np.pi"},
    "sympy": {
        "abs": "sp.Abs",
        "minimum": "sp.Min",
        "maximum": "sp.Max",
        "pi": "sp.pi",
        "log10": "sp.log",
    },
    "julia": {"minimum": "min", "maximum": "max", "pi": "pi"},
}
PREFIX = {"python": "np.", "sympy": "sp.", "julia": ""}


def python_function(expression: Expression) -> str:
    """The formula as a Python function of its quantities."""
    declared = ", ".join(sorted(names_in(expression)))
    body = in_language(expression, "python")
    return f"import numpy as np\n\n\ndef formula({declared}):\n    return {body}\n"


def in_language(expression: Expression, language: str) -> str:
    """The formula alone in `python` (numpy as np), `sympy` (as sp) or `julia`."""
    return _write(expression, 0, language)


def _write(node: Expression, outer: int, language: str) -> str:
    """Source code of a node; `outer` is the precedence around it."""
    match node:
        case Number(value):
            text = repr(value)  # of a negative zero too with its sign
            return f"({text})" if text.startswith("-") and outer else text
        case Name(name):
            return name
    function = node.function
    if function == "pi":
        return FUNCTIONS[language]["pi"]
    if function == "square":
        return _write(Apply("pow", (node.arguments[0], Number(2))), outer, language)
    level = PRECEDENCE.get(function)
    if level is None:
        return _call(node, language)
    if function == "neg":
        text = "-" + _write(node.arguments[0], level + 1, language)
    else:
        power = function == "pow"
        sign = ("^" if language == "julia" else "**") if power else INFIX[function]
        left = _write(node.arguments[0], level + 1 if power else level, language)
        right = _write(node.arguments[1], level if power else level + 1, language)
        text = left + sign + right
    return f"({text})" if level < outer else text


def _call(node: Apply, language: str) -> str:
    name = FUNCTIONS[language].get(node.function, PREFIX[language] + node.function)
    arguments = [_write(argument, 0, language) for argument in node.arguments]
    if language == "sympy" and node.function == "log10":
        arguments.append("10")
    return f"{name}({', '.join(arguments)})"
