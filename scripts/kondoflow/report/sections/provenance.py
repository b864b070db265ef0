"""Where the time went, which software was used, and the whole configuration."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from kondoflow.files.text import plain_text
from kondoflow.report.job_times import RuleTime, total
from kondoflow.report.results import Results
from kondoflow.report.sections.data import decoded


def facts(
    results: Sequence[Results],
    times: Sequence[RuleTime],
    config: Mapping[str, Any],
) -> dict[str, Any]:
    """What `provenance.html` tells."""
    text = json.dumps(config, sort_keys=True)  # Snakemake keeps the order in types of its own
    plain = json.loads(json.dumps(config))
    return {
        "digest": hashlib.sha256(text.encode()).hexdigest()[:12],
        "times": [*times, *([total(times)] if times else [])],
        "versions": sorted(versions(results).items()),
        "config": yaml.safe_dump(plain, sort_keys=False, allow_unicode=True),
    }


def software_of(attributes: Mapping[str, Any]) -> dict[str, str]:
    """Versions by name in the attribute `software` of a set of spectra.

    A set that a user brought may have one of any kind, which is shown with its other attributes.
    """
    software = decoded(attributes.get("software"))
    if not isinstance(software, Mapping):
        return {}
    return {plain_text(name): plain_text(value) for name, value in software.items()}


def versions(results: Sequence[Results]) -> dict[str, str]:
    """Versions of the software that made the data, the networks and the equations."""
    found: dict[str, str] = {}
    for of_run in results:
        found |= software_of(of_run.spectra.attrs)
        found |= of_run.model.get("versions", {})
        for engine in of_run.engines:
            for entry in engine["targets"]:
                found |= entry.get("versions", {})
    if "device" in found:  # platform and kind, of which a CPU has the same name
        found["device"] = " ".join(dict.fromkeys(found["device"].split()))
    return found
