r"""A trained model as ONNX graphs, for programs that know neither JAX nor this package.

The graphs are complete: what is done to a spectrum before the network (`autoencoder.scaling`), and
to latents after it, :math:`z_k = (z^\mathrm{net}_{o(k)} - s_k)/f_k` (`autoencoder.conventions`),
and both inverses, are nodes of them. As in `autoencoder.encoding`, these steps are in double
precision and the network in single precision. The number of samples is free.

    encoder: spectra (sample, omega) -> mean, log_variance (sample, latent)
    decoder: latents (sample, latent) -> spectra (sample, omega)

A model of several channels takes and gives spectra (sample, channel, omega). A plain autoencoder
has no log variance. A model that sees spectra without their sizes decodes them with the median
size.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kondoflow.autoencoder.model import LARGEST_LOG_VARIANCE, Perceptron
from kondoflow.autoencoder.scaling import LARGEST_EXPONENT, Scaling
from kondoflow.autoencoder.storage import Model
from kondoflow.files.errors import InputError

try:
    import onnx
    from onnx import TensorProto, helper, numpy_helper
except ImportError as error:
    raise InputError(
        "environment", "package onnx", None, "installed (make onnx does it)"
    ) from error

OPSET = 17
IR_VERSION = 8  # of the same age as the operators, so that older programs read the files


class Graph:
    """A chain of nodes in the making; `value` is the name of its last output."""

    def __init__(self, value: str) -> None:
        self.value = value
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, array: Any) -> str:
        """Name of a new constant."""
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def add(self, operator: str, *others: str, output: str | None = None, **attributes: Any) -> str:
        """Apply an operator to the last output and to others."""
        name = output or f"{operator.lower()}_{len(self.nodes)}"
        inputs = [self.value, *others]
        self.nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        self.value = name
        return name

    def double(self, operator: str, value: Any) -> None:
        """Apply an operator to the last output and a constant, in double precision."""
        self.add(operator, self.constant(np.asarray(value, np.float64)))

    def cast(self, precision: int) -> None:
        """Turn the last output into another precision."""
        self.add("Cast", to=precision)

    def odd(self, of_magnitude: Callable[[], Any]) -> None:
        """The sign of the last output times a function of its magnitude."""
        before = self.value
        sign = self.add("Sign")
        self.value = before
        self.add("Abs")
        of_magnitude()
        self.add("Mul", sign)

    def take(self, columns: np.ndarray) -> None:
        """Keep the columns with these indices, (column,), of the last output (sample, n)."""
        self.add("Gather", self.constant(columns.astype(np.int64)), axis=1)

    def perceptron(self, network: Perceptron) -> None:
        """The layers of a network."""
        for index, layer in enumerate(network.layers):
            if index:
                self.activation(network.activation)
            assert layer.bias is not None  # the layers are made with a bias
            kernel, bias = (self.constant(np.asarray(a[...])) for a in (layer.kernel, layer.bias))
            self.add("Gemm", kernel, bias)

    def activation(self, name: str) -> None:
        """An activation of `autoencoder.model.ACTIVATIONS`."""
        if name == "relu":
            self.add("Relu")
            return
        before = self.value
        self.add("Sigmoid")
        self.add("Mul", before)

    def model(self, name: str, inputs: Sequence[Any], outputs: Sequence[Any], model: Model) -> Any:
        """The finished and checked file."""
        graph = helper.make_graph(self.nodes, name, inputs, outputs, self.constants)
        opset = helper.make_opsetid("", OPSET)
        made = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)
        about = {
            "omega": json.dumps(model.omega.tolist()),
            "channel": json.dumps(model.channels or model.channel),
            "active_latents": json.dumps(np.flatnonzero(model.conventions.active).tolist()),
        }
        helper.set_model_props(made, about)
        onnx.checker.check_model(made, full_check=True)
        return made


def encoder_graph(model: Model) -> Any:
    """The encoder of a model, with what is done to spectra before it and to latents after it."""
    conventions, n_latents = model.conventions, len(model.conventions.order)
    graph = Graph("spectra")
    graph.cast(TensorProto.DOUBLE)
    if model.channels:
        graph.add("Flatten")
    to_network(graph, model.scaling)
    graph.cast(TensorProto.FLOAT)
    graph.perceptron(model.network.encoder)
    both = graph.value
    graph.take(conventions.order)
    graph.cast(TensorProto.DOUBLE)
    graph.double("Sub", conventions.shift)
    graph.double("Div", conventions.factor)
    graph.add("Cast", to=TensorProto.FLOAT, output="mean")
    outputs = [tensor("mean", n_latents)]
    if model.variational:
        graph.value = both
        graph.take(n_latents + conventions.order)
        largest = graph.constant(np.asarray(LARGEST_LOG_VARIANCE, np.float32))
        graph.add("Div", largest)
        graph.add("Tanh")
        graph.add("Mul", largest, output="log_variance")
        outputs.append(tensor("log_variance", n_latents))
    return graph.model("encoder", [tensor("spectra", *shape_of(model))], outputs, model)


def decoder_graph(model: Model) -> Any:
    """The decoder of a model, with what is done to latents before it and to spectra after it."""
    conventions, n_latents = model.conventions, len(model.conventions.order)
    graph = Graph("latents")
    graph.cast(TensorProto.DOUBLE)
    graph.double("Mul", conventions.factor)
    graph.double("Add", conventions.shift)
    graph.cast(TensorProto.FLOAT)
    graph.take(np.argsort(conventions.order))
    graph.perceptron(model.network.decoder)
    if model.network.output == "softplus":
        graph.add("Softplus")
    graph.cast(TensorProto.DOUBLE)
    from_network(graph, model.scaling)
    if model.channels:
        graph.add("Reshape", graph.constant(np.array([-1, *shape_of(model)])))
    graph.add("Cast", to=TensorProto.FLOAT, output="spectra")
    outputs = [tensor("spectra", *shape_of(model))]
    return graph.model("decoder", [tensor("latents", n_latents)], outputs, model)


def to_network(graph: Graph, scaling: Scaling) -> None:
    """What `Scaling.to_network` does, in double precision."""
    if scaling.normalise != "none":
        spectra = graph.value
        graph.add("Abs")
        if scaling.normalise == "area":
            assert scaling.widths is not None
            graph.double("MatMul", scaling.widths[:, None])
        else:
            graph.add("ReduceMax", axes=[1], keepdims=1)
        sizes, graph.value = graph.value, spectra
        graph.double("Mul", scaling.size)
        graph.add("Div", sizes)
    if scaling.transform != "none":
        graph.double("Div", scaling.unit)
    match scaling.transform:
        case "log":
            graph.add("Log")
        case "sqrt":
            graph.odd(lambda: graph.add("Sqrt"))
        case "arcsinh":
            graph.odd(lambda: arcsinh(graph))
    graph.double("Sub", scaling.offset)
    graph.double("Div", scaling.scale)


def from_network(graph: Graph, scaling: Scaling) -> None:
    """What `Scaling.from_network` does for the median size, in double precision."""
    graph.double("Mul", scaling.scale)
    graph.double("Add", scaling.offset)
    if scaling.transform in ("log", "arcsinh"):
        bounds = (graph.constant(np.float64(sign * LARGEST_EXPONENT)) for sign in (-1, 1))
        graph.add("Clip", *bounds)
    match scaling.transform:
        case "log":
            graph.add("Exp")
        case "sqrt":
            graph.odd(lambda: graph.double("Pow", 2))
        case "arcsinh":
            graph.odd(lambda: sinh(graph))
    if scaling.transform != "none":
        graph.double("Mul", scaling.unit)


def arcsinh(graph: Graph) -> None:
    """log(a + sqrt(a^2 + 1)) of a value a >= 0; few programs have the function itself."""
    a = graph.value
    graph.double("Pow", 2)
    graph.double("Add", 1)
    graph.add("Sqrt")
    graph.add("Add", a)
    graph.add("Log")


def sinh(graph: Graph) -> None:
    """(exp(t) - exp(-t))/2."""
    t = graph.value
    rising = graph.add("Exp")
    graph.value = t
    graph.add("Neg")
    graph.add("Exp")
    graph.add("Sub", rising)
    graph.double("Mul", -0.5)


def shape_of(model: Model) -> tuple[int, ...]:
    """Shape of a spectrum."""
    channels = (len(model.channels),) if model.channels else ()
    return *channels, len(model.omega)


def tensor(name: str, *shape: int) -> Any:
    """An input or output (sample, ...) of single precision."""
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["sample", *shape])
