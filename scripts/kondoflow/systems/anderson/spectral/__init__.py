"""Continuous functions of the frequency, from the peaks that the chains give.

Modules, each importing only from those above it in this room:

==================  ==========================================================================
`broadening`        histograms -> continuous spectral functions
`dyson`             Dyson's equation, cell averages
`sharpening`        undoing what broadening does to a ratio of correlators
`self_energy`       the self-energy from the equation of motion
`resonance`         position, height and width of the resonance
`matsubara`         Green function on the imaginary axis, quasi-particle weight
`conductance`       linear conductance
`spin_spectrum`     spectrum of the impurity's spin
==================  ==========================================================================
"""
