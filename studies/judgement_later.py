"""Cases written after the rule of judgement was fixed, over systems that it had not seen.

Each kind of fault has some: wrong exponents and prefactors, approximants, one input, references
that are exactly true, that have no variables or exclude each other, targets that are permuted,
scaled, noisy, or not a monotone function of the law.
"""

from __future__ import annotations

from studies.judgement_cases import AFFINE, EXACT, FREE, Case

LANGMUIR = "N*K*p/(1 + K*p)"
ISING = "m*tanh(m*h/T)"
LORENTZ = "1/((w**2 - 1)**2 + g**2*w**2)"

LATER = [
    Case("lens", "u*v/(u + v)", EXACT, 0.0, "1/(1/u + 1/v)", ("thin",)),
    Case("lens", "u*v/(u + v)", EXACT, 0.03, "fit: 1.02*u*v/(u + 0.97*v)", ("thin",)),
    Case("lens", "u*v/(u + v)", FREE, 0.01, "1/u + 1/v", ("thin",)),
    Case("lens", "u*v/(u + v)", AFFINE, 0.01, "fit: 3.1*u*v/(u + 1.01*v) + 2", ("thin",)),
    Case("lens", "u*v/(u + v)", EXACT, 0.0, "2*u*v/(u + v)"),
    Case("lens", "u*v/(u + v)", EXACT, 0.0, "fit: 0.5*(u*v)**0.5"),
    Case("lens", "u*v/(u + v)", FREE, 0.0, "u*v"),
    Case("lens", "u*v/(u + v)", FREE, 0.0, "polynomial 3"),
    Case("lens", "u*v/(u + v)", EXACT, 0.01, "polynomial 3"),
    Case("lens", "u*v/(u + v)", FREE, 0.01, "1/u + 1/v", permuted=True),
    Case("lens", "sqrt(u*v)", FREE, 0.02, "log(u) + log(v)", ("mean",)),
    Case("lens", "minimum(u, v)", EXACT, 0.0, "minimum(u, v)", ("nearest",)),
    Case("lens", "u*v/(u + v)", FREE, 0.0, "minimum(u, v)"),
    Case("lens", "(u + v)/4", FREE, 0.02, "fit: u + 0.99*v", ("half",)),
    Case("adsorption", LANGMUIR, EXACT, 0.0, "N/(1 + 1/(K*p))", ("langmuir",)),
    Case("adsorption", LANGMUIR, EXACT, 0.02, "fit: 1.01*N*K*p/(1 + 0.98*K*p)", ("langmuir",)),
    Case("adsorption", LANGMUIR, FREE, 0.01, "fit: N/(1 + 1.02/(K*p))", ("langmuir",)),
    Case("adsorption", LANGMUIR, EXACT, 0.01, "fit: 0.5*N*(K*p)**0.4"),
    Case("adsorption", LANGMUIR, EXACT, 0.01, "N*(K*p)**1.4/(1 + (K*p)**1.4)"),
    Case("adsorption", LANGMUIR, FREE, 0.0, "N*K*p"),
    Case("adsorption", LANGMUIR, EXACT, 0.0, "fit: N*(1 - exp(-0.9*K*p))"),
    Case("adsorption", "N*sqrt(K*p)", FREE, 0.01, "2*log(N) + log(K) + log(p)", ("freundlich",)),
    Case("adsorption", "N*sqrt(K*p)", FREE, 0.01, "log(N) + log(K) + log(p)", ()),
    Case("adsorption", "1000*N*K*p", EXACT, 0.0, "1000*N*K*p"),
    Case("adsorption", "1000*N*K*p", AFFINE, 0.0, "1000*N*K*p", ("henry",)),
    Case("adsorption", LANGMUIR, EXACT, 0.01, LANGMUIR, permuted=True),
    # All three are monotone functions of T0/T, and twins of each other.
    Case("hopping", "-(T0/T)**0.25", FREE, 0.01, "T0/T", ("mott", "efros", "activated")),
    Case("hopping", "-(T0/T)**0.25", EXACT, 0.01, "fit: -1.02*(T0/T)**0.25", ("mott",)),
    Case("hopping", "-(T0/T)**0.5", EXACT, 0.01, "-1.05*(T0/T)**0.4"),
    Case("hopping", "-(T0/T)**0.5", EXACT, 0.03, "fit: -1.0*(T0/T)**0.5", ("efros",)),
    Case("hopping", "-(T0/T)**0.5", EXACT, 0.0, "-(T0/T)**0.5 + 0.5"),
    Case("hopping", "-(T0/T)**0.5", FREE, 0.0, "log(T0) - 0.8*log(T)"),
    Case("magnet", ISING, EXACT, 0.0, ISING, ("ising",)),
    Case("magnet", ISING, EXACT, 0.03, "fit: 0.99*m*tanh(1.02*m*h/T)", ("ising",)),
    Case("magnet", ISING, FREE, 0.01, "fit: m*tanh(1.02*m*h/T)", ("ising",)),
    Case("magnet", ISING, EXACT, 0.01, "fit: m*(1 - exp(-1.1*m*h/T))"),
    Case("magnet", ISING, EXACT, 0.0, "fit: m*(m*h/T)/(0.5 + m*h/T)"),
    Case("magnet", ISING, FREE, 0.01, "m**2*h/T"),
    Case("magnet", ISING, EXACT, 0.01, "polynomial 3"),
    Case("magnet", "m**2*h/T", FREE, 0.05, "2*log(m) + log(h) - log(T)", ("curie",)),
    Case("oscillator", LORENTZ, EXACT, 0.0, LORENTZ, ("lorentz",)),
    Case("oscillator", LORENTZ, FREE, 0.0, "(w**2 - 1)**2 + g**2*w**2", ("lorentz",)),
    Case("oscillator", LORENTZ, FREE, 0.0, "4*(w - 1)**2 + g**2"),
    Case("oscillator", LORENTZ, FREE, 0.0, "g*w"),
    Case("growth", "exp(t)", EXACT, 0.0, "exp(t)", ("exponential",)),
    Case("growth", "exp(t)", EXACT, 0.01, "fit: 1.1*exp(0.98*t)", ("exponential",)),
    Case("growth", "exp(t)", FREE, 0.0, "t"),
    Case("growth", "exp(t)", EXACT, 0.0, "polynomial 4"),
    Case("growth", "exp(t)", EXACT, 0.0, "1 + t + t**2/2"),
    Case("growth", "1 + t", EXACT, 0.02, "fit: 0.99 + 1.01*t", ("linear",)),
    Case("growth", "exp(t)", EXACT, 0.0, "exp(t)", (), only=("linear", "square")),
    Case("lens", "u*v/(u + v)", EXACT, 0.01, "u*v/(u + v)", ("thin",), extra=(("number", "2"),)),
]
