"""Worked examples: measured spectra, from their file to latents and an equation."""
