"""Formulas as expression trees.

============  ==========================================================================
`operations`  the one table of operations, for all modules below and for the engines
`trees`       numbers, names and operations as a tree; what can be asked of a tree
`grammar`     from text to tree, without running anything
`evaluation`  values of a tree on samples
`prepared`    the same, readied for many evaluations
`digits`      a tree at one sample, with as many digits as it takes
`derivatives` exact derivatives of a tree on samples
`descriptors` known quantities of each sample, as formulas of its variables
`symbolic`    trees as forms of sympy, and back
`measures`    length and nesting
`rewriting`   shorter equivalent forms
`collecting`  terms with the same power of a symbol, put together
`rounding`    constants with the digits that their uncertainty allows
`printing`    from tree to text and to LaTeX
`symmetries`  symmetries in the words of the configuration
`dimensions`  dimensions of inputs as the configuration gives them
`scaling`     powers of ten in inputs, moved into constants
`units`       whether an equation respects the units of its inputs
============  ==========================================================================
"""
