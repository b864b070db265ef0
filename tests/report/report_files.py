"""Files of one run, as the stages before the report leave them, written by hand."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

import plot_figures
import write_report
from kondoflow.autoencoder.contract import HISTORY, LATENTS
from kondoflow.autoencoder.traversals import STEPS, points_along
from kondoflow.discovery.contract import PREDICTIONS
from kondoflow.discovery.judgement.limits import Rule
from kondoflow.discovery.latents.effects import compare_peaks
from kondoflow.discovery.latents.landmarks import measure_landmarks
from kondoflow.discovery.region import describe_region
from kondoflow.files.atomic import write_json, write_text
from kondoflow.files.contract import assemble
from kondoflow.files.netcdf import write_dataset
from kondoflow.files.spectra import channel_spectra, sample_variables
from kondoflow.files.splits import SPLITS, assign_split
from kondoflow.formulas.descriptors import evaluate_descriptors
from kondoflow.formulas.printing import latex_symbols
from kondoflow.report.figures.registry import figures_of_runs
from kondoflow.stage.config import load_config
from kondoflow.systems.anderson.contract import SPINS
from kondoflow.systems.anderson.definition import SYSTEM

N_SAMPLES, N_LATENTS = 60, 4
HOSTILE = '<script>alert("x")</script>'
GAP = {  # a system without any impurity
    "parameters": ["coupling"],
    "descriptors": {"log_gap": "log(gap)", "square": "coupling**2"},
    "scale": "log_gap",
    "references": {"weak": "-1/coupling"},
    "landmarks": {
        "crossing": {
            "quantity": "square",
            "at": 0.4,
            "below": "weak <coupling>",
            "above": "strong coupling",
            "meaning": "where the coupling becomes strong",
            "plane": ["coupling", "log_gap"],
        }
    },
    "labels": {"spectral_function": "$N(E)/N_0$", "omega": "$E$", "gap": r"$\Delta$"},
}


@dataclass
class Run:
    """Files of one run.

    Attributes:
        root: Folder that stands for `results`.
        config: A configuration with this one run.
    """

    root: Path
    config: dict[str, Any]
    engines: tuple[str, ...] = ("operon", "pysr")

    @property
    def system(self) -> dict[str, Any]:
        """What the configuration says of the samples."""
        return next(iter(self.config["systems"].values()))

    @property
    def files(self) -> dict[str, Path]:
        """Paths by the names of `report.results.Results`."""
        models, equations = self.root / "models/set/run", self.root / "equations/set/run"
        return {
            "spectra": self.root / "spectra/set.nc",
            "history": models / "history.nc",
            "latents": models / "latents.nc",
            "model": models / "model.json",
            "scores": self.root / "latents/set/run/scores.json",
            "verdict": equations / "verdict.json",
            "predictions": equations / "predictions.nc",
        }

    @property
    def found(self) -> list[Path]:
        """Equations of each engine."""
        return [self.root / f"equations/set/run/{engine}.json" for engine in self.engines]

    @property
    def laws(self) -> list[Path]:
        """Files of the law over the whole box, where there is one."""
        files = [self.root / f"laws/set/{name}.json" for name in ("law", "confirmation")]
        return [path for path in files if path.exists()]

    @property
    def page(self) -> Path:
        """The page."""
        return self.root / "report/report.html"

    @property
    def missing(self) -> Path:
        """What the page could not show."""
        return self.root / "report/missing.json"

    def figure(self, name: str) -> list[Path]:
        """PNG, SVG and CSV of a figure."""
        folder = self.root / "report/set/run"
        return [folder / f"{name}{suffix}" for suffix in (".png", ".svg", ".csv")]

    @property
    def figures(self) -> list[Path]:
        """Files of all figures."""
        return [path for entry in figures_of_runs() for path in self.figure(entry.name)]

    def plot(self) -> None:
        """Draw all figures."""
        files = {name: path for name, path in self.files.items() if name != "model"}
        figures = {"figures": self.figures, "system": self.system}
        plot_figures.main(**files, found=self.found, laws=self.laws, **figures)

    def report(self) -> str:
        """Write the page and return its text."""
        write_report.main(
            **{name: [path] for name, path in self.files.items()},
            equations=self.found,
            laws=self.laws,
            figures=self.figures,
            report=self.page,
            missing=self.missing,
            config=self.config,
            job_times=self.root / "benchmarks",
        )
        return self.page.read_text(encoding="utf-8")


def make_config(system: dict[str, Any]) -> dict[str, Any]:
    config = load_config()
    config["systems"] = {"system": system}
    split = {"train": 0.6, "validation": 0.2, "test": 0.2}
    config["ensembles"] = {
        "set": {"source": "file", "system": "system", "path": "x.nc", "split": split}
    }
    config["runs"] = [{"name": "run", "ensemble": "set"}]
    return config


def make_split() -> np.ndarray:
    return assign_split(N_SAMPLES, {"train": 0.6, "validation": 0.2, "test": 0.2}, 1)


def gap_spectra() -> xr.Dataset:
    """Spectra on a linear grid, with units of their own."""
    coupling = np.random.default_rng(5).uniform(0.3, 1.0, N_SAMPLES)
    gap, E = 2 * np.exp(-1 / coupling), np.linspace(-3.0, 3.0, 61)
    A = np.abs(E / np.sqrt((E + 0.1j) ** 2 - gap[:, None] ** 2))
    energy = {"units": "meV", "long_name": "energy from the Fermi level"}
    return xr.Dataset(
        {
            "spectral_function": (("sample", "omega"), A.astype(np.float32)),
            "coupling": ("sample", coupling, {"units": "1", "long_name": "pairing strength"}),
            "gap": ("sample", gap, {"units": "meV", "long_name": "gap in the spectrum"}),
            "seconds": ("sample", np.full(N_SAMPLES, 300.0), {"units": "s"}),
            "split": ("sample", make_split()),
        },
        {"omega": ("omega", E, energy)},
        {"title": "Tunnelling spectra", "parameters": "coupling seconds"},
    )


def anderson_spectra() -> xr.Dataset:
    rng = np.random.default_rng(5)
    side = np.geomspace(1e-5, 1.0, 20)
    omega = np.r_[-side[::-1], 0, side]
    U = np.exp(rng.uniform(np.log(0.05), np.log(0.4), N_SAMPLES))
    Gamma = U / rng.uniform(4.5, 12, N_SAMPLES)
    eps_d = U * rng.uniform(-0.8, -0.2, N_SAMPLES)
    T_K = np.sqrt(U * Gamma / 2) * np.exp(np.pi * eps_d * (eps_d + U) / (2 * U * Gamma))
    n_d = 1 - 0.8 * (U + 2 * eps_d) / U
    A = np.sin(np.pi * n_d[:, None] / 2) ** 2 / (1 + (omega / T_K[:, None]) ** 2)
    zeros = np.zeros(N_SAMPLES)
    values = {
        "spectral_function": np.stack([A, A], axis=1),
        "omega": omega,
        "U": U,
        "Gamma": Gamma,
        "eps_d": eps_d,
        "B": zeros,
        "T": zeros + 1e-6,
        "occupation": np.stack([n_d, n_d], axis=1) / 2,
        "double_occupation": n_d**2 / 8,
        "spin_susceptibility": 1 / (4 * T_K),
        "T_chi": T_K,
        "T_K_haldane": np.where(rng.random(N_SAMPLES) < 0.9, T_K, np.nan),
        "half_width": T_K,
        "spectral_weight_error": zeros + 2e-14,
        "causality_cut": zeros,
        "truncation_energy": zeros + 4.8,
        "cpu_seconds": zeros + 0.75,
        "split": make_split(),
        "rejected_B": np.zeros(2),
        "rejected_T": np.full(2, 1e-6),
        "rejected_status": np.array([1, 3]),
    }
    attributes = {"title": HOSTILE, "solver": '{"Lambda": 3.0}', "software": '{"numpy": "2.4.6"}'}
    return assemble(
        values, {**SYSTEM.variables, **SYSTEM.rejected}, attributes, {"spin": np.array(SPINS)}
    )


def descriptors_of(spectra: xr.Dataset, system: dict[str, Any]) -> dict[str, np.ndarray]:
    return evaluate_descriptors(system["descriptors"], sample_variables(spectra))


def make_latents(spectra: xr.Dataset, system: dict[str, Any], n_active: int) -> xr.Dataset:
    """Latents of which the first follow the first descriptors that are defined everywhere."""
    rng = np.random.default_rng(6)
    followed = [x for x in descriptors_of(spectra, system).values() if np.isfinite(x).all()]
    mean = 1e-3 * rng.normal(size=(N_SAMPLES, N_LATENTS))
    for latent in range(n_active):
        values = followed[latent % len(followed)]
        noise = 0.05 * rng.normal(size=N_SAMPLES)
        mean[:, latent] = (values - values.mean()) / values.std() + noise
    omega, step = spectra["omega"].to_numpy(), STEPS[::2]
    error = rng.exponential(0.01, N_SAMPLES)
    curves = 0.9 / (1 + (omega / (0.01 * 2 ** step[:, None])) ** 2)
    kl = np.where(np.arange(N_LATENTS) < n_active, 0.8, 1e-4)
    inputs = channel_spectra(spectra, "up")[:3]
    values = {
        "mean": mean,
        "log_variance": np.zeros_like(mean),
        "kl": kl,
        "active": kl > 0.01,
        "reconstruction_error": error,
        "absolute_error": error / 10,
        "split": spectra["split"].to_numpy(),
        "omega": omega,
        "step": step,
        "traversal_latents": points_along(mean, kl > 0.01)[:, ::2],
        "traversal": np.broadcast_to(curves, (N_LATENTS, *curves.shape)),
        "example": np.arange(3),
        "example_input": inputs,
        "example_reconstruction": 0.98 * inputs,
    }
    return assemble(values, LATENTS, {"active_above": 0.01, "relevance": kl})


def make_history(kl: np.ndarray, n_epochs: int = 20) -> xr.Dataset:
    epoch = np.arange(n_epochs)
    error = np.exp(-epoch[:, None] / 10) * np.array([1.0, 1.2])
    by_latent = np.broadcast_to(kl, (n_epochs, 2, N_LATENTS))
    values = {
        "learning_rate": 1e-3 * 0.9**epoch,
        "kl_weight": 2 * np.tanh(epoch / 10),
        "reconstruction": error,
        "kl": by_latent,
        "loss": error + 2 * by_latent.sum(axis=-1),
    }
    values["loss_of_restarts"] = np.stack([values["loss"], 1.1 * values["loss"]])
    parts = {"epoch": epoch, "part": np.array(["train", "validation"])}
    return assemble(values, HISTORY, {"title": "history"}, parts)


def make_model(group: list[int]) -> dict[str, Any]:
    """What the page reads of model.json."""
    restarts = [{"loss": 4.5 + 0.1 * k, "factorisation_gap": 0.03} for k in range(6)]
    return {
        "versions": {"jax": "0.10.2"},
        "settings": {"kl_weight": 0.16, "active_above": 0.01},
        "architecture": {"n_latents": 6, "n_omega": 77},
        "restarts": restarts,
        "group": group,
        "axes_corrected": True,
    }


def make_scores(
    spectra: xr.Dataset, latents: xr.Dataset, system: dict[str, Any], n_active: int
) -> dict[str, Any]:
    """Scores with round numbers: latent k follows descriptor k."""
    descriptors, active = descriptors_of(spectra, system), list(range(n_active))
    names = list(descriptors)
    score = {"pearson": 0.25, "spearman": 0.3, "isotonic_r2": 0.1, "n": 24}
    best = {"pearson": -0.91, "spearman": -0.92, "isotonic_r2": 0.93, "n": 24}
    by_descriptor = {
        name: {str(latent): best if latent == row else score for latent in range(N_LATENTS)}
        for row, name in enumerate(names)
    }
    scale, published = system.get("scale"), system.get("published", {})
    leading = names.index(scale) if scale is not None and n_active else None
    error = {"mean": 0.125, "percentile_99": 0.5, "mean_absolute": 0.0625}
    split = spectra["split"].to_numpy()
    counts = {part: int(np.sum(split == k)) for k, part in enumerate(SPLITS)}
    omega, curves = latents["omega"].to_numpy(), latents["traversal"].to_numpy()
    known = compare_peaks(omega, curves[0, 0], curves[0, -1])
    effect = {
        "near": [True] * curves.shape[1],
        "steps": [0, curves.shape[1] - 1],
        "omega": float(omega[12]),
        "first": 0.2,
        "last": 0.7,
        "peak": known,
    }
    return {
        "active_latents": active,
        "kl": latents["kl"].to_numpy().tolist(),
        "reconstruction": {part: error | {"n": n} for part, n in counts.items()},
        "scored_on": ["validation", "test"],
        "descriptors": by_descriptor,
        "best_latent": {
            name: min(k, n_active - 1) if active else None for k, name in enumerate(names)
        },
        "best_descriptor": {str(k): names[k % len(names)] for k in active},
        "leading_latent": leading,
        "scale_map": None if leading is None else {"x": [-9.0, 0.0], "y": [-2.0, 2.0]},
        "reference_strength": dict.fromkeys(system.get("references", {}), 0.765),
        "published": make_published(published, n_active),
        "landmarks": measure_landmarks(
            system.get("landmarks", {}),
            descriptors,
            latents["mean"].to_numpy(),
            active,
            split == SPLITS.index("train"),
        ),
        "traversal_effects": {str(k): effect for k in active if len(curves)},
        "undefined": {
            name: int(np.isfinite(values).sum())
            for name, values in descriptors.items()
            if not np.isfinite(values).all()
        },
    }


def make_published(published: dict[str, Any], n_active: int) -> list[dict[str, Any]]:
    if not published:
        return []
    number = published["active_latents"]
    entries = [{"kind": "active_latents", "name": None, "published": number, "found": n_active}]
    for kind in ("pearson", "regression"):
        for name, value in published[kind].items():
            entries.append({"kind": kind, "name": name, "published": value, "found": 0.875})
    return entries


def make_engine(targets: dict[str, str]) -> dict[str, Any]:
    """What an engine found, with one equation for each target, name: equation in the inputs."""
    scores = {f"score_{part}": 0.99 for part in SPLITS}
    simple = {"equation": "1.5", "equation_inputs": "1.5", "complexity": 1, **scores}
    entries = [
        {
            "target": target,
            "skipped": None,
            "versions": {"pyoperon": "0.6.2"},
            "restarts": [{"seed": 1}],
            "front": [
                simple | {"score_validation": 0.1},
                {"equation": text, "equation_inputs": text, "complexity": 9, **scores},
            ],
            "seconds": 2.0,
        }
        for target, text in targets.items()
    ]
    skipped = {"target": "latent_3", "skipped": "it does not vary", "restarts": [], "front": []}
    entries.append(skipped | {"seconds": 0.0})
    return {"engine": "operon", "available": True, "reason": None, "targets": entries}


PART_SIZES = {"train": 20, "validation": 6, "test": 7, "outside": 27, "test_outside": 5}


def make_errors(r2: float, *, logarithmic: bool) -> dict[str, Any]:
    """Errors by part; R^2 is worse outside."""
    found = {}
    for part, n in PART_SIZES.items():
        score = r2 if "outside" not in part else r2 - 0.5
        entry = {"n": n, "undefined": 0, "r2": score, "rms": 0.125, "largest": 0.5}
        if logarithmic:
            entry |= {"rms_factor": 1.133, "largest_factor": 1.649}
        found[part] = entry
    found["test"]["r2_interval"] = [r2 - 0.02, r2 + 0.01]
    return found


def make_reference(rank: int, *, latent: bool) -> dict[str, Any]:
    """The first reference is recovered, the second is another law, both are telling."""
    term = {"term": "x", "latex": "x", "in_target": 0.9612, "uncertainty": 0.02}
    law = {
        "status": "not" if rank else "same law",
        "reason": None,
        "inputs": 3,
        "residual": 0.004 + 0.1 * rank,
        "angle": 0.5 + 6 * rank,
        "angle_interval": [0.25 + 6 * rank, 0.75 + 6 * rank],
        "angle_beyond": 0.5,
        "slope": None if latent else 0.05,
        "slope_beyond": None,
        "value": None,
        "form_equal": "no",
    }
    factor = 1.0 + 4 * rank
    return {
        "expression": f"log(x{rank})",
        "latex": rf"\log{{x_{{{rank}}}}}",
        "isotonic_r2": 0.9,
        "residual": {"map": "monotone", "inside": 0.004 + 0.1 * rank, "outside": 0.25},
        "constants": [term | {"in_equation": 0.98, "telling": True}] * 2,
        "law": law,
        "rival": {"factor": factor, "interval": [factor, factor], "excluded": rank > 0},
        "lacks": {"kind": "factor", "constant": 0.5704, "interval": [0.5651, 0.5749]}
        if rank == 1 and not latent
        else None,
        "same_as": [],
        "obstacles": ["law", "terms", "rivals", "ambiguous"] if rank else [],
        "recovered": rank == 0,
        "telling": rank < 2,
        "unexplained": 0.01 + 0.2 * rank,
    }


def make_front(text: str, names: list[str], *, latent: bool) -> list[dict[str, Any]]:
    """An equation of low complexity, the references and the chosen equation."""
    row: dict[str, Any] = {"kind": "equation", "name": None, "engine": "operon", "chosen": False}
    row |= {"equation": "1.5", "shown": "1.5"}
    references = [
        row
        | {"kind": "reference", "name": name, "engine": None, "complexity": None}
        | {"equation": f"log(x{rank})", "shown": f"log(x{rank})"}
        | {"errors": make_errors(0.99 - 0.2 * rank, logarithmic=not latent)}
        for rank, name in enumerate(names)
    ]
    return [
        row | {"complexity": 1, "errors": make_errors(0.1, logarithmic=not latent)},
        *references[::-1],
        row
        | {"complexity": 9, "equation": text, "shown": text, "chosen": True}
        | {"errors": make_errors(0.9653, logarithmic=not latent)},
    ]


def make_map(system: dict[str, Any]) -> dict[str, Any]:
    """A map of the error with a cell that has too few samples."""
    return {
        "x": system["parameters"][0],
        "y": system["parameters"][-1],
        "x_edges": [0.01, 0.1, 1.0],
        "y_edges": [-2.0, -0.5, 0.0],
        "rms": [[0.125, 0.5], [None, 0.25]],
        "n": [[20, 20], [2, 18]],
        "inside": [[1.0, 0.0], [0.0, 0.25]],
    }


def make_verdict(targets: dict[str, str], system: dict[str, Any]) -> dict[str, Any]:
    """An entry for each target; the first reference is recovered, the second is telling."""
    names = list(system.get("references", {}))

    def entry(target: str, text: str) -> dict[str, Any]:
        latent = target.startswith("latent_")
        knots = {"kind": "monotone map", "x": [-9.0, 0.0], "y": [-2.0, 2.0]}
        rate = {"n": 6, "recovered": dict.fromkeys(names, 5)}
        scale = target.removeprefix("log_")
        solved = {"scale": scale, "text": f"{scale} = exp({text})", "latex": f"{scale[0]} = e^x"}
        return {
            "target": target,
            "objective": "isotonic" if latent else "squared_error",
            "skipped": None,
            "engine": "operon",
            "equation": text,
            "equation_inputs": text,
            "complexity": 9,
            "score_train": 0.98,
            "score_validation": 0.97,
            "score_test": 0.9653,
            "shown": "1.571*x",
            "shown_inputs": "1.571*x",
            "latex": r"\log{x}",
            "solved_for_scale": None if latent else solved,
            "found": True,
            "found_above": 0.5,
            "isotonic_r2": 0.96,
            "constants": [{"value": 1.5707963, "uncertainty": 0.012, "text": "1.571(12)"}],
            "errors": make_errors(0.9653, logarithmic=not latent),
            "error_map": make_map(system),
            "references": {
                name: make_reference(rank, latent=latent) for rank, name in enumerate(names)
            },
            "nearest": names[0] if names else None,
            "recovered": names[:1],
            "rivals": {
                "best": names[0] if names else None,
                "inseparable": [],
                "excluded": {name: {"factor": 5.0, "interval": [4.0, 6.0]} for name in names[1:]},
            },
            "rule": asdict(Rule()),
            "map": knots if latent else {"kind": "identity", "x": [], "y": []},
            "front": make_front(text, names, latent=latent),
            "jump": {
                "complexity": 9,
                "error": 0.03,
                "before": {"complexity": 1, "error": 0.9, "gain": 30.0, "asked": 2.2},
                "after": None,
            },
            "searches": rate,
            "null": {"n": 1, "recovered": dict.fromkeys(names, 0), "score_validation": -0.03},
        }

    left_out = {"target": "latent_3", "equation": None, "skipped": "it does not vary"}
    judged = [entry(target, text) for target, text in targets.items()]
    return {
        "headline": [],
        "region": describe_region(system.get("region"), latex_symbols(system.get("labels", {}))),
        "engines": [],
        "targets": [*judged, left_out | {"references": {}}],
    }


def make_predictions(targets: dict[str, str], split: np.ndarray, reference: str) -> xr.Dataset:
    rng, shape = np.random.default_rng(7), (len(targets), N_SAMPLES)
    value = rng.normal(size=shape)
    values = {
        "value": value,
        "equation": value - 5,
        "mapped": value + 0.05 * rng.normal(size=shape),
        "reference": np.array([reference] * len(targets), dtype=np.str_),
        "reference_mapped": value + 0.1 * rng.normal(size=shape),
        "region": np.broadcast_to(np.where(split == 0, 1, 2), shape),
    }
    names = {"target": np.array(list(targets), dtype=np.str_)}
    return assemble(values, PREDICTIONS, {"title": "Predictions"}, names)


def make_run(root: Path, *, anderson: bool, n_active: int) -> Run:
    """Write the files of a run and draw its figures."""
    system = load_config()["systems"]["anderson"] if anderson else dict(GAP)
    if anderson:
        system["labels"]["asymmetry_over_U"] = HOSTILE
    run = Run(root, make_config(system))
    files, spectra = run.files, anderson_spectra() if anderson else gap_spectra()
    latents = make_latents(spectra, system, n_active)
    targets = {f"latent_{index}": "1.5707963*x" for index in range(n_active)}
    if anderson:
        targets["log_T_chi"] = "1.5707963*x"
    reference = next(iter(system["references"]))
    write_dataset(files["spectra"], spectra)
    write_dataset(files["latents"], latents)
    write_dataset(files["history"], make_history(latents["kl"].to_numpy()))
    write_dataset(
        files["predictions"], make_predictions(targets, spectra["split"].to_numpy(), reference)
    )
    write_json(files["model"], make_model([1, 2, 4]))
    write_json(files["scores"], make_scores(spectra, latents, system, n_active))
    write_json(files["verdict"], make_verdict(targets, system))
    write_json(run.found[0], make_engine(targets))
    absent = {"engine": "pysr", "available": False, "reason": f"no Julia {HOSTILE}"}
    write_json(run.found[1], absent | {"targets": []})
    if anderson:  # of a quick run on the default spectra
        for name in ("law", "confirmation"):
            content = (Path(__file__).parent / f"data/{name}.json").read_text()
            write_text(run.root / f"laws/set/{name}.json", content)
    run.plot()
    return run
