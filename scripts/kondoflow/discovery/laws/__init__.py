"""Closed laws over all samples: found in stages, from what is known, and confirmed on new data.

=================  ==============================================================================
module             what it does
=================  ==============================================================================
`symmetry`         symmetries that a user gives: tested on the data, then used to build inputs
`limits`           limits that a user gives: tested on the data, then samples of the search
`posing`           the question: quantities, dimensionless numbers, the scale
`collapse`         corrections in a small quantity, found without any formula
`extension`        a recovered formula as a limit beyond the samples
`combining`        how a known part and a remainder make one law
`remainder`        the search for what a known part leaves
`growth`           terms that are added to a remainder, one by one
`joint`            all constants of a law refitted together, closed numbers in their place
`closed_numbers`   numbers such as 1/2 and pi/8
`stages`           the order of all this
`composing`        the result: the law, how it was found, and its errors
`confirmation`     the law on points that were drawn after the choice
=================  ==============================================================================
"""
