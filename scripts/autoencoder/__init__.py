"""A variational autoencoder of spectra: model, loss, training, checkpoints, encoding.

JAX would otherwise take most of a GPU's memory at its start, so that a second process on the same
GPU fails. The switch has an effect only before JAX is loaded, hence here.
"""

import os

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
