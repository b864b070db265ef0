"""Raw results in a file, so that they can be broadened again without solving anything again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from kondoflow.files.contract import assemble, check
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset, write_dataset
from kondoflow.systems.anderson.contract import PARAMETERS, RAW, SPINS
from kondoflow.systems.anderson.correlators import bin_centres
from kondoflow.systems.anderson.model import Impurity
from kondoflow.systems.anderson.solver import Raw

_LABELS = {
    "spin": np.array(SPINS),
    "correlator": np.array(["d", "F"]),
    "sign": np.array([-1, 1]),
}


def write_raw(
    path: Path, impurities: Sequence[Impurity], results: Sequence[Raw], fingerprint: str
) -> None:
    """Write raw results.

    Args:
        path: File to write.
        impurities: The parameters of each.
        results: The results.
        fingerprint: Stands for the settings and the code that they depend on.
    """
    histograms = [np.broadcast_to(raw.histogram, (2, *raw.histogram.shape[1:])) for raw in results]
    values = {
        **{name: np.array([getattr(each, name) for each in impurities]) for name in PARAMETERS},
        "peak_energy": bin_centres(),
        "peak_weight": np.array(histograms),
        "occupation": np.array([raw.occupation for raw in results]),
        "double_occupation": np.array([raw.double_occupation for raw in results]),
        "spin_susceptibility": np.array([raw.spin_susceptibility for raw in results]),
        "cpu_seconds": np.array([raw.cpu_seconds for raw in results]),
    }
    attributes = {"title": "Peaks of spectral functions", "fingerprint": fingerprint}
    write_dataset(path, assemble(values, RAW, attributes, _LABELS))


def read_raw(path: Path) -> tuple[str, Mapping[Impurity, Raw]]:
    """Read what `write_raw` wrote.

    Returns:
        The fingerprint, and the results by their parameters.

    Raises:
        InputError: If the file is not what `write_raw` writes.
    """
    dataset = read_dataset(path)
    check(dataset, RAW, path)
    if dataset.sizes["bin"] != len(bin_centres()):
        raise InputError(path, "bin", dataset.sizes["bin"], f"{len(bin_centres())} bins")
    columns = {name: dataset[name].to_numpy() for name in RAW}
    results = {}
    for row in range(dataset.sizes["sample"]):
        impurity = Impurity(*(float(columns[name][row]) for name in PARAMETERS))
        n_spin = 1 if impurity.B == 0 else 2
        results[impurity] = Raw(
            histogram=columns["peak_weight"][row, :n_spin],
            occupation=tuple(columns["occupation"][row].tolist()),
            double_occupation=float(columns["double_occupation"][row]),
            spin_susceptibility=float(columns["spin_susceptibility"][row]),
            cpu_seconds=float(columns["cpu_seconds"][row]),
        )
    return dataset.attrs.get("fingerprint", ""), results
