"""Figures of the report, a module each; `registry` lists them, `drawing` draws them."""
