r"""A numerical renormalization group (NRG) solver for the Anderson impurity model.

The full-density-matrix NRG of Weichselbaum and von Delft, PRL 99, 076402 (2007), for one impurity
in any bath; the review is Bulla, Costi and Pruschke, RMP 80, 395 (2008). Modules and rooms, in
the order in which a calculation passes through them, each importing only from those above it:

==================  ==========================================================================
`compiled`          the compiler's decorator, whose cache knows all modules
`hamiltonian`       the Hamiltonian, its parameters and their bounds
`impurity`          one set of these parameters
`grid`              frequency grids and integral transforms of piecewise linear functions
`kondo_scale`       Haldane's Kondo temperature
`contract`          what a solution gives: names, dimensions, units
`baths`             the bath: shapes, tables, hybridisation function, Wilson chain
`nrg`               iterative diagonalisation of one chain, and the peaks it gives
`spectral`          continuous functions of the frequency, from peaks
`settings`          settings of the solver and of the stored grid
`spectra`           the continuous functions, with each estimator, and the stored spectra
`features`          what a solution says of its spectra beside the stored values
`quality`           whether a solution can be used
`z_average`         diagonalisations averaged over interleaved chains
`extra`             what is stored beside the spectra
`solver`            one parameter set -> one `Solution`
`compilation`       compiling all of it once
`shown`             what is said of an ensemble before its spectra are calculated
`definition`        the model as a computed system, see `systems.interface`
`computation`       the functions of that interface
`sweep`             points as a labelled data set, temperatures sharing a diagonalisation
`reading`           the Fermi liquid's parameters, read off spectra
`law`               a closed formula for T_chi, which the pipeline has found
`exact`             exact results that the tests and benchmarks compare with
==================  ==========================================================================

Units: half-bandwidth D = 1, k_B = g mu_B = hbar = 1.
"""
