"""``data-eng completion``: what a shell needs to complete commands, flags and their choices.

The script is made from the parsers of the commands by shtab, for the console script ``data-eng``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Final

from ..arguments import Parser
from ..catalogue.datasets import registry
from ..exchange.products import PRODUCTS
from ..program import SCRIPT, program

SHELLS: Final = ("bash", "zsh")


def build_parser() -> Parser:
    """Return the parser of the command line."""
    parser = Parser(
        prog=program("completion"),
        description=f"Print what completes {SCRIPT}, its flags and their choices in a shell: in "
        f'bash by eval "$({SCRIPT} completion bash)", of ~/.bashrc too.',
        example="bash",
    )
    parser.add_argument("shell", choices=SHELLS, help="the shell that it is for")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Print the script; return the exit code."""
    args = build_parser().parse_args(argv)
    import shtab  # noqa: PLC0415 - for this command alone

    sys.stdout.write(shtab.complete(_whole_parser(), args.shell) + "\n")
    return 0


def _whole_parser() -> argparse.ArgumentParser:
    from .main import COMMANDS  # noqa: PLC0415 - it names this module

    whole = argparse.ArgumentParser(prog=SCRIPT)
    whole.add_argument("--version", action="store_true", help="print the version and end")
    commands = whole.add_subparsers()
    for name, command in COMMANDS.items():
        module = import_module(command.module, __package__)
        parser: Parser = module.build_parser()
        _complete(parser)
        commands.add_parser(name, parents=[parser], add_help=False, help=command.summary)
    return whole


def _complete(parser: Parser) -> None:
    # What a value may be where the parser takes others too: roots, tables, files.
    import shtab  # noqa: PLC0415 - for this command alone

    known: Mapping[str, Sequence[str]] = {
        "symbol": tuple(PRODUCTS),
        "table": sorted({one.table for one in registry().values() if one.layer != "raw"}),
        "partition": sorted(key for key, one in registry().items() if one.layer != "raw"),
    }
    files: Mapping[str, Any] = {
        "lake_root": shtab.DIRECTORY,
        "config": shtab.FILE,
        "page": shtab.FILE,
        "json": shtab.FILE,
        "output": shtab.FILE,
    }
    for action in parser.actions():
        if action.choices is not None:
            continue
        if action.dest in known:
            action.choices = known[action.dest]
        elif action.dest in files:
            setattr(action, "complete", files[action.dest])  # noqa: B010 - where shtab looks
