"""Speed of training: the paper's network here and in PyTorch, eager and compiled.

The network of arXiv:2107.08013 (333-240-160-80-60-10, ReLU, beta = 1, Adam) is trained on smooth
synthetic spectra. PyTorch, which the project does not depend on, is measured where it is installed:

    .tools/bin/uv pip install --python .venv/bin/python torch
    python -m benchmarks.autoencoder        # this package beside PyTorch, one thread each
    python -m benchmarks.autoencoder paper  # the paper's 60,000 spectra x 2,000 epochs, for a GPU

Both also train several seeds together (`autoencoder.together`).
"""

from __future__ import annotations

import functools
import importlib.util
import sys
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from itertools import pairwise
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.common import machine, table
from kondoflow.autoencoder.blocks import train_block
from kondoflow.autoencoder.loss import Spectra
from kondoflow.autoencoder.model import Architecture
from kondoflow.autoencoder.schedule import Schedule
from kondoflow.autoencoder.training import History, Trainer

N_OMEGA = 333
HIDDEN, N_LATENTS = (240, 160, 80, 60), 10
NETWORK = Architecture(N_OMEGA, HIDDEN, N_LATENTS, "relu", "softplus")
RATES = (1e-3, 2e-5)
BATCHES = (1024, 64)
N_SPECTRA = 4 * 1024
EPOCHS = 5  # that are timed, a block of the training
ROUNDS = 3  # of which the fastest counts
SEEDS = 3  # that are trained together
OURS = "this package"
PRODUCTS = "matrix products alone (numpy)"
PAPER = {"n_samples": 60_000, "epochs": 2000, "batch_size": 1024}

# (input, output) widths of all layers
LAYERS = [
    pair
    for widths in ((N_OMEGA, *HIDDEN, 2 * N_LATENTS), (N_LATENTS, *HIDDEN[::-1], N_OMEGA))
    for pair in pairwise(widths)
]
# Forward, and backward to weights and inputs, the latter not for the first layer.
FLOPS = sum(6 * n_in * n_out for n_in, n_out in LAYERS) - 2 * LAYERS[0][0] * LAYERS[0][1]


class Loop(NamedTuple):
    """Something that is timed: the number of samples that a call works through, and the call."""

    n_samples: int
    call: Callable[[], object]


