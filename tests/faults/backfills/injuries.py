"""What is done to a run: each function hurts something of it, and returns what in words."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable
from random import Random

import psutil

from .attempt import Attempt
from .crew import Crew
from .places import BucketPlace, Place

Injury = Callable[[Attempt, Crew, Place, Random], str]

NOTHING = "nothing was there to hurt"


def end_runner(attempt: Attempt, _crew: Crew, _place: Place, rng: Random) -> str:
    """End the run in one of the ways in which runs are ended."""
    signum = rng.choice([signal.SIGKILL] * 3 + [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
    # A terminal sends both to all of the group.
    to_group = signum in (signal.SIGINT, signal.SIGHUP) and rng.random() < 0.8
    attempt.send(signum, to_group=to_group)
    return f"{signum.name} to the run{' and its group' if to_group else ''}"


def signal_twice(attempt: Attempt, _crew: Crew, _place: Place, rng: Random) -> str:
    """Send two signals, the second at once or later than what takes them for one."""
    first, second = (rng.choice([signal.SIGINT, signal.SIGTERM]) for _ in "ab")
    attempt.send(first, to_group=True)
    time.sleep(rng.choice([0.0, 0.01, 0.3, 1.5]))
    attempt.send(second, to_group=True)
    return "two signals to the run and its group"


def kill_worker(attempt: Attempt, crew: Crew, _place: Place, rng: Random) -> str:
    """Kill or end one worker; another one comes later where the cluster is not the run's."""
    found = crew.workers(attempt)
    if not found:
        return NOTHING
    signum = rng.choice([signal.SIGKILL] * 3 + [signal.SIGTERM])
    with contextlib.suppress(psutil.Error):
        rng.choice(found).send_signal(signum)
    time.sleep(rng.random() * 2)
    crew.refill()
    return f"{signum.name} to a worker"


def stop_worker(attempt: Attempt, crew: Crew, _place: Place, rng: Random) -> str:
    """Let a worker stand still, as on a machine that swaps."""
    found = crew.workers(attempt)
    return _stop(rng.choice(found), rng.random() * 5, "a worker") if found else NOTHING


def kill_scheduler(_attempt: Attempt, crew: Crew, _place: Place, _rng: Random) -> str:
    """Kill the scheduler of a cluster that is not the run's."""
    one = crew.scheduler()
    if one is None:
        return NOTHING
    one.kill()
    return "SIGKILL to the scheduler"


def stop_scheduler(_attempt: Attempt, crew: Crew, _place: Place, rng: Random) -> str:
    """Let it stand still, for less than what takes it for gone."""
    one = crew.scheduler()
    return NOTHING if one is None else _stop(one, rng.random() * 6, "the scheduler")


def kill_server(_attempt: Attempt, _crew: Crew, place: Place, rng: Random) -> str:
    """Kill the S3 server, and start it again at once, in seconds, or after clients gave up."""
    if not isinstance(place, BucketPlace):
        return NOTHING
    place.kill()
    time.sleep(rng.choice([0.0, 0.1, 1.0, 4.0, 20.0]))
    place.revive()
    return "SIGKILL to the server"


def injuries(crew: Crew, place: Place) -> list[Injury]:
    """Return what can be done to a run, the more likely more than once."""
    ways: list[Injury] = [signal_twice, stop_worker]
    for _ in range(3):
        ways += [end_runner, kill_worker]
    if crew.kind == "cluster":
        ways += [kill_scheduler, stop_scheduler]
    if isinstance(place, BucketPlace):
        ways += [kill_server] * 3
    return ways


ENDING = (end_runner, signal_twice)
"""After which a run must end."""


def _stop(one: psutil.Process, seconds: float, name: str) -> str:
    with contextlib.suppress(psutil.Error):
        one.suspend()
        time.sleep(seconds)
        one.resume()
    return f"{name} stands still"
