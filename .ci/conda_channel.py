"""Fill a local conda channel with what envs/ takes from conda-forge, where that is out of reach.

    conda_channel.py BUILD_CHANNEL CHANNEL

The packages and all that they need are resolved by uv in the versions of the lock; the script
BUILD_CHANNEL repacks their wheels as conda packages. conda-forge has two names for matplotlib, with
and without Qt; the wheel is the one without.
"""

import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ALIASES = {"matplotlib-base": "matplotlib"}


def from_conda_forge() -> list[str]:
    """Names of the packages that envs/ takes from conda-forge, as PyPI has them."""
    names = set()
    for path in (ROOT / "envs").glob("*.yaml"):
        names |= set(re.findall(r"^  - ([\w-]+) =", path.read_text(), re.MULTILINE))
    return sorted(ALIASES.get(name, name) for name in names - {"python"})


def resolve(names: list[str]) -> list[str]:
    """The packages and what they need, as name==version."""
    command = [ROOT / ".tools/bin/uv", "pip", "compile", "-q", "--no-header", "--no-annotate"]
    command += ["--python", sys.executable, "-c", ROOT / "envs/requirements.lock", "-"]
    run = subprocess.run(
        command, input="\n".join(names), check=True, text=True, capture_output=True
    )
    return re.findall(r"^[\w.-]+==[^\s;]+", run.stdout, re.MULTILINE)


def add_alias(channel: Path, alias: str, name: str) -> None:
    """Add an empty package that needs the other."""
    index = channel / "noarch/repodata.json"
    repodata = json.loads(index.read_text())
    packages = {**json.loads((channel / "linux-64/repodata.json").read_text())["packages"]}
    version = next(entry["version"] for entry in packages.values() if entry["name"] == name)
    record = {
        "name": alias,
        "version": version,
        "build": "0",
        "build_number": 0,
        "depends": [f"{name} =={version}"],
        "constrains": [],
        "subdir": "noarch",
        "noarch": "generic",
    }
    archive = channel / f"noarch/{alias}-{version}-0.tar.bz2"
    contents = {"index.json": record, "paths.json": {"paths": [], "paths_version": 1}}
    with tempfile.TemporaryDirectory() as folder, tarfile.open(archive, "w:bz2") as tar:
        for file, content in contents.items():
            path = Path(folder, file)
            path.write_text(json.dumps(content))
            tar.add(path, f"info/{file}")
    repodata["packages"][archive.name] = {**record, "size": archive.stat().st_size}
    index.write_text(json.dumps(repodata))


def main() -> None:
    """Build the channel."""
    builder, channel = sys.argv[1], Path(sys.argv[2])
    subprocess.run([sys.executable, builder, channel, *resolve(from_conda_forge())], check=True)
    for alias, name in ALIASES.items():
        add_alias(channel, alias, name)


if __name__ == "__main__":
    main()
