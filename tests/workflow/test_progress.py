"""What a run says of itself: words of the rules, how far jobs are, how long the rest takes."""

from __future__ import annotations

import errno
import io
import logging
import os
import pty
import termios
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from snakemake.logging import DefaultFormatter
from snakemake.settings.enums import Quietness
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_logger_plugin_kondoflow.asked import check_configuration
from snakemake_logger_plugin_kondoflow.handler import LogHandler, refusal
from snakemake_logger_plugin_kondoflow.jobs import Job, Jobs
from snakemake_logger_plugin_kondoflow.screen import block
from snakemake_logger_plugin_kondoflow.words import WORDS, in_words

from kondoflow.files.orphans import SNAKEMAKE
from kondoflow.files.progress import MARK, Progress
from kondoflow.stage.paths import ROOT


def test_a_job_tells_how_far_it_is_in_its_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """A line that `Progress` writes is the line that is shown."""
    monkeypatch.setenv(SNAKEMAKE, "1")
    with caplog.at_level(logging.INFO), Progress("epoch", 300, done=60) as progress:
        assert progress.line(20.0, "loss 4.6") == "epoch 60 of 300, loss 4.6"
        progress.update(40)
        assert progress.line(10.0, "loss 4.6") == "epoch 100 of 300, loss 4.6, 50 s left"
        progress.update(200, "loss 4.5")
    assert caplog.messages[-1] == f"{MARK}epoch 300 of 300, loss 4.5"
    log = tmp_path / "job.log"
    job = Job("train", "training", [str(tmp_path / "absent.log"), str(log)])
    log.write_text(f"12:00 INFO {MARK}epoch 1 of 300\n12:01 INFO {caplog.messages[-1]}\nmore\n")
    assert job.progress() == "epoch 300 of 300, loss 4.5"
    assert Job("train", "training").progress() == ""


def test_what_an_earlier_run_logged_is_not_told_of_this_one(tmp_path: Path) -> None:
    log = tmp_path / "job.log"
    log.write_text(f"{MARK}epoch 300 of 300\n")
    job = Job("train", "training", [str(log)])
    assert job.progress() == ""
    log.write_text(f"{MARK}epoch 10 of 300\n")
    assert job.progress() == "epoch 10 of 300"


def test_a_time_left_is_that_of_now(tmp_path: Path) -> None:
    """A job may say nothing for a while: what was left then is not left now."""
    log = tmp_path / "job.log"
    job = Job("train", "training", [str(log)])
    log.write_text(f"{MARK}search 7 of 9, 2 min left\n")
    assert (job.progress(), job.left()) == ("search 7 of 9, 2 min left", 120.0)
    job._told_at -= 80
    assert (job.progress(), job.left()) == ("search 7 of 9, 40 s left", 40.0)
    job._told_at -= 80
    assert (job.progress(), job.left()) == ("search 7 of 9", 0.0)


def test_a_job_that_says_nothing_has_its_time_told(tmp_path: Path) -> None:
    (tmp_path / "law").mkdir()
    (tmp_path / "law/a.tsv").write_text("s\n70\n")
    jobs = Jobs(2, tmp_path)
    known, new = Job("law", "composing a law"), Job("judge", "judging")
    assert jobs.progress(new) == ""
    for job in (known, new):
        job.started -= 45
    assert jobs.progress(known) == "45 s of about 70 s"
    assert jobs.progress(new) == "45 s so far"
    known.started -= 100
    assert jobs.progress(known) == "2 min so far"


