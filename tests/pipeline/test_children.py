"""What processes that a command starts do with the signals of a terminal."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from src.data_eng.pipeline.children import OF_TERMINAL, spared

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at Linux's /proc")


def masks(pid: int) -> dict[str, set[signal.Signals]]:
    """Return the signals that a process blocks and ignores."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    found = dict(line.split(":\t") for line in lines if line.startswith("Sig"))
    return {
        name: {one for one in signal.Signals if int(found[name], 16) & 1 << one - 1}
        for name in ("SigBlk", "SigIgn")
    }


def test_a_child_never_gets_them() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    with spared(), subprocess.Popen(["/bin/sleep", "60"]) as child:
        found = masks(child.pid)
        child.kill()
    assert found["SigBlk"] >= {*OF_TERMINAL}
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


def test_one_that_came_meanwhile_is_handled_afterwards() -> None:
    came = []
    before = signal.signal(signal.SIGINT, lambda *_: came.append("then"))
    try:
        with spared():
            signal.raise_signal(signal.SIGINT)
            came.append("first")
    finally:
        signal.signal(signal.SIGINT, before)
    assert came == ["first", "then"]


def test_the_tracker_of_semaphores_lives_on_where_the_terminal_closes() -> None:
    code = (
        "import time; from multiprocessing import resource_tracker;"
        "from src.data_eng.pipeline.children import spared\n"
        "with spared(): print(resource_tracker._resource_tracker._pid, flush=True)\n"
        "time.sleep(60)"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pid, deadline = int(process.stdout.readline()), time.monotonic() + 20
        while not masks(pid)["SigIgn"] >= {signal.SIGINT} and time.monotonic() < deadline:
            time.sleep(0.01)
        found = masks(pid)
        process.kill()
    assert signal.SIGHUP in found["SigBlk"]
    assert signal.SIGINT in found["SigIgn"]
