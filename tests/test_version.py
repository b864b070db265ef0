"""The version stands in one place, and everything that repeats it agrees."""

import tomllib

import kondoflow
from kondoflow.stage.paths import ROOT
from kondoflow.stage.yaml_files import read_yaml


def test_the_citation_has_the_version():
    assert read_yaml(ROOT / "CITATION.cff")["version"] == kondoflow.__version__


def test_the_package_takes_its_version_from_the_code():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "kondoflow.__version__"}


def test_the_changelog_begins_with_the_version():
    headings = [
        line for line in (ROOT / "CHANGELOG.md").read_text().splitlines() if line.startswith("## ")
    ]
    assert headings[0].startswith(f"## {kondoflow.__version__}")
