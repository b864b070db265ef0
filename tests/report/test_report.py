"""Figures and page: from small files of every kind, self-contained, safe against any text."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import numpy as np
import pytest
import xarray as xr
from markupsafe import Markup
from matplotlib.figure import Figure

import judge_equations
import plot_equations
import plot_latents
import plot_scan
import plot_spectra
import plot_training
import score_latents
import write_report
from kondoflow.autoencoder.contract import HISTORY, LATENTS
from kondoflow.discovery.descriptors import evaluate_descriptors
from kondoflow.files.atomic import write_json
from kondoflow.files.contract import assemble
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import write_dataset
from kondoflow.files.spectra import channel_spectra, sample_variables
from kondoflow.files.splits import assign_split
from kondoflow.report.axes import colour_scale, frequency_axis
from kondoflow.report.benchmarks import RuleTime, rule_times, total
from kondoflow.report.captions import CAPTIONS, half_width
from kondoflow.report.labels import Labels
from kondoflow.report.numbers import MINUS, TIMES, duration, fixed, latex, significant
from kondoflow.report.style import DIVERGING, SEQUENTIAL, save_figure
from kondoflow.report.typeset import formula, rich_text, safe_text
from kondoflow.stage.config import ROOT, check_config, load_config
from kondoflow.systems.anderson.contract import REJECTED, SPECTRA, SPINS


@pytest.mark.parametrize(
    ("value", "html", "tex"),
    [
        (0.0, "0", "0"),
        (0.0123456, "0.0123", "0.0123"),
        (
            -2.5e-9,
            f"{MINUS}2.5{TIMES}10<sup>{MINUS}9</sup>",
            r"-2.5\times 10^{-9}",
        ),
        (1e-6, f"10<sup>{MINUS}6</sup>", r"1\times 10^{-6}"),
        (0.99999, "1.00", "1.00"),
        (12345.6, "12,346", "12,346"),
    ],
)
def test_numbers_have_few_digits(value: float, html: str, tex: str) -> None:
    assert significant(value) == html
    assert latex(value) == tex


def test_missing_numbers_are_dashes() -> None:
    assert (
        significant(None)
        == significant(math.nan)
        == fixed(None)
        == fixed(math.inf)
        == "\N{EN DASH}"
    )
    assert fixed(-0.0004) == "0.000"


def test_durations_read_well() -> None:
    assert [duration(s) for s in (0.04, 9.96, 99.9, 100, 5990, 86400)] == [
        "0.0 s",
        "10 s",
        "100 s",
        "1.7 min",
        "99.8 min",
        "24.0 h",
    ]


def test_benchmarks_are_summed_over_the_runs_of_the_config(tmp_path) -> None:
    header = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"
    for name, seconds, memory, cpu in (
        ("solve_spectra/low/0000", "10.5", "100", "20"),
        ("solve_spectra/low/0001", "9.5", "300", "18"),
        ("solve_spectra/low/0002", "80", "1", "1"),
        ("solve_spectra/other/0000", "99", "1", "1"),
        ("train_vae/low/vae", "60", "-", "-"),
        ("train_vae/low/old", "70", "1", "1"),
        ("collect_spectra/low", "0.25", "NA", "NA"),
        ("write_report", "5", "1", "1"),
    ):
        path = tmp_path / f"{name}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{header}{seconds}\t0:00:10\t{memory}\t0\t0\t0\t0\t0\t0\t{cpu}\n")
    times = rule_times(tmp_path, {("low", "vae")}, {"low": 2})
    assert [(time.rule, time.jobs, time.wall, time.cpu, time.memory) for time in times] == [
        ("train_vae", 1, 60.0, None, None),
        ("solve_spectra", 2, 20.0, 38.0, 300.0),
        ("collect_spectra", 1, 0.25, None, None),
    ]
    assert total(times) == RuleTime("all", 4, 80.25, 38.0, 300.0)
    assert rule_times(tmp_path / "nothing", {("low", "vae")}, {}) == []


def test_captions_ask_for_what_their_jobs_have() -> None:
    wildcards = SimpleNamespace(ensemble="low", run="vae")
    for path in (ROOT / "workflow/report").glob("*.rst"):
        text = jinja2.Template(path.read_text(), undefined=jinja2.StrictUndefined)
        assert text.render(snakemake=SimpleNamespace(wildcards=wildcards))


def test_formulas_are_paths_in_the_text_colour() -> None:
    shown = formula(r"\frac{\pi \epsilon_d}{2 \Gamma}", display=True)
    assert isinstance(shown, Markup)
    assert shown.startswith('<svg class="math display" role="img" aria-label="\\frac{\\pi')
    assert "fill" not in shown
    assert shown.count("<path") == 1


@pytest.mark.parametrize(
    "hostile",
    ["<script>alert(1)</script>", '"><img src=x onerror=1>', "\\href{javascript:1}{x}", ""],
)
def test_what_is_no_formula_stays_text(hostile: str) -> None:
    assert formula(hostile) == Markup("<code>{}</code>").format(hostile) or "&lt;" in formula(
        hostile
    )
    for text in (hostile, f"${hostile}$", f"$x${hostile}"):
        assert "<script" not in rich_text(text)
        assert "<img" not in rich_text(text)


def test_unreadable_mathtext_is_drawn_literally(tmp_path) -> None:
    figure = Figure()
    for index, text in enumerate([r"$\nonsense{", "5$ a$ b$", "$_$", "a_b^c"]):
        figure.text(0.5, index / 4, safe_text(text))
    save_figure(figure, [tmp_path / "figure.png"])
    assert (tmp_path / "figure.png").stat().st_size > 0


def test_labels_carry_units() -> None:
    dataset = xr.Dataset(
        {
            "U": ("sample", [1.0], {"units": "D"}),
            "V": ("sample", [1.0], {"units": "meV"}),
            "n": ("sample", [1.0], {"units": "1"}),
        }
    )
    labels = Labels({"labels": {"U": "$U$", "V": "$V$", "T": r"$T_\chi$"}}, dataset)
    assert labels.axis("U") == "$U/D$"
    assert labels.axis("V") == "$V$ (meV)"
    assert labels.axis("n") == "n"
    assert labels.ratio("omega", "T") == r"$\omega/T_\chi$"
    assert labels.target("latent_0") == "$z_{0}$"


@pytest.mark.parametrize(
    ("omega", "scale"),
    [
        (np.r_[-np.geomspace(1, 1e-5, 20), 0, np.geomspace(1e-5, 1, 20)], "symlog"),
        (np.linspace(-1, 1, 41), "linear"),
        (np.geomspace(1e-4, 1, 20), "log"),
        (np.linspace(0, 3, 20), "linear"),
        (np.array([0.5]), "linear"),
    ],
)
def test_frequency_axis_follows_the_grid(omega: np.ndarray, scale: str) -> None:
    ax = Figure().subplots()
    frequency_axis(ax, omega, "omega")
    assert ax.get_xscale() == scale


def test_signed_quantities_get_a_diverging_map() -> None:
    assert colour_scale(np.linspace(-1, 0.8, 50))[0] is DIVERGING
    assert colour_scale(np.linspace(-4, -1, 50))[0] is SEQUENTIAL
    assert colour_scale(np.full(5, np.nan))[0] is SEQUENTIAL
    norm = colour_scale(np.r_[np.linspace(-1, 1, 1000), np.inf])[1]
    assert norm.vmin == -norm.vmax


def test_half_width_of_a_lorentzian() -> None:
    omega = np.r_[-np.geomspace(2, 1e-4, 200), 0, np.geomspace(1e-4, 2, 200)]
    assert half_width(omega, 1 / (1 + (omega / 0.01) ** 2)) == pytest.approx(0.01, rel=1e-3)
    assert math.isnan(half_width(omega, np.ones_like(omega)))


def test_figures_have_equal_bytes_and_known_formats(tmp_path) -> None:
    def save(folder):
        figure = Figure(figsize=(2, 1))
        figure.subplots().plot([0, 1], [1, 0])
        folder.mkdir()
        save_figure(figure, [folder / name for name in ("a.png", "a.svg", "a.pdf")])
        return [(folder / name).read_bytes() for name in ("a.png", "a.svg", "a.pdf")]

    assert save(tmp_path / "first") == save(tmp_path / "second")
    with pytest.raises(
        InputError, match=r"suffix = '.bmp' is not usable: must be one of .png, .svg"
    ):
        save_figure(Figure(), [tmp_path / "a.bmp"])


N_SAMPLES, N_LATENTS = 60, 4
USERS = {"parameters": ["x"], "descriptors": {"x": "x", "square": "x**2"}}
HOSTILE = '<script>alert("x")</script>'


@dataclass
class Run:
    """Files of one run, as the stages before the report leave them.

    Attributes:
        root: Folder that stands for `results`.
        config: A configuration with this one run.
    """

    root: Path
    config: dict[str, Any]
    engines: tuple[str, ...] = ("operon", "pysr")

    @property
    def system(self) -> dict[str, Any]:
        """What the config says of the samples."""
        return next(iter(self.config["systems"].values()))

    @property
    def files(self) -> dict[str, Path]:
        """Paths by the names of `report.results.Results`."""
        models = self.root / "models/set/run"
        return {
            "spectra": self.root / "spectra/set.nc",
            "history": models / "history.nc",
            "latents": models / "latents.nc",
            "model": models / "model.json",
            "scores": self.root / "latents/set/run/scores.json",
            "verdict": self.root / "equations/set/run/verdict.json",
        }

    @property
    def found(self) -> list[Path]:
        """What each engine found."""
        return [self.root / f"equations/set/run/{engine}.json" for engine in self.engines]

    @property
    def page(self) -> Path:
        """The page."""
        return self.root / "report/report.html"

    def figure(self, name: str) -> list[Path]:
        """PNG and SVG of a figure."""
        return [self.root / f"report/set/run/{name}{suffix}" for suffix in (".png", ".svg")]

    def plot(self) -> None:
        """Draw all figures."""
        files, system = self.files, self.system
        plot_spectra.main(
            spectra=files["spectra"],
            examples=self.figure("examples"),
            samples=self.figure("samples"),
            system=system,
        )
        plot_training.main(
            history=files["history"], latents=files["latents"], training=self.figure("training")
        )
        names = (
            "latent_plane",
            "latent_scale",
            "correlations",
            "traversals",
            "reconstructions",
        )
        plot_latents.main(
            spectra=files["spectra"],
            latents=files["latents"],
            scores=files["scores"],
            system=system,
            **{name: self.figure(name) for name in names},
        )
        plot_equations.main(
            spectra=files["spectra"],
            latents=files["latents"],
            found=self.found,
            verdict=files["verdict"],
            system=system,
            equations=self.config["equations"],
            **{
                name: self.figure(name) for name in ("pareto", "prediction", "residual", "recovery")
            },
        )

    def report(self) -> str:
        """Write the page and return its text."""
        write_report.main(
            **{name: [path] for name, path in self.files.items()},
            equations=self.found,
            figures=[path for name in CAPTIONS for path in self.figure(name)],
            scan=[],
            report=self.page,
            config=self.config,
            benchmarks=self.root / "benchmarks",
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
    check_config(config)
    return config


def make_spectra(anderson: bool) -> xr.Dataset:
    rng = np.random.default_rng(5)
    split = assign_split(N_SAMPLES, {"train": 0.6, "validation": 0.2, "test": 0.2}, 1)
    side = np.geomspace(1e-5, 1.0, 20)
    omega = np.r_[-side[::-1], 0, side] if anderson else np.linspace(0.5, 2.0, 30)
    if not anderson:
        x = rng.uniform(0.5, 1.5, N_SAMPLES)
        return xr.Dataset(
            {
                "spectral_function": (
                    ("sample", "omega"),
                    (1 / (1 + (omega - x[:, None]) ** 2)).astype(np.float32),
                ),
                "x": ("sample", x),
                "split": ("sample", split),
            },
            {"omega": omega},
        )
    U = np.exp(rng.uniform(np.log(0.05), np.log(0.4), N_SAMPLES))
    Gamma = U / rng.uniform(4.5, 12, N_SAMPLES)
    eps_d = U * rng.uniform(-0.8, -0.2, N_SAMPLES)
    T_K = np.sqrt(U * Gamma / 2) * np.exp(np.pi * eps_d * (eps_d + U) / (2 * U * Gamma))
    n_d = 1 - 0.8 * (U + 2 * eps_d) / U
    A = np.sin(np.pi * n_d[:, None] / 2) ** 2 / (1 + (omega / T_K[:, None]) ** 2)
    haldane = np.where(rng.random(N_SAMPLES) < 0.9, T_K, np.nan)
    values = {
        "spectral_function": np.stack([A, A], axis=1),
        "omega": omega,
        "U": U,
        "Gamma": Gamma,
        "eps_d": eps_d,
        "B": np.zeros(N_SAMPLES),
        "T": np.full(N_SAMPLES, 1e-6),
        "occupation": np.stack([n_d, n_d], axis=1) / 2,
        "double_occupation": n_d**2 / 8,
        "spin_susceptibility": 1 / (4 * T_K),
        "T_chi": T_K,
        "T_K_haldane": haldane,
        "half_width_below": T_K,
        "half_width_above": T_K,
        "half_width": T_K,
        "spectral_weight_error": np.full(N_SAMPLES, 2e-14),
        "causality_cuts": np.zeros(N_SAMPLES),
        "cpu_seconds": np.full(N_SAMPLES, 0.75),
        "split": split,
        "rejected_status": np.array([1, 3]),
    }
    attributes = {"title": HOSTILE, "solver": '{"Lambda": 3.0}', "software": '{"numpy": "2.4.6"}'}
    return assemble(values, {**SPECTRA, **REJECTED}, attributes, {"spin": np.array(SPINS)})


def make_latents(spectra: xr.Dataset, system: dict[str, Any], n_active: int) -> xr.Dataset:
    rng = np.random.default_rng(6)
    descriptors = evaluate_descriptors(system["descriptors"], sample_variables(spectra))
    followed = [values for values in descriptors.values() if np.isfinite(values).all()]
    mean = 1e-3 * rng.normal(size=(N_SAMPLES, N_LATENTS))
    for latent in range(n_active):
        values = followed[latent % len(followed)]
        mean[:, latent] = (values - values.mean()) / values.std() + 0.05 * rng.normal(
            size=N_SAMPLES
        )
    omega, step = spectra["omega"].to_numpy(), np.linspace(-2, 2, 5)
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
        "traversal": np.broadcast_to(curves, (N_LATENTS, *curves.shape)),
        "example": np.arange(3),
        "example_input": inputs,
        "example_reconstruction": 0.98 * inputs,
    }
    return assemble(values, LATENTS, {"active_above": 0.01, "relevance": kl})


def make_history(kl: np.ndarray, n_epochs: int) -> xr.Dataset:
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
    parts = {"epoch": epoch, "part": np.array(["train", "validation"])}
    return assemble(values, HISTORY, {"title": "history"}, parts)


def make_equations(targets: dict[str, str]) -> list[dict[str, Any]]:
    """An engine's entries with one equation for each target, name: equation in the inputs."""
    scores = {f"score_{part}": 0.99 for part in ("train", "validation", "test")}
    simple = {"equation": "1.5", "equation_inputs": "1.5", "complexity": 1} | scores
    simple["score_validation"] = 0.1
    return [
        {
            "target": target,
            "engine": "operon",
            "objective": "isotonic" if target.startswith("latent") else "squared_error",
            "skipped": None,
            "versions": {"pyoperon": "0.6.2"},
            "restarts": [
                {
                    "seed": 1,
                    "score": 0.99,
                    "alone": {"equation_inputs": text, "score_validation": 0.99},
                    "seconds": 2.0,
                    "timed_out": False,
                }
            ],
            "null": {"restarts": [{"alone": {"equation_inputs": "1.5", "score_validation": 0.1}}]},
            "front": [
                simple,
                {"equation": text, "equation_inputs": text, "complexity": 9, **scores},
            ],
            "selected": 1,
            "seconds": 2.0,
        }
        for target, text in targets.items()
    ]


