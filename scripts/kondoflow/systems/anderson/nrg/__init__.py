"""The iterative diagonalisation of a chain, and what one chain gives before broadening.

Modules, each importing only from those above it in this room:

==================  ==========================================================================
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
`thermodynamics`    free energy, entropy and specific heat of the impurity
==================  ==========================================================================
"""