def test_rules_of_a_chain_share_no_time(tmp_path: Path) -> None:
    """However many cores there are, what needs another job's files waits for it."""
    for name, seconds in (("solve", 10.0), ("train", 40.0), ("plot", 5.0)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.tsv").write_text(f"s\n{seconds}\n")
    jobs = Jobs(4, tmp_path)
    jobs.planned.update({"solve": 2, "train": 4, "plot": 1})
    assert jobs.seconds_left() == pytest.approx(185 / 4)
    jobs.follows.update({"solve": {"train"}, "train": {"plot"}})
    assert jobs.seconds_left() == pytest.approx(10 + 40 + 5)
    jobs.start(1, Job("solve", "solving", threads=4))  # which leaves no core to the other
    assert jobs.seconds_left() == pytest.approx(20 + 40 + 5, abs=0.5)
    jobs.on_cluster, jobs.cores = True, 100
    assert jobs.seconds_left() == pytest.approx(10 + 40 + 5, abs=0.5)


def test_the_time_left_follows_from_runs_before(tmp_path: Path) -> None:
    for name, seconds in (("solve/a/0.tsv", 10.0), ("solve/a/1.tsv", 30.0), ("plot/a.tsv", 6.0)):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"s\tcpu_time\n{seconds}\t1\n")
    (tmp_path / "solve/a/broken.tsv").write_text("nothing\n")
    jobs = Jobs(2, tmp_path)
    jobs.planned.update({"solve": 4, "plot": 1})
    assert jobs.seconds_left() == pytest.approx((4 * 20 + 6) / 2)
    jobs.running[1] = Job("solve", "solving")
    assert jobs.seconds_left() == pytest.approx((4 * 20 + 6) / 2, abs=0.5)
    jobs.running[1].started -= 5  # of the 20 seconds that are expected
    assert jobs.seconds_left() == pytest.approx((15 + 3 * 20 + 6) / 2, abs=0.5)
    assert jobs.end(1)
    assert jobs.end(1) is None
    assert jobs.seconds_left() == pytest.approx((3 * 5 + 6) / 2, abs=0.5)  # this run's own times
    assert (jobs.n_done, jobs.n_planned) == (1, 5)


def test_without_earlier_runs_nothing_is_foretold(tmp_path: Path) -> None:
    jobs = Jobs(2, tmp_path)
    jobs.planned.update({"solve": 4, "plot": 1})
    assert jobs.seconds_left() is None


def test_how_far_a_job_is_has_room_on_a_narrow_terminal() -> None:
    """The words give way, and no line is as wide as the terminal."""
    words, progress = "searching equations of targets on low_field", "search 3 of 7, 8 s left"
    jobs = [(words, progress), ("solving", ""), (words, "x" * 70)]
    for columns in (40, 60, 80):
        lines = block(0.5, "3 of 6 jobs, about 2 min left", jobs, columns, 24)
        assert len(lines) == 4
        assert max(map(len, lines)) < columns
        assert progress in lines[1]
    assert block(1.0, "", jobs[:1], 80, 24)[1] == f"  {words}: {progress}"
    many = block(0.0, "", [("job", str(index)) for index in range(40)], 80, 6)
    assert many[1:] == ["  job: 0", "  job: 1", "  and 38 more"]


def test_every_rule_has_words() -> None:
    rules = {path.stem for path in (ROOT / "envs").glob("*.yaml")}
    assert set(WORDS) == {name.partition(".")[0] for name in rules}
    trained = {"run": "r", "ensemble": "e"}
    for restart, words in (("3", "network 3"), ("0-5", "networks 0-5")):
        told = in_words("train_restart", {**trained, "restart": restart})
        assert told == f"training {words} of r on e"
    assert in_words("another_rule", {"sample": "a"}) == "another rule a"
    assert in_words("kondoflow_write_report", {}) == WORDS["write_report"]  # of a module


class Terminal(io.StringIO):
    """A stream that people look at."""

    def isatty(self) -> bool:
        return True


def handler_for(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, **given: Any) -> LogHandler:
    """A handler that writes to a stream, with some of Snakemake's settings."""
    monkeypatch.setattr("sys.stderr", stream)
    names = ("stdout", "dryrun", "verbose", "printshellcmds", "debug_dag", "show_failed_logs")
    settings = SimpleNamespace(**{**dict.fromkeys(names, False), "quiet": None, **given})
    handler = LogHandler(settings, None)  # type: ignore[arg-type]
    handler.setFormatter(DefaultFormatter(set()))
    return handler


def record(
    message: str | None, event: LogEvent | None = None, level: int = logging.INFO, **known: Any
) -> logging.LogRecord:
    """What Snakemake hands to a handler."""
    made = logging.LogRecord("snakemake", level, "", 0, message, None, None)
    made.__dict__.update(known)
    if event is not None:
        made.__dict__["event"] = event
    return made


def told(handler: LogHandler) -> None:
    """Hand over a job that runs and ends, a remark, two lines of every run and an error."""
    for each in (
        record("Using shell: /usr/bin/bash"),
        record("Assuming unrestricted shared filesystem usage."),
        record("stats", LogEvent.RUN_INFO, stats={"plot": 1, "total": 1}),
        record("", LogEvent.JOB_INFO, jobid=7, rule_name="plot", wildcards={}, log=[]),
        record("", LogEvent.SHELLCMD, cmd="python plot.py"),
        record("", LogEvent.JOB_FINISHED, job_id=7),
        record("a remark"),
        record("an error", level=logging.ERROR),
    ):
        if handler.filter(each):
            handler.emit(each)
    handler.close()


