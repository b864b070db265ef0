"""Figures and the page that shows them: style, labels, axes, typeset formulas, the HTML.

The package knows the files of the pipeline through `datafiles` and nothing of physics: symbols,
scales and references come from the `systems` section of the configuration.
"""