def write_model(path: Path, group: list[int]) -> None:
    """What the page reads of model.json."""
    restarts = [{"loss": 4.5 + 0.1 * k, "factorisation_gap": 0.03} for k in range(6)]
    description = {"versions": {"jax": "0.10.2"}, "restarts": restarts, "group": group}
    write_json(path, description)


def make_run(root: Path, *, anderson: bool, n_active: int, n_epochs: int = 20) -> Run:
    system = load_config()["systems"]["anderson"] if anderson else dict(USERS)
    if anderson:
        system["labels"]["asymmetry"] = HOSTILE
    run = Run(root, make_config(system))
    files = run.files
    spectra = make_spectra(anderson)
    latents = make_latents(spectra, system, n_active)
    write_dataset(files["spectra"], spectra)
    write_dataset(files["latents"], latents)
    write_dataset(files["history"], make_history(latents["kl"].to_numpy(), n_epochs))
    score_latents.main(
        spectra=files["spectra"], latents=files["latents"], scores=files["scores"], system=system
    )
    write_model(files["model"], [1, 2, 4])
    text = "log(G) + 1.5707963*c*(b + 1)" if anderson else "2.5*x"
    targets = {f"latent_{index}": text for index in range(n_active)}
    if anderson:
        targets["log_T_chi"] = text
    found = make_equations(targets)
    write_json(
        run.found[0], {"engine": "operon", "available": True, "reason": None, "targets": found}
    )
    write_json(
        run.found[1],
        {"engine": "pysr", "available": False, "reason": f"no Julia {HOSTILE}", "targets": []},
    )
    judge_equations.main(
        spectra=files["spectra"],
        latents=files["latents"],
        scores=files["scores"],
        found=run.found,
        verdict=files["verdict"],
        system=system,
        equations=run.config["equations"],
        seed=1,
    )
    run.plot()
    return run


