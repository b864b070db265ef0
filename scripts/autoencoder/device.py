"""Which device JAX computes on."""

from __future__ import annotations

import logging

import jax

logger = logging.getLogger("kondoflow")


def announce_device() -> str:
    """Log in one line which device is used, and return its name, such as "cpu" or "gpu: H100".

    JAX takes a GPU if it was installed with CUDA and sees one, and else the CPU.
    """
    # JAX's own remark that a GPU stands idle is replaced by the line below.
    logging.getLogger("jax._src.xla_bridge").setLevel(logging.ERROR)
    device = jax.devices()[0]
    kind = device.device_kind
    name = device.platform if kind == device.platform else f"{device.platform}: {kind}"
    logger.info("computing on %s", name)
    return name
