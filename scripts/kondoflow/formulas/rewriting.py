"""Rewriting equations: exact algebra by sympy on parsed expressions, never on strings.

Evolution leaves nested sums, superfluous factors, and two constants where one would do. `tidy`
writes an equation in a few equivalent forms and keeps the shortest. Only rewriting of bounded cost
is used (expanding, collecting, common denominators; not `sympy.simplify`), so that the result
depends on neither clock nor machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec

import sympy

from kondoflow.formulas.collecting import collect
from kondoflow.formulas.measures import length_of_form, nesting_of_form
from kondoflow.formulas.printing import to_text
from kondoflow.formulas.symbolic import check_real, from_sympy, to_sympy
from kondoflow.formulas.trees import Expression, substitute

NESTING = 5  # operations that a sum counts for, for each sum around it after the first
RISING = (sympy.log, sympy.exp, sympy.sinh, sympy.tanh)  # strictly, wherever they are defined
PASSES = 4  # of reducing an equation; each may uncover what the next one drops
MAX_TERMS = 60  # longer expressions are left as they are
REMEMBERED = 10_000  # results of each function, at most

Options = ParamSpec("Options")


def _remembering(
    rewriting: Callable[Concatenate[Expression, Options], Expression],
) -> Callable[Concatenate[Expression, Options], Expression]:
    """Keep what a rewriting makes of each expression: a search meets most of them repeatedly.

    They are told apart by their texts, because 1 and 1.0 are equal in Python.
    """
    known: dict[tuple[Any, ...], Expression] = {}

    @wraps(rewriting)
    def looked_up(
        expression: Expression, /, *arguments: Options.args, **options: Options.kwargs
    ) -> Expression:
        key = (to_text(expression), arguments, *options.items())
        if key not in known:
            if len(known) == REMEMBERED:
                known.clear()
            known[key] = rewriting(expression, *arguments, **options)
        return known[key]

    return looked_up


@_remembering
def folded(expression: Expression) -> Expression:
    """The equation in its own form, without operations on numbers alone and terms that are zero.

    Raises:
        NotRealError: If the equation is complex or infinite through its constants alone.
    """
    return from_sympy(to_sympy(expression))


@_remembering
def tidy(expression: Expression) -> Expression:
    """The shortest of several equivalent forms.

    Raises:
        NotRealError: If the equation is complex or infinite through its constants alone.
    """
    return from_sympy(_tidied(to_sympy(expression)))


def _tidied(form: sympy.Expr) -> sympy.Expr:
    return min(map(_pull_out, _rewritings(_split_logs(form))), key=length_of_form)


@_remembering
def representative(expression: Expression, *, monotone: bool) -> Expression:
    """The simplest equation that differs from the given one by an affine or a monotone map only.

    Additive constants and an overall factor are dropped, and under `monotone` an outermost
    logarithm, exponential, square root or the like as well. The remaining factor is chosen so that
    the logarithm with the largest coefficient gets the coefficient 1 (the exponential of the
    equation then is a power law times something), or else the first term.

    Raises:
        NotRealError: If the equation is complex or infinite through its constants alone.
    """
    form = _stripped(_tidied(to_sympy(expression)), monotone=monotone)
    for _ in range(PASSES):
        check_real(form)
        # Rewriting may pull another constant out of a logarithm.
        before, form = form, _stripped(_tidied(_scaled(form)), monotone=monotone)
        if length_of_form(form) >= length_of_form(before):
            break
    return from_sympy(form)


def _stripped(form: sympy.Expr, *, monotone: bool) -> sympy.Expr:
    """A form without constant terms, overall factor and, if allowed, outermost function."""
    while True:
        before = form
        varying = [term for term in sympy.Add.make_args(form) if term.free_symbols]
        form = _unsigned(sympy.Add(*varying).as_coeff_Mul()[1])
        if monotone and (form.func in RISING or _is_root(form)):
            form = form.args[0]
        if form == before:
            return form


def _unsigned(form: sympy.Expr) -> sympy.Expr:
    """A product without the signs of sums that begin with a minus, which are a factor too."""
    factors = []
    for factor in sympy.Mul.make_args(form) if form.is_Mul else ():
        base, power = factor.as_base_exp()
        negative = base.is_Add and base.as_ordered_terms()[0].as_coeff_Mul()[0].is_negative
        factors.append((-base) ** power if negative and power.is_odd else factor)
    return sympy.Mul(*factors) if factors else form


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
    return from_sympy(min(candidates, key=_legibility))


def _legibility(form: sympy.Expr) -> int:
    """Length of a form, with a price on sums inside sums; the lowest is the easiest to read."""
    return length_of_form(form) + NESTING * nesting_of_form(form)


def _over_one_denominator(form: sympy.Expr) -> sympy.Expr:
    """Each term of a sum as one fraction."""
    return sympy.Add(*(sympy.together(term) for term in sympy.Add.make_args(form)))


def _rewritings(form: sympy.Expr) -> list[sympy.Expr]:
    """The form itself, expanded, and collected by each of its symbols."""
    if length_of_form(form) > MAX_TERMS or expands_beyond(form, MAX_TERMS):
        return [form]
    expanded = sympy.expand(form, log=False, power_exp=False, power_base=False)
    if length_of_form(expanded) > MAX_TERMS:
        return [form]
    symbols = sorted(form.free_symbols, key=str)
    collected = [collect(expanded, symbol) for symbol in symbols]
    return list(dict.fromkeys((form, expanded, *collected)))


def expands_beyond(form: sympy.Expr, limit: int) -> bool:
    """Whether a form, or what a function in it is taken of, has more terms when it is expanded."""
    return any(terms_when_expanded(part) > limit for part in sympy.preorder_traversal(form))


def terms_when_expanded(form: sympy.Expr) -> int:
    """Number of terms of a form that is expanded, at most; counted without doing it.

    Of a power the whole part of its exponent is multiplied out, also where the exponent is negative
    or a sum.
    """
    if form.is_Add:
        return sum(map(terms_when_expanded, form.args))
    if form.is_Mul:
        return math.prod(map(terms_when_expanded, form.args))
    if not form.is_Pow:
        return 1
    number, _ = form.exp.as_coeff_Add()
    whole = abs(int(number)) if number.is_Rational else 0
    n = terms_when_expanded(form.base)
    return max(n, terms_when_expanded(form.exp), math.comb(n + whole - 1, whole) if whole else 1)


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
    pulled = form.func(*(_normalised(_pull_out(argument)) for argument in form.args))
    # Below this node all logarithms are split.
    return _split_logs(pulled) if sympy.log in (form.func, pulled.func) else pulled


def _normalised(form: sympy.Expr) -> sympy.Expr:
    """A sum divided by the fitted coefficient of its first term, times that coefficient."""
    if not form.is_Add or not any(map(_is_fitted, form.args)):
        return form
    pairs = [term.as_coeff_Mul() for term in form.as_ordered_terms()]
    leading = next(factor for factor, rest in pairs if factor.is_Float and rest != 1)
    scaled = (rest if factor == leading else factor / leading * rest for factor, rest in pairs)
    return sympy.Mul(leading, sympy.Add(*scaled), evaluate=False)


def _is_fitted(term: sympy.Expr) -> bool:
    """Whether a term has a fitted coefficient."""
    factor, rest = term.as_coeff_Mul()
    return bool(factor.is_Float and rest != 1)
