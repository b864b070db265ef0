"""Progress of a run as people read it, for `snakemake --logger kondoflow`.

Each job is announced in words and told again when it ends, with its time. Between, what runs is
told: on a terminal once a second, in place, with a bar and a line for each job; in a log once a
minute. How far a job is comes from the last line of progress in its log file
(`kondoflow.files.progress`). What is left of the run is estimated from the times that the rules
took before (`results/benchmarks`), or else from the jobs of this run.

Snakemake finds the package by its name where its folder is on the path, as `make run` sets it. What
it imports of `kondoflow` needs the standard library and PyYAML alone.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "scripts"))

from snakemake_logger_plugin_kondoflow.handler import LogHandler

__all__ = ["LogHandler"]
