"""Terms of a sum with the same power of a symbol, put together."""

from __future__ import annotations

import sympy


def collect(form: sympy.Expr, symbol: sympy.Symbol) -> sympy.Expr:
    """What `sympy.collect` gives for one symbol, without its search for patterns.

    It takes the same steps: sums inside products and powers first, then terms with the same power
    of the symbol together.
    """
    if form.is_Mul:
        return form.func(*(collect(factor, symbol) for factor in form.args))
    if form.is_Pow:
        return sympy.Pow(collect(form.base, symbol), form.exp)
    if not form.is_Add:
        return form
    together: dict[sympy.Expr, list[sympy.Expr]] = {}
    without = sympy.S.Zero
    for term in sympy.Add.make_args(sympy.Add(*(collect(each, symbol) for each in form.args))):
        power, rest = _power_of(symbol, sympy.expand_power_base(term, deep=False))
        if power is None:
            without += rest
        else:
            together.setdefault(power, []).append(rest)
    sums = [power * sympy.Add(*rests) for power, rests in together.items()]
    return sympy.Add(*sums, without)


def _power_of(symbol: sympy.Symbol, term: sympy.Expr) -> tuple[sympy.Expr | None, sympy.Expr]:
    """The power of a symbol in a product, None without one, and the other factors."""
    factors = sympy.Mul.make_args(term)
    for index, factor in enumerate(factors):
        base, exponent = (factor.base, factor.exp) if factor.is_Pow else (factor, sympy.S.One)
        if base == symbol and exponent.is_Number:
            rest = sympy.Mul(*factors[:index], *factors[index + 1 :])
            return factor, sympy.expand_power_base(rest, deep=False)
    return None, term
