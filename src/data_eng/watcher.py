"""A command whose memory is limited runs in a child: libraries abort where they get no memory.

Python raises `MemoryError`. C++ libraries throw ``std::bad_alloc`` also where nothing catches it (a
build of options was seen to end so, with PyArrow loaded), and the loader gives up with exit code
127: the process is gone without a word of what to do. So the process that the user started watches,
and says it.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
from types import FrameType
from typing import Final

_KILLED_WITH_PARENT: Final = 1
"""PR_SET_PDEATHSIG."""
_LOADER: Final = 127
"""How the dynamic loader ends a process in which a thread's data find no room."""
_CRASHES: Final = (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS)
_FORWARDED: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def limit_bytes() -> int | None:
    """Return how many addresses this process may have (``ulimit -v``); None without a limit."""
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if soft == resource.RLIM_INFINITY else soft


def watched(limit: int) -> int | None:
    """Go on in a child; return None there, and its exit code in the process that watches.

    Signals are handed on. A child that was killed by one kills this process in the same way; one
    that crashed is told in one line on stderr. The child ends with this process.

    Parameters
    ----------
    limit : int
        Addresses of a process, bytes.
    """
    parent = os.getpid()
    # None may come between the fork and the handlers.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _FORWARDED)
    pid = os.fork()
    if not pid:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        _end_with(parent)
        return None

    def hand_on(signum: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):  # it has just ended
            os.kill(pid, signum)

    for signum in _FORWARDED:
        if signal.getsignal(signum) is not signal.SIG_IGN:
            signal.signal(signum, hand_on)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if -code in _CRASHES or code == _LOADER:
        how = f"by {signal.Signals(-code).name}" if code < 0 else "by the loader"
        line = (
            f"error: ended {how}: most likely not enough memory for a library; addresses are "
            f"limited to {limit >> 20:,} MiB (ulimit -v): raise that, or run with fewer --workers; "
            "what was published stays\n"
        )
        os.write(2, line.encode())
        return 1
    if code < 0:
        if -code != signal.SIGKILL:  # which has no handler
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    return code


def _end_with(parent: int) -> None:
    import ctypes  # noqa: PLC0415 - slow to load, while Ctrl-C is a traceback yet

    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_KILLED_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before
        os._exit(1)
