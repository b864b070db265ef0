"""Computed systems: one folder each, and what all of them share.

A physical system is one folder below this one. It holds

=================  ==============================================================================
`definition.py`    `SYSTEM`, an `interface.System`: parameters with bounds and units, the axes that
                   may be sampled, what a solution gives, which settings change a solution. It
                   needs the standard library alone.
`computation.py`   the functions of `computation.Computation`: from axes to parameters, from
                   parameters to a solution.
`system.yaml`      what is known about the system (descriptors, references, labels ...) and the
                   default settings of its solver and of its grid
`schema.yaml`      the JSON schema of these settings and of the acceptance windows
=================  ==============================================================================

Everything else is generic over the parameters:

=================  ==============================================================================
`meaning`          what the settings of a solver mean beside their values
`interface`        what a system provides, without computing
`computation`      the functions that do its work
`registry`         systems by name
`table`            tables of parameter sets in CSV files
`points`           parameter sets in CSV or netCDF files
`sampling`         parameter sets drawn from a box
`solving`          many solutions on one machine, a process for each core
`saved_work`       solutions that survive an interruption
`chunks`           one chunk of an ensemble, from saved work to its file
`fresh_points`     further points of an ensemble's box, solved
`collection`       from chunks of solutions to one set of spectra
`versions`         versions of a system's code, digests of solutions
=================  ==============================================================================
"""
