"""Formulas as trees: grammar, evaluation on samples, algebra, units, printing."""
