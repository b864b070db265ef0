"""The metadata of an archive as an RO-Crate 1.1 (https://w3id.org/ro/crate/1.1).

One JSON-LD file lists every file with its size, type and digest, says under which licence the data
stand and who publishes them, and how they were made: one run of the workflow, whose input is the
configuration and whose results are all other files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from kondoflow import __version__
from kondoflow.files.packing import Entry

METADATA = "ro-crate-metadata.json"
SPECIFICATION = "https://w3id.org/ro/crate/1.1"
LICENCES = "https://spdx.org/licenses/"
TYPES = {  # media types by suffix
    ".nc": "application/netcdf",
    ".json": "application/json",
    ".yaml": "application/yaml",
    ".html": "text/html",
    ".md": "text/markdown",
    ".sha256": "text/plain",
    ".safetensors": "application/octet-stream",
}
KINDS = {  # what a file is, by its name
    "weights.safetensors": "Weights of the network",
    "model.json": "Description of the network: shapes, units, order and sign of latents",
    "history.nc": "Training curves",
    "latents.nc": "Latents of every spectrum",
    "scores.json": "Correlations of latents with physical quantities",
    "joint.nc": "What all active latents of a run say of further quantities",
    "verdict.json": "Chosen equations and their comparison with known formulas",
    "predictions.nc": "Equations and targets at every sample",
    "law.json": "Law over the whole box of an ensemble",
    "confirmation.json": "Errors of the law on points that took no part in its choice",
    "points.nc": "These points, with the law and what it is compared with",
    "config.yaml": "Configuration of the run, complete",
    "again.yaml": "Configuration that brings the spectra back into the workflow",
    "README.md": "Datasheet in words",
    "checksums.sha256": "SHA-256 digests of all files but this one and the metadata",
    "report.html": "Report of the run",
    "explorer.html": "Page on which spectra, latents and equations can be walked through",
}
SETS = "Set of spectra with the parameters and properties of each sample"
ENGINE = "Equations found by one search engine, as Pareto fronts"


@dataclass(frozen=True)
class About:
    """What the publisher says of the archive.

    Attributes:
        title: Its title.
        description: What it holds, in a few sentences.
        creators: Names of those who publish it.
        licence: SPDX identifier.
        date: Day of publication, YYYY-MM-DD.
    """

    title: str
    description: str
    creators: Sequence[str]
    licence: str
    date: str


def describe_crate(entries: Mapping[str, Entry], about: About) -> bytes:
    """The metadata file for all other files of the archive."""
    licence = {"@id": f"{LICENCES}{about.licence}"}
    people = [{"@id": f"#creator-{index}"} for index in range(1, len(about.creators) + 1)]
    software = {"@id": f"#kondoflow-{__version__}"}
    made = [{"@id": name} for name in sorted(entries) if name != "config.yaml"]
    root: dict[str, Any] = {
        "@id": "./",
        "@type": "Dataset",
        "name": about.title,
        "description": about.description,
        "datePublished": about.date,
        "license": licence,
        "hasPart": [{"@id": name} for name in sorted(entries)],
        "mentions": {"@id": "#run"},
    }
    if people:
        root["creator"] = people
    graph = [
        {
            "@id": METADATA,
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": SPECIFICATION},
        },
        root,
        *(_file(name, entry) for name, entry in sorted(entries.items())),
        {
            "@id": "#run",
            "@type": "CreateAction",
            "name": "Run of the workflow",
            "instrument": software,
            "object": {"@id": "config.yaml"},
            "result": made,
        },
        {
            **software,
            "@type": "SoftwareApplication",
            "name": "KondoFlow",
            "softwareVersion": __version__,
        },
        {**licence, "@type": "CreativeWork", "name": about.licence},
        *(
            {**person, "@type": "Person", "name": name}
            for person, name in zip(people, about.creators, strict=True)
        ),
    ]
    content = {"@context": f"{SPECIFICATION}/context", "@graph": graph}
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


def _file(name: str, entry: Entry) -> dict[str, Any]:
    path = PurePosixPath(name)
    kind = SETS if path.parts[0] == "spectra" else KINDS.get(path.name, ENGINE)
    return {
        "@id": name,
        "@type": "File",
        "name": kind,
        "encodingFormat": TYPES[path.suffix],
        "contentSize": str(entry.size),
        "sha256": entry.sha256,
    }
