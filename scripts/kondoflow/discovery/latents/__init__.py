"""What latents mean: descriptors, landmarks, effects, and what all of them together say.

Modules, each importing only from those above it in this room:

==================  ==========================================================================
`effects`           what a latent does to a spectrum
`landmarks`         thresholds that a system names, and whether latents know them
`scores`            latents against descriptors; the content of scores.json
`joint_quantities`  what all active latents together say of a quantity
`joint_errors`      where they keep it and where they lose it
==================  ==========================================================================
"""
