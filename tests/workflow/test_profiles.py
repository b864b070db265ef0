"""Profiles: what they let run at the same time."""

import re
from pathlib import Path

import pytest
from running import TINY, snakemake

from kondoflow.stage.paths import ROOT

PROFILE = ROOT / "workflow/profiles/workstation"
SNAKEFILE = """
rule all:
    input: "first", "second"

rule train:
    output: "{name}"
    resources: gpu=1, mem_mb=10**9
    shell: "date +%s%N > {output}; sleep 0.5; date +%s%N >> {output};"
        "echo {resources.mem_mb} >> {output}"
"""


@pytest.mark.workflow
def test_a_workstation_has_one_gpu_and_the_memory_it_has(tmp_path):
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    snakemake(tmp_path, "--workflow-profile", PROFILE)
    files = [(tmp_path / name).read_text().split() for name in ("first", "second")]
    (begin, end, memory), (other_begin, other_end, _) = (map(int, lines) for lines in files)
    assert end <= other_begin or other_end <= begin
    installed = re.search(r"MemTotal: +(\d+) kB", Path("/proc/meminfo").read_text())
    assert memory == pytest.approx(int(installed[1]) / 1024, abs=1)


@pytest.mark.workflow
def test_a_search_may_take_as_long_as_its_settings_say(tmp_path):
    (tmp_path / "long.yaml").write_text("equations: {seconds: 7200}")
    command = ["-n", "--directory", tmp_path, "--configfile", ROOT / TINY]
    usual, long = (
        snakemake(ROOT, *command, *more).stdout for more in ([], [tmp_path / "long.yaml"])
    )
    minutes = [
        max(
            int(m) for m in re.findall(r"\n *rule regress_operon:.*?runtime=(\d+)", plan, re.DOTALL)
        )
        for plan in (usual, long)
    ]
    n_searches = 3  # two and a null search, for three latents, on one of the two cores
    rounds = 3 * n_searches
    assert minutes[1] == 30 + 2 * rounds * 7200 // n_searches // 60
    assert 30 <= minutes[0] < 60


SMALL = """
rule all:
    input: "made"

rule make:
    output: "made"
    resources: runtime=minutes(7), mem_mb=memory(100)
    shell: "echo {resources.runtime} {resources.mem_mb} >> asked; test $(wc -l < asked) = 2;"
        "touch made"
"""


@pytest.mark.workflow
def test_another_attempt_has_more_memory_and_time(tmp_path):
    """A job that a cluster ended for its time would be ended again."""
    resources = (ROOT / "workflow/rules/resources.smk").read_text()
    path = f"import sys\nsys.path.insert(0, {str(ROOT / 'scripts')!r})\n"
    (tmp_path / "Snakefile").write_text(path + resources + SMALL)
    snakemake(tmp_path, "--retries", "1")
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked == ["7 100", "14 200"]
    for path in (ROOT / "workflow/rules").glob("*.smk"):
        assert all(
            each.startswith("minutes") for each in re.findall(r"runtime=(.*)", path.read_text())
        )
