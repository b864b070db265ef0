"""Symbolic regression: from samples to a front of equations.

Modules, each importing only from those above it in this room:

==================  ==========================================================================
`scaling`           inputs and target of order one before a search
`least_squares`     nonlinear least squares
`fitting`           constants of an equation
`polishing`         shorter equations at equal error
`trials`            sums that differ from an equation by one or two terms
`growing`           equations that grow term by term
`archive`           the best equation of each kind
`searches`          one search and what follows it
`planning`          all searches for a target
`execution`         the searches of an engine in processes, of which none is lost
`regression`        an ensemble of searches for every target
==================  ==========================================================================
"""
