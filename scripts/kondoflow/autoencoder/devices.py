"""Which device trains, how much of a GPU's memory JAX takes, and how it calculates.

JAX reads its options from the environment of the user. Those that change numbers are set here to
what they are without such variables, so that equal seeds give equal weights for every user. What
can't be set, the kind of the device and the flags of the GPU's compiler, counts when checkpoints
are told apart (`calculation`).
"""

from __future__ import annotations

import logging
import os
from typing import Any

import jax

from kondoflow.autoencoder.programs import keep_programs
from kondoflow.files.surroundings import gpu_flags

logger = logging.getLogger("kondoflow")


OPTIONS: dict[str, Any] = {
    "jax_enable_x64": False,
    "jax_default_prng_impl": "threefry2x32",
    "jax_threefry_partitionable": True,
    "jax_enable_custom_prng": False,
    "jax_legacy_prng_key": "allow",
    "jax_random_seed_offset": 0,
    "jax_default_matmul_precision": None,
    "jax_numpy_dtype_promotion": "standard",
    "jax_numpy_rank_promotion": "allow",
    "jax_default_device": None,
    "jax_disable_jit": False,
    "jax_disable_most_optimizations": False,
    "jax_debug_nans": False,  # a training that diverges is told by itself
    "jax_debug_infs": False,
    "jax_check_tracer_leaks": False,
    "jax_transfer_guard": None,
    "jax_softmax_custom_jvp": False,
}
DECIDE = ("XLA_FLAGS", "NVIDIA_TF32_OVERRIDE")  # variables that change numbers on a GPU


def pin_options() -> None:
    """Calculate as JAX does without variables in the environment."""
    for name, value in OPTIONS.items():
        jax.config.update(name, value)
    if "XLA_FLAGS" in os.environ:  # read when the first device is made
        os.environ["XLA_FLAGS"] = gpu_flags(os.environ["XLA_FLAGS"])


def use_cpu() -> None:
    """Calculate on the CPU, for what takes seconds: the GPU is left to trainings."""
    pin_options()
    jax.config.update("jax_platforms", "cpu")


def calculation() -> dict[str, str]:
    """What can't be pinned and decides results: the kind of the device, flags of its compiler."""
    device = jax.devices()[0]
    set_by_user = {name: os.environ[name] for name in DECIDE if os.environ.get(name)}
    return {"device": f"{device.platform} {device.device_kind}", **set_by_user}


def training_device(memory: float) -> jax.Device:
    """A GPU if JAX sees one, else the CPU; the log says in one line which.

    Options that change numbers are pinned, see `pin_options`.

    Args:
        memory: Share of a GPU's memory that is taken at once, 0 .. 1. With 0 memory is taken as it
            is needed, so that several processes can use one GPU. The share has an effect only if
            JAX has created no device yet.
    """
    os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "true" if memory else "false"
    if memory:
        os.environ["XLA_PYTHON_CLIENT_MEM_FRACTION"] = f"{memory:g}"
    pin_options()
    keep_programs()
    device = _first_device()
    if device.platform == "cpu":
        logger.info("JAX sees no GPU: training on the CPU")
    else:
        logger.info("training on %s (%s)", device.device_kind, device.platform)
    return device


def _first_device() -> jax.Device:
    """The first device; the CPU where the environment asks for a platform that is not there."""
    try:
        return jax.devices()[0]
    except (RuntimeError, AssertionError):
        asked = os.environ.get("JAX_PLATFORMS", "a platform")
        logger.warning("JAX_PLATFORMS asks for %s, which JAX does not find here", asked)
        jax.config.update("jax_platforms", "cpu")
        return jax.devices()[0]
