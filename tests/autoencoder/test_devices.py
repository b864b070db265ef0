"""The choice of the device and the memory of a GPU."""

import logging
import os

import jax
import pytest

from kondoflow.autoencoder.devices import training_device


@pytest.mark.parametrize(
    ("memory", "expected"),
    [(0, {"PREALLOCATE": "false"}), (0.4, {"PREALLOCATE": "true", "MEM_FRACTION": "0.4"})],
)
def test_memory_of_the_gpu_is_set_and_the_cpu_named(memory, expected, monkeypatch, caplog):
    if jax.default_backend() != "cpu":
        pytest.skip("a GPU is seen")
    prefix = "XLA_PYTHON_CLIENT_"
    for name in ("PREALLOCATE", "MEM_FRACTION"):
        monkeypatch.setenv(prefix + name, "to be undone")
        monkeypatch.delenv(prefix + name)
    caplog.set_level(logging.INFO, "kondoflow")
    assert training_device(memory).platform == "cpu"
    found = {name.removeprefix(prefix): v for name, v in os.environ.items() if prefix in name}
    assert found == expected
    messages = [record.getMessage() for record in caplog.records]
    assert messages == ["JAX sees no GPU: training on the CPU"]
