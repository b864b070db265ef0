"""Spectra that a user brings, from files of many kinds to one data set.

`reading` (a file of any kind) -> `tables` (text) or `arrays` (netCDF, HDF5, Zarr) -> `arranging`
(names, dimensions, channels, grids) -> `files.importing` (checks, split).
"""
