"""Names, dimensions, types and units of what a solution of the Anderson model gives.

Energies and temperatures are in units of the half-bandwidth D with k_B = g mu_B = 1. The tables
need the standard library alone, see `files.contract`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from kondoflow.files.contract import Variable, per_sample

SPINS = ("up", "down")


class Status(IntEnum):
    """Whether a solution can be used, and if not, why."""

    VALID = 0
    FAILED = 1  # a diagonalisation or a division failed; the log says which
    NOT_FINITE = 2
    WEIGHT_OFF = 3
    NEGATIVE = 4


STATUSES = tuple(status.name.lower() for status in Status)


def per_spin(units: str, long_name: str) -> Variable:
    """A float64 number for each sample and spin."""
    return Variable(("sample", "spin"), "float64", units, long_name)


QUANTITIES: Mapping[str, Variable] = {
    "spectral_function": Variable(
        ("sample", "spin", "omega"),
        "float32",
        "1",
        "pi Gamma A_s(omega), averaged over the cell of each omega (with the shape of the bath, "
        "abs(Im Delta)/Gamma, as a factor where the solver's settings say weigh_by_bath); these "
        "settings say how the peaks were broadened, and the attribute bath which bath there was",
    ),
    "omega": Variable(("omega",), "float64", "D", "frequency relative to the Fermi energy"),
    "occupation": Variable(("sample", "spin"), "float64", "1", "impurity occupation by spin"),
    "double_occupation": per_sample("1", "probability of a doubly occupied impurity"),
    "spin_susceptibility": per_sample(
        "1/D", "static local spin susceptibility at B = 0 and the sample's T"
    ),
    "T_chi": per_sample(
        "D",
        "1/(4 spin_susceptibility): about the Kondo temperature, or about T where T is higher",
    ),
    "T_K_haldane": per_sample(
        "D", "Haldane's Kondo temperature, that of a flat band; NaN outside -U < eps_d < 0"
    ),
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
    "truncation_energy": per_sample(
        "1",
        "lowest energy of a discarded state over the hopping to the next site, the least of all "
        "sites, and of the chains the inverse root mean inverse square; NaN if none was discarded",
    ),
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
        "impurity_moment": per_sample(
            "1",
            "T times the impurity's part of the susceptibility to a field on impurity and band: "
            "variance of the total S_z minus that of the band alone",
        ),
        "magnetisation": per_sample("1", "<S_z> of the impurity"),
        "differential_susceptibility": per_sample(
            "1/D", "response d<S_z>/dB to a field on the impurity, at the sample's B and T"
        ),
    },
    "spin_spectrum": {
        "spin_spectrum": Variable(
            ("sample", "omega"),
            "float64",
            "1/D",
            "chi''(omega) of S_z of the impurity, broadened as its module says",
        ),
    },
}

READABLE: Mapping[str, Variable] = {
    "T_FL": per_sample("D", "T_chi by Fermi-liquid theory from spectra; NaN where T or B counts"),
    "wilson_ratio": per_sample("1", "1 - chi_updown/chi_upup, likewise"),
}

PEAKS: Mapping[str, Variable] = {
    "peak_energy": Variable(("bin",), "float64", "D", "centre |omega| of a bin of peaks"),
    "peak_weight": Variable(
        ("sample", "spin", "correlator", "sign", "bin"),
        "float64",
        "1",
        "weight of the peaks of <<d;d+>> and, times D, of <<F;d+>> before broadening",
    ),
    "occupation": QUANTITIES["occupation"],
    "double_occupation": QUANTITIES["double_occupation"],
    "spin_susceptibility": QUANTITIES["spin_susceptibility"],
    "cpu_seconds": per_sample("s", "processor time of the diagonalisations"),
    "differential_susceptibility": STORE["thermodynamics"]["differential_susceptibility"],
    "spin_weight": Variable(
        ("sample", "bin"),
        "float64",
        "1",
        "weight of the anticommutator of S_z with itself at both signs of omega",
    ),
    "truncation_energy": QUANTITIES["truncation_energy"],
    "thermodynamics": Variable(
        ("sample", "thermodynamic"),
        "float64",
        "1",
        "of the impurity: free energy (D), entropy and specific heat (k_B), variance of S_z",
    ),
}
PEAK_LABELS: Mapping[str, tuple[object, ...]] = {
    "spin": SPINS,
    "correlator": ("d", "F"),
    "sign": (-1, 1),
    "thermodynamic": ("free_energy", "entropy", "specific_heat", "moment"),
}