ALL_TOLD = ["1 job to do", "started: plot", "1 of 1 done: plot (0.0 s)", "a remark", "an error"]


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        ({}, ALL_TOLD),
        ({"quiet": {Quietness.RULES, Quietness.HOST}}, ALL_TOLD),
        ({"quiet": {Quietness.RULES, Quietness.PROGRESS}}, ["a remark", "an error"]),
        ({"quiet": {Quietness.ALL}}, ["an error"]),
        ({"printshellcmds": True}, [*ALL_TOLD[:2], "python plot.py", *ALL_TOLD[2:]]),
        (
            {"verbose": True},
            [
                "Using shell: /usr/bin/bash",
                "Assuming unrestricted shared filesystem usage.",
                *ALL_TOLD,
            ],
        ),
    ],
)
def test_a_run_says_as_much_as_was_asked_for(
    given: dict[str, Any], lines: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    stream = io.StringIO()
    told(handler_for(monkeypatch, stream, **given))
    assert stream.getvalue().splitlines() == lines


NOT_DONE = "what is done is kept, and the same command goes on from there"
ERROR = "results/a.nc: beta = 0 is not usable: must be above 0"


def fails(handler: LogHandler, *, again: bool = False, on_cluster: bool = False) -> list[str]:
    """Hand over two jobs of which one fails, and is repeated if asked for; returns what is told."""
    job = {"rule_name": "train_restart", "wildcards": {"ensemble": "e", "run": "r", "restart": "0"}}
    info = {"rule_name": "train_restart", "jobid": 1, "log": ["train.log"]}
    resources = {"nodes": 9} if on_cluster else {"cores": 2}
    command = "RuleException:\nCalledProcessError in file a.smk, line 3:\nCommand 'python t.py'"
    for each in (
        record("", LogEvent.RESOURCES_INFO, **resources),
        record("", LogEvent.RUN_INFO, stats={"plot": 1, "train_restart": 1, "total": 2}),
        record("", LogEvent.JOB_INFO, jobid=2, rule_name="plot", wildcards={}, log=[]),
        record("", LogEvent.JOB_FINISHED, job_id=2),
        record("", LogEvent.JOB_INFO, jobid=1, **job, log=["train.log"]),
        record(f"{command} returned non-zero exit status 1.", level=logging.ERROR),
        record(f"{command} died with <Signals.SIGKILL: 9>.", level=logging.ERROR),
        record("", LogEvent.JOB_ERROR, logging.ERROR, **info, rule_msg="status is OUT_OF_MEMORY"),
        record("Trying to restart job 1."),
    ):
        handler.emit(each)
    if again:
        handler.emit(record("", LogEvent.JOB_INFO, jobid=1, **job, log=["train.log"]))
        handler.emit(record("", LogEvent.JOB_FINISHED, job_id=1))
    missing = "WorkflowError:\nAt least one job did not complete successfully."
    handler.emit(record(missing, level=logging.ERROR))
    handler.close()
    return str(handler.stream.getvalue()).splitlines()


def test_a_job_that_fails_is_told_in_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the stage itself said of its error, or Python, stands above."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.log").write_text(f"12:00 ERROR {ERROR}\n")
    assert fails(handler_for(monkeypatch, io.StringIO(), show_failed_logs=True))[3:] == [
        "started: training network 0 of r on e",
        "a process was ended by SIGKILL",
        "failed: training network 0 of r on e after 0.0 s; log: train.log",
        "  status is OUT_OF_MEMORY",
        f"error: 1 job failed (training network 0 of r on e), 1 of 2 jobs are done; {NOT_DONE}",
    ]


