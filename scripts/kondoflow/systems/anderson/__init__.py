r"""A numerical renormalization group (NRG) solver for the Anderson impurity model.

The full-density-matrix NRG of Weichselbaum and von Delft, PRL 99, 076402 (2007), for one impurity
in any bath; the review is Bulla, Costi and Pruschke, RMP 80, 395 (2008). Modules, in the order
in which a calculation passes through them, each importing only from those above it:

==================  ==========================================================================
`compiled`          the compiler's decorator, whose cache knows all modules
`hamiltonian`       the Hamiltonian, its parameters and their bounds
`impurity`          one set of these parameters
`bath_file`         the user's table of a hybridisation
`bath_meaning`      what a bath means for an ensemble
`bath_store`        what is calculated once for a table, on disk
`grid`              frequency grids and integral transforms of piecewise linear functions
`power_law`         the flat band and the pseudogap
`tabulated`         baths of a shape that the user gives
`bath`              the bath that the settings describe
`hybridisation`     the hybridisation function of a bath
`kondo_scale`       Haldane's Kondo temperature
`contract`          what a solution gives: names, dimensions, units
`discretisation`    levels that reproduce a bath in the average over z
`chain`             the Wilson chain of a bath
`tensor_operators`  product states of a new shell, and the operators between them
`spin_factors`      factors of the full spin symmetry, by the Wigner-Eckart theorem
`symmetry`          charge with S_z, or with the full spin
`bins`              logarithmic bins of peaks
`blocks`            blocks of states and where their matrices lie
`truncation`        how many states a shell keeps
`diagonalisation`   iterative diagonalisation, shell by shell
`operators`         the impurity's operators, followed along the chain
`density_matrix`    the reduced density matrices of all shells, occupations
`correlators`       Lehmann sums, collected in logarithmic histograms
`single_chain`      all of that for one chain
`raw`               what the chains give, before broadening
`broadening`        histograms -> continuous spectral functions
`settings`          settings of the solver and of the stored grid
`dyson`             Dyson's equation, cell averages
`sharpening`        undoing what broadening does to a ratio of correlators
`self_energy`       the self-energy from the equation of motion
`spectra`           the continuous functions, with each estimator, and the stored spectra
`resonance`         position, height and width of the resonance
`features`          what a solution says of its spectra beside the stored values
`quality`           whether a solution can be used
`thermodynamics`    free energy, entropy and specific heat of the impurity
`z_average`         diagonalisations averaged over interleaved chains
`matsubara`         Green function on the imaginary axis, quasi-particle weight
`conductance`       linear conductance
`spin_spectrum`     spectrum of the impurity's spin
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