@pytest.fixture(scope="module")
def anderson(tmp_path_factory) -> Run:
    return make_run(tmp_path_factory.mktemp("anderson"), anderson=True, n_active=2)


@pytest.fixture(scope="module")
def page(anderson: Run) -> str:
    return anderson.report()


def test_every_figure_is_written_and_shown(anderson: Run, page: str) -> None:
    for name in CAPTIONS:
        for path in anderson.figure(name):
            assert path.stat().st_size > 5000
        assert f'id="set-run-{name}"' in page
    assert page.count('<img src="data:image/') == len(CAPTIONS)


def test_page_loads_nothing(page: str) -> None:
    sources = re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?([^"')\s>]+)""", page)
    assert len(sources) > 20
    for source in sources:
        assert not re.match(r"(?:https?:)?//", source)
    for tag in ("<script", "<link", "<iframe", "@import"):
        assert tag not in page


def test_page_links_to_files_that_exist(anderson: Run, page: str) -> None:
    links = [link for link in re.findall(r'href="([^"#][^"]*)"', page)]
    assert {"../spectra/set.nc", "../latents/set/run/scores.json"} <= set(links)
    assert all((anderson.page.parent / link).is_file() for link in links)


def test_hostile_text_stays_text(page: str) -> None:
    assert page.count("&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;") >= 3


def test_page_tells_the_numbers_of_the_files(page: str) -> None:
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))
    assert "36 to train, 12 to validate and 12 to test" in words
    assert "2 more could not be used and are set apart: 1 failed, 1 weight off." in words
    assert "0.75 CPU-seconds" in words
    assert "2 of 4 latents are active" in words
    assert "no Julia" in words
    assert "Lambda = 3.0" in words
    assert "pyoperon" in words