def synthetic_spectra(n: int) -> np.ndarray:
    """Smooth spectra, (n, omega), float32: a resonance at 0 and a satellite on each side."""
    rng = np.random.default_rng(0)
    omega = np.geomspace(4e-6, 1.6, N_OMEGA // 2)
    omega = np.concatenate([-omega[::-1], [0.0], omega])
    width = 10 ** rng.uniform(-4, -1, (n, 1))
    centre, height = rng.uniform(-1, 1, (n, 1)) * width, rng.uniform(0.3, 1.0, (n, 1))
    spectra = height / (1 + ((omega - centre) / width) ** 2)
    for side in (-1, 1):
        place, spread = rng.uniform(0.05, 0.4, (n, 1)), rng.uniform(0.02, 0.1, (n, 1))
        spectra += rng.uniform(0, 0.5, (n, 1)) / (1 + ((omega - side * place) / spread) ** 2)
    return np.minimum(spectra, 1).astype(np.float32)


def trainer(spectra: np.ndarray, batch_size: int, epochs: int) -> Trainer:
    """The paper's protocol on these spectra, with a tenth of them for validation."""
    split = len(spectra) // 10
    schedule = Schedule(epochs, 1.0, 0.5, RATES)
    weights = jnp.ones((1, N_OMEGA))
    train, validation = (
        Spectra(jnp.asarray(part), weights) for part in (spectra[split:], spectra[:split])
    )
    return Trainer(NETWORK, schedule, batch_size, train, validation)


def ours(spectra: np.ndarray, batch_size: int) -> Loop:
    """This package, with its evaluations of all spectra."""
    training = trainer(spectra, batch_size, EPOCHS)
    return Loop(EPOCHS * training.steps_per_epoch * batch_size, lambda: training.run(0))


def together(training: Trainer) -> Callable[[], object]:
    """A block of epochs of several seeds at once, as a call."""
    block = functools.partial(
        train_block,
        architecture=training.architecture,
        schedule=training.schedule,
        batch_size=training.batch_size,
    )
    seeds = range(SEEDS)
    states = jax.tree.map(lambda *each: jnp.stack(each), *map(training.initial_state, seeds))
    keys = jnp.stack([jax.random.key(seed) for seed in seeds])
    compiled = jax.jit(jax.vmap(block, in_axes=(0, 0, None, None, None, None)))
    bounds = np.int32(0), np.int32(EPOCHS)
    return lambda: jax.block_until_ready(
        compiled(states, keys, *bounds, training.train, training.validation)
    )


def ours_together(spectra: np.ndarray, batch_size: int) -> Loop:
    """Several seeds trained together, all seeds counted."""
    training = trainer(spectra, batch_size, EPOCHS)
    return Loop(SEEDS * EPOCHS * training.steps_per_epoch * batch_size, together(training))


def pytorch(
    spectra: np.ndarray, batch_size: int, *, loader: bool, normalised: bool, compiled: bool
) -> Loop:
    """A PyTorch loop, without any evaluation.

    Args:
        spectra: Training spectra, (n, omega).
        batch_size: Spectra in a batch.
        loader: Batches from a DataLoader, as is usual, or by indexing the tensor.
        normalised: With batch normalisation in the hidden layers, as in the paper.
        compiled: With `torch.compile` for loss and gradients, and PyTorch's fused Adam.
    """
    import torch
    from torch import nn
    from torch.utils.data import DataLoader, TensorDataset

    def perceptron(widths: tuple[int, ...]) -> nn.Sequential:
        layers: list[nn.Module] = []
        for n_in, n_out in pairwise(widths[:-1]):
            layers += [nn.Linear(n_in, n_out), nn.ReLU()]
            if normalised:
                layers.insert(-1, nn.BatchNorm1d(n_out))
        return nn.Sequential(*layers, nn.Linear(widths[-2], widths[-1]))

    torch.manual_seed(0)
    encoder = perceptron((N_OMEGA, *HIDDEN, 2 * N_LATENTS))
    decoder = perceptron((N_LATENTS, *HIDDEN[::-1], N_OMEGA))
    weights = [*encoder.parameters(), *decoder.parameters()]
    optimiser = torch.optim.Adam(weights, lr=RATES[0], fused=compiled)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 10**6, RATES[1])
    data = torch.from_numpy(spectra)
    batches = DataLoader(TensorDataset(data), batch_size, shuffle=True, drop_last=True)

    def loss_of(batch: torch.Tensor, beta: torch.Tensor) -> torch.Tensor:
        mean, log_variance = encoder(batch).chunk(2, dim=-1)
        z = mean + torch.exp(log_variance / 2) * torch.randn_like(mean)
        decoded = nn.functional.softplus(decoder(z))
        kl = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(-1)
        return (((decoded - batch) ** 2).sum(-1) + beta * kl).mean()

    measured = torch.compile(loss_of, fullgraph=True, dynamic=False) if compiled else loss_of

    def step(batch: torch.Tensor, beta: torch.Tensor) -> float:
        loss = measured(batch, beta)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss.item()

    def run() -> None:
        for epoch in range(EPOCHS):
            beta = torch.tensor(np.tanh(2 * epoch / EPOCHS), dtype=torch.float32)
            if loader:
                losses = [step(batch, beta) for (batch,) in batches]
            else:
                order = torch.randperm(len(data))[: len(batches) * batch_size]
                losses = [step(data[chosen], beta) for chosen in order.split(batch_size)]
            schedule.step()
        assert np.isfinite(losses).all()

    return Loop(EPOCHS * len(batches) * batch_size, run)


def products(batch_size: int) -> Loop:
    """The matrix products of a step alone, by numpy's BLAS."""
    rng = np.random.default_rng(0)
    terms: list[tuple[np.ndarray, np.ndarray]] = []
    for n_in, n_out in LAYERS:
        x, w, y = (
            rng.random(shape, np.float32)
            for shape in ((batch_size, n_in), (n_in, n_out), (batch_size, n_out))
        )
        terms += [(x, w), (x.T, y)] + ([(y, w.T)] if len(terms) else [])
    n_steps = 10

    def run() -> None:
        for _ in range(n_steps):
            for a, b in terms:
                a @ b

    return Loop(n_steps * batch_size, run)


