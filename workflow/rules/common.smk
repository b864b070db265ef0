"""What every rule file uses: the checked configuration, names of runs, code hashes, seeds."""

import hashlib
import os
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

SCRIPTS = Path(workflow.basedir) / "scripts"
sys.path.insert(0, str(SCRIPTS))

from datafiles.errors import InputError
from discovery.expressions import check_systems
from stage.checks import check_config, check_files, known_names
from stage.config import count_points, iterate_runs, run_settings
from stage.entry import SNAKEMAKE
from stage.fingerprint import NOT_OF_SOLUTIONS
from stage.seeds import derive_seed
from stage.yaml_files import read_mapping

try:
    for path in workflow.configfiles:
        read_mapping(Path(path))
    check_config(config)
    check_systems(config["systems"], known_names(config))
    check_files(config)
except InputError as error:
    raise WorkflowError(str(error)) from None

os.environ[SNAKEMAKE] = str(os.getpid())  # jobs end with it

RUNS = list(iterate_runs(config))


wildcard_constraints:
    ensemble="|".join(config["ensembles"]),
    run="|".join({run for _, run in RUNS}),
    chunk=r"\d+",


def code_version(*packages):
    """Content hash of imported packages: as a param, it makes an edit rerun what depends on it."""
    digest = hashlib.sha256()
    for package in packages:
        files = (SCRIPTS / package).rglob("*")
        for source in sorted(file for file in files if file.suffix in {".py", ".jl"}):
            digest.update(source.relative_to(SCRIPTS).as_posix().encode() + b"\0")
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def seed_of(stage, *names):
    """Seed of one job of a stage."""
    return derive_seed(config["seed"], stage, *names)


def ensemble_of(wildcards):
    """Configuration of the job's ensemble."""
    return config["ensembles"][wildcards.ensemble]


def system_of(wildcards):
    """What is known about the samples of the job's ensemble."""
    return config["systems"][ensemble_of(wildcards)["system"]]


def settings_of_run(wildcards):
    """Autoencoder settings of the job's run."""
    return run_settings(config, wildcards.ensemble, wildcards.run)


def of_all_runs(pattern):
    """A path pattern with {ensemble} and {run}, for every run of the config."""
    return [pattern.format(ensemble=ensemble, run=run) for ensemble, run in RUNS]
