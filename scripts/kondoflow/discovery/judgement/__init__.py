"""The judgement: an equation compared with the references of a system.

Modules, each importing only from those above it in this room:

==================  ==========================================================================
`fields`            gradients of formulas over the samples, and the angles between them
`limits`            what samples and targets cannot decide
`deviations`        how far an equation is from a reference: what is left, angles, slopes, values
`law`               whether an equation is a known law: the rule and its thresholds
`reaching`          whether constants alone turn an equation into a reference
`forms`             whether two formulas are the same after simplification
`rivals`            references against each other
`terms`             coefficients of a reference's terms in an equation, from gradients
`coefficients`      coefficients of a reference's terms, uncertainties of constants
`ground`            what the data say of each reference before an equation is looked at
`misfit`            what the data say beyond an equation
`objections`        what the data object to an equation that agrees with a reference
`lacking`           the only constant that a reference lacks to describe the target
`claims`            whether an equation recovers a reference
`comparing`         one equation compared with one reference, in numbers
`judging`           all that is stored of one equation
`front`             the front of all engines as a table
`ungiven`           operations that a reference needs and the search was not given
`verdict`           the chosen equation of a target and its comparison with the references
`measuring`         every equation and reference of a run, for the explorer
==================  ==========================================================================
"""
