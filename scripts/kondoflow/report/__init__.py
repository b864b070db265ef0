"""Findings into words and figures: the registry of figures, and the page that shows them.

The package reads the files of the pipeline and decides nothing: what is active, telling, recovered
or leading stands in the files. It knows no physics either. Symbols, units and titles come from the
data and from the description of the system.

=============  ==================================================================
`results`      the files of a run
`runs`         all runs, each with its files
`labels`       names of variables as a reader wants to see them
`numbers`      numbers as HTML
`typeset`      formulas as MathML
`languages`    formulas as source code
`glyphs`       labels with LaTeX, for HTML and a canvas
`words`        decisions of the verdict in words
`claims`       what is claimed of an equation and where it was tested
`effects`      what a latent does to a spectrum, in words
`advice`       what a training asks its user to change
`headline`     the verdict in short lines for the terminal
`style`        how every figure looks, and how it is saved
`panels`       grids of panels, with what stands on and under them
`axes`         axes: which are logarithmic, which values they label
`heights`      axes of the heights of spectra: logarithmic where the network sees logarithms
`label_room`   labels of axes that are longer than their panels
`colours`      quantities as colours: clouds, cells, the bar
`channels`     spectra of several channels in figures
`drawn`        the numbers that a figure shows, as a table
`figures`      the registry of figures, and a module for each figure
`job_times`    time and memory of the jobs, by rule
`sections`     the facts of each part of the page, as plain numbers
`templating`   templates, filled with numbers and typeset symbols
`pictures`     figures as the page shows them
`page`         the page: one HTML file
`explorer`     the page on which spectra, latents and equations can be walked through
`again`        the configuration that brings an archive back
`crate`        the metadata of an archive
`datasheet`    the datasheet of an archive
=============  ==================================================================

The folder `templates` holds the words of the page and of the captions.

Matplotlib reads variables of the environment and a file of settings when it is imported. A notebook
sets a backend that is not there for a stage, hence both are set here, where every import of the
package passes. Settings that were made earlier have no effect either (`report.style`).
"""

import os
import sys

if "matplotlib" not in sys.modules:
    os.environ["MPLBACKEND"] = "agg"
    os.environ["MATPLOTLIBRC"] = os.devnull
