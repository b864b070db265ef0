"""Stored models that are damaged or do not fit."""

import pytest
from small_runs import copy_model

from kondoflow.autoencoder import stored
from kondoflow.autoencoder.model import ACTIVATIONS, OUTPUTS
from kondoflow.autoencoder.storage import read_model
from kondoflow.files.errors import InputError


@pytest.mark.parametrize(
    ("changes", "where", "message"),
    [
        ({"scale": None}, 1, "scale = None is not usable: must be of type int or float or list"),
        ({"scale": 0.0}, 1, "scale = 0.0 is not usable: must be above 0"),
        (
            {"architecture__activation": "tanh"},
            1,
            "architecture.activation = 'tanh' is not usable: must be one of silu, relu",
        ),
        (
            {"omega": [0.0]},
            1,
            "number of omega = 1 is not usable: must be 41, as architecture.n_omega and channels "
            "say",
        ),
        (
            {"architecture__n_omega": 40, "omega": [0.0] * 40, "offset": [0.0] * 40},
            0,
            "decoder.layers.2.bias = (41,) is not usable: must be an array of shape (40,)",
        ),
        (
            {"order": [0, 1, 1, 3]},
            1,
            "order = [0, 1, 1, 3] is not usable: must be each of 0 .. 3 once",
        ),
        ({"active": [4]}, 1, "active = 4 is not usable: must be an entry of order"),
        ({"factor": [1.0]}, 1, "factor = [1.0] is not usable: must be 4 numbers"),
        (
            {"factor": [1.0, 1.0, 0.0, 1.0]},
            1,
            "factor = [1.0, 1.0, 0.0, 1.0] is not usable: must be 4 numbers other than 0",
        ),
        (
            {"median": [1.0, None, 0.0, 1.0]},
            1,
            "median = [1.0, None, 0.0, 1.0] is not usable: must be 4 numbers",
        ),
        (
            {"architecture__hidden": [24, 12, 6]},
            0,
            "decoder.layers.0.bias = (12,) is not usable: must be an array of shape (6,)",
        ),
    ],
)
def test_a_model_that_does_not_fit_is_refused(trained, tmp_path, changes, where, message):
    paths = copy_model(trained[-1], tmp_path, **changes)
    with pytest.raises(InputError) as caught:
        read_model(*paths)
    assert str(caught.value) == f"{paths[where]}: {message}"


def test_missing_and_broken_weights_are_refused(trained, tmp_path):
    weights, model = copy_model(trained[-1], tmp_path)
    weights.write_bytes(b"not a model")
    with pytest.raises(InputError, match=r"must be a readable safetensors file$"):
        read_model(weights, model)
    weights.unlink()
    with pytest.raises(InputError) as caught:
        read_model(weights, model)
    assert str(caught.value) == (
        f"{weights}: file = None is not usable: must be an existing safetensors file"
    )


def test_functions_that_a_stored_network_may_name_are_those_that_networks_have():
    # `stored` lists them a second time, because loading JAX takes a second.
    assert tuple(ACTIVATIONS) == stored.ACTIVATIONS
    assert tuple(OUTPUTS) == stored.OUTPUTS
