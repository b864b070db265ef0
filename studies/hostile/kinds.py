"""All kinds of hostile inputs, the number of each, and those that the tests repeat."""

from __future__ import annotations

from studies.hostile.brought import read_changed
from studies.hostile.drawing import Kind
from studies.hostile.expressions import follow
from studies.hostile.folders import run_a_rule, start_a_job
from studies.hostile.pages import write_pages
from studies.hostile.peaks import broaden_again
from studies.hostile.processes import (
    end_with_parent,
    lose_a_reader,
    lose_searching_workers,
    lose_solving_workers,
)
from studies.hostile.set_up import set_up
from studies.hostile.texts import (
    pin_variables,
    read_edited,
    read_expression,
    read_points,
    read_yaml_text,
)

KINDS = {
    "names of folders, a job started": Kind(start_a_job, 400, (0, 1, 2)),
    "names of folders, a rule run by Snakemake": Kind(run_a_rule, 8, ()),
    "variables of the environment": Kind(pin_variables, 1000),
    "attributes, names and labels, to the pages": Kind(write_pages, 200),
    "expressions": Kind(read_expression, 2000, (0, 6, 24)),
    "accepted expressions, to the page": Kind(follow, 250),
    "edited JSON results": Kind(read_edited, 2000, (0, 1, 64)),
    "a user's netCDF with changed bytes": Kind(read_changed, 200),
    "jobs whose Snakemake is killed": Kind(end_with_parent, 150),
    "kept peaks in any memory layout": Kind(broaden_again, 100),
    "workers that solve, killed": Kind(lose_solving_workers, 30),
    "workers that search, killed": Kind(lose_searching_workers, 40),
    "readers of a user's file, killed": Kind(lose_a_reader, 40),
    "configuration files": Kind(read_yaml_text, 1500, (0, 4, 20)),
    "tables of points": Kind(read_points, 1000, (0, 18, 36)),
    "set-up on any machine": Kind(set_up, 400, (0, 1, 5)),
}
