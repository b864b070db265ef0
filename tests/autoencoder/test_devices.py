"""The choice of the device and the memory of a GPU."""

import logging
import os
import subprocess
import sys

import jax
import pytest
from small_runs import SCRIPTS

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


PROGRAM = """
import jax, sys
from kondoflow.autoencoder import programs
programs.SHORTEST = 0.0  # a fast machine compiles this in less than is worth keeping
programs.keep_programs()
print(jax.jit(lambda x: jax.random.normal(jax.random.key(3), (5,)) * x)(2.0).tolist())
"""


def test_compiled_programs_are_kept_and_a_home_that_cannot_be_written_does_not_matter(tmp_path):
    """The second process reads what the first wrote, and prints the same numbers."""

    def printed(home):
        environment = {**os.environ, "XDG_CACHE_HOME": str(home), "PYTHONPATH": str(SCRIPTS)}
        command = [sys.executable, "-W", "error", "-c", PROGRAM]
        run = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        return run.stdout

    first = printed(tmp_path / "home")
    kept = sorted((tmp_path / "home").rglob("*-cache"))
    assert kept
    assert printed(tmp_path / "home") == first
    assert sorted((tmp_path / "home").rglob("*-cache")) == kept
    (tmp_path / "file").write_text("")
    assert printed(tmp_path / "file") == first
