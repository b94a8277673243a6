"""The edge of a command: interrupts, outputs that fail, and memory."""

from __future__ import annotations

import errno
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from src.data_eng import edge
from src.data_eng.edge import is_out_of_memory, one_line, unexpected
from src.data_eng.research.check_features import main as check_main
from src.data_eng.research.evaluation.__main__ import main as evaluation_main
from src.data_eng.research.report.__main__ import main as report_main
from tests.cli_runs import RAW
from tests.dbn_files import DATE, mbp10_records, write_mbp10

pytestmark = pytest.mark.faults

ROOT = Path(__file__).parents[1]
RUN = ["--product-type", "future", "--layer", "bronze", "--symbol", "ES", "--dt", str(DATE)]
DOORS = ("runner", "report", "evaluation", "check_features", "demo")


def command(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", f"src.data_eng.{module}", *arguments]


def run(module: str, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.run(
        command(module, *arguments), cwd=ROOT, text=True, check=False, timeout=200, **streams
    )


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    write_mbp10(tmp_path / RAW / "f.dbn.zst", mbp10_records(300))
    return tmp_path


@pytest.mark.parametrize("module", DOORS)
@pytest.mark.parametrize("imported", ["argparse", "numpy.linalg"])
def test_an_interrupt_while_modules_load_is_no_traceback(module: str, imported: str) -> None:
    with subprocess.Popen(
        command(module, "--help"),
        cwd=ROOT,
        env={**os.environ, "PYTHONPROFILEIMPORTTIME": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.rpartition("|")[2].strip() == imported:
                process.send_signal(signal.SIGINT)
                break
        else:
            pytest.skip(f"--help of {module} does not import {imported}")
        rest = process.stderr.read()
    assert process.wait(timeout=30) == -signal.SIGINT
    assert "Traceback" not in rest
    assert "KeyboardInterrupt" not in rest


STUBBORN = """
import sys, time
from src.data_eng.edge import run_command

def main():
    try:
        print("at work", flush=True)
        time.sleep(60)
    finally:
        time.sleep(60 if sys.argv[1] == "slow" else 0.5)
    return 0

sys.exit(run_command(lambda: main))
"""


@pytest.mark.parametrize(
    ("clean_up", "after_s", "code", "says"),
    [
        ("quick", 0.2, 130, "interrupted; what was published stays, run again to go on"),
        ("slow", 1.3, -signal.SIGINT, "ended at once; the next run clears away"),
    ],
    ids=["the same one, sent twice", "another one"],
)
def test_two_interrupts(clean_up: str, after_s: float, code: int, says: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STUBBORN, clean_up],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "at work\n"
        process.send_signal(signal.SIGINT)
        time.sleep(after_s)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == code
    assert says in errors
    assert len(errors.splitlines()) == 1


def test_an_ignored_interrupt_stays_ignored(lake: Path) -> None:
    """A shell starts what runs in the background so."""
    with subprocess.Popen(
        command("runner", *RUN, "--lake-root", str(lake)),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),  # noqa: PLW1509
    ) as process:
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=0.2)
            except subprocess.TimeoutExpired:
                continue
        out, _ = process.communicate()
    assert process.returncode == 0
    assert "written" in out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("extra", [[], ["--log-format", "json"], ["--workers", "2"]], ids=str)
def test_a_full_output_is_one_error(lake: Path, extra: list[str]) -> None:
    with open("/dev/full", "w") as full:
        done = run("runner", *RUN, "--lake-root", str(lake), *extra, stdout=full)
        assert done.returncode == 1
        errors = [line for line in done.stderr.splitlines() if "does not cover" not in line]
        assert len(errors) == 1
        said = json.loads(errors[0])["message"] if "json" in extra else errors[0]
        assert said.removeprefix("error: ").startswith(
            "standard output: cannot be written (No space left"
        )
        assert not list(lake.rglob(".tmp-*"))
        done = run("runner", *RUN, "--lake-root", str(lake), stderr=full, stdout=full)
        assert done.returncode == 1
    done = run("runner", *RUN, "--lake-root", str(lake))
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("module", [*DOORS, "catalogue", "sample"])
def test_every_command_tells_a_full_output(module: str) -> None:
    with open("/dev/full", "w") as full:
        done = run(module, "--help", stdout=full)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: standard output: cannot be written (No space left")


def test_a_call_that_the_system_refuses_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO), "/lake/one")

    for name in ("stdout", "stderr"):  # which the edge replaces
        monkeypatch.setattr(sys, name, getattr(sys, name))
    monkeypatch.setattr(edge, "_unwind_on_signals", lambda: None)
    assert edge.run_command(lambda: fail) == 1
    says = "mend that and run again"
    assert capsys.readouterr().err == f"error: /lake/one: Input/output error; {says}\n"


@pytest.mark.parametrize("main", [check_main, evaluation_main, report_main])
def test_a_name_that_acts_on_a_terminal_is_told_in_one_line(
    main: Callable[[Sequence[str]], int], capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--symbol", "ES", "--lake-root", "/no\n\x1b[2J"]
    assert main([*given, *(["--dt", str(DATE)] * (main is report_main))]) == 2
    told = capsys.readouterr().err
    assert told.startswith("error: --lake-root /no\\n\\x1b[2J: no such folder")
    assert told.count("\n") == 1


def test_a_reader_of_the_output_that_is_gone_is_told(lake: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = run("runner", *RUN, "--lake-root", str(lake), stdout=writing)
    finally:
        os.close(writing)
    assert done.returncode == 1
    assert "error: standard output: cannot be written (Broken pipe)" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [["features", "price"], ["--help"]])
def test_who_has_read_enough_of_what_is_told_hears_no_error(words: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = run("__main__", *words, stdout=writing)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&- <&-"])
def test_closed_streams_are_no_fault(lake: Path, closed: str) -> None:
    line = f'exec "$@" {closed}'
    words = command("runner", *RUN, "--lake-root", str(lake))
    done = subprocess.run(
        ["sh", "-c", line, "sh", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    assert list(lake.rglob("dt=*/_SUCCESS"))


def test_a_closed_stdout_takes_what_a_command_prints() -> None:
    words = ["sh", "-c", 'exec "$@" >&-', "sh", sys.executable, "-m", "src.data_eng", "--version"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("megabytes", [150, 800])
def test_too_little_memory_is_told_in_one_line(lake: Path, megabytes: int) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))

    done = run(
        "runner",
        *RUN,
        *("--lake-root", str(lake)),
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        preexec_fn=limit,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert "not enough memory" in line
    assert "--workers" in line
    assert not list(lake.rglob("dt=*"))


def caused_by(cause: Exception) -> Exception:
    try:
        raise ValueError("what it led to") from cause
    except ValueError as error:
        return error


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        RuntimeError("can't start new thread"),
        ImportError("x.so: failed to map segment from shared object"),
        pa.ArrowException("Unknown error: Failed to launch worker thread: Resource unavailable"),
        pa.ArrowException("Unknown error: std::bad_alloc"),
        caused_by(MemoryError("deep down")),
    ],
    ids=repr,
)
def test_want_of_memory_is_told_by_its_many_names(error: Exception) -> None:
    assert is_out_of_memory(error)
    assert unexpected(error).startswith("not enough memory (")
    assert "defect" not in unexpected(error)


def test_what_is_something_else() -> None:
    error = OSError(errno.EIO, "Input/output error", "/lake/x")
    assert unexpected(error).startswith("/lake/x: Input/output error; ")
    assert unexpected(KeyError("a")) == "KeyError: 'a'; a defect of data_eng: --debug shows where"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("plain, \u00e9 and \u2500 too", "plain, \u00e9 and \u2500 too"),
        ("a\nb\tc\r", r"a\nb\tc\r"),
        ("\x1b[2J\x00\x7f", r"\x1b[2J\x00\x7f"),
        ("\ud800", r"\ud800"),
        ("\u2028\u202e", r"\u2028\u202e"),
    ],
)
def test_a_line_is_one_line(text: str, line: str) -> None:
    assert one_line(text) == line
    assert one_line(text).encode()
