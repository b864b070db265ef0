"""Latents and equations: scores, symbolic regression, the verdict, findings.

The package knows no physical system and no network. Descriptors, inputs and references of a system
come as expressions from the configuration.

===============  ===========================================================================
`descriptors`    known quantities of each sample
`monotone`       monotone and affine maps, shares of explained variance
`objectives`     the maps up to which an equation and its target are compared
`targets`        what is asked: targets, inputs, samples
`engines`        Operon and PySR behind one interface
`searches`       one search in a process of its own
`regression`     an ensemble of searches for every target
`fitting`        constants of an equation
`polishing`      shorter equations at equal error
`selection`      the choice on the front of error against length
`scores`         latents against descriptors; the content of scores.json
`references`     known formulas
`residuals`      what a formula leaves of a target, an equation of a reference
`coefficients`   coefficients of a reference's terms, uncertainties of constants
`evidence`       whether an equation is a known formula
`verdict`        the chosen equation of a target and its comparison with the references
`findings`       decisions that later stages read
`predictions`    targets beside their equations; the content of predictions.nc
`contract`       variables of predictions.nc
`workers`        processes for independent jobs
===============  ===========================================================================
"""
