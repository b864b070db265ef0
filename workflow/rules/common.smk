"""What all stages share: the checked configuration, paths, code hashes, seeds, params."""

import os
import sys
import time
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.path_modifier import PathModifier

SCRIPTS = Path(str(workflow.current_basedir)).parents[1] / "scripts"
sys.path.insert(0, str(SCRIPTS))

from kondoflow.files.digests import code_digest
from kondoflow.files.engine_files import TARGETS
from kondoflow.files.errors import InputError
from kondoflow.files.orphans import SNAKEMAKE, process_mark
from kondoflow.files.surroundings import check_place, in_shell, pin
from kondoflow.stage.checks.names import labels_of_data
from kondoflow.stage.ensembles import is_computed
from kondoflow.stage.config import (
    choice_settings,
    iterate_runs,
    knowledge_of,
    resolved_config,
    restart_jobs,
    restart_settings,
    run_settings,
    training_seed,
)
from kondoflow.stage.given import check_cores
from kondoflow.stage.layers import merged
from kondoflow.stage.seeds import derive_seed
from kondoflow.stage.yaml_files import read_mapping, with_numbers
from kondoflow.systems.registry import find_system, system_names
from kondoflow.systems.versions import solver_version

try:
    check_place(SCRIPTS.parent)
    check_cores(workflow.resource_settings.cores)
    for path in workflow.configfiles:
        read_mapping(Path(path))
    named = with_numbers(dict(workflow.config_settings.config))
    # As a module the workflow is handed what its user changes, and does not read `configfile`.
    # Where this is a module, a rule of the workflow around it may still have to make the files.
    config = resolved_config(
        merged(config, named),
        (
            [*map(read_mapping, workflow.config_settings.configfiles), named]
            if workflow.modifier.is_main_snakefile()
            else []
        ),
        with_files=workflow.modifier.is_main_snakefile(),
        with_names=workflow.is_main_process,
    )
except InputError as error:
    raise WorkflowError(str(error)) from None

if config["name"] is not None:
    # A named experiment has a folder of its own; paths in the rules stay those of an unnamed one.
    own = {f"{folder}/": f"{folder}/{config['name']}/" for folder in ("results", "logs")}
    workflow.modifier.path_modifier = PathModifier(
        own, None, workflow, workflow.modifier.path_modifier
    )

if workflow.modifier.is_main_snakefile():  # rules of a workflow around this one keep what is theirs
    pin(os.environ)
sys.executable = in_shell(sys.executable)
os.environ[SNAKEMAKE] = process_mark(os.getpid())  # jobs end with it

STARTED = time.time()
# workflow.cores can't be asked where none are given: by --report, or by a cluster's profile.
CORES = workflow.resource_settings.cores or 8
RUNS = list(iterate_runs(config))
COMPUTED = [name for name, entry in config["ensembles"].items() if is_computed(entry)]
BROUGHT = [name for name in config["ensembles"] if name not in COMPUTED]
NOTHING = r"(?!)"  # a wildcard constraint that no name meets
BOX = ("system", "points", "sampling", "accept", "axes")
SPECTRA = "results/spectra/{ensemble}.nc"
MODELS = "results/models/{ensemble}/{run}"
SCAN = f"{MODELS}/scan.json"
LATENTS = "results/latents/{ensemble}/{run}"
JOINT = f"{LATENTS}/joint.nc"
EQUATIONS = "results/equations/{ensemble}/{run}"
LAW = "results/laws/{ensemble}"
REPORT = "results/report/report.html"
EXPLORER = "results/report/explorer.html"

prefixed = workflow.modifier.path_modifier.modify  # of a module, whose files have another place


wildcard_constraints:
    ensemble="|".join(config["ensembles"]),
    run="|".join({run for _, run in RUNS} | {TARGETS}),
    chunk=r"\d+",
    restart=r"\d+(-\d+)?",


def code_version(*packages):
    """Content hash of imported packages: as a param, it makes an edit rerun what depends on it."""
    return code_digest(*(SCRIPTS / "kondoflow" / package for package in packages))


def as_seen_from_here(path):
    """A path relative to the working directory, or its name if it stands elsewhere."""
    try:
        return str(Path(path).resolve().relative_to(Path.cwd()))
    except ValueError:
        return Path(path).name


def solver_code(wildcards):
    """Content hash of what makes the solutions of the job's system."""
    return solver_version(find_system(ensemble_of(wildcards)["system"]))


def sampling_code(wildcards):
    """Content hash of what draws the parameter sets of the job's system.

    The windows of acceptance may use any module of the system.
    """
    return code_version("systems/sampling.py") + solver_code(wildcards)


def reading_code(wildcards):
    """Content hash of what reads quantities off the spectra of the job's system, if it can."""
    name = ensemble_of(wildcards)["system"]
    can_read = name in system_names() and find_system(name).readable
    return code_version(f"systems/{name}") if can_read else ""


def seed_of(stage, *names):
    """Seed of one job of a stage."""
    return derive_seed(config["seed"], stage, *names)


def part(section, keys):
    """Some keys of a section of the configuration: a param with more would rerun for nothing."""
    return {key: section[key] for key in keys if key in section}


def without(section, keys):
    """A section of the configuration without some of its keys."""
    return {key: value for key, value in section.items() if key not in keys}


def ensemble_of(wildcards):
    """Configuration of the job's ensemble."""
    return config["ensembles"][wildcards.ensemble]


def setting_of(section):
    """Param function: the settings `solver` or `omega` of the job's ensemble."""
    return lambda wildcards: ensemble_of(wildcards)[section]


def solver_of_solutions(wildcards):
    """Settings of the solver that change solutions or what is kept of them."""
    ensemble = ensemble_of(wildcards)
    return {name: value for name, value in ensemble["solver"].items() if name != "max_invalid"}


def system_of(*keys):
    """Param function: what a stage uses of what is known about the samples."""
    return lambda wildcards: part(knowledge_of(config, wildcards.ensemble), keys)


def labels_of_ensemble(wildcards, threads):
    """Labels that only the file of the job's ensemble can justify.

    They change no result: see `checkpoint_every` for the second argument.
    """
    return labels_of_data(config, wildcards.ensemble)


def settings_of_run(wildcards):
    """Autoencoder settings of the job's run."""
    return run_settings(config, wildcards.ensemble, wildcards.run)


def settings_of_restart(wildcards):
    """Those of them on which a restart depends."""
    return restart_settings(settings_of_run(wildcards))


def settings_of_choice(wildcards):
    """Those of them on which the choice among restarts depends."""
    return choice_settings(settings_of_run(wildcards))


def seed_of_training(wildcards):
    """Seed of the run's networks."""
    return training_seed(config, wildcards.ensemble, wildcards.run)


def checkpoint_every(wildcards, threads):
    """Epochs between checkpoints.

    Snakemake does not compare a param that depends on threads with that of the job before, so that
    a change, which changes no result, trains nothing anew.
    """
    return settings_of_run(wildcards)["checkpoint_every"]
