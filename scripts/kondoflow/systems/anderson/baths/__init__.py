"""The bath of the impurity: from its shape to the Wilson chain.

Modules, each importing only from those above it in this room:

==================  ==========================================================================
`bath_file`         the user's table of a hybridisation
`bath_meaning`      what a bath means for an ensemble
`bath_store`        what is calculated once for a table, on disk
`power_law`         the flat band and the pseudogap
`tabulated`         baths of a shape that the user gives
`bath`              the bath that the settings describe
`hybridisation`     the hybridisation function of a bath
`discretisation`    levels that reproduce a bath in the average over z
`chain`             the Wilson chain of a bath
==================  ==========================================================================
"""
