"""Latents and equations: scores, symbolic regression, the verdict, findings.

The package knows no physical system and no network. Descriptors, inputs and references of a system
come as expressions from the configuration.

Modules and rooms, each importing only from those above it:

==================  ==========================================================================
`contract`          variables of the netCDF files
`monotone`          agreement up to a monotone or affine map, shares of explained variance
`objectives`        the maps up to which an equation and its target are compared
`finite`            numbers that a JSON file can hold
`gauge`             the monotone map of a target, fixed by an input that has a unit
`smooth`            a smooth function of several variables
`scale`             an equation for the logarithm of a scale, solved for the scale
`region`            the region of the fit, taken apart for those who put it into words
`targets`           what is asked: targets, inputs, samples
`selection`         the choice on the front of error against length
`references`        known formulas
`residuals`         what a formula leaves of a target, an equation of a reference
`predictions`       targets beside their equations; the content of predictions.nc
`errors`            errors of an equation on each part of the data, and over the box
`findings`          decisions that later stages read
`engines`           Operon and PySR behind one interface
`search`            symbolic regression: from samples to a front of equations
`judgement`         an equation compared with the references of a system
`latents`           what latents mean: descriptors, landmarks, effects, joint quantities
`laws`              a law over the whole box, composed in stages
==================  ==========================================================================
"""
