"""What a user is told before and after a run."""

import sys
from pathlib import Path

from kondoflow.files.atomic import read_json
from kondoflow.report.advice import advice_lines
from kondoflow.stage.given import remarks_on_rules
from kondoflow.stage.memory import lines_on_killed
from kondoflow.systems.registry import find_system


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


def remarks_on_settings():
    """What users should know of settings of jobs that they gave to Snakemake."""
    asked = workflow.resource_settings
    given = {"--set-threads": asked.overwrite_threads, "--set-resources": asked.overwrite_resources}
    return remarks_on_rules(given, [rule.name for rule in workflow.rules])


def say_killed(logs):
    """Print which jobs the system ended, and what lowers their memory."""
    files = [logs] if isinstance(logs, str) else logs
    texts = [Path(path).read_text(errors="replace") for path in files if Path(path).is_file()]
    for line in lines_on_killed("\n".join(texts)):
        print(line, file=sys.stderr)


def result_of(path):
    """The content of a result; nothing where it can't be read, as when --touch meets a lost file."""
    try:
        return read_json(Path(prefixed(path)))
    except InputError:
        return {}


def say_verdict():
    """Print what was found and where explorer and report are, if they were written in this run."""
    page, explorer = Path(prefixed(REPORT)), Path(prefixed(EXPLORER))
    if page.is_file() and page.stat().st_mtime >= STARTED:
        print("\nVerdict\n=======")
        for (ensemble, run), path in zip(RUNS, of_all_runs(f"{EQUATIONS}/verdict.json")):
            lines = result_of(path).get("headline", [])
            model = f"{MODELS}/model.json".format(ensemble=ensemble, run=run)
            lines = [*lines, *advice_lines(result_of(model))]
            print("\n".join([f"Run {run} on {ensemble}:", *(f"  {line}" for line in lines)]))
        for path in of_all_laws(f"{LAW}/confirmation.json"):
            print(result_of(path).get("headline", ""))
        print()
    if explorer.is_file() and explorer.stat().st_mtime >= STARTED:
        print(f"Explorer: {explorer}")
    if page.is_file() and page.stat().st_mtime >= STARTED:
        print(f"Report: {page}")
