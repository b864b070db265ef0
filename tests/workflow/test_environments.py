"""Environments: each holds what its rule's script imports, in the versions of the lock."""

import ast
import re
import sys
import tomllib
from itertools import chain

import pytest

from kondoflow.report.figures.registry import FIGURES, figures_of_rule
from kondoflow.stage.paths import ROOT
from kondoflow.stage.yaml_files import read_yaml
from kondoflow.systems.registry import find_system, system_names

SCRIPTS = ROOT / "scripts"
ENVIRONMENTS = sorted((ROOT / "envs").glob("*.yaml"))
RULES = sorted(path.stem for path in SCRIPTS.glob("*.py"))
DISTRIBUTIONS = {
    "yaml": "pyyaml",
    "matplotlib": "matplotlib-base",
    "PIL": "pillow",
}  # by module, where they differ
UNDER_XARRAY = "netcdf4"  # the engine that xarray imports by name
# Not imported: their versions are written down, or xarray imports them by name.
RECORDED = {
    "collect_spectra": {n for name in system_names() for n in find_system(name).libraries},
    "import_spectra": {"zarr"},
}
# Functions that import a module of every system by name.
BY_NAME = {
    f"kondoflow.systems.registry.{function}": [
        f"kondoflow.systems.{system}.{module}" for system in system_names()
    ]
    for function, module in (("find_system", "definition"), ("find_computation", "computation"))
} | {
    "kondoflow.systems.registry.find_reading": [
        f"kondoflow.systems.{system}.reading"
        for system in system_names()
        if find_system(system).readable
    ]
}


def requirements(path):
    """Packages of an environment and their versions, those from conda-forge and those from PyPI."""
    from_conda, from_pip = {}, {}
    for entry in read_yaml(path)["dependencies"]:
        if isinstance(entry, dict):
            pairs = (re.fullmatch(r"([\w-]+)(?:\[\w+\])?==(\S+)", item) for item in entry["pip"])
            from_pip |= {pair[1]: pair[2] for pair in pairs}
        elif entry != "pip":
            name, version = entry.split(" =")
            from_conda[name] = version
    return from_conda, from_pip


def locked_versions():
    """Versions of the lock for this Python."""
    found = {}
    for line in (ROOT / "envs/requirements.lock").read_text().splitlines():
        pin = re.match(r"([\w-]+)==(\S+)(?: ; (.*?))? \\", line)
        if pin and (pin[3] is None or "python_full_version < '3.12'" in pin[3]):
            found[pin[1]] = pin[2]
    return found


def imported(module, seen):
    """Libraries that a module of scripts/ imports, itself or through other modules of scripts/.

    A module that looks up systems by name (`BY_NAME`) imports those of all systems.
    """
    path = SCRIPTS.joinpath(*module.split("."))
    files = [path / "__init__.py"] if path.is_dir() else [path.with_suffix(".py")]
    parts = module.split(".")
    files += [SCRIPTS.joinpath(*parts[:n], "__init__.py") for n in range(1, len(parts))]
    found = set()
    for file in set(files) - seen:
        seen.add(file)
        for node in ast.walk(ast.parse(file.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            of_systems = [module for name in names for module in BY_NAME.get(name, [])]
            for name in names + of_systems:
                below = SCRIPTS.joinpath(*name.split("."))
                if below.is_dir() or below.with_suffix(".py").is_file():
                    found |= imported(name, seen)
                elif not (SCRIPTS / name.split(".")[0]).is_dir():
                    found.add(name.split(".")[0])
    return found


def modules_of(rule):
    """The rule's script, and the modules of the figures that it imports by name."""
    figures = FIGURES if rule == "write_report" else figures_of_rule(rule)
    return [rule, *(entry.source for entry in figures)]


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_no_package_is_listed_twice(path):
    listed = [str(entry).split()[0] for entry in read_yaml(path)["dependencies"]]
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_versions_are_those_of_the_lock(path):
    locked = locked_versions()
    from_conda, from_pip = requirements(path)
    assert from_conda.pop("python") == "3.11"
    for name, version in from_conda.items():
        assert version.count(".") == 1
        assert f"{locked[name.removesuffix('-base')]}.".startswith(f"{version}.")
    assert from_pip == {name: locked[name] for name in from_pip}


@pytest.mark.parametrize("rule", RULES)
def test_an_environment_holds_what_its_script_imports_and_nothing_else(rule):
    seen = set()
    libraries = set().union(*(imported(module, seen) for module in modules_of(rule)))
    libraries -= sys.stdlib_module_names | {"snakemake"}
    needed = {DISTRIBUTIONS.get(name, name) for name in libraries} | RECORDED.get(rule, set())
    if "xarray" in needed:
        needed.add(UNDER_XARRAY)
    for path in (ROOT / "envs").glob(f"{rule}.*yaml"):
        from_conda, from_pip = requirements(path)
        assert {*from_conda, *from_pip} - {"python"} == needed


BY_CHOICE = {"onnx", "pysr"}  # a user adds them where they are wanted


def test_the_installed_package_names_all_that_it_imports():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = {*project["dependencies"], *chain(*project["optional-dependencies"].values())}
    paths = (path.relative_to(SCRIPTS) for path in (SCRIPTS / "kondoflow").rglob("*.py"))
    modules = [".".join(path.with_suffix("").parts) for path in paths if path.stem != "__init__"]
    seen = set()
    libraries = set().union(*(imported(module, seen) for module in modules))
    libraries -= sys.stdlib_module_names | BY_CHOICE
    names = DISTRIBUTIONS | {"matplotlib": "matplotlib"}
    assert {names.get(name, name) for name in libraries} | {UNDER_XARRAY} == named
