"""Closed laws over the whole box: found in stages, from what is known, and confirmed on new data.

=================  ==============================================================================
module             what it does
=================  ==============================================================================
`symmetry`         symmetries that a user gives: tested on the data, then used to build inputs
`limits`           limits that a user gives: tested on the data, then samples of the search
`fixed_points`     samples at the fixed points of a symmetry
`posed`            the question: target, quantities, dimensionless numbers, the scale
`posing`           from samples and target to the question
`law`              a law while it is sought: a formula of the numbers, and corrections
`translation`      a formula of the variables, written in the numbers of a search
`question`         the question of a law, with what was tested on the data
`collapse`         corrections in a small quantity, found without any formula
`extension`        a recovered formula as a limit beyond the samples
`combining`        how a known part and a remainder make one law
`remainder`        the search for what a known part leaves
`growth`           terms that are added to a remainder, one by one
`joint`            all constants of a law refitted together, closed numbers in their place
`closed_numbers`   numbers such as 1/2 and pi/8
`tidying`          formulas without what does nothing in them
`plan`             how a law is sought, and what the search came to
`jobs`             independent jobs, of which none is lost
`region`           the law of the region, where the search starts
`stages`           the order of the search
`parts`            errors by part of the data
`slices`           a law along one parameter, beside formulas and data
`describing`       the law as it is stored: how it was found, and its errors
`composing`        all of this for one ensemble
`fresh`            new points, or test samples in their place
`confirmation`     the law on points that were drawn after the choice
=================  ==============================================================================
"""
