"""The house: which package may import which, and a map that matches the tree."""

import ast
import re
import subprocess
import sys

import pytest

from kondoflow.stage.paths import ROOT

PACKAGE = ROOT / "scripts" / "kondoflow"
MAY_IMPORT = {
    "files": set(),
    "systems": {"files"},
    "autoencoder": {"files"},
    "formulas": {"files"},
    "discovery": {"files", "formulas"},
    "report": {"files", "formulas", "stage"},
    "stage": {"files", "systems", "formulas"},
}


def imported_packages(path):
    """Packages of kondoflow that a module imports; tables of what a file holds are free to all."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        parts = [name.split(".") for name in names]
        found |= {
            each[1]
            for each in parts
            if each[0] == "kondoflow" and len(each) > 1 and each[-1] != "contract"
        }
    return found


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_a_package_imports_only_from_layers_below(package):
    for path in (PACKAGE / package).rglob("*.py"):
        others = imported_packages(path) - {package}
        assert others <= MAY_IMPORT[package], path


def test_every_package_has_a_layer():
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert folders == set(MAY_IMPORT)


def test_systems_know_nothing_of_each_other():
    names = {path.parent.name for path in PACKAGE.glob("systems/*/definition.py")}
    for name in names:
        for path in (PACKAGE / "systems" / name).rglob("*.py"):
            text = path.read_text()
            assert not [other for other in names - {name} if f"systems.{other}" in text], path


def test_modules_that_promise_it_need_no_numerical_library():
    """A configuration is checked where only Snakemake and what it needs are installed."""
    promise = re.compile(r"standard\s+library|without\s+num|what\s+Snakemake\s+itself\s+needs")
    modules = []
    for path in sorted(PACKAGE.rglob("*.py")):
        if promise.search(ast.get_docstring(ast.parse(path.read_text())) or ""):
            parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
            modules.append(".".join(part for part in parts if part != "__init__"))
    assert "kondoflow.formulas.grammar" in modules
    heavy = {
        "numpy",
        "scipy",
        "pandas",
        "xarray",
        "sympy",
        "jax",
        "numba",
        "matplotlib",
        "pyoperon",
    }
    program = f"import sys, {', '.join(modules)}\nassert not {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], cwd=PACKAGE.parent, check=True)


SYSTEMS = ["systems/anderson", "systems/bcs"]
ROOMS = [
    *(f"systems/anderson/{room}" for room in ("baths", "nrg", "spectral")),
    *(f"discovery/{room}" for room in ("search", "judgement", "latents")),
]
LISTED = ["systems", *SYSTEMS, *ROOMS, "formulas", "discovery", "discovery/laws"]


def listed_in(folder):
    """Modules in the table that the docstring of a package holds."""
    table = ast.get_docstring(ast.parse((folder / "__init__.py").read_text()))
    return re.findall(r"^`(\w+)`", table, re.MULTILINE)


@pytest.mark.parametrize("name", [*LISTED, "report", "stage", "stage/checks"])
def test_a_package_lists_its_modules(name):
    folder = PACKAGE / name
    packages = {path.parent.name for path in folder.glob("*/__init__.py")}
    there = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    if name == "systems":
        packages = set()
    listed = listed_in(folder)
    assert sorted(listed) == sorted(there | packages)


@pytest.mark.parametrize("name", [*SYSTEMS, *ROOMS, "discovery"])
def test_modules_and_rooms_are_listed_in_the_order_of_their_imports(name):
    folder = PACKAGE / name
    package = re.escape(f"kondoflow.{name.replace('/', '.')}")
    listed = listed_in(folder)
    for position, module in enumerate(listed):
        room = folder / module
        for path in room.rglob("*.py") if room.is_dir() else [folder / f"{module}.py"]:
            text = path.read_text()
            own = {*re.findall(rf"^\s*from {package}\.(\w+)[\w.]* import", text, re.MULTILINE)}
            own |= {
                imported.split(" as ")[0].strip()
                for names in re.findall(rf"^\s*from {package} import (.+)", text, re.MULTILINE)
                for imported in names.split(",")
            }
            above = {*listed[: position + 1]} if room.is_dir() else {*listed[:position]}
            assert own <= above, path


@pytest.mark.parametrize("script", sorted((ROOT / "scripts").glob("*.py")), ids=lambda p: p.stem)
def test_a_script_only_reads_calls_and_writes(script):
    tree = ast.parse(script.read_text())
    code = ast.unparse(tree).splitlines()
    defined = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert defined == ["main"]
    assert len(code) < 75


def test_the_map_matches_the_tree():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    block = re.search(r"## Map of the house\n\n```\n(.*?)```", text, re.DOTALL)[1]
    named = {line.split()[0].rstrip("/") for line in block.splitlines()}
    for place in named:
        assert (ROOT / place).exists(), place
    for folder in ("workflow", "scripts/kondoflow"):
        there = {
            path.relative_to(ROOT).as_posix()
            for path in (ROOT / folder).iterdir()
            if path.is_dir() and not path.name.startswith(("_", "."))
        }
        assert there <= named, there - named
