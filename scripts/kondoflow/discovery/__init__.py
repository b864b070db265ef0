"""Latents and equations: scores, symbolic regression, the verdict, findings.

The package knows no physical system and no network. Descriptors, inputs and references of a system
come as expressions from the configuration.

==================  ============================================================================
`monotone`          agreement up to a monotone or affine map, shares of explained variance
`objectives`        the maps up to which an equation and its target are compared
`finite`            numbers that a JSON file can hold
`targets`           what is asked: targets, inputs, samples
`region`            the region of the fit, taken apart for those who put it into words
`scores`            latents against descriptors; the content of scores.json
`landmarks`         thresholds that a system names, and whether latents know them
`effects`           what a latent does to a spectrum
`joint_quantities`  what all active latents together say of a quantity
`joint_errors`      where they keep it and where they lose it
`engines`           Operon and PySR behind one interface
`scaling`           inputs and target of order one before a search
`gauge`             the monotone map of a target, fixed by an input that has a unit
`searches`          one search and what follows it
`planning`          all searches for a target
`execution`         the searches of an engine in processes, of which none is lost
`regression`        an ensemble of searches for every target
`least_squares`     nonlinear least squares
`fitting`           constants of an equation
`polishing`         shorter equations at equal error
`trials`            sums that differ from an equation by one or two terms
`growing`           equations that grow term by term
`archive`           the best equation of each kind
`selection`         the choice on the front of error against length
`references`        known formulas
`predictions`       targets beside their equations; the content of predictions.nc
`residuals`         what a formula leaves of a target, an equation of a reference
`errors`            errors of an equation on each part of the data, and over the box
`smooth`            a smooth function of several variables
`coefficients`      coefficients of a reference's terms, uncertainties of constants
`terms`             coefficients of a reference's terms in an equation, from gradients
`fields`            gradients of formulas over the samples, and the angles between them
`limits`            what samples and targets cannot decide
`deviations`        how far an equation is from a reference: what is left, angles, slopes, values
`law`               whether an equation is a known law: the rule and its thresholds
`forms`             whether two formulas are the same after simplification
`rivals`            references against each other
`lacking`           the only constant that a reference lacks to describe the target
`ground`            what the data say of each reference before an equation is looked at
`misfit`            what the data say beyond an equation
`objections`        what the data object to an equation that agrees with a reference
`claims`            whether an equation recovers a reference
`comparing`         one equation held against one reference, in numbers
`scale`             an equation for the logarithm of a scale, solved for the scale
`judging`           all that is stored of one equation
`front`             the front of all engines as a table
`verdict`           the chosen equation of a target and its comparison with the references
`findings`          decisions that later stages read
`measuring`         every equation and reference of a run, for the explorer
`contract`          variables of the netCDF files
`laws`              a law over all samples, composed in stages
==================  ============================================================================
"""
