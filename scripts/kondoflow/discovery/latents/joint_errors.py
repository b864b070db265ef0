"""Where the latents keep a joint quantity, and where they lose it.

What all active latents together say of a quantity (`discovery.latents.joint_quantities`) is held
against its value on several parts of the samples. A smooth function knows least where training
samples are few; the tenth of the test samples that is farthest from all of them, in the active
latents, shows how much this costs.

============  ==================================================================================
part          samples
============  ==================================================================================
train         training samples, each by the function that was fitted to the others
test          test samples
inside        those of them in the region in which equations are fitted
outside       those outside of it
farthest      the tenth of them that is farthest from the training samples
truth         test samples, compared with the `truth` of a law of the quantity
============  ==================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from kondoflow.discovery.latents.joint_quantities import error_between
from kondoflow.discovery.targets import Samples
from kondoflow.files.support import distance_to
from kondoflow.formulas.evaluation import evaluate_text

FARTHEST = 0.9  # quantile of the distances of test samples


def errors_of_joint(
    joint: xr.Dataset, latents: xr.Dataset, samples: Samples, law: Mapping[str, Any] | None
) -> dict[str, dict[str, Any]]:
    """How exactly the latents keep each joint quantity, on parts of the samples.

    Args:
        joint: What `joint_quantities.read_together` returns.
        latents: Latents of the same samples.
        samples: The samples.
        law: The entry `law` of the system, if it is sought for a quantity of this run, else None.
            Its `truth` is in the terms of the quantity; `law.json` names the scale behind both.

    Returns:
        By quantity `errors`, by part as `joint_quantities.error_between` gives them, for those
        parts that have samples; `truth`, the values that the law is compared with, (sample,), or
        None.
    """
    parts = _parts(latents, samples)
    found = {}
    for index, name in enumerate(map(str, joint["quantity"].to_numpy())):
        read, said = joint["read"].to_numpy()[index], joint["joint"].to_numpy()[index]
        errors = {part: error_between(said[mask], read[mask]) for part, mask in parts.items()}
        truth = None
        if law is not None and law["target"] == name:
            truth = evaluate_text(law["truth"], "law.truth", samples.variables)
            errors["truth"] = error_between(said[parts["test"]], truth[parts["test"]])
        kept = {part: each for part, each in errors.items() if each["n"]}
        found[name] = {"errors": kept, "truth": truth}
    return found


def _parts(latents: xr.Dataset, samples: Samples) -> dict[str, np.ndarray]:
    """Masks (sample,) by part, see the module."""
    train, test = samples.parts["train"], samples.parts["test"]
    parts = {"train": train, "test": test}
    if not samples.region.all():
        parts |= {"inside": test & samples.region, "outside": test & ~samples.region}
    active = latents["active"].to_numpy().astype(np.bool_)
    if test.any() and train.any() and active.any():
        codes = latents["mean"].to_numpy().astype(np.float64)[:, active]
        distance = distance_to(codes, codes[train])
        parts["farthest"] = test & (distance >= np.quantile(distance[test], FARTHEST))
    return parts
