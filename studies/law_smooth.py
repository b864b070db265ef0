r"""Haldane's coefficients with a remainder that is any smooth function.

    python -m studies.law_smooth [--results FOLDER]

A law's own remainder may take a part of Haldane's terms upon itself. Here the remainder is a
polynomial instead, so that no closed form decides:

.. math:: \frac{\Gamma (1 + k_T \Gamma)}{T_\chi} = \exp\Bigl(-\frac{c_1}{2}\log\frac{a}{2}
          - c_2 \frac{\pi a}{2} \bigl(b^2 - \tfrac14\bigr) - c_3 \frac{\pi}{2 a}\Bigr) + \exp(p) ,

p of Chebyshev polynomials in log a and arcsinh(e) up to a total degree, with
a = (1 + k_U Gamma) U/Gamma, y = (1 + k_y Gamma) abs(eps_d + U/2)/Gamma, b = y/a and e = y - a/2.
All c, k and p are fitted together to the training samples of the default run. Uncertainties follow
from the curvature of the squared error.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares

from kondoflow.discovery.laws.question import target_of, usable
from studies.law import data_of

DEGREES = (5, 6, 7, 8)
START = (1.0, 1.0, 1.0, 0.57, 0.0, -0.64)  # c_1, c_2, c_3, k_U, k_y, k_T
SMALL = 1e-4  # weight of the coefficients of p in the fit
LIMIT = 60.0  # largest abs(p)

Model = Callable[[np.ndarray], np.ndarray]


def model_of(U: np.ndarray, Gamma: np.ndarray, s: np.ndarray, degree: int) -> tuple[Model, int]:
    """Log T_chi, (sample,), as a function of the parameters, and the number of terms of p."""

    def variables(k_U: float, k_y: float) -> tuple[np.ndarray, np.ndarray]:
        return (1 + k_U * Gamma) * U / Gamma, (1 + k_y * Gamma) * np.abs(s) / Gamma

    def coordinates(a: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
        return [np.log(a), np.arcsinh(y - a / 2)]

    ends = [(x.min() - 0.05, x.max() + 0.05) for x in coordinates(*variables(*START[3:5]))]
    powers = [(i, j) for i in range(degree + 1) for j in range(degree + 1 - i)]

    def polynomials(a: np.ndarray, y: np.ndarray) -> np.ndarray:
        tables = [
            np.polynomial.chebyshev.chebvander(2 * (x - low) / (high - low) - 1, degree)
            for x, (low, high) in zip(coordinates(a, y), ends, strict=True)
        ]
        return np.column_stack([tables[0][:, i] * tables[1][:, j] for i, j in powers])

    def model(parameters: np.ndarray) -> np.ndarray:
        c_1, c_2, c_3, k_U, k_y, k_T = parameters[:6]
        a, y = variables(k_U, k_y)
        haldane = (
            c_1 * np.log(a / 2) / 2 + c_2 * np.pi * (y**2 / a - a / 4) / 2 + c_3 * np.pi / (2 * a)
        )
        p = np.clip(polynomials(a, y) @ parameters[6:], -LIMIT, LIMIT)
        return np.log(Gamma * (1 + k_T * Gamma)) - np.logaddexp(-haldane, p)

    return model, len(powers)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=Path("results"))
    config, system, samples, _ = data_of(parser.parse_args().results)
    target = target_of(samples, system, config["equations"])
    train = usable(samples, target) & samples.parts["train"]
    U, Gamma, eps_d = (samples.variables[name][train] for name in ("U", "Gamma", "eps_d"))
    y = target.values[train]
    print("| degree | terms | log(U Gamma/2)/2 | exponent | pi Gamma/(2 U) | error, % |")
    for degree in DEGREES:
        model, n_terms = model_of(U, Gamma, eps_d + U / 2, degree)
        first = least_squares(
            lambda p, model=model: model(np.append(START, p)) - y, np.zeros(n_terms), max_nfev=60
        )
        found = least_squares(
            lambda q, model=model: np.append(model(q) - y, SMALL * q[6:]),
            np.append(START, first.x),
            x_scale="jac",
            max_nfev=100,
        )
        errors = model(found.x) - y
        spread = np.sqrt(np.diag(np.linalg.pinv(found.jac.T @ found.jac))) * errors.std()
        cells = " | ".join(
            f"{c:.4f} +- {d:.4f}" for c, d in zip(found.x[:3], spread[:3], strict=True)
        )
        print(f"| {degree} | {n_terms} | {cells} | {100 * errors.std():.2f} |", flush=True)


if __name__ == "__main__":
    main()
