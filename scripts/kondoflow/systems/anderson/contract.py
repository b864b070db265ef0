"""Names, dimensions, types and units of everything that is stored of the Anderson model.

Energies and temperatures are in units of the half-bandwidth D with k_B = g mu_B = 1. The tables
need the standard library alone, see `files.contract`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kondoflow.files.contract import Variable, per_sample
from kondoflow.files.splits import SPLIT

SPINS = ("up", "down")
PARAMETERS = ("U", "Gamma", "eps_d", "B", "T")
STATUSES = ("valid", "failed", "not_finite", "weight_off", "negative")

ANDERSON_PARAMETERS: Mapping[str, Variable] = {
    "U": per_sample("D", "Coulomb repulsion on the impurity"),
    "Gamma": per_sample("D", "hybridisation strength, half-width of the bare level"),
    "eps_d": per_sample("D", "impurity level relative to the Fermi energy"),
    "B": per_sample("D", "magnetic field on the impurity, Zeeman splitting"),
    "T": per_sample("D", "temperature"),
}

STATUS = Variable(
    ("sample",), "int8", "1", "whether the solution can be used", optional=True, flags=STATUSES
)

SPECTRA: Mapping[str, Variable] = {
    "spectral_function": Variable(
        ("sample", "spin", "omega"),
        "float32",
        "1",
        "pi Gamma A_s(omega), averaged over the cell of each omega",
    ),
    "omega": Variable(("omega",), "float64", "D", "frequency relative to the Fermi energy"),
    **ANDERSON_PARAMETERS,
    "occupation": Variable(("sample", "spin"), "float64", "1", "impurity occupation by spin"),
    "double_occupation": per_sample("1", "probability of a doubly occupied impurity"),
    "spin_susceptibility": per_sample("1/D", "static local spin susceptibility at B = 0"),
    "T_chi": per_sample("D", "1/(4 spin_susceptibility)"),
    "T_K_haldane": per_sample("D", "Haldane's Kondo temperature, NaN outside -U < eps_d < 0"),
    "half_width_below": per_sample(
        "D", "omega < 0: where A, averaged over spin, falls to half of A(0); NaN if nowhere"
    ),
    "half_width_above": per_sample(
        "D", "omega > 0: where A, averaged over spin, falls to half of A(0); NaN if nowhere"
    ),
    "half_width": per_sample("D", "mean of half_width_below and half_width_above"),
    "spectral_weight_error": per_sample("1", "deviation of the raw spectral weight from 1"),
    "causality_cuts": per_sample("1", "number of frequencies at which Im Sigma was set to 0"),
    "cpu_seconds": per_sample("s", "processor time of the solution"),
    "split": SPLIT,
    "status": STATUS,
}

# What a data set keeps of the samples that can't be used, if there are any.
REJECTED: Mapping[str, Variable] = {
    f"rejected_{name}": replace(variable, dims=("rejected",), optional=True)
    for name, variable in {**ANDERSON_PARAMETERS, "status": STATUS}.items()
}

RAW: Mapping[str, Variable] = {
    **ANDERSON_PARAMETERS,
    "peak_energy": Variable(("bin",), "float64", "D", "centre |omega| of a bin of peaks"),
    "peak_weight": Variable(
        ("sample", "spin", "correlator", "sign", "bin"),
        "float64",
        "1",
        "weight of the peaks of <<d;d+>> and, times D, of <<F;d+>> before broadening",
    ),
    **{
        name: SPECTRA[name]
        for name in ("occupation", "double_occupation", "spin_susceptibility", "cpu_seconds")
    },
}
