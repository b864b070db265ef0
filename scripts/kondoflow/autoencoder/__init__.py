"""A variational autoencoder of spectra: model, loss, training, checkpoints, encoding.

Two variables of the environment count only before JAX creates its devices, hence here:

- JAX would otherwise take most of a GPU's memory at its start, so that a second process on the same
  GPU fails. The rule of the training sets what it takes there (`autoencoder.devices`).
- On a CPU, XLA splits products among the threads of its pool and rounds differently with each pool
  size. A pool of one makes a seed give the same bits on any number of cores.

Where a GPU stands idle for want of a CUDA build, JAX warns; the training logs its device instead.
"""

import logging
import os

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
os.environ.setdefault("PJRT_NPROC", "1")
logging.getLogger("jax._src.xla_bridge").setLevel(logging.ERROR)
