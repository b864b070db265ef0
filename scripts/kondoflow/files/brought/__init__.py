"""Spectra that a user brings, from files of many kinds to one data set.

`reading` (a file of any kind) -> `tables` and `points` (text) or `arrays` (netCDF, with `classic`,
HDF5, Zarr) -> `arranging` (`finding` spectra and grid, `dimensions`, properties) -> `resampling` ->
`files.importing` (checks, split). `joining` adds a second table of properties.
"""
