"""The explorer: one page on which spectra, latents and equations can be walked through.

Python packs what the page needs from the files of a run; the browser unpacks it, decodes, evaluates
and draws. Nothing is loaded from anywhere. The sources of the page stand in `sources/`.
"""
