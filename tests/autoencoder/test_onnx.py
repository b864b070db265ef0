"""ONNX files give what the model gives, in the evaluator that defines ONNX's operators."""

import json

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from small_runs import N_OMEGA, copy_model, two_factors

from kondoflow.autoencoder.conventions import Conventions
from kondoflow.autoencoder.encoding import decode, encode
from kondoflow.autoencoder.model import Architecture, Autoencoder
from kondoflow.autoencoder.scaling import Scaling, widths_of
from kondoflow.autoencoder.storage import Model, read_model

onnx = pytest.importorskip("onnx", reason="onnx is not installed (make onnx)")
onnx_reference = pytest.importorskip("onnx.reference")

OMEGA = np.linspace(-4.0, 4.0, N_OMEGA)
N_LATENTS = 4


def a_model(output="linear", kl=1.0, activation="silu", channels=(), **scaling):
    """A model with random weights, whose latents are reordered, scaled and shifted."""
    n, rng = N_OMEGA * max(1, len(channels)), np.random.default_rng(3)
    network = Autoencoder(Architecture(n, (24, 12), N_LATENTS, activation, output), nnx.Rngs(1))
    for layer in (*network.encoder.layers, *network.decoder.layers):
        layer.bias[...] = jnp.asarray(rng.normal(0, 0.3, layer.bias.shape), jnp.float32)
    own = {"offset": rng.normal(0, 0.1, n), "scale": 0.7, "widths": widths_of(OMEGA, n), **scaling}
    conventions = Conventions(
        order=np.array([2, 0, 3, 1]),
        active=np.array([True, True, False, False]),
        factor=np.array([-1.0, 1.0, 0.4, -2.0]),
        shift=np.array([0.0, 0.3, -0.2, 0.0]),
        kl=np.full(N_LATENTS, kl),
        relevance=np.ones(N_LATENTS),
        median=np.zeros(N_LATENTS, np.float32),
    )
    return Model(network, Scaling(**own), "up", OMEGA, kl > 0, 0.1, conventions, channels)


def run_encoder(model, spectra):
    from kondoflow.autoencoder.onnx_graphs import encoder_graph

    return onnx_reference.ReferenceEvaluator(encoder_graph(model)).run(None, {"spectra": spectra})


def run_decoder(model, z):
    from kondoflow.autoencoder.onnx_graphs import decoder_graph

    return onnx_reference.ReferenceEvaluator(decoder_graph(model)).run(None, {"latents": z})[0]


def close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    "changes",
    [
        {"output": "softplus", "activation": "relu"},
        {"kl": 0.0},
        {"transform": "log", "unit": 0.3, "normalise": "area", "size": 2.5},
        {"transform": "arcsinh", "unit": 0.02, "normalise": "maximum", "size": 0.8},
        {"transform": "sqrt", "unit": 0.5, "scale": np.linspace(0.5, 2.0, 2 * N_OMEGA)},
    ],
    ids=lambda changes: changes.get("transform", changes.get("output", "plain")),
)
def test_graphs_are_the_model(changes):
    several = np.ndim(changes.get("scale", 0)) > 0
    channels = ("real", "imaginary") if several else ()
    model = a_model(channels=channels, **changes)
    spectra = two_factors(7)[0] + np.float32(0.01)
    if several:
        spectra = np.stack([spectra, 0.5 - spectra], axis=1)
    encoding = encode(model, spectra)
    found = run_encoder(model, spectra)
    close(found[0], encoding.mean)
    assert len(found) == (2 if model.variational else 1)
    if model.variational:
        close(found[1], encoding.log_variance)
    z = np.random.default_rng(4).normal(size=(5, N_LATENTS)).astype(np.float32)
    decoded = run_decoder(model, z)
    close(decoded, decode(model, z))
    assert decoded.shape == (5, *spectra.shape[1:])


def test_a_stored_model_is_exported(trained, tmp_path):
    import export_onnx

    weights, description = copy_model(trained[-1], tmp_path)
    weights = weights.rename(tmp_path / "weights.safetensors")
    files = {name: tmp_path / f"{name}.onnx" for name in ("encoder", "decoder")}
    export_onnx.main(model=tmp_path, **files)
    first = [path.read_bytes() for path in files.values()]
    export_onnx.main(model=tmp_path, **files)
    assert [path.read_bytes() for path in files.values()] == first
    spectra, model = two_factors(9)[0], read_model(weights, description)
    encoder, decoder = (onnx_reference.ReferenceEvaluator(str(path)) for path in files.values())
    mean, _ = encoder.run(None, {"spectra": spectra})
    close(mean, encode(model, spectra).mean)
    close(decoder.run(None, {"latents": mean})[0], encode(model, spectra).reconstruction)
    about = {entry.key: entry.value for entry in onnx.load(files["encoder"]).metadata_props}
    assert json.loads(about["omega"]) == model.omega.tolist()
