"""A variational autoencoder of spectra: from a set of spectra to a trained model and its latents.

`preparation` (spectra and settings) -> `restarts` (`training` from one of several seeds, with
`checkpoints`) -> `procedure` (`alignment`, `consensus`, `refinement`, `conventions`) ->
`description` and `storage` (the files of a model) -> `encoding` and `latents` (spectra encoded with
a stored model).

Two variables of the environment have an effect only before JAX creates its devices. They are set
here, where every import of the package passes:

- JAX would otherwise take most of a GPU's memory at its start, so that a second process on the same
  GPU fails. A training sets the share that it takes (`autoencoder.devices`).
- On a CPU, XLA splits products among the threads of its pool and rounds differently with each pool
  size. With a pool of one thread, a seed gives the same bits on any number of cores.

JAX warns if there is a GPU but no CUDA build; the training logs its device instead.
"""

import logging
import os

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
os.environ["PJRT_NPROC"] = "1"
logging.getLogger("jax._src.xla_bridge").setLevel(logging.ERROR)
