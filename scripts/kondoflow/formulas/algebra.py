"""Rewriting equations: exact algebra by sympy on parsed expressions, never on strings.

An expression tree is built up from sympy's constructors and read back through the parser of
`formulas.expressions`. Numbers written without a decimal point are exact; all others are fitted
constants.

The engines return what evolution left: nested sums, superfluous factors, constants that could be
one. `tidy` writes an equation in a few equivalent forms and keeps the shortest. Only rewriting of
bounded cost is used (expanding, collecting, common denominators; not `sympy.simplify`), so that
the result depends on neither clock nor machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import sympy

from kondoflow.formulas.expressions import Apply, Expression, Name, Number, parse, substitute

NESTING = 5  # operations that a sum counts for, for each sum around it after the first
PASSES = 4  # of reducing an equation; each may uncover what the next one drops
MAX_TERMS = 60  # longer expressions are left as they are


class NotRealError(ValueError):
    """An equation whose constants alone make it complex or infinite, such as log(-2)."""


_CONSTRUCTORS: Mapping[str, Callable[..., sympy.Expr]] = {
    "add": sympy.Add,
    "sub": lambda x, y: x - y,
    "div": lambda x, y: x / y,
    "pow": sympy.Pow,
    "neg": lambda x: -x,
    "sqrt": sympy.sqrt,
    "exp": sympy.exp,
    "log": sympy.log,
    "log10": lambda x: sympy.log(x, 10),
    "abs": sympy.Abs,
    "sign": sympy.sign,
    "tanh": sympy.tanh,
    "sin": sympy.sin,
    "cos": sympy.cos,
    "square": lambda x: x**2,
    "minimum": sympy.Min,
    "maximum": sympy.Max,
    "pi": lambda: sympy.pi,
}


def to_sympy(expression: Expression) -> sympy.Expr:
    """Build the sympy form of a formula; its symbols are real."""
    match expression:
        case Number(value):
            return sympy.Integer(value) if isinstance(value, int) else sympy.Float(value)
        case Name(name):
            return sympy.Symbol(name, real=True)
        case Apply("mul"):
            # One product of all factors: sympy distributes a number over a sum in pairs.
            return sympy.Mul(*(to_sympy(factor) for factor in _factors(expression)))
    arguments = [to_sympy(argument) for argument in expression.arguments]
    try:
        return _CONSTRUCTORS[expression.function](*arguments)
    except ZeroDivisionError:
        return sympy.nan


def _factors(expression: Expression) -> list[Expression]:
    match expression:
        case Apply("mul", arguments):
            return [factor for argument in arguments for factor in _factors(argument)]
    return [expression]


def from_sympy(form: sympy.Expr) -> Expression:
    """Read a sympy form back into an expression.

    Raises:
        NotRealError: If the form is complex or infinite.
    """
    if form.has(sympy.I, sympy.oo, -sympy.oo, sympy.zoo, sympy.nan):
        raise NotRealError(str(form))
    return parse(sympy.sstr(form), "equation", "regression")


def complexity(expression: Expression) -> int:
    """Length of an equation: one for each operation, name and exact number, two for a constant.

    A fitted constant counts double because it says more than a small integer, so that of two
    forms of one equation the one with fewer fitted constants is shorter.
    """
    match expression:
        case Number(value):
            return 1 if isinstance(value, int) else 2
        case Name():
            return 1
    return 1 + sum(complexity(argument) for argument in expression.arguments)


def is_nested(expression: Expression, inside: bool = False) -> bool:
    """Whether a logarithm or exponential stands inside another, which no quantity calls for."""
    match expression:
        case Apply(function, arguments):
            transcendental = function in ("log", "exp")
            if transcendental and inside:
                return True
            return any(is_nested(argument, inside or transcendental) for argument in arguments)
    return False


def constants_of(expression: Expression) -> list[float]:
    """Fitted constants, from left to right."""
    match expression:
        case Number(float() as value):
            return [value]
        case Apply(arguments=arguments):
            return [value for argument in arguments for value in constants_of(argument)]
    return []


def with_constants(expression: Expression, constants: Iterable[Expression]) -> Expression:
    """The same expression with its fitted constants replaced, from left to right."""
    return _refill(expression, iter(constants))


def _refill(expression: Expression, constants: Iterator[Expression]) -> Expression:
    match expression:
        case Number(float()):
            return next(constants)
        case Apply(function, arguments):
            return Apply(function, tuple(_refill(argument, constants) for argument in arguments))
    return expression


def folded(expression: Expression) -> Expression:
    """The equation as it stands, without operations on numbers alone and terms that are zero.

    Raises:
        NotRealError: If the equation is complex or infinite through its constants alone.
    """
    return from_sympy(to_sympy(expression))


def tidy(expression: Expression) -> Expression:
    """The shortest of several equivalent forms.

    Raises:
        NotRealError: If the equation is complex or infinite through its constants alone.
    """
    forms = _rewritings(_split_logs(to_sympy(expression)))
    return from_sympy(min((_pull_out(form) for form in forms), key=_length))


def representative(expression: Expression, *, monotone: bool) -> Expression:
    """The simplest equation that differs from the given one by an affine or a monotone map only.

    Additive constants and an overall factor are dropped, and under `monotone` an outermost
    logarithm, exponential or square root as well. The remaining factor is chosen so that the
    logarithm with the largest coefficient gets the coefficient 1 (the exponential of the equation
    then is a power law times something), or else the first term.

    Raises:
        NotRealError: If the equation is complex or infinite through its constants alone.
    """
    form = to_sympy(tidy(expression))
    for _ in range(PASSES):
        before, form = form, _stripped(form, monotone=monotone)
        # Rewriting may pull another constant out of a logarithm.
        form = to_sympy(tidy(from_sympy(_scaled(form))))
        if form == before:
            break
    return from_sympy(_stripped(form, monotone=monotone))


def _stripped(form: sympy.Expr, *, monotone: bool) -> sympy.Expr:
    """A form without constant terms, overall factor and, if allowed, outermost function."""
    while True:
        before = form
        varying = [term for term in sympy.Add.make_args(form) if term.free_symbols]
        form = sympy.Add(*varying).as_coeff_Mul()[1]
        if monotone and (form.func in (sympy.log, sympy.exp) or _is_root(form)):
            form = form.args[0]
        if form == before:
            return form


def _scaled(form: sympy.Expr) -> sympy.Expr:
    """A sum divided by the largest coefficient of a logarithm, or of its first term."""
    pairs = [term.as_coeff_Mul() for term in form.as_ordered_terms()]
    logs = [factor for factor, rest in pairs if rest.func is sympy.log]
    unit = max(logs, key=abs, default=pairs[0][0])
    scaled = (rest if factor == unit else factor / unit * rest for factor, rest in pairs)
    return sympy.Add(*scaled)


def _is_root(form: sympy.Expr) -> bool:
    return form.is_Pow and form.exp == sympy.Rational(1, 2)


def in_bare_parameters(
    expression: Expression, inputs: Mapping[str, Expression], *, up_to_scale: bool
) -> Expression:
    """Replace the search's inputs by their definitions and write the result legibly.

    Args:
        expression: The equation.
        inputs: Definitions of its names.
        up_to_scale: Whether a factor and constant terms of the whole may be dropped.

    Returns:
        Of the equivalent forms the shortest, counting sums inside sums as longer.

    Raises:
        NotRealError: If the equation is complex or infinite through its constants alone.
    """
    form = to_sympy(substitute(expression, inputs))
    forms = _rewritings(form)
    candidates = [*(_pull_out(_over_one_denominator(item)) for item in forms), form]
    if up_to_scale:
        candidates = [_stripped(item, monotone=False) for item in candidates]
    return from_sympy(min(candidates, key=lambda item: _length(item) + NESTING * _nesting(item)))


def _nesting(form: sympy.Expr, depth: int = 0) -> int:
    """How many sums stand around each sum beyond one, added up."""
    own, below = (max(0, depth - 1), depth + 1) if form.is_Add else (0, depth)
    return own + sum(_nesting(argument, below) for argument in form.args)


def _over_one_denominator(form: sympy.Expr) -> sympy.Expr:
    """Each term of a sum as one fraction."""
    return sympy.Add(*(sympy.together(term) for term in sympy.Add.make_args(form)))


def _length(form: sympy.Expr) -> int:
    """`complexity` of a sympy form without the detour through text, to one or two."""
    if form.is_Atom:
        return 2 if form.is_Float else 1
    if form.is_Pow:
        base, exponent = form.as_base_exp()
        return _length(base) + (0 if exponent == -1 else 2)
    joints = len(form.args) - 1 if form.is_Add or form.is_Mul else 1
    return joints + sum(_length(argument) for argument in form.args)


def _rewritings(form: sympy.Expr) -> list[sympy.Expr]:
    """The form itself, expanded, and collected by each of its symbols."""
    if _length(form) > MAX_TERMS:
        return [form]
    expanded = sympy.expand(form, log=False, power_exp=False, power_base=False)
    if _length(expanded) > MAX_TERMS:
        return [form]
    symbols = sorted(form.free_symbols, key=str)
    collected = [sympy.collect(expanded, symbol) for symbol in symbols]
    return list(dict.fromkeys((form, expanded, *collected)))


def _split_logs(form: sympy.Expr) -> sympy.Expr:
    """log(k x) -> log(k) + log(x) for k > 0, log(-k) + log(-x) for k < 0, with k a number."""

    def split(argument: sympy.Expr) -> sympy.Expr:
        factor, rest = argument.as_coeff_Mul()
        if factor in (1, -1) or not factor.is_real or not rest.free_symbols:
            return sympy.log(argument)
        return sympy.log(abs(factor)) + sympy.log(sympy.sign(factor) * rest)

    return form.replace(sympy.log, split)


def _pull_out(form: sympy.Expr) -> sympy.Expr:
    """K x + m y -> k (x + m/k y) in every sum but the outermost, so that a constant drops out."""
    if form.is_Atom:
        return form
    return _split_logs(form.func(*(_normalised(_pull_out(argument)) for argument in form.args)))


def _normalised(form: sympy.Expr) -> sympy.Expr:
    """A sum divided by the fitted coefficient of its first term, times that coefficient."""
    terms = form.as_ordered_terms() if form.is_Add else []
    pairs = [term.as_coeff_Mul() for term in terms]
    leading = next((factor for factor, rest in pairs if factor.is_Float and rest != 1), None)
    if leading is None:
        return form
    scaled = (rest if factor == leading else factor / leading * rest for factor, rest in pairs)
    return sympy.Mul(leading, sympy.Add(*scaled), evaluate=False)


def typeset(expression: Expression, symbols: Mapping[str, str] | None = None) -> str:
    r"""LaTeX of a formula.

    Args:
        expression: The formula.
        symbols: LaTeX of names, such as {"eps_d": r"\epsilon_d"}; others are guessed from
            their spelling.
    """
    form = to_sympy(expression)
    names = {symbol: (symbols or {}).get(str(symbol)) for symbol in form.free_symbols}
    known = {symbol: latex for symbol, latex in names.items() if latex}
    return sympy.latex(form, symbol_names=known, full_prec=False, ln_notation=True)
