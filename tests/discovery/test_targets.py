"""What is asked: targets, inputs and samples."""

import dataclasses

import numpy as np
import pytest
from impurities import SMALL, SYSTEM, encoded

from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.targets import (
    latent_targets,
    read_samples,
    read_targets,
    reason_to_skip,
    shuffled,
    without_constants,
)
from kondoflow.files.errors import InputError


def test_targets_are_the_active_latents_and_those_of_the_system(targets):
    assert [(target.name, target.objective) for target in targets] == [
        ("latent_0", Objective.ISOTONIC),
        ("latent_1", Objective.ISOTONIC),
        ("log_T_chi", Objective.SQUARED_ERROR),
    ]


def test_the_configuration_may_choose_among_the_active_latents(table, samples, targets):
    columns = np.stack([target.values for target in targets], axis=1)
    latents = encoded(columns, table["split"].to_numpy())
    chosen = latent_targets(latents, samples, {**SMALL, "latents": [1, 2, 7]})
    assert [target.name for target in chosen] == ["latent_1"]
    assert latent_targets(latents, samples, {**SMALL, "latents": []}) == []


def test_without_inputs_the_parameters_are_used(table):
    samples = read_samples(table, {"parameters": ["U", "eps_d"], "descriptors": {"U": "U"}})
    assert list(samples.inputs) == ["U", "eps_d"]
    assert samples.region.all()
    np.testing.assert_array_equal(samples.inputs["eps_d"], table["eps_d"])


@pytest.mark.parametrize(
    ("inputs", "units", "kept"),
    [
        ({"U": "U", "T": "0*U + 4.2"}, [], ["U"]),
        ({"U": "U", "W": "0*U + 4.2"}, ["W"], ["U", "W"]),
        ({"T": "0*U + 4.2", "g": "0*U"}, [], ["T", "g"]),
    ],
)
def test_an_input_that_does_not_vary_is_not_searched(table, inputs, units, kept):
    """It would stand for a number, in any power."""
    system = {"parameters": ["U"], "inputs": inputs, "with_unit": units}
    samples = without_constants(read_samples(table, system))
    assert [*samples.inputs] == [*samples.definitions] == kept


def test_a_parameter_that_the_data_lack_is_named(table):
    with pytest.raises(InputError) as caught:
        read_samples(table, {"parameters": ["U", "J"], "descriptors": {"U": "U"}})
    assert str(caught.value) == (
        "config: parameters.J = 'J' is not usable: must be a formula over Gamma, T_chi, U, eps_d; "
        "unknown: J"
    )


def test_latents_of_other_samples_are_refused(table, samples):
    latents = encoded(np.zeros((9, 2)), table["split"].to_numpy()[:9])
    with pytest.raises(InputError, match=r"latents: number of samples = 9 is not usable: must be"):
        read_targets(latents, samples, SYSTEM, SMALL)


def test_hopeless_targets_are_skipped_with_a_reason(targets, samples):
    constant = dataclasses.replace(targets[0], values=np.ones(600))
    assert reason_to_skip(constant, samples) == "the target does not vary in the region"
    rare = dataclasses.replace(targets[0], values=np.where(np.arange(600) < 30, 1.0, np.nan))
    reason = reason_to_skip(rare, samples)
    assert reason.endswith("samples in the region, at least 20 and 3 are needed")
    assert reason_to_skip(targets[0], samples) is None


def test_shuffling_permutes_the_values_of_each_part(samples, targets):
    target = targets[2]
    null = shuffled(target, samples, 5)
    usable = samples.usable(target)
    for part in samples.parts.values():
        kept = np.sort(target.values[usable & part])
        np.testing.assert_array_equal(np.sort(null.values[usable & part]), kept)
    assert abs(np.corrcoef(target.values[usable], null.values[usable])[0, 1]) < 0.2
    np.testing.assert_array_equal(null.values, shuffled(target, samples, 5).values)
    assert (null.values != shuffled(target, samples, 6).values).any()
