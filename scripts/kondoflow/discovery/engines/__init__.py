"""Engines of symbolic regression behind one interface, one module each.

An engine is imported only by the process that uses it: the modules `operon` and `pysr` here need
their packages, `interface` and `availability` do not.
"""
