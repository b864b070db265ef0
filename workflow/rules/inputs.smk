"""Which files jobs read: of a run, of an ensemble, of all runs; how samples are cut into chunks."""

from pathlib import Path

from kondoflow.files.atomic import read_json
from kondoflow.files.engine_files import TARGETS
from kondoflow.stage.ensembles import count_points, files_in
from kondoflow.systems.registry import find_system


def scan_of_run(wildcards):
    """Input function: the scan over the KL weight, if the job's run asks for one."""
    wanted = settings_of_run(wildcards)["kl_weight"] == "scan"
    return SCAN.format(**wildcards) if wanted else []


def path_of_scan(wildcards, input):
    """Param function: the path of this scan."""
    return str(input.needed) if input.needed else None


def of_restarts(pattern):
    """Input function: a path pattern with {restart}, for each job that trains the job's run."""

    def paths(wildcards):
        names = restart_jobs(settings_of_run(wildcards))
        return [pattern.format(**wildcards, restart=name) for name in names]

    return paths


def restarts_of_job(wildcards):
    """Param function: the numbers of the restarts that a job trains."""
    first, _, last = wildcards.restart.partition("-")
    return list(range(int(first), int(last or first) + 1))


def latents_of_run(wildcards):
    """Input function: the latents of a run; the targets of an ensemble need none."""
    return [] if wildcards.run == TARGETS else f"{MODELS}/latents.nc".format(**wildcards)


def joint_of_run(wildcards):
    """Input function: the joint quantities of a run, if its system names any."""
    asked = wildcards.run != TARGETS and knowledge_of(config, wildcards.ensemble).get("joint")
    return JOINT.format(**wildcards) if asked else []


def joint_of_all_runs():
    """The joint quantities of all runs whose systems name any."""
    asked = [names for names in RUNS if knowledge_of(config, names[0]).get("joint")]
    return [JOINT.format(ensemble=ensemble, run=run) for ensemble, run in asked]


def run_of_law(ensemble):
    """The run whose joint quantity the law of an ensemble is sought for; None for a target."""
    return knowledge_of(config, ensemble)["law"].get("run")


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


def files_of_folder(wildcards):
    """Input function: the files in a folder of spectra, whose time stamp does not tell a change."""
    return [local(str(each)) for each in files_in(Path(ensemble_of(wildcards)["path"]))]


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
    return [run, *([TARGETS] if knowledge_of(config, ensemble).get("targets") else [])]


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
    return [pattern.format(ensemble=name) for name in used if "law" in knowledge_of(config, name)]


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