def test_equal_files_give_an_equal_page(anderson: Run, page: str) -> None:
    assert anderson.report() == page


def test_published_figures_stand_beside_ours(page: str) -> None:
    table = re.search(r"<caption>Beside the published.*?</table>", page, re.DOTALL)
    assert table is not None
    assert "0.765" in table[0]


@pytest.mark.parametrize("n_active", [0, 1])
def test_a_users_own_spectra_need_no_physics(tmp_path: Path, n_active: int) -> None:
    run = make_run(tmp_path, anderson=False, n_active=n_active)
    text = run.report()
    assert "Beside the published" not in text
    assert 'id="set-run-latent_scale"' not in text
    assert ('id="set-run-latent_plane"' in text) == (n_active > 0)
    assert ('id="set-run-pareto"' in text) == (n_active > 0)
    if n_active == 0:
        assert "None of 4 latents is active" in text


def test_of_a_plain_autoencoder_the_page_tells_what_it_has(tmp_path: Path) -> None:
    run = make_run(tmp_path, anderson=False, n_active=2)
    run.config["runs"][0]["kl_weight"] = 0.0
    text = run.report()
    assert "2 of 4 latents are active (without them 0.8, 0.8 of the spectra" in text
    assert "A plain autoencoder" in text
    for word in ("posterior", "risen over", "rank correlation its"):
        assert word not in text


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ([3], "the one with the smallest gap is kept."),
        ([1, 3], "that 2 of them found, itself counted. It is kept, its axes turned"),
        ([0, 1, 3], "that 3 of them found, itself counted. The one nearest to their mean is kept"),
    ],
)
def test_the_page_tells_how_the_network_was_chosen(
    anderson: Run, group: list[int], expected: str
) -> None:
    before = anderson.files["model"].read_bytes()
    write_model(anderson.files["model"], group)
    page = anderson.report()
    anderson.files["model"].write_bytes(before)
    assert "for 6 networks from different seeds, with losses of 4.50, 4.60, 4.70, 4.80" in page
    assert "gaps to a product posterior of 0.030, 0.030" in page
    assert expected in page
    assert "What rank correlation its active latents had was taken out" in page


