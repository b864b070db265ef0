"""Hostile inputs by the thousand: each is used rightly or refused in one line.

    python -m studies.hostile --folder /tmp/hostile > studies/hostile.md

draws inputs of many kinds from seeds (`kinds.KINDS`). An input is refused if an `InputError` or the
last line of a process names what is wrong, in one line. A fault is everything else that is not the
right result: a traceback, a message of several lines, a process that goes on for ever or outlives
another, an edit that goes unseen. The folder keeps a small finished run and the outcome of all
kinds so far. Killed stages are tried by `studies.kills`.
"""
