"""Folders and environments of others: no name stops a run, no variable changes a result."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from running import TINY, copy_workflow
from stage.refusals import refused

from kondoflow.files.surroundings import check_place, in_shell, pin
from kondoflow.stage.paths import ROOT

HOSTILE = {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "MATPLOTLIBRC": "matplotlibrc",
    "JAX_ENABLE_X64": "1",
    "JAX_PLATFORMS": "cuda",
    "JAX_NUMPY_RANK_PROMOTION": "raise",
    "JAX_RANDOM_SEED_OFFSET": "3",
    "XLA_FLAGS": "--xla_cpu_enable_fast_math=true --xla_force_host_platform_device_count=2",
    "PJRT_NPROC": "3",
    "PYTHONWARNINGS": "error",
}
MODELS = "results/models/tiny/vae"
LATENTS, FIGURE = f"{MODELS}/latents.nc", "results/report/tiny/vae/training.svg"


@pytest.mark.slow
@pytest.mark.workflow
def test_neither_the_path_nor_variables_nor_settings_change_a_result(finished, tmp_path):
    """The folder's path has what shells, make and the PATH take for something of their own."""
    folder = copy_workflow(tmp_path / 'My Drive: it\'s "größe" $a;#' / "K", finished[0])
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "matplotlibrc").write_text("axes.grid: True\ntext.usetex: True\nfont.size: 30\n")
    shutil.rmtree(folder / MODELS)
    command = [".venv/bin/python", "-m", "snakemake", "--cores", "1", "--configfile", TINY]
    run = subprocess.run(
        [*command, "--", LATENTS, FIGURE],
        cwd=folder,
        env={**os.environ, **HOSTILE},
        check=False,
        text=True,
        capture_output=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    for name in (LATENTS, FIGURE):
        assert (folder / name).stat().st_mtime > (finished[0] / name).stat().st_mtime
        assert (folder / name).read_bytes() == (finished[0] / name).read_bytes()
    logs = [path.read_text() for path in (folder / "logs").rglob("*.log")]
    assert any("asks for cuda, which JAX does not find here" in log for log in logs)


@pytest.mark.slow
def test_scripts_by_themselves_take_no_settings_of_the_user(finished, tmp_path):
    found = "results/equations/tiny"
    files = {
        "spectra": ["results/spectra/tiny.nc"],
        "history": [f"{MODELS}/history.nc"],
        "latents": [LATENTS],
        "scores": ["results/latents/tiny/vae/scores.json"],
        "found": [f"{found}/vae/operon.json", f"{found}/targets/operon.json"],
        "verdict": [f"{found}/vae/verdict.json"],
        "predictions": [f"{found}/vae/predictions.nc"],
        "laws": [f"results/laws/tiny/{name}.json" for name in ("law", "confirmation")],
        "config": [TINY],
    }
    arguments = [text for name, paths in files.items() for text in (f"--{name}", *paths)]
    command = [sys.executable, "scripts/plot_figures.py", *arguments, "--figures"]
    figures = []
    for settings in ({}, {**HOSTILE, "MATPLOTLIBRC": str(tmp_path), "PYTHONWARNINGS": "default"}):
        (tmp_path / "matplotlibrc").write_text("axes.grid: True\nfont.size: 30\n")
        figure = tmp_path / str(len(settings)) / "training.svg"
        environment = {**os.environ, **settings}
        subprocess.run([*command, figure], cwd=finished[0], env=environment, check=True)
        figures.append(figure.read_bytes())
    assert figures[0] == figures[1]


def test_a_brace_in_the_path_is_refused(tmp_path):
    with refused("workflow", "folder", "/home/{me}/K", "a path without braces"):
        check_place(Path("/home/{me}/K"))
    folder = tmp_path / "{me}"
    shutil.copytree(ROOT / "envs", folder / "envs")
    run = inside(folder, "true")
    assert run.returncode == 1
    assert run.stderr == f"error: {folder} has a brace in its path, {run.stderr.split(', ', 1)[1]}"


@pytest.mark.parametrize("sign", ["\n", "\t", "\x07"])
def test_a_control_character_in_the_path_is_refused(tmp_path, sign):
    folder = tmp_path / f"a{sign}b"
    with refused("workflow", "folder", str(folder), "a path without control characters"):
        check_place(folder)
    shutil.copytree(ROOT / "envs", folder / "envs")
    run = inside(folder, "true")
    assert run.returncode == 1
    assert run.stderr.startswith(f"error: {tmp_path}/a?b has a control character in its path")
    assert run.stderr.count("\n") == 1


def test_the_environment_of_another_checkout_is_not_cleared(tmp_path):
    shutil.copytree(ROOT / "envs", tmp_path / "K" / "envs")
    other = tmp_path / "other"
    (other / "bin").mkdir(parents=True)
    (tmp_path / "K" / ".venv").symlink_to(other)
    run = inside(tmp_path / "K", "sh", "envs/set_up.sh", sys.executable)
    assert run.returncode == 1
    assert run.stderr.startswith(f"error: .venv is a link to {other}: remove it, and this folder")
    assert (other / "bin").is_dir()


def inside(folder, *command, **environment):
    """Run a command as the Makefile does."""
    return subprocess.run(
        ["sh", "envs/inside.sh", *command],
        cwd=folder,
        env={**os.environ, **environment},
        check=False,
        text=True,
        capture_output=True,
    )


def test_caches_go_where_they_can_be_written(tmp_path):
    shutil.copytree(ROOT / "envs", tmp_path / "K" / "envs")
    show = ("sh", "-c", "echo $XDG_CACHE_HOME $UV_CACHE_DIR")
    cut = {"HOME": "/dev/null", "XDG_CACHE_HOME": "", "UV_CACHE_DIR": "/dev/null/uv"}
    run = inside(tmp_path / "K", *show, **cut)
    own = tmp_path / "K" / ".tools" / "cache"
    assert run.stdout == f"{own} {own}/uv\n"
    assert run.stderr == "The home folder can't be written: caches go to .tools/cache.\n"
    at_home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": "", "UV_CACHE_DIR": ""}
    run = inside(tmp_path / "K", *show, **at_home)
    assert (run.stdout, run.stderr) == ("\n", "")
    shutil.rmtree(tmp_path / ".cache" / "uv")
    (tmp_path / ".cache" / "uv").touch()  # stands in for a cache of downloads that is read-only
    run = inside(tmp_path / "K", *show, **at_home)
    assert run.stdout == f" {own}/uv\n".lstrip()


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    shutil.copytree(ROOT / "envs", tmp_path / "envs")
    (tmp_path / ".tools").touch()  # stands in for a file system that is read-only
    run = inside(tmp_path, "true")
    assert run.stderr.startswith(f"error: {tmp_path} can't be written: make a copy")
    assert run.returncode == 1


def test_pinned_variables():
    environment = {**HOSTILE, "HOME": "/home/me", "XLA_FLAGS": "--xla_gpu_a=1 --xla_cpu_b=2"}
    changed = pin(environment)
    assert environment == {
        "HOME": "/home/me",
        "JAX_PLATFORMS": "cuda",
        "MPLBACKEND": "agg",
        "MATPLOTLIBRC": os.devnull,
        "PJRT_NPROC": "1",
        "XLA_FLAGS": "--xla_gpu_a=1",
    }
    assert changed == sorted(set(HOSTILE) - {"JAX_PLATFORMS"})
    assert pin(environment) == []


@pytest.mark.parametrize("date", ["", "x", "-5", "1e9", "9" * 30, "\u0663"])
def test_a_date_that_is_none_is_left_out(date):
    """Numpy could not be imported with it."""
    environment = {"SOURCE_DATE_EPOCH": date}
    pin(environment)
    assert "SOURCE_DATE_EPOCH" not in environment
    environment["SOURCE_DATE_EPOCH"] = "1700000000"
    assert pin(environment) == []


def test_an_interpreter_is_quoted_once(tmp_path):
    path = tmp_path / "My Drive" / "python"
    path.parent.mkdir()
    path.touch()
    assert in_shell(str(path)) == f"'{path}'"
    assert in_shell(in_shell(str(path))) == f"'{path}'"
    assert in_shell(sys.executable) == sys.executable