def test_a_model_that_does_not_tell_its_choice_has_a_page(anderson: Run) -> None:
    before = anderson.files["model"].read_bytes()
    write_json(anderson.files["model"], {"versions": {"jax": "0.10.2"}})
    page = anderson.report()
    anderson.files["model"].write_bytes(before)
    assert "A variational autoencoder" in page
    assert "networks from different seeds" not in page


def test_a_network_without_rivals_was_not_chosen(
    anderson: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    single = anderson.config["autoencoder"] | {"restarts": 1}
    monkeypatch.setitem(anderson.config, "autoencoder", single)
    assert "networks from different seeds" not in anderson.report()


def test_a_single_epoch_is_drawn(tmp_path: Path) -> None:
    history = make_history(np.zeros(N_LATENTS), 1)
    save_figure(plot_training.draw_training(history, np.zeros(4, bool), None), [tmp_path / "a.png"])
    assert (tmp_path / "a.png").is_file()


def test_runs_are_shown_side_by_side(anderson: Run, tmp_path: Path) -> None:
    """The same files as those of a second run, a plain autoencoder."""
    runs = [
        {"name": "run", "ensemble": "set"},
        {"name": "plain", "ensemble": "set", "kl_weight": 0.0},
    ]
    config = anderson.config | {"runs": runs}
    figures = [path for name in CAPTIONS for path in anderson.figure(name)]
    plain = tmp_path / "set/plain"
    shutil.copytree(figures[0].parent, plain)
    scan = [tmp_path / f"scan{suffix}" for suffix in (".png", ".svg")]
    latents = anderson.files["latents"]
    plot_scan.main(latents=[latents] * 2, scan=scan, config=config)
    write_report.main(
        **{name: [path] * 2 for name, path in anderson.files.items()},
        equations=anderson.found,
        figures=[*figures, *sorted(plain.iterdir())],
        scan=scan,
        report=tmp_path / "report.html",
        config=config,
    )
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.count('<img src="data:image/') == 2 * len(CAPTIONS) + 1
    assert "Lowest error: run with 2 active and" in page
    with pytest.raises(InputError) as caught:
        plot_scan.main(latents=[latents], scan=scan, config=config)
    assert str(caught.value) == "scan: number of latents files = 1 is not usable: must be 2"


@pytest.mark.parametrize("weights", [(2.0,), (0.0,), (0.0, 2.0), (0.1, 1.0, 1.0, 4.0)])
def test_a_scan_joins_runs_that_differ_in_weight_and_seed(weights: tuple[float, ...]) -> None:
    kl, active = np.array([0.8, 1e-4, 0.0]), np.array([True, False, False])
    points = [
        plot_scan.Point({"kl_weight": weight, "seed": seed, "n_latents": n}, kl, active, 0.01)
        for n in (3, 5)
        for seed, weight in enumerate(weights)
    ]
    by_line = plot_scan.lines(points)
    assert list(by_line) == ["n_latents 3", "n_latents 5"]
    assert [point.kl_weight for point in by_line["n_latents 5"]] == list(weights)
    assert list(plot_scan.lines(points[: len(weights)])) == [""]
    figure = plot_scan.draw_scan(points)
    curves = [curve for curve in figure.axes[0].lines if curve.get_label() == "n_latents 3"]
    assert curves[0].get_xdata().tolist() == sorted(set(weights))
    assert curves[0].get_ydata().tolist() == [1.0] * len(set(weights))


def test_a_missing_file_is_named(anderson: Run, tmp_path: Path) -> None:
    missing = tmp_path / "history.nc"
    with pytest.raises(InputError) as caught:
        plot_training.main(
            history=missing,
            latents=anderson.files["latents"],
            training=[tmp_path / "training.png"],
        )
    expected = f"{missing}: file = None is not usable: must be an existing netCDF file"
    assert str(caught.value) == expected
    assert not (tmp_path / "training.png").exists()


def test_a_run_without_its_files_is_refused(anderson: Run, tmp_path: Path) -> None:
    empty: dict[str, list[Path]] = {name: [] for name in anderson.files}
    with pytest.raises(InputError) as caught:
        write_report.main(
            **empty,
            equations=[],
            figures=[],
            scan=[],
            report=tmp_path / "report.html",
            config=anderson.config,
        )
    assert str(caught.value) == "report: number of spectra files = 0 is not usable: must be 1"


def test_stages_explain_themselves() -> None:
    script = Path(write_report.__file__)
    shown = subprocess.run(
        [sys.executable, script, "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert "--verdict" in shown
    assert "set of spectra of each run" in shown
