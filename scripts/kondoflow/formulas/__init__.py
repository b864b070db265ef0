"""Formulas as expression trees.

============  ==========================================================================
`operations`  the one table of operations, for all modules below and for the engines
`trees`       numbers, names and operations as a tree; what can be asked of a tree
`grammar`     from text to tree, without running anything
`evaluation`  values of a tree on samples
`symbolic`    trees as forms of sympy, and back
`measures`    length and nesting
`rewriting`   shorter equivalent forms
`printing`    from tree to text and to LaTeX
`dimensions`  dimensions of inputs as the configuration gives them
`scaling`     powers of ten in inputs, moved into constants
`units`       whether an equation respects the units of its inputs
============  ==========================================================================
"""
