"""A command under a limit of addresses: it ends as it would, or in a line that says why."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.faults

ROOT = Path(__file__).parents[1]
MEBIBYTES = 700
COMMAND = """
import os, signal, sys, time
from src.data_eng.edge import run_command

def main():
    print("begun", os.getpid(), flush=True)
    {}
    return 0

sys.exit(run_command(lambda: main))
"""


def started(
    body: str, mebibytes: int | None = MEBIBYTES, before: str = ""
) -> subprocess.Popen[str]:
    def limit() -> None:
        if mebibytes is not None:
            resource.setrlimit(resource.RLIMIT_AS, (mebibytes << 20, mebibytes << 20))

    return subprocess.Popen(
        [sys.executable, "-c", before + COMMAND.format(body)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limit,  # noqa: PLW1509 - the tests have no threads at work here
    )


def ended(body: str, mebibytes: int | None = MEBIBYTES, before: str = "") -> tuple[int, str]:
    with started(body, mebibytes, before) as process:
        _, errors = process.communicate(timeout=60)
    return process.returncode, errors


@pytest.mark.parametrize(
    ("body", "how"),
    [
        ("os.abort()", "by SIGABRT"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "by SIGSEGV"),
        ("os._exit(127)", "by the loader"),
    ],
)
def test_a_library_that_ends_the_process_is_told_in_one_line(body: str, how: str) -> None:
    code, errors = ended(body)
    assert code == 1
    (line,) = errors.splitlines()
    assert line.startswith(f"error: ended {how}: most likely not enough memory")
    assert "700 MiB" in line
    assert "--workers" in line


@pytest.mark.parametrize("body", ["return 2", "sys.exit(2)"])
def test_the_exit_code_is_the_command_s(body: str) -> None:
    assert ended(body) == (2, "")


def test_want_of_memory_in_python_is_told_as_ever() -> None:
    code, errors = ended("bytearray(1 << 30)")
    assert code == 1
    assert errors.startswith("error: not enough memory")


def test_nothing_watches_without_a_limit() -> None:
    assert ended("os.abort()", None) == (-signal.SIGABRT, "")


@pytest.mark.parametrize(
    ("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_signals_are_handed_on(signum: signal.Signals, code: int) -> None:
    with started("time.sleep(60)") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signum)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == code
    assert "Traceback" not in errors


def test_a_signal_that_comes_as_the_command_has_ended_changes_nothing() -> None:
    late = (
        "import os, signal\n"
        "waitpid = os.waitpid\n"
        "def ended(*args):\n"
        "    found = waitpid(*args)\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    return found\n"
        "os.waitpid = ended\n"
    )
    assert ended("return 2", before=late) == (2, "")


def test_a_command_that_was_killed_is_killed() -> None:
    code, errors = ended("os.kill(os.getpid(), signal.SIGKILL)")
    assert (code, errors) == (-signal.SIGKILL, "")


@pytest.mark.skipif(sys.platform != "linux", reason="by Linux's prctl")
def test_the_command_ends_with_the_process_that_watches() -> None:
    with started("time.sleep(60)") as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline().split()[1])
        assert pid != process.pid
        inner = psutil.Process(pid)
        process.kill()
        _, alive = psutil.wait_procs([inner], timeout=10)
        assert not alive
