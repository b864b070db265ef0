"""The question that regression answers: targets, inputs and samples of one run.

Targets are the active latents (`latent_0` ..., compared up to a monotone map), the targets that the
system names, and what all active latents together say of its joint quantities, compared as the
system's targets are (`discovery.latents.joint_quantities`). Inputs are those of the system, or its
bare parameters where it names none. Samples on which an input or the target is not finite are left
out.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import xarray as xr

from kondoflow.discovery.contract import JOINT
from kondoflow.discovery.objectives import Objective
from kondoflow.files.contract import check
from kondoflow.files.errors import InputError
from kondoflow.files.spectra import sample_variables
from kondoflow.files.splits import SPLITS, split_mask
from kondoflow.formulas.descriptors import evaluate_descriptors
from kondoflow.formulas.dimensions import Dimension, read_dimensions
from kondoflow.formulas.evaluation import evaluate, evaluate_text
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.trees import Expression, names_in

logger = logging.getLogger("kondoflow")

MIN_TRAIN, MIN_VALIDATION = 20, 3  # samples without which no equation is sought


@dataclass(frozen=True)
class Target:
    """One quantity to find an equation for.

    Attributes:
        name: `latent_<index>` or the name in the configuration, of a target or a joint quantity.
        values: (sample,), non-finite where undefined.
        objective: The maps up to which an equation is compared with it.
    """

    name: str
    values: np.ndarray
    objective: Objective


@dataclass(frozen=True)
class Samples:
    """The samples of a run.

    Attributes:
        variables: Per-sample variables by name, (sample,).
        definitions: Inputs of the regression as expressions of the variables.
        inputs: Their values, (sample,).
        region: Mask (sample,) where equations are fitted.
        parts: Mask (sample,) of train, validation and test.
        dimensions: Of the inputs that have one, by name; equations have to respect them.
        joint: What the latents of a run say of each joint quantity, (sample,) by name; empty where
            they were not asked.
    """

    variables: Mapping[str, np.ndarray]
    definitions: Mapping[str, Expression]
    inputs: Mapping[str, np.ndarray]
    region: np.ndarray
    parts: Mapping[str, np.ndarray]
    dimensions: Mapping[str, Dimension] = field(default_factory=dict)
    joint: Mapping[str, np.ndarray] = field(default_factory=dict)

    def usable(self, target: Target) -> np.ndarray:
        """Mask (sample,) inside the region where the target and every input are finite."""
        finite = [np.isfinite(values) for values in (target.values, *self.inputs.values())]
        return np.logical_and.reduce([self.region, *finite])

    def select(self, mask: np.ndarray) -> dict[str, np.ndarray]:
        """Inputs of the samples in a mask (sample,), (selected,) each."""
        return {name: values[mask] for name, values in self.inputs.items()}

    def bare(self) -> dict[str, np.ndarray]:
        """Variables of which the inputs are made, (sample,)."""
        names = frozenset().union(*map(names_in, self.definitions.values()))
        return {name: self.variables[name] for name in sorted(names)}

    def values_of(self, equation: str) -> np.ndarray:
        """Values of an equation in the inputs, (sample,), non-finite where it has none."""
        expression = parse(equation, "equation_inputs", "equations")
        return np.broadcast_to(evaluate(expression, self.inputs), self.region.shape)


def read_samples(
    spectra: xr.Dataset, system: Mapping[str, Any], joint: xr.Dataset | None = None
) -> Samples:
    """Evaluate inputs and region on every sample.

    Args:
        spectra: The samples, with their variables (sample,).
        system: What is known about them.
        joint: What the latents of a run say of joint quantities, see
            `discovery.latents.joint_quantities`.

    Returns:
        Samples whose arrays are (sample,).

    Raises:
        InputError: If an expression can't be used on these data, or the joint quantities belong to
            other samples.
    """
    variables = sample_variables(spectra)
    given = system.get("inputs") or {name: name for name in system["parameters"]}
    key = "inputs" if system.get("inputs") else "parameters"
    region = np.ones(spectra.sizes["sample"], dtype=np.bool_)
    if "region" in system:
        region = evaluate_text(system["region"], "region", variables, condition=True)
    return Samples(
        variables=variables,
        definitions={name: parse(text, f"{key}.{name}") for name, text in given.items()},
        inputs=evaluate_descriptors(given, variables, key),
        region=region,
        parts={part: split_mask(spectra, part) for part in SPLITS},
        dimensions=read_dimensions(system.get("with_unit", ())),
        joint={} if joint is None else _joint_values(joint, spectra.sizes["sample"]),
    )


def _joint_values(joint: xr.Dataset, n_samples: int) -> dict[str, np.ndarray]:
    check(joint, JOINT, "joint quantities")
    if joint.sizes["sample"] != n_samples:
        allowed = f"{n_samples}, as many as spectra"
        raise InputError("joint", "number of samples", joint.sizes["sample"], allowed)
    names = [str(name) for name in joint["quantity"].to_numpy()]
    return dict(zip(names, joint["joint"].to_numpy(), strict=True))


def without_constants(samples: Samples) -> Samples:
    """Samples without the inputs that are the same at all those from which a search learns.

    An equation would hold such an input as it holds a number, in any power, and so state a law
    that the samples do not show. An input with a dimension stays, as equations may need its unit.
    If no input varies all stay.
    """
    train = samples.region & samples.parts["train"]
    kept = [
        name
        for name, values in samples.inputs.items()
        if name in samples.dimensions or varies(values[train])
    ]
    if not any(varies(samples.inputs[name][train]) for name in kept):
        return samples
    return replace(
        samples,
        definitions={name: samples.definitions[name] for name in kept},
        inputs={name: samples.inputs[name] for name in kept},
    )


def varies(values: np.ndarray) -> bool:
    """Whether values (sample,), those that are finite, differ by more than their rounding."""
    known = values[np.isfinite(values)]
    return bool(known.size and np.ptp(known) > 1e-12 * np.abs(known).max())


def read_targets(
    latents: xr.Dataset, samples: Samples, system: Mapping[str, Any], equations: Mapping[str, Any]
) -> list[Target]:
    """The chosen latents, the system's own targets and the joint quantities, in this order.

    Each target has a value for each sample, (sample,). Arguments and errors are those of
    `targets_of_search`, with the latents of a single run.
    """
    own = system_targets(samples, system, equations["objectives"])
    together = joint_targets(samples, equations["objectives"])
    return latent_targets(latents, samples, equations) + own + together


def targets_of_search(
    latents: Sequence[xr.Dataset],
    samples: Samples,
    system: Mapping[str, Any],
    equations: Mapping[str, Any],
) -> list[Target]:
    """The targets of one search: a run's, or those that all runs of an ensemble share.

    Args:
        latents: Latents of the run; none for the system's own targets.
        samples: The samples, with the run's joint quantities if it has any.
        system: What is known about them.
        equations: The `equations` section of the configuration, see `latent_targets`.
    """
    objectives = equations["objectives"]
    if not latents:
        return system_targets(samples, system, objectives) + joint_targets(samples, objectives)
    (encoded,) = latents
    return latent_targets(encoded, samples, equations) + joint_targets(samples, objectives)


def latent_targets(
    latents: xr.Dataset, samples: Samples, equations: Mapping[str, Any]
) -> list[Target]:
    """The active latents, or those of them that the configuration lists.

    Args:
        latents: Latents of the same samples.
        samples: The samples.
        equations: Of the `equations` section of a configuration `objectives`, how targets are
            compared with equations, and `latents`, `active` or the numbers in their names.

    Raises:
        InputError: If the latents belong to other samples.
    """
    if latents.sizes["sample"] != samples.region.size:
        allowed = f"{samples.region.size}, as many as spectra"
        raise InputError("latents", "number of samples", latents.sizes["sample"], allowed)
    mean = latents["mean"].to_numpy().astype(np.float64)
    active = np.flatnonzero(latents["active"].to_numpy())
    chosen = equations.get("latents", "active")
    listed = active if chosen == "active" else [index for index in active if index in chosen]
    for index in [] if chosen == "active" else sorted(set(chosen) - set(active.tolist())):
        logger.warning("latent_%d is listed under equations.latents, but is not active", index)
    objective = Objective(equations["objectives"]["latents"])
    return [Target(f"latent_{index}", mean[:, index], objective) for index in listed]


def system_targets(
    samples: Samples, system: Mapping[str, Any], objectives: Mapping[str, str]
) -> list[Target]:
    """The targets that the configuration names.

    Raises:
        InputError: If one can't be evaluated.
    """
    own = evaluate_descriptors(system.get("targets", {}), samples.variables, "targets")
    objective = Objective(objectives["targets"])
    return [Target(name, values, objective) for name, values in own.items()]


def joint_targets(samples: Samples, objectives: Mapping[str, str]) -> list[Target]:
    """What the latents say of the joint quantities."""
    objective = Objective(objectives["targets"])
    return [Target(name, values, objective) for name, values in samples.joint.items()]


def definitions_of(system: Mapping[str, Any]) -> dict[str, str]:
    """Expressions of a system's targets and joint quantities by name."""
    return {**system.get("targets", {}), **system.get("joint", {})}


def shuffled(target: Target, samples: Samples, seed: int) -> Target:
    """The target with its values permuted within each part of the usable samples."""
    rng = np.random.default_rng(seed)
    values = target.values.copy()
    usable = samples.usable(target)
    for part in samples.parts.values():
        chosen = np.flatnonzero(usable & part)
        values[chosen] = values[rng.permutation(chosen)]
    return replace(target, values=values)


def reason_to_skip(target: Target, samples: Samples) -> str | None:
    """Why no equation can be sought for a target; None if one can."""
    usable = samples.usable(target)
    train = usable & samples.parts["train"]
    validation = usable & samples.parts["validation"]
    if train.sum() < MIN_TRAIN or validation.sum() < MIN_VALIDATION:
        return (
            f"{train.sum()} training and {validation.sum()} validation samples in the region, "
            f"at least {MIN_TRAIN} and {MIN_VALIDATION} are needed"
        )
    if np.ptp(target.values[train]) == 0 or np.ptp(target.values[validation]) == 0:
        return "the target does not vary in the region"
    return None
