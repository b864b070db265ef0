r"""A superconductor of Bardeen, Cooper and Schrieffer (BCS), as a tunnelling experiment shows it.

An attraction of strength V acts between electrons within omega_D of the Fermi energy of a metal
with N(0) states of one spin an energy. It opens a gap Delta(T) (Bardeen, Cooper and Schrieffer,
Phys. Rev. 108, 1175 (1957), eq. 3.27), which solves

.. math::
    \frac{1}{\lambda} = \int_0^{\omega_D} \frac{d\xi}{E} \tanh\frac{E}{2T}, \qquad
    E = \sqrt{\xi^2 + \Delta^2}, \qquad \lambda = N(0) V.

The density of states, with a finite lifetime of the quasiparticles (Dynes, Narayanamurti and Garno,
Phys. Rev. Lett. 41, 1509 (1978)), is

.. math:: \frac{N(E)}{N(0)} = \mathrm{Re}\,\frac{E - i\Gamma}{\sqrt{(E - i\Gamma)^2 - \Delta^2}} .

A junction with a normal metal measures its average over the thermal window -f' (Tinkham,
Introduction to Superconductivity, 2nd ed., sec. 3.8.3):

.. math:: \frac{G(V)}{G_N} = \int dE\, \frac{N(E)}{N(0)} \left(-f'(E - V)\right) .

This is the spectrum that is stored. Modules, in the order in which a calculation passes through
them, each importing only from those above it:

===================  =========================================================================
`parameters`         the parameters, the axes of an ensemble, and their bounds
`contract`           what a solution gives: names, dimensions, units
`gap_equation`       the gap and the critical temperature from the gap equation
`density_of_states`  the density of states with Dynes' broadening
`smearing`           its average over the thermal window and over the cells of the grid
`definition`         the superconductor as a computed system, see `systems.interface`
`computation`        the functions of that interface
===================  =========================================================================

Units: energies and temperatures in meV with k_B = 1 (1 meV is 11.6045 K), voltages as the energy eV
of an electron.
"""