def test_a_job_of_a_group_fails_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Snakemake tells of the group and then of each job in it, at each attempt."""
    monkeypatch.chdir(tmp_path)
    stream = io.StringIO()
    handler = handler_for(monkeypatch, stream)
    infos = [{"rule_name": "plot", "jobid": number, "log": []} for number in (1, 2)]
    for _ in range(2):
        for info in infos:
            handler.emit(record("", LogEvent.JOB_INFO, **info, wildcards={}))
        group = {"groupid": "g", "aux_logs": ["g.log"], "job_error_info": infos}
        handler.emit(record("", LogEvent.GROUP_ERROR, logging.ERROR, **group))
        for info in infos:
            handler.emit(record("", LogEvent.JOB_ERROR, logging.ERROR, **info))
    handler.close()
    told = ["started: plot"] * 2 + ["failed: plot after 0.0 s; log: g.log"] * 2
    assert stream.getvalue().splitlines() == told * 2


@pytest.mark.parametrize(
    ("log", "shown"),
    [
        (f"12:00 INFO a\n12:00 ERROR {ERROR}\n", [ERROR]),
        ("\n".join(map(str, range(50))), [str(number) for number in range(30, 50)]),
        (None, []),
    ],
)
def test_why_a_job_of_a_cluster_failed_is_shown(
    log: str | None, shown: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its standard error went to another machine."""
    monkeypatch.chdir(tmp_path)
    if log is not None:
        (tmp_path / "train.log").write_text(log)
    told = fails(handler_for(monkeypatch, io.StringIO(), show_failed_logs=True), on_cluster=True)
    assert [line.strip() for line in told[7:-1]] == shown


def test_a_job_that_another_attempt_ends_well_has_not_failed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    told = fails(handler_for(monkeypatch, io.StringIO()), again=True)
    assert told[-1] == f"error: the run was ended, 2 of 2 jobs are done; {NOT_DONE}"


def test_a_dry_run_says_nothing_of_the_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    stream = io.StringIO()
    handler = handler_for(monkeypatch, stream, dryrun=True, quiet={Quietness.ALL})
    handler.emit(record(None, LogEvent.WORKFLOW_STARTED, host="known"))
    handler.emit(record("rule plot: reason"))
    handler.emit(record("Using shell: /usr/bin/bash"))
    handler.close()
    assert stream.getvalue() == "rule plot: reason\n"


