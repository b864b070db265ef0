"""End with a message where the page could not show everything; the page itself is there.

A figure or a part of the page that fails is replaced by a notice, so that a long run does not lose
its report. This stage, the last, sees to it that nobody takes such a run for a complete one.
"""

import logging
import sys
from pathlib import Path
from typing import Annotated

from kondoflow.files.atomic import read_json, write_text
from kondoflow.files.errors import InputError
from kondoflow.stage.entry import Input, Output, run_stage

logger = logging.getLogger("kondoflow")


def main(
    *,
    report: Annotated[Path, Input("the page (HTML)")],
    missing: Annotated[Path, Input("what it could not show and why (JSON)")],
    complete: Annotated[Path, Output("an empty file, written if nothing is missing")],
) -> None:
    """Exit with status 1 and name what is missing, if anything is."""
    lines = read_json(missing)
    if not isinstance(lines, list):
        raise InputError(missing, "content", type(lines).__name__, "a list of what is missing")
    if not lines:
        write_text(complete, "")
        return
    message = "\n".join([f"error: {report} is written, but it lacks", *(f"  {x}" for x in lines)])
    logger.error("%s", message)
    print(message, file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
