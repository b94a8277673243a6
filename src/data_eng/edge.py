"""The edge of a command: what it does with signals, full disks and errors that nothing expected.

The modules that users start (`runner`, `report` and so on) run their command by `run_command`, so
that all of them end in the same way: one line on stderr, an exit code, no traceback.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NoReturn, TextIO, cast

from .errors import DataEngError, OutputError, ReaderGoneError
from .watcher import limit_bytes, watched

log = logging.getLogger(__name__)

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C: 128 and the number of the signal, as shells tell it."""

_SAME_SIGNAL_S: Final = 1.0
"""What sends a signal to a process often sends it to its group too: it comes twice."""

_NO_MEMORY: Final = (
    b"error: not enough memory; give the process more, or run with fewer --workers; what was "
    b"published stays\n"
)

_AT_ONCE: Final = b"ended at once; the next run clears away what was under way\n"


def run_command(load: Callable[[], Callable[[], int]]) -> int:
    """Load a command and run it; return its exit code.

    - While modules load, Ctrl-C ends the process without a word: nothing is under way.
    - Later SIGINT, SIGTERM and SIGHUP unwind what is under way, and the exit code is 128 and their
      number. One that comes more than a second later ends the process at once. A signal that is
      ignored stays ignored.
    - An output that cannot be written, a call that the system refuses, and too little memory, are
      one line on stderr and exit code 1. Where memory is limited, the command runs in a child:
      `watcher` says why.

    Parameters
    ----------
    load : callable
        Imports the command and returns its ``main``.
    """
    limit = limit_bytes()
    code = None if limit is None else watched(limit)
    if code is not None:
        return code
    sys.stdout, sys.stderr = _told(sys.stdout, "output"), _told(sys.stderr, "error")
    try:
        with _ending_at_once():
            main = load()
        _unwind_on_signals()
        try:
            return main()
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        return _end(INTERRUPTED, "interrupted; what was published stays, run again to go on")
    except DataEngError as error:
        return _end(error.exit_code, error_line(error))
    except Exception as error:
        if not is_out_of_memory(error):
            if isinstance(error, OSError) and error.errno is not None:
                # No defect: a disk or a share may fail at any call.
                log.debug("%s", error, exc_info=True)
                return _end(1, error_line(error))
            raise
        # Without a buffer of Python's, and without its clearing away: both want memory.
        with contextlib.suppress(OSError):
            os.write(2, _NO_MEMORY)
        os._exit(1)


def one_line(text: str) -> str:
    r"""Return a text with escapes in place of what would break a line or act on a terminal.

    >>> one_line("a" + chr(10) + "b" + chr(27) + "[2J" + chr(0xD800))
    'a\\nb\\x1b[2J\\ud800'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def error_line(error: DataEngError | OSError) -> str:
    """Return the one line that tells an error that ends a command, without a line feed."""
    text = str(error) if isinstance(error, DataEngError) else unexpected(error)
    return f"error: {one_line(text)}"


def unexpected(error: Exception) -> str:
    """Return the reason of a failure by an error that is none of ours: what, and what to do."""
    if is_out_of_memory(error):
        return (
            f"not enough memory ({_name(error)}); give the process more, or run with fewer "
            "--workers: a stage takes up to 1 GiB"
        )
    if isinstance(error, OSError) and error.errno is not None:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror}; mend that and run again"
    return f"{_name(error)}; a defect of data_eng: --debug shows where"


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error, or what it came of, is that there is no memory."""
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        if isinstance(one, MemoryError) or getattr(one, "errno", None) == errno.ENOMEM:
            return True
        # A thread without room for its stack, a library that cannot be mapped. What PyArrow knows
        # no better name for is an `ArrowException`.
        is_vague = isinstance(one, RuntimeError | ImportError | OSError)
        is_vague = is_vague or type(one).__module__.startswith("pyarrow")
        if is_vague and any(sign in str(one) for sign in _SIGNS):
            return True
        one = one.__cause__ or one.__context__
    return False


_SIGNS: Final = (
    "can't start new thread",
    "Failed to launch worker thread",
    "bad_alloc",
    "failed to map segment",
    os.strerror(errno.ENOMEM),
)


def _name(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0].removesuffix(": ")


class _Told:
    """A text stream whose failure is one error of ours; all else is the stream's own."""

    def __init__(self, stream: TextIO, name: str) -> None:
        self._stream = stream
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write a text."""
        with self._explained():
            return self._stream.write(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write texts."""
        with self._explained():
            self._stream.writelines(lines)

    def flush(self) -> None:
        """Write what is buffered."""
        with self._explained():
            self._stream.flush()

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            # What is still buffered would fail again when the process ends.
            with contextlib.suppress(OSError):
                _lead_nowhere(self._stream.fileno())
            kind = ReaderGoneError if isinstance(error, BrokenPipeError) else OutputError
            raise kind(
                f"standard {self._name}: cannot be written ({error.strerror}); what was published "
                "stays: make room or lead it elsewhere, and run again"
            ) from error


def _told(stream: TextIO | None, name: str) -> TextIO:
    if stream is None:  # closed by whoever started the process: what is written goes nowhere
        return open(os.devnull, "w", encoding="utf-8")
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        # What the encoding of a terminal cannot say is told by escapes.
        reconfigure(errors="backslashreplace")
    return cast(TextIO, _Told(stream, name))


def _lead_nowhere(fd: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    os.dup2(nowhere, fd)
    os.close(nowhere)


def _end(code: int, line: str) -> int:
    with contextlib.suppress(OutputError):  # the exit code says it too
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
    return code


@contextlib.contextmanager
def _ending_at_once() -> Iterator[None]:
    # An interrupt in the middle of an import is a traceback, or an import that failed.
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _unwind_on_signals() -> None:
    # Signals as exceptions, so that builds under way remove their temporary folders. The handlers
    # stay until the process has ended: it may have threads to wait for.
    came_s: list[float] = []

    def unwind(signum: int, _frame: object) -> None:
        came_s.append(time.monotonic())
        if len(came_s) == 1:
            _raise(signum)
        if came_s[-1] - came_s[0] > _SAME_SIGNAL_S:
            with contextlib.suppress(OSError):
                os.write(2, _AT_ONCE)
            signal.signal(signum, signal.SIG_DFL)
            os.kill(os.getpid(), signum)

    ours = (signal.SIG_DFL, signal.default_int_handler)
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(signum) in ours:
            signal.signal(signum, unwind)


def _raise(signum: int) -> NoReturn:
    if signum == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(128 + signum)
