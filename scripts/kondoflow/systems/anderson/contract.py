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
    "B": per_sample("D", "magnetic field on the impurity, Zeeman splitting; B > 0 favours up"),
    "T": per_sample("D", "temperature"),
}

STATUS = Variable(
    ("sample",), "int8", "1", "whether the solution can be used", optional=True, flags=STATUSES
)


def per_spin(units: str, long_name: str) -> Variable:
    """A float64 number for each sample and spin."""
    return Variable(("sample", "spin"), "float64", units, long_name)


SPECTRA: Mapping[str, Variable] = {
    "spectral_function": Variable(
        ("sample", "spin", "omega"),
        "float32",
        "1",
        "pi Gamma A_s(omega), averaged over the cell of each omega; the solver's settings say how "
        "the peaks were broadened",
    ),
    "omega": Variable(("omega",), "float64", "D", "frequency relative to the Fermi energy"),
    **ANDERSON_PARAMETERS,
    "occupation": Variable(("sample", "spin"), "float64", "1", "impurity occupation by spin"),
    "double_occupation": per_sample("1", "probability of a doubly occupied impurity"),
    "spin_susceptibility": per_sample(
        "1/D", "static local spin susceptibility at B = 0 and the sample's T"
    ),
    "T_chi": per_sample(
        "D", "1/(4 spin_susceptibility); near T, or above it, where the Kondo scale lies below T"
    ),
    "T_K_haldane": per_sample("D", "Haldane's Kondo temperature, NaN outside -U < eps_d < 0"),
    "spectral_function_at_0": per_spin("1", "pi Gamma A_s(0), not averaged over a cell"),
    "resonance_position": per_spin(
        "D", "maximum of A_s that is reached uphill from omega = 0; NaN if 0 is a minimum"
    ),
    "resonance_height": per_spin("1", "pi Gamma A_s at resonance_position"),
    "resonance_width_below": per_spin(
        "D", "distance from resonance_position down to half its height; NaN if there is none"
    ),
    "resonance_width_above": per_spin(
        "D", "distance from resonance_position up to half its height; NaN if there is none"
    ),
    "half_width": per_sample(
        "D",
        "half-width at half-maximum of the resonance: mean of resonance_width_below and "
        "resonance_width_above over both spins",
    ),
    "distance_to_half_below": per_sample(
        "D", "omega < 0: where A, averaged over spin, falls to half of A(0); NaN if nowhere"
    ),
    "distance_to_half_above": per_sample(
        "D", "omega > 0: where A, averaged over spin, falls to half of A(0); NaN if nowhere"
    ),
    "distance_to_half": per_sample(
        "D", "mean of distance_to_half_below and distance_to_half_above"
    ),
    "below_grid": Variable(
        ("sample",),
        "int8",
        "1",
        "whether pi Gamma A changes by more than 0.02 below the lowest stored frequency",
        flags=("no", "yes"),
    ),
    "spectral_weight_error": per_sample("1", "deviation of the raw spectral weight from 1"),
    "causality_cut": per_sample("D", "largest positive Im Sigma that was set to 0"),
    "cpu_seconds": per_sample("s", "processor time of the solution"),
    "split": SPLIT,
    "status": STATUS,
}


def _parts(name: str, dims: tuple[str, ...], units: str, long_name: str) -> dict[str, Variable]:
    """Real and imaginary part of a complex function."""
    return {
        f"{name}_{part}": Variable(dims, "float64", units, f"{long_name}, {words} part")
        for part, words in (("real", "real"), ("imag", "imaginary"))
    }


_OMEGA, _MATSUBARA = ("sample", "spin", "omega"), ("sample", "spin", "matsubara")

# What is stored beside the spectra under each name of the setting `store`.
STORE: Mapping[str, Mapping[str, Variable]] = {
    "self_energy": _parts("self_energy", _OMEGA, "D", "retarded self-energy at omega"),
    "green_function": _parts("green_function", _OMEGA, "1/D", "retarded Green function at omega"),
    "matsubara": {
        "matsubara_frequency": Variable(
            ("sample", "matsubara"), "float64", "D", "fermionic Matsubara frequency (2n+1) pi T"
        ),
        **_parts("matsubara_green_function", _MATSUBARA, "1/D", "Green function of the peaks"),
        **_parts("matsubara_self_energy", _MATSUBARA, "D", "self-energy of the peaks"),
        "quasiparticle_weight": per_spin(
            "1", "1/(1 - Im Sigma(iy)/y), y the larger of pi T and a tenth of half_width"
        ),
    },
    "conductance": {
        "conductance": per_spin("e^2/h", "linear conductance of a spin, leads coupled equally")
    },
    "thermodynamics": {
        "impurity_free_energy": per_sample("D", "free energy minus that of the band alone"),
        "impurity_entropy": per_sample("k_B", "entropy minus that of the band alone"),
        "impurity_specific_heat": per_sample("k_B", "specific heat minus that of the band alone"),
        "magnetisation": per_sample("1", "<S_z> of the impurity"),
    },
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
