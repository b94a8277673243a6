"""What a stage comes to by what became of its inputs: blocked, skipped, of two contracts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from ..exchange.symbols import is_root
from ..stages.outcome import Outcome, Status
from ..stages.reads import Follow, Read
from ..stages.stage import Stage

Done = Mapping[tuple[str, dt.date], Outcome]
"""What the run has settled, by dataset and date."""


def inputs_of(stage: Stage, date: dt.date, done: Done) -> list[Outcome]:
    """Return what became of a stage's tables of the date that this run has settled."""
    read = [one.key for one in stage.reads if isinstance(one, Read)]
    return [done[(key, date)] for key in read if (key, date) in done]


def why_blocked(stage: Stage, date: dt.date, done: Done) -> tuple[Status, str, str] | None:
    """Return what a stage comes to without being run: status, reason, and what is to be mended.

    None where it is to be run.
    """
    if stage.closure(date) is not None:
        return None  # it is skipped with that reason
    followed = [one.key for one in stage.reads if isinstance(one, Read | Follow)]
    for key in followed:
        outcome = done.get((key, date))
        if outcome is not None and outcome.status in (Status.FAILED, Status.BLOCKED):
            return Status.BLOCKED, f"upstream {key} {_state(outcome)}", cause_of(outcome)
    inputs = inputs_of(stage, date, done)
    contracts = {one.symbol for one in inputs if not is_root(one.symbol)}
    if len(contracts) > 1:
        which = " and ".join(sorted(contracts))
        return (
            Status.FAILED,
            f"its inputs are of {which}; rebuild the date with --refresh-stale",
            "",
        )
    needed = {one.key for one in stage.reads if isinstance(one, Read) and not one.may_be_left_out}
    for outcome in inputs:
        if outcome.status is Status.SKIPPED and outcome.dataset in needed:
            return Status.SKIPPED, outcome.reason, ""
    for outcome in inputs:
        if outcome.status is Status.PLANNED and is_root(outcome.symbol):
            return Status.PLANNED, f"missing, would follow {outcome.dataset}", ""
    return None


def cause_of(outcome: Outcome) -> str:
    """Return what is to be mended where a partition failed or is blocked."""
    if outcome.status is Status.FAILED:
        return f"{outcome.dataset} failed"
    return outcome.cause or outcome.reason


def _state(outcome: Outcome) -> str:
    return "failed" if outcome.status is Status.FAILED else "is blocked"
