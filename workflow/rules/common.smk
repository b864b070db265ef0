"""Helpers of all stages: the checked configuration, jobs and their files, code hashes, seeds."""

import os
import shutil
import sys
import time
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.path_modifier import PathModifier

SCRIPTS = Path(str(workflow.current_basedir)).parents[1] / "scripts"
sys.path.insert(0, str(SCRIPTS))

from kondoflow.files.atomic import read_json
from kondoflow.files.digests import code_digest
from kondoflow.files.engine_files import TARGETS
from kondoflow.files.errors import InputError
from kondoflow.files.orphans import SNAKEMAKE, process_mark
from kondoflow.files.surroundings import check_place, in_shell, pin
from kondoflow.report.advice import advice_lines
from kondoflow.stage.checks import is_computed
from kondoflow.stage.config import (
    choice_settings,
    count_points,
    iterate_runs,
    merged,
    resolved_config,
    restart_settings,
    run_settings,
    training_seed,
)
from kondoflow.stage.ended import lines_on_killed
from kondoflow.stage.seeds import derive_seed
from kondoflow.stage.yaml_files import read_mapping, with_numbers
from kondoflow.systems.registry import find_system, system_names
from kondoflow.systems.versions import solver_version

try:
    check_place(SCRIPTS.parent)
    for path in workflow.configfiles:
        read_mapping(Path(path))
    # As a module the workflow is handed what its user changes, and does not read `configfile`.
    # Where this is a module, a rule of the workflow around it may still have to make the files.
    config = resolved_config(
        merged(config, with_numbers(dict(workflow.config_settings.config))),
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
LATENTS = "results/latents/{ensemble}/{run}"
JOINT = f"{LATENTS}/joint.nc"
EQUATIONS = "results/equations/{ensemble}/{run}"
LAW = "results/laws/{ensemble}"
REPORT = "results/report/report.html"
EXPLORER = "results/report/explorer.html"


wildcard_constraints:
    ensemble="|".join(config["ensembles"]),
    run="|".join({run for _, run in RUNS} | {TARGETS}),
    chunk=r"\d+",
    restart=r"\d+",


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


def ensemble_of(wildcards):
    """Configuration of the job's ensemble."""
    return config["ensembles"][wildcards.ensemble]


def setting_of(part):
    """Param function: the settings `solver` or `omega` of the job's ensemble."""
    return lambda wildcards: ensemble_of(wildcards)[part]


def solver_of_solutions(wildcards):
    """Settings of the solver that change solutions or what is kept of them."""
    ensemble = ensemble_of(wildcards)
    return {name: value for name, value in ensemble["solver"].items() if name != "max_invalid"}


def system_of(*keys):
    """Param function: what a stage uses of what is known about the samples."""
    return lambda wildcards: part(config["systems"][ensemble_of(wildcards)["system"]], keys)


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


def scan_of_run(wildcards):
    """Input function: the scan over the KL weight, if the job's run asks for one."""
    wanted = settings_of_run(wildcards)["kl_weight"] == "scan"
    return f"{MODELS}/scan.json".format(**wildcards) if wanted else []


def path_of_scan(wildcards, input):
    """Param function: the path of this scan."""
    return str(input.needed) if input.needed else None


def of_restarts(pattern):
    """Input function: a path pattern with {restart}, for each restart of the job's run."""

    def paths(wildcards):
        numbers = range(settings_of_run(wildcards)["restarts"])
        return [pattern.format(**wildcards, restart=number) for number in numbers]

    return paths


def gpus(name):
    """GPUs that a job needs, by the name of its stage: it holds one alone where there is one."""
    return int(config["conda"][name] == "cuda" or shutil.which("nvidia-smi") is not None)


def memory(least, a_thread=0, a_file=0):
    """Resource function: MB of memory, more at each attempt, as a cluster ends what exceeds it.

    `least` counts always, `a_thread` for each thread and `a_file` for each MB of input; files that
    are not there yet count when the job is about to start.
    """

    def needed(wildcards, input, threads, attempt):
        files = [Path(path) for path in input] if a_file else []
        size = sum(path.stat().st_size for path in files if path.is_file()) / 1e6
        return int(attempt * (least + a_thread * threads + a_file * size))

    return needed


def minutes_of_searches(least):
    """Resource function: minutes in which all searches end, the latest by their time limits."""

    def needed(wildcards, threads, attempt):
        equations = config["equations"]
        n_searches = equations["restarts"] + equations["null_restarts"]
        system = config["systems"][ensemble_of(wildcards)["system"]]
        if wildcards.run == TARGETS:
            n_targets = len(system["targets"])
        else:
            n_targets = settings_of_run(wildcards)["n_latents"] + len(system.get("joint", {}))
        rounds = -(-n_targets * n_searches // threads)
        # What follows a search may take as long again.
        return int(attempt * (least + 2 * rounds * equations["seconds"] / n_searches / 60))

    return needed


def latents_of_run(wildcards):
    """Input function: the latents of a run; the targets of an ensemble need none."""
    return [] if wildcards.run == TARGETS else f"{MODELS}/latents.nc".format(**wildcards)


def joint_of_run(wildcards):
    """Input function: the joint quantities of a run, if its system names any."""
    system = config["systems"][ensemble_of(wildcards)["system"]]
    asked = wildcards.run != TARGETS and system.get("joint")
    return JOINT.format(**wildcards) if asked else []


def joint_of_all_runs():
    """The joint quantities of all runs whose systems name any."""
    known = {name: config["systems"][each["system"]] for name, each in config["ensembles"].items()}
    asked = [(name, run) for name, run in RUNS if known[name].get("joint")]
    return [JOINT.format(ensemble=name, run=run) for name, run in asked]


def run_of_law(ensemble):
    """The run whose joint quantity the law of an ensemble is sought for; None for a target."""
    return config["systems"][config["ensembles"][ensemble]["system"]]["law"].get("run")


def joint_of_law(wildcards):
    """Input function: the joint quantities that the law of an ensemble is about, if it is."""
    run = run_of_law(wildcards.ensemble)
    return JOINT.format(ensemble=wildcards.ensemble, run=run) if run else []


def of_all_runs(pattern):
    """A path pattern with {ensemble} and {run}, for every run of the config."""
    return [pattern.format(ensemble=ensemble, run=run) for ensemble, run in RUNS]


def file_of_user(key):
    """Input function: the file that a key of the job's ensemble names, if there is one."""

    def path(wildcards):
        name = ensemble_of(wildcards).get(key)
        # local: as a module the workflow gets a prefix before its own files, not the user's.
        return local(name) if name else []

    return path


def table_of_user(wildcards):
    """Input function: the table of properties beside the user's spectra, if there is one."""
    name = ensemble_of(wildcards).get("properties")
    return local(name) if isinstance(name, str) else []


def files_of_solver(wildcards):
    """Input function: the user's files that the settings of the job's solver name."""
    ensemble = ensemble_of(wildcards)
    names = find_system(ensemble["system"]).meaning.files(ensemble["solver"])
    return [local(name) for name in names]


def n_samples_of(wildcards):
    """Number of samples of a computed ensemble."""
    ensemble = ensemble_of(wildcards)
    if "n_samples" in ensemble:
        return ensemble["n_samples"]
    given = find_system(ensemble["system"]).meaning.defaults(ensemble["solver"])
    return count_points(Path(ensemble["points"]), ensemble["system"], tuple(given))


def of_chunks(pattern):
    """Input function: a path pattern with {ensemble} and {chunk}, in the order of the samples."""

    def paths(wildcards):
        n_chunks = -(-n_samples_of(wildcards) // ensemble_of(wildcards)["chunk_size"])
        names = (f"{chunk:04d}" for chunk in range(n_chunks))
        return [pattern.format(ensemble=wildcards.ensemble, chunk=name) for name in names]

    return paths


def first_sample(wildcards):
    """First sample of a chunk."""
    return int(wildcards.chunk) * ensemble_of(wildcards)["chunk_size"]


def samples_of_chunk(wildcards):
    """Number of samples in a chunk; the last one may be shorter."""
    left = n_samples_of(wildcards) - first_sample(wildcards)
    return min(left, ensemble_of(wildcards)["chunk_size"])


def box_of(wildcards):
    """What the points of an ensemble depend on, hence their number only where it moves them."""
    ensemble = ensemble_of(wildcards)
    moves = ["n_samples"] if ensemble.get("sampling") == "furthest_point" else []
    settings = part(ensemble["solver"], find_system(ensemble["system"]).meaning.of_points)
    return {**part(ensemble, [*BOX, *moves]), **({"solver": settings} if settings else {})}


def subjects_of(ensemble, run):
    """What equations of a run are about: its latents and, shared by all runs, the targets."""
    system = config["systems"][config["ensembles"][ensemble]["system"]]
    return [run, *([TARGETS] if system.get("targets") else [])]


def equations_of(ensemble, run):
    """Files of the regression engines for a run: of those at hand, and those that are there."""
    names = [
        (EQUATIONS.format(ensemble=ensemble, run=subject), engine)
        for engine in config["equations"]["engines"]
        for subject in subjects_of(ensemble, run)
    ]
    return [
        f"{folder}/{engine}.json"
        for folder, engine in names
        if engine in ENGINES or Path(prefixed(f"{folder}/{engine}.json")).is_file()
    ]


def engines_of_law(wildcards):
    """Input function: files of the engines for what the law of an ensemble is about."""
    subject = run_of_law(wildcards.ensemble) or TARGETS
    folder = EQUATIONS.format(ensemble=wildcards.ensemble, run=subject)
    every = equations_of(wildcards.ensemble, subject)
    return [path for path in every if path.startswith(f"{folder}/")]


def of_all_laws(pattern):
    """A path pattern with {ensemble}, for every ensemble in use whose system asks for a law."""
    used = dict.fromkeys(ensemble for ensemble, _ in RUNS)
    known = {name: config["systems"][config["ensembles"][name]["system"]] for name in used}
    return [pattern.format(ensemble=name) for name, system in known.items() if "law" in system]


def cores_of_chain(wildcards):
    """Threads of a search or of a law, of which the machine can run two side by side.

    Two chains of jobs follow the spectra: trainings and the search for latents, and the search for
    targets and the law. Each has half of the cores, so that neither waits for the other. Where no
    law is sought, and on a cluster, whose jobs share no cores, each has all.
    """
    if workflow.resource_settings.cores is None or not of_all_laws(LAW):
        return CORES
    half = CORES // 2
    return max(1, half if getattr(wildcards, "run", TARGETS) == TARGETS else CORES - half)


def processes_of_chain(wildcards, threads):
    """Processes of a search or of a law: as many as there are cores.

    Those beyond its threads take what the other chain leaves idle, as when it has come to its end.
    """
    return max(threads, workflow.resource_settings.cores or 0)


def cores_of_run(wildcards):
    """Threads of a job that every run has once, after its searches: the runs share the cores.

    With more than four a worker would take longer to start than to work.
    """
    return max(1, min(4, CORES // len(RUNS)))


def law_of_ensemble(wildcards):
    """Input function: the files of an ensemble's law; none where none is sought."""
    folder = LAW.format(ensemble=wildcards.ensemble) + "/"
    every = of_all_laws(f"{LAW}/law.json") + of_all_laws(f"{LAW}/confirmation.json")
    return [path for path in every if path.startswith(folder)]


def equations_of_all_runs():
    """Files of the regression engines for all runs; those that runs share stand there once."""
    return list(dict.fromkeys(path for names in RUNS for path in equations_of(*names)))


def attempt_of(engine):
    """Param function: the how many-th attempt of an engine made, or is to make, its result.

    An engine that could not run is tried again as soon as it is at hand; its result is kept else.
    """

    known = {}  # Snakemake asks again when a job starts, and has removed the result by then

    def attempt(wildcards):  # of wildcards alone: Snakemake compares no others with those before
        return known.setdefault(tuple(wildcards), of_result(wildcards))

    def of_result(wildcards):
        try:
            found = read_json(Path(prefixed(f"{EQUATIONS}/{engine}.json".format(**wildcards))))
        except (OSError, ValueError):
            return 1
        again = not found["available"] and engine in ENGINES
        return found.get("attempt", 1) + again

    return attempt


def remarks_on_ensembles():
    """What users should know of the ensembles in use before their spectra are calculated."""
    used = [name for name in dict.fromkeys(ensemble for ensemble, _ in RUNS) if name in COMPUTED]
    boxes = {
        name: config["ensembles"][name] for name in used if "axes" in config["ensembles"][name]
    }
    return [
        f"Ensemble {name}: {remark}."
        for name, box in boxes.items()
        for remark in find_system(box["system"]).meaning.remarks(box)
    ]


def say_killed(logs):
    """Print which jobs the system ended, and what lowers their memory."""
    files = [logs] if isinstance(logs, str) else logs
    texts = [Path(path).read_text(errors="replace") for path in files if Path(path).is_file()]
    for line in lines_on_killed("\n".join(texts)):
        print(line, file=sys.stderr)


def say_verdict():
    """Print what was found and where explorer and report are, if they were written in this run."""
    page, explorer = Path(prefixed(REPORT)), Path(prefixed(EXPLORER))
    if page.is_file() and page.stat().st_mtime >= STARTED:
        print("\nVerdict\n=======")
        for (ensemble, run), path in zip(RUNS, of_all_runs(f"{EQUATIONS}/verdict.json")):
            lines = read_json(Path(prefixed(path))).get("headline", [])
            model = f"{MODELS}/model.json".format(ensemble=ensemble, run=run)
            lines = [*lines, *advice_lines(read_json(Path(prefixed(model))))]
            print("\n".join([f"Run {run} on {ensemble}:", *(f"  {line}" for line in lines)]))
        for path in of_all_laws(f"{LAW}/confirmation.json"):
            print(read_json(Path(prefixed(path))).get("headline", ""))
        print()
    if explorer.is_file() and explorer.stat().st_mtime >= STARTED:
        print(f"Explorer: {explorer}")
    if page.is_file() and page.stat().st_mtime >= STARTED:
        print(f"Report: {page}")
