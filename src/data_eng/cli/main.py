"""The subcommands of ``data-eng``; without one it builds partitions, as ``run``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Final

from ..errors import ReaderGoneError, UsageError
from ..program import program
from ..suggestion import did_you_mean
from ..version import __version__


@dataclass(frozen=True)
class Command:
    """A subcommand: the module whose ``main`` it is, and what it does."""

    module: str
    summary: str


RUN: Final = "run"
COMMANDS: Final = {
    RUN: Command(".run", "build the lake's partitions (the default)"),
    "status": Command(".status", "what a lake holds, how it stands, what its raw data cover"),
    "verify": Command(".verify", "hash a lake and name whatever is wrong in it"),
    "fetch": Command(".fetch", "order raw files that a lake lacks, and download them"),
    "gaps": Command(".gaps", "trading days without raw data, and holes in tables"),
    "lineage": Command(".lineage", "what a partition was made from, up to the raw files, and down"),
    "clean": Command(".clean", "remove what killed runs left, and old partitions"),
    "report": Command("..research.report.__main__", "one page of a day, or of each of several"),
    "evaluate": Command("..research.evaluation.__main__", "levels beside placebo levels"),
    "check": Command("..research.check_features", "features that stand twice or mix families"),
    "features": Command(".features", "find a feature, and what it is, by words"),
    "contracts": Command("..catalogue.command", "write what is derived from the declarations"),
    "demo": Command(".demo", "a sample day through all layers"),
    "sample": Command(".sample", "write a sample day of raw data"),
    "completion": Command(".completion", "complete commands and flags in bash or zsh"),
}
EXAMPLES: Final = (
    ("demo", ""),
    (RUN, "--product-type future --layer all --symbol ES --dt 2025-05-06"),
    (RUN, "--product-type all --layer all --symbol ES --dates 2025-05-05:2025-05-09 --workers 2"),
    ("status", "--symbol ES"),
    ("report", "--symbol ES --dt 2025-05-06"),
    ("features", "displayed size --level pm_high"),
)
_AT_WORK: Final = frozenset((RUN, "fetch", "clean", "demo", "sample"))
"""Commands that end in the midst of their work where their output is cut off, which is told."""

_READER_GONE: Final = 141
"""Exit code of the others then: 128 and the number of SIGPIPE, as shells tell it."""

_EXTRAS: Final = {
    **dict.fromkeys(("duckdb", "polars", "pytz", "sklearn"), "research"),
    "distributed": "dask",
    **dict.fromkeys(("databento", "requests"), "fetch"),
    "obstore": "s3",
}


def command(argv: Sequence[str]) -> Callable[[], int]:
    """Return what arguments ask for, ready to be called; it returns the exit code.

    Only the command that is asked for is imported.

    Raises
    ------
    UsageError
        There is no such command, or the package is installed without the extra that it needs.
    """
    given = list(argv)
    if given in ([], ["--help"], ["-h"], ["help"]):
        return partial(_tell, _help)
    if given == ["--version"]:
        return partial(_tell, _version)
    if given[0] == "help":
        given = [given[1], "--help"]
    name, rest = (RUN, given) if given[0].startswith("-") else (given[0], given[1:])
    if name not in COMMANDS:
        hint = did_you_mean(name, COMMANDS) or f"use one of {', '.join(COMMANDS)}"
        raise UsageError(f"no command {name}; {hint}")
    with _extra_named(name):
        module = import_module(COMMANDS[name].module, __package__)
    main = partial(_run, name, module.main, rest)
    return main if name in _AT_WORK else partial(_tell, main)


def _tell(main: Callable[[], int]) -> int:
    # Who reads what is told, `head` for one, may have had enough.
    try:
        code = main()
        sys.stdout.flush()
    except ReaderGoneError:
        return _READER_GONE
    return code


def _run(name: str, main: Callable[[Sequence[str]], int], argv: Sequence[str]) -> int:
    with _extra_named(name):  # some modules are imported when they are needed
        return main(argv)


@contextmanager
def _extra_named(name: str) -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get((error.name or "").partition(".")[0])
        if extra is None:
            raise
        raise UsageError(
            f"{program(name)} needs {error.name}: pip install 'data-eng[{extra}]'"
        ) from error


def _version() -> int:
    sys.stdout.write(f"data-eng {__version__}\n")
    return 0


def _help() -> int:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {one.summary}" for name, one in COMMANDS.items()]
    usage = program("COMMAND")
    text = [f"usage: {usage} [flags]", "", "DBN files of CME futures and options to a lake.", ""]
    text += ["commands:", *lines, "", "examples:"]
    text += [f"  {program(name)} {flags}".rstrip() for name, flags in EXAMPLES]
    text += ["", f"{usage} --help tells the flags of each, --version the version."]
    sys.stdout.write("\n".join(text) + "\n")
    return 0
