"""The training loop: compiled blocks of epochs (`autoencoder.blocks`) and what is kept of them.

A block is `EVALUATE_EVERY` epochs and one evaluation of both parts of the data. An epoch visits the
training spectra in random order, in batches of equal size. Spectra that do not fill a last batch
are left out of that epoch. All random numbers follow from the restart's seed and the epoch, so that
neither checkpoints nor interruptions change the result.

A training may lose its way in the first steps (`model.starting_at`). If half-way its error is still
`LOST` times that of the mean spectrum, it begins again with the mean spectrum as its first output.
A network whose latents the KL term has switched off gives the mean spectrum and is not lost.

The weights that are kept have the lowest validation loss at the nominal KL weight, with z at its
mean. One restart is trained here; `autoencoder.together` trains several at once. The package's
single XLA thread makes the result independent of the number of cores.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from kondoflow.autoencoder import blocks
from kondoflow.autoencoder.blocks import State, Weights, evaluate_in_pieces, train_block
from kondoflow.autoencoder.loss import Parts, Spectra
from kondoflow.autoencoder.model import Architecture, initialise, starting_at
from kondoflow.autoencoder.schedule import Schedule
from kondoflow.files.errors import InputError

logger = logging.getLogger("kondoflow")

EVALUATE_EVERY = 5  # epochs
PIECE = 10_000  # spectra of which a mean is taken at once
LOOKED_AT = 0.5  # share of the epochs after which a training may be given up as lost
LOST = 1.1  # of the error of the mean spectrum
PARTS = ("train", "validation")  # of the data, in the order of the histories


class History(NamedTuple):
    """Losses after each block, for training and validation spectra."""

    epoch: np.ndarray  # epochs done, (block,)
    reconstruction: np.ndarray  # (block, part)
    kl: np.ndarray  # (block, part, latent)


@dataclass(frozen=True)
class Trained:
    """Outcome of one restart.

    Attributes:
        seed: Seed of the restart.
        weights: The kept weights.
        loss: Their validation loss.
        epoch: Epochs after which they were kept.
        history: Losses of the whole training.
        device: What it was trained on.
    """

    seed: int
    weights: Weights
    loss: float
    epoch: int
    history: History
    device: str

    @property
    def kept_kl(self) -> np.ndarray:
        """KL divergences of the kept weights, (part, latent)."""
        return self.history.kl[self._kept]

    @property
    def kept_reconstruction(self) -> np.ndarray:
        """Squared errors of the kept weights, (part,)."""
        return self.history.reconstruction[self._kept]

    @property
    def _kept(self) -> int:
        """Row of the history that belongs to the kept weights."""
        return int(np.flatnonzero(self.history.epoch == self.epoch)[0])


@dataclass(frozen=True)
class Trainer:
    """A training run; `train_block` is compiled once for all seeds.

    Attributes:
        architecture: Shapes of the network.
        schedule: Course of KL weight and learning rate.
        batch_size: Spectra in a batch, at most the number of training spectra.
        train: Training spectra, float32.
        validation: Validation spectra, float32.
    """

    architecture: Architecture
    schedule: Schedule
    batch_size: int
    train: Spectra
    validation: Spectra

    @property
    def steps_per_epoch(self) -> int:
        """Batches in an epoch."""
        return max(1, self.train.n_samples // self.batch_size)

    def initial_state(self, seed: int, spectrum: np.ndarray | None = None) -> State:
        """State before the first epoch; with a first output about a spectrum (omega,) if given."""
        _, weights = initialise(self.architecture, seed)
        if spectrum is not None:
            weights = starting_at(self.architecture, weights, spectrum)
        optimiser = self.schedule.optimiser(self.steps_per_epoch).init(weights)
        # A buffer must not be donated twice, hence the copy.
        best = jax.tree.map(jnp.copy, weights)
        return State(weights, optimiser, best, jnp.float32(jnp.inf), jnp.int32(0))

    def run(
        self,
        seed: int,
        state: State | None = None,
        history: History | None = None,
        after_block: Callable[[State, History], None] | None = None,
        *,
        again: bool = False,
    ) -> Trained:
        """Train one restart to its end.

        Args:
            seed: Seed of the weights and of all random numbers.
            state: State to go on from, for a resumed restart.
            history: History up to that state.
            after_block: Called after every block.
            again: Whether it begins with the mean spectrum because it was lost before.

        Raises:
            InputError: If a loss is not finite; names epoch and learning rate.
        """
        none = self.no_history()
        if again:
            state = self.initial_state(seed, self.mean_spectrum()[0])
        state, history = state or self.initial_state(seed), history or none
        done = int(history.epoch[-1]) if len(history.epoch) else 0
        while done < self.schedule.epochs:
            stop = min(done + EVALUATE_EVERY, self.schedule.epochs)
            state, parts = self.block(state, jax.random.key(seed), done, stop)
            history = extend(history, stop, parts)
            self.check(history)
            if not again and self.looked_at(done, stop) and self.lost(history):
                logger.info("worse than the mean spectrum by epoch %d: begins with it", stop)
                return self.run(seed, after_block=after_block, again=True)
            if after_block:
                after_block(state, history)
            done = stop
        return outcome(seed, state, history)

    def looked_at(self, done: int, stop: int) -> bool:
        """Whether a block from epoch `done` to `stop` is followed by the look for lost restarts."""
        return done < LOOKED_AT * self.schedule.epochs <= stop

    def lost(self, history: History) -> bool:
        """Whether the error after the last block is far above that of the mean spectrum."""
        return bool(history.reconstruction[-1, 0] > LOST * self.mean_spectrum()[1])

    def no_history(self) -> History:
        """The history before the first block."""
        n_latents = self.architecture.n_latents
        return History(np.zeros(0, np.int64), np.zeros((0, 2)), np.zeros((0, 2, n_latents)))

    def mean_spectrum(self) -> tuple[np.ndarray, float]:
        """The mean training spectrum, (omega,), and its error; infinite for a linear output.

        Spectra may stay on the disk, so that they are taken in pieces. A linear output begins near
        the mean anyway.
        """
        n_samples = self.train.n_samples
        if self.architecture.output != "softplus":
            return np.zeros(0), np.inf
        pieces = [slice(first, first + PIECE) for first in range(0, n_samples, PIECE)]

        def values(piece: slice) -> np.ndarray:
            return np.asarray(self.train.values[piece], np.float64)

        mean = sum(values(piece).sum(axis=0) for piece in pieces) / n_samples
        error = 0.0
        for piece in pieces:
            weights = np.asarray(self.train.take(piece).weights, np.float64)
            error += float((weights * (values(piece) - mean) ** 2).sum()) / n_samples
        return np.asarray(mean), error

    def block(self, state: State, key: jax.Array, first: int, stop: int) -> tuple[State, Parts]:
        """Epochs first .. stop - 1, then an evaluation.

        Returns:
            The state after them, and the losses of both sets, see `blocks.keep_better`.
        """
        sets, fixed = (self.train, self.validation), (self.architecture, self.schedule)
        if max(each.n_samples for each in sets) > blocks.EVALUATED:
            bounds = np.int32(first), np.int32(stop)
            trained = blocks.compiled_epochs(
                state, key, *bounds, self.train, *fixed, self.batch_size
            )
            return evaluate_in_pieces(state, trained, sets, stop, *fixed)
        return train_block(
            state,
            key,
            np.int32(first),
            np.int32(stop),
            self.train,
            self.validation,
            architecture=self.architecture,
            schedule=self.schedule,
            batch_size=self.batch_size,
        )

    def check(self, history: History) -> None:
        """Refuse losses after the last block that are not finite."""
        if np.isfinite(history.reconstruction[-1]).all() and np.isfinite(history.kl[-1]).all():
            return
        epoch = int(history.epoch[-1])
        rate = float(self.schedule.learning_rate_at(epoch - 1))
        where = f"not finite by epoch {epoch} at a learning rate of {rate:.3g}"
        raise InputError("training", "loss", where, "finite (try a lower learning_rate)")


def outcome(seed: int, state: State, history: History) -> Trained:
    """What the end of a training is, with the device that JAX used."""
    best, device = float(state.best_loss), jax.devices()[0]
    name = f"{device.device_kind} ({device.platform})"
    return Trained(seed, state.best_weights, best, int(state.best_epoch), history, name)


def extend(history: History, epoch: int, parts: Parts) -> History:
    """The history with the losses after one more block, which ended after `epoch` epochs."""
    return History(
        np.append(history.epoch, epoch),
        np.concatenate([history.reconstruction, np.asarray(parts.reconstruction)[None]]),
        np.concatenate([history.kl, np.asarray(parts.kl)[None]]),
    )
