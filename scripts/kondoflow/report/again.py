"""The configuration that brings the spectra of an archive back into the workflow.

Each set of spectra becomes an ensemble of its own with `source: file`, under a name that no preset
has. What is known about the samples, the settings of the runs and the seeds of their networks stay,
so that a training gives the networks that it gave.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kondoflow.stage.config import SETTINGS, training_seed

FOLDER = "archive"  # to which the archive is unpacked
LONGEST = 41  # of a name


def configuration_again(config: Mapping[str, Any]) -> dict[str, Any]:
    """What differs from the default experiment, for a resolved configuration."""
    names = {name: f"archived_{name}"[:LONGEST] for name in config["ensembles"]}
    return {
        "seed": config["seed"],
        "ensembles": {
            names[name]: {
                "source": "file",
                "system": ensemble["system"],
                "path": f"{FOLDER}/spectra/{name}.nc",
                "split": dict(ensemble["split"]),
            }
            for name, ensemble in config["ensembles"].items()
        },
        "autoencoder": config["autoencoder"],
        "runs": [
            {
                **run,
                "ensemble": names[run["ensemble"]],
                "seed": training_seed(config, run["ensemble"], run["name"]),
            }
            for run in config["runs"]
        ],
        "systems": {
            name: {key: value for key, value in known.items() if key not in SETTINGS}
            for name, known in config["systems"].items()
        },
        "equations": config["equations"],
    }
