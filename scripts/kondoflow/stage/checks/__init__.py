"""Everything that can be wrong with a configuration, checked before any work starts.

The first fault is reported as one `InputError` that names the key, the value and what is allowed.
Modules, in the order in which a configuration passes through them:

=============  ===============================================================================
`plain`        the configuration as the user gave it: keys are text, numbers finite, types and
               ranges those of the schema
`names`        names of `systems`: each null removes something, each label is one of something
`resolved`     the configuration with systems and settings filled in, by means of:
`schema`       JSON schemas: keys, types and ranges, with what they allow in words
`knowledge`    what is said of a system: its entries name each other
`ensembles`    ensembles: shares, grids, axes and windows
`runs`         runs: their names, what their networks see, the run of a law
`expressions`  expressions of the systems: they can be read, and their names are known
`files`        files that the ensembles name, and what tables of points hold
`brought`      spectra that the user brings: names, channels and windows against the file
=============  ===============================================================================

Apart from `brought`, which does nothing where libraries are missing, these modules need only the
standard library and what Snakemake itself needs, because Snakemake may run in an environment that
holds nothing else.
"""
