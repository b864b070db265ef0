"""What jobs need: cores, memory, time, GPUs."""

import shutil
from pathlib import Path

from kondoflow.files.engine_files import TARGETS


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


def minutes(least):
    """Resource function: minutes, more at each attempt, as a cluster ends what takes longer."""
    return lambda wildcards, attempt: attempt * least


def minutes_of_searches(least):
    """Resource function: minutes in which all searches end, the latest by their time limits."""

    def needed(wildcards, threads, attempt):
        equations = config["equations"]
        n_searches = equations["restarts"] + equations["null_restarts"]
        system = knowledge_of(config, wildcards.ensemble)
        if wildcards.run == TARGETS:
            n_targets = len(system["targets"])
        else:
            n_targets = settings_of_run(wildcards)["n_latents"] + len(system.get("joint", {}))
        rounds = -(-n_targets * n_searches // threads)
        # What follows a search may take as long again.
        return int(attempt * (least + 2 * rounds * equations["seconds"] / n_searches / 60))

    return needed


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

    There are four at most: the work takes ten to twenty seconds, and a worker starts in one to two.
    """
    return max(1, min(4, CORES // len(RUNS)))
