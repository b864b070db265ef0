"""Which device trains, and how much of a GPU's memory JAX takes."""

from __future__ import annotations

import logging
import os

import jax

logger = logging.getLogger("kondoflow")


def training_device(memory: float) -> jax.Device:
    """A GPU if JAX sees one, else the CPU; the log says in one line which.

    Args:
        memory: Share of a GPU's memory that is taken at once, 0 .. 1. With 0 memory is taken as it
            is needed, so that several processes can use one GPU. The share has an effect only if
            JAX has created no device yet.
    """
    os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "true" if memory else "false"
    if memory:
        os.environ["XLA_PYTHON_CLIENT_MEM_FRACTION"] = f"{memory:g}"
    device = jax.devices()[0]
    if device.platform == "cpu":
        logger.info("JAX sees no GPU: training on the CPU")
    else:
        logger.info("training on %s (%s)", device.device_kind, device.platform)
    return device
