"""The parser of every command: its errors are one line that names the remedy."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

from .errors import UsageError
from .suggestion import did_you_mean
from .version import __version__

_REQUIRED: Final = "the following arguments are required: "
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_SYMBOL: Final = re.compile(r"[A-Z][A-Z0-9]{1,6}")
_NO_NUMBER: Final = "invalid int value: "
_ENDS: Final = frozenset(("-h", "--help", "--version"))


def lake_folder(text: str) -> Path:
    """Return the place of a lake, ``~`` for the home; refuses an empty text, as of an unset name.

    >>> lake_folder("s3://bucket/prefix"), lake_folder("lake/")
    (PosixPath('s3:/bucket/prefix'), PosixPath('lake'))
    """
    if not text.strip():
        raise argparse.ArgumentTypeError("empty; name the folder of a lake")
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise argparse.ArgumentTypeError(f"{text}: there is no such home; write it out") from None


class Parser(argparse.ArgumentParser):
    """A parser without abbreviations whose errors are `UsageError`.

    It looks at the names of flags before it reads them, so that a flag with a slip in it is told as
    that, not by the one that it should have been and that is missing.

    Parameters
    ----------
    example : str, optional
        Arguments of a call, without the program: the end of the help, and of errors about flags
        that are missing.
    **kwargs : Any
        Those of `argparse.ArgumentParser`.
    """

    def __init__(self, *, example: str | None = None, **kwargs: Any) -> None:
        super().__init__(**{"allow_abbrev": False, **kwargs})
        self.example = None if example is None else f"{self.prog} {example}"
        self._one_of: list[tuple[str, ...]] = []

    def require_one(self, *flags: str) -> None:
        """Require at least one of some flags."""
        self._one_of.append(flags)

    def add_version(self) -> None:
        """Add ``--version``, which prints it and ends."""
        text = f"data-eng {__version__}"
        self.add_argument("--version", action="version", version=text, help="print it and end")

    def actions(self) -> Sequence[argparse.Action]:
        """Return the declared arguments, flags and others."""
        return tuple(self._actions)

    def format_help(self) -> str:
        """Return the help, the example in one line at its end, so that it can be copied."""
        text = super().format_help()
        return text if self.example is None else f"{text}\nexample: {self.example}\n"

    def parse_args(self, args: Iterable[str] | None = None, namespace: Any = None) -> Any:
        """Return what arguments say; raises `UsageError`."""
        given = sys.argv[1:] if args is None else list(args)
        flags = [self._flag(one) for one in self._before_end(given)]
        named = {one for one in flags if one is not None}
        if not named & _ENDS:
            self._check_missing(named)
        found, rest = self.parse_known_args(given, namespace)
        if rest:
            meant = did_you_mean(rest[0], self._option_string_actions) or self._by_flag(rest[0])
            self.error(
                f"{rest[0]!r} belongs to no flag; "
                + (meant or "several values of one flag are joined by commas, without spaces")
            )
        return found

    def error(self, message: str) -> NoReturn:
        """Raise `UsageError`."""
        if message.startswith(_REQUIRED):
            self._missing(f"give {message.removeprefix(_REQUIRED)}")
        message = message.replace(_NO_NUMBER, "use a whole number, not ")
        raise UsageError(f"{message}{'' if message.endswith('?') else '; see --help'}")

    @staticmethod
    def _before_end(given: Sequence[str]) -> Sequence[str]:
        return given[: given.index("--")] if "--" in given else given

    def _flag(self, token: str) -> str | None:
        # The name of a flag, None where the token is a value; raises where there is no such flag.
        name = token.partition("=")[0]
        if name in self._option_string_actions:
            return name
        is_value = not token.startswith("-") or len(token) == 1 or " " in token
        if is_value or self._negative_number_matcher.match(token):
            return None
        self.error(
            f"no flag {name}; {did_you_mean(name, self._option_string_actions)}".rstrip("; ")
        )

    def _by_flag(self, value: str) -> str:
        # The flag that a value without one belongs to, by its form.
        known = self._option_string_actions
        if "--dates" in known and _DATE.fullmatch(value):
            return "several dates are --dates D1,D2,..."
        if "--symbol" in known and _SYMBOL.fullmatch(value):
            return f"did you mean --symbol {value}?"
        return ""

    def _check_missing(self, named: set[str]) -> None:
        missing = [
            one.option_strings[-1]
            for one in self._actions
            if one.required and one.option_strings and not named & set(one.option_strings)
        ]
        missing += [
            f"{flag} (or {' or '.join(others)})"
            for flag, *others in self._one_of
            if not named & {flag, *others}
        ]
        if missing:
            self._missing(f"give {', '.join(missing)}")

    def _missing(self, told: str) -> NoReturn:
        raise UsageError(f"{told}; for example: {self.example}" if self.example else told)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        # As that of `argparse`, which says neither what is near nor lists what there is shortly.
        if action.choices is None or value in action.choices:
            return
        known = [str(one) for one in action.choices]
        meant = did_you_mean(str(value), known)
        told = f"{value!r} is none of {', '.join(known)}"
        raise argparse.ArgumentError(action, f"{told}; {meant}" if meant else told)
