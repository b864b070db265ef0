"""Names, dimensions, types and units of the files that the autoencoder writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kondoflow.files.contract import Variable
from kondoflow.files.splits import SPLIT

LATENTS: Mapping[str, Variable] = {
    "mean": Variable(("sample", "latent"), "float32", "1", "mean of q(z|A)"),
    "log_variance": Variable(("sample", "latent"), "float32", "1", "log variance of q(z|A)"),
    "kl": Variable(
        ("latent",), "float64", "nat", "Kullback-Leibler divergence from the prior, training mean"
    ),
    "active": Variable(("latent",), "int8", "1", "1 where the latent carries information"),
    "reconstruction_error": Variable(
        ("sample",), "float64", "1", "sum over omega of the squared error of the decoded mean"
    ),
    "absolute_error": Variable(
        ("sample",), "float64", "1", "mean over omega of the absolute error of the decoded mean"
    ),
    "split": SPLIT,
    "omega": Variable(("omega",), "float64", "1", "frequency, in the unit of the spectra's"),
    "step": Variable(
        ("step",), "float64", "1", "quantile of the traversed latent over the training samples"
    ),
    "traversal_latents": Variable(
        ("latent", "step", "coordinate"),
        "float64",
        "1",
        "latents along the traversed one: it has its quantile, other active latents the values of "
        "a training sample near by, inactive latents their training median",
    ),
    "traversal": Variable(
        ("latent", "step", "omega"),
        "float32",
        "1",
        "spectrum decoded from traversal_latents",
        by_channel=True,
    ),
    "example": Variable(
        ("shown",), "int64", "1", "sample shown as best, median and worst test reconstruction"
    ),
    "example_input": Variable(
        ("shown", "omega"), "float32", "1", "spectrum of the example", by_channel=True
    ),
    "example_reconstruction": Variable(
        ("shown", "omega"), "float32", "1", "decoded spectrum of the example", by_channel=True
    ),
}

DECODED: Mapping[str, Variable] = {
    "spectral_function": Variable(
        ("sample", "omega"), "float32", "1", "decoded spectrum", by_channel=True
    ),
    "omega": LATENTS["omega"],
}

LOSSES: Mapping[str, Variable] = {
    "reconstruction": Variable(
        ("epoch", "part"), "float64", "1", "squared error as in the loss, decoding the mean"
    ),
    "kl": Variable(("epoch", "part", "latent"), "float64", "nat", "mean KL of each latent"),
}

RESTARTS: Mapping[str, Variable] = {
    **{name: replace(each, dims=("restart", *each.dims)) for name, each in LOSSES.items()},
    "seed": Variable(("restart",), "int64", "1", "seed of the restart"),
    "kept_epoch": Variable(("restart",), "int64", "1", "epochs after which the weights were kept"),
    "kept_loss": Variable(("restart",), "float64", "1", "validation loss of these weights"),
}

HISTORY: Mapping[str, Variable] = {
    "learning_rate": Variable(("epoch",), "float64", "1", "learning rate of the epoch"),
    "kl_weight": Variable(("epoch",), "float64", "1", "weight of the KL term in the epoch"),
    **LOSSES,
    "loss": Variable(
        ("epoch", "part"), "float64", "1", "reconstruction + nominal kl_weight * KL, z at its mean"
    ),
    "loss_of_restarts": Variable(
        ("restart", "epoch", "part"), "float64", "1", "loss of each restart", optional=True
    ),
}