def all_loops() -> dict[str, Callable[[np.ndarray, int], Loop]]:
    """What is compared, by name."""
    loops: dict[str, Callable[[np.ndarray, int], Loop]] = {
        OURS: ours,
        f"{SEEDS} seeds together (vmap)": ours_together,
        PRODUCTS: lambda _, batch_size: products(batch_size),
    }
    if importlib.util.find_spec("torch"):
        import torch

        torch.set_num_threads(1)
        for name, loader, normalised, compiled in (
            ("DataLoader", True, False, False),
            ("tensor indexed", False, False, False),
            ("DataLoader, batch normalisation", True, True, False),
            ("tensor indexed, batch normalisation", False, True, False),
            ("torch.compile, tensor indexed", False, False, True),
        ):
            loops[f"PyTorch, {name}"] = functools.partial(
                pytorch, loader=loader, normalised=normalised, compiled=compiled
            )
    return loops


def measure(loops: Mapping[str, Loop]) -> dict[str, float]:
    """Samples a CPU second of each loop: the best of several rounds through all of them.

    In rounds, because a machine that others use is slower at some times than at others.
    """
    for loop in loops.values():
        loop.call()  # compiles
    seconds = {name: np.inf for name in loops}
    for _ in range(ROUNDS):
        for name, loop in loops.items():
            started = time.process_time()
            loop.call()
            seconds[name] = min(seconds[name], time.process_time() - started)
    return {name: loop.n_samples / seconds[name] for name, loop in loops.items()}


def compare() -> None:
    """Print samples per second of every loop at both batch sizes."""
    spectra, rows = synthetic_spectra(N_SPECTRA), []
    made = all_loops()
    for batch_size in BATCHES:
        rates = measure({name: make(spectra, batch_size) for name, make in made.items()})
        for name, rate in rates.items():
            gigaflops, ratio = rate * FLOPS / 1e9, rates[OURS] / rate
            rows.append([batch_size, name, f"{rate:,.0f}", f"{gigaflops:.0f}", f"{ratio:.2f}"])
            print(*rows[-1], file=sys.stderr, flush=True)
    installed = importlib.util.find_spec("torch")
    found = version("torch") if installed else "not installed and not measured"
    print(f"{machine()}, one thread each; JAX {jax.__version__}, PyTorch {found}\n")
    header = ["batch", "loop", "samples a CPU second", "GFLOP/s", "this package is faster by"]
    print(table(header, rows))


def paper() -> None:
    """Time the paper's protocol on the first device that JAX sees."""
    device = jax.devices()[0]
    n_samples, epochs, batch_size = PAPER["n_samples"], PAPER["epochs"], PAPER["batch_size"]
    training = trainer(synthetic_spectra(n_samples * 10 // 9), batch_size, epochs)
    started = time.perf_counter()
    blocks: list[float] = []
    trained = training.run(0, after_block=lambda *_: blocks.append(time.perf_counter()))
    seconds = time.perf_counter() - started
    compiling = (blocks[0] - started) - (blocks[-1] - blocks[0]) / (len(blocks) - 1)
    rate = epochs * training.steps_per_epoch * batch_size / (seconds - compiling)
    several = wall_seconds(together(training))
    rate_together = SEEDS * EPOCHS * training.steps_per_epoch * batch_size / several
    rows = [
        ["device", f"{device.device_kind} ({device.platform})"],
        ["spectra, epochs, batch", f"{training.train.n_samples:,}, {epochs:,}, {batch_size}"],
        ["wall s in all", f"{seconds:.1f}"],
        ["of which compiling", f"{compiling:.1f}"],
        ["samples a second", f"{rate:,.0f}"],
        [f"samples a second, {SEEDS} seeds together (vmap)", f"{rate_together:,.0f}"],
        ["microseconds a step", f"{1e6 * batch_size / rate:.0f}"],
        ["GFLOP/s of matrix products", f"{rate * FLOPS / 1e9:,.0f}"],
        ["squared error, KL of the last epoch (training)", losses(trained.history)],
    ]
    print(f"{machine()}; JAX {jax.__version__}\n")
    print(table(["paper's protocol", ""], rows))


def wall_seconds(call: Callable[[], object]) -> float:
    """Wall time of the second call."""
    call()
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def losses(history: History) -> str:
    """Both parts of the last training loss."""
    return f"{history.reconstruction[-1, 0]:.3f}, {history.kl[-1, 0].sum():.3f} nat"


if __name__ == "__main__":
    paper() if sys.argv[1:] == ["paper"] else compare()
