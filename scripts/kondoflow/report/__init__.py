"""Findings into words and figures: the registry of figures, and the page that shows them.

The package reads the files of the pipeline and decides nothing: what is active, telling, recovered
or leading stands in the files. It knows no physics either. Symbols, units and titles come from the
data and from the description of the system.

=============  ==================================================================
`results`      the files of a run
`figures`      the registry of figures, and a module for each figure
`sections`     the facts of each part of the page, as plain numbers
`templates`    the words of the page and of the captions
`page`         the page: one HTML file
=============  ==================================================================

Matplotlib reads variables of the environment and a file of settings when it is imported. A notebook
sets a backend that is not there for a stage, hence both are set here, where every import of the
package passes. Settings that were made earlier have no effect either (`report.style`).
"""

import os
import sys

if "matplotlib" not in sys.modules:
    os.environ["MPLBACKEND"] = "agg"
    os.environ["MATPLOTLIBRC"] = os.devnull