def test_a_terminal_whose_cursor_does_not_move_is_written_as_a_log(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERM", "dumb")
    stream = Terminal()
    told(handler_for(monkeypatch, stream))
    assert stream.getvalue().splitlines() == ALL_TOLD


def test_the_width_is_that_of_the_terminal_that_is_written_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The standard output may be a file, or a terminal of another width."""
    monkeypatch.chdir(tmp_path)
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (10, 44))
    with open(theirs, "w") as terminal, open(ours, "rb"):
        monkeypatch.setattr("sys.stderr", terminal)
        handler = handler_for(monkeypatch, terminal)  # type: ignore[arg-type]
        assert handler._size() == (44, 10)
        handler.close()
    stream = io.StringIO()
    monkeypatch.setenv("COLUMNS", "77")
    monkeypatch.setenv("LINES", "33")
    assert handler_for(monkeypatch, stream)._size() == (77, 33)


@pytest.mark.parametrize("terminal", [True, False])
def test_a_run_is_told_in_the_words_of_its_rules(
    terminal: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    stream = Terminal() if terminal else io.StringIO()
    monkeypatch.setenv("TERM", "xterm")
    handler = handler_for(monkeypatch, stream)

    def tell(message: str | None, event: LogEvent | None = None, **known: Any) -> None:
        handler.emit(record(message, event, **known))

    tell("stats", LogEvent.RUN_INFO, stats={"train_restart": 1, "plot": 1, "all": 1, "total": 3})
    tell("Execute 1 jobs...", LogEvent.JOB_STARTED, jobs=[7])
    wildcards = {"ensemble": "low", "run": "vae", "restart": "3"}
    job = {"jobid": 7, "rule_name": "train_restart", "wildcards": wildcards}
    tell("", LogEvent.JOB_INFO, **job, log=["train.log"])
    (tmp_path / "train.log").write_text(f"{MARK}epoch 120 of 300, loss 4.6, 40 s left\n")
    handler._show()
    tell("", LogEvent.JOB_FINISHED, job_id=7)
    tell("a remark")
    handler.close()
    text = stream.getvalue().replace("\033[A", "")
    lines = text.replace("\r\033[K", "\n").split("\n")
    assert lines[0] == "2 jobs to do"
    progress = "training network 3 of vae on low: epoch 120 of 300, loss 4.6, 40 s left"
    if terminal:
        assert lines[1:3] == [f"{'-' * 20} 0 of 2 jobs", f"  {progress}"]
        assert "\033[A" in stream.getvalue()  # both are taken away before a line is said
    else:
        running = [line for line in lines if "0 of 2 jobs" in line]
        assert running[0].startswith("[")
        assert running[0].endswith(progress)
    assert any(
        line.startswith("1 of 2 done: training network 3 of vae on low (0.") for line in lines
    )
    assert "a remark" in lines
    assert "Execute" not in stream.getvalue()


def test_a_configuration_file_is_read_before_snakemake_reads_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Snakemake ends in a traceback for most of these, and waits for the pipe for ever."""
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("{}")
    check_configuration(["--cores", "2", "--configfile", str(good), "-n", "--config", "ab={c: 1}"])
    check_configuration(["-n", "--configfiles", str(good), "--", str(bad)])
    os.mkfifo(tmp_path / "pipe.yaml")
    latin, endless = "a: \xe9".encode("latin-1"), b"a: " + b"[" * 3000
    for content in (None, b"", b"- a", b"a: [b", latin, endless):
        if content is not None:
            bad.write_bytes(content)
        for path in (bad, tmp_path, tmp_path / "pipe.yaml"):
            with pytest.raises(SystemExit):
                check_configuration(["--configfile", str(good), str(path), "--cores", "2"])
            said = capsys.readouterr().err
            assert said.startswith(f"error: {path}: ")
            assert said.count("\n") == 1


def test_a_target_among_configuration_files_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Snakemake takes all that follows --configfile for files."""
    (tmp_path / "a.yaml").write_text("{seed: 3}")
    with pytest.raises(SystemExit):
        check_configuration(["--configfile", str(tmp_path / "a.yaml"), "score_latents", "-n"])
    said = "error: command line: --configfile = 'score_latents' is not usable: must be a file that"
    assert capsys.readouterr().err.startswith(
        f"{said} is there; what is to be made stands after --"
    )


def test_a_folder_must_be_writable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Snakemake ends in a traceback, with -n too."""
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to("nowhere")
    check_configuration(["-n", "--directory", str(tmp_path / "new/folder")])
    bad = (tmp_path / "file/x", tmp_path / "link", tmp_path)
    for folder in bad:
        if folder == tmp_path:
            monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
        with pytest.raises(SystemExit):
            check_configuration(["--directory", str(folder), "-n"])
        assert capsys.readouterr().err.startswith("error: command line: --directory = '/")


def test_a_folder_below_one_that_may_not_be_searched_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Root may search any folder, so that the system is answered for."""
    closed = tmp_path / "closed"
    closed.mkdir()

    def refusing(ask: Callable[..., Any]) -> Callable[..., Any]:
        def answer(path: Any, *given: Any, **known: Any) -> Any:
            if not isinstance(path, int) and closed in Path(path).parents:
                raise PermissionError(errno.EACCES, "Permission denied", str(path))
            return ask(path, *given, **known)

        return answer

    monkeypatch.setattr(os, "stat", refusing(os.stat))
    monkeypatch.setattr(os, "lstat", refusing(os.lstat))
    monkeypatch.setattr(os, "access", lambda path, *_: Path(path) != closed)
    with pytest.raises(SystemExit):
        check_configuration(["--directory", str(closed / "a/b")])
    assert capsys.readouterr().err.startswith("error: command line: --directory = '/")


@pytest.mark.parametrize("entry", ["seed", "seed: 3", "ensembles.tiny.n_samples=5", "3=4", ""])
def test_an_entry_of_the_command_line_is_a_key_with_a_value(
    capsys: pytest.CaptureFixture[str], entry: str
) -> None:
    with pytest.raises(SystemExit):
        check_configuration(["--cores", "2", "--config", "seed=3", entry, "-n"])
    said = capsys.readouterr().err
    assert said.startswith(
        f"error: command line: --config = {entry!r} is not usable: must be KEY=VALUE"
    )
    assert said.count("\n") == 1


def test_a_refused_configuration_is_told_without_lines_of_code() -> None:
    line = "config: seed = -1 is not usable: must be at least 0"
    said = (
        f'WorkflowError in file "/a.smk", line 53:\n{line}\n  File "/a.smk", line 53, in <module>'
    )
    assert refusal(said) == f"error: {line}"
    assert refusal("WorkflowError in file a:\nother") == "WorkflowError in file a:\nother"
