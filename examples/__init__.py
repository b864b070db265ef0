"""Worked examples: from a file of spectra to latents and an equation.

Each example is a module that writes the file and a configuration of the same name that reads it.
`make example EXAMPLE=<name>` does both.

==================  ============================================================================
`tablets`           near-infrared spectra of tablets, measured
`reflectances`      reflectance spectra of colour chips, measured
`superconductors`   tunnelling spectra of superconductors, as a user of another code has them
`kondo`             Kondo spectra of second-order perturbation theory, and of the NRG beside them
==================  ============================================================================
"""
