"""``data-eng features``: find a feature, and what it is, by words of its name or definition.

Exit codes: 0 told, 2 nothing is as asked, or usage.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from ..arguments import Parser
from ..catalogue.datasets import registry
from ..catalogue.distributions import LEVEL
from ..catalogue.listing import FAMILIES, ListedFeature, listed_features, type_words
from ..errors import UsageError
from ..features.feature import NONE
from ..features.level.levels import level_names
from ..program import program
from ..suggestion import did_you_mean
from ..words import counted
from .lake_flags import OUTPUTS

_WORD: Final = re.compile(r"[a-z0-9]+")
_LEAST_ROOM: Final = 24


def build_parser() -> Parser:
    """Return the parser of the command line."""
    parser = Parser(
        prog=program("features"),
        description="Find features by words of their names and definitions: those that have every "
        "word. One alone, or one by its whole name, is told with all that its contract says.",
        example="displayed size --level pm_high",
    )
    add = parser.add_argument
    add("words", nargs="*", metavar="WORD", help="what a feature has to have (default all)")
    add("--family", choices=FAMILIES, help="of the futures, of a price level, of the options")
    add("--level", choices=level_names(), help="features of this level, by their names there")
    add("--unit", metavar="UNIT", help="in this unit: ticks, contracts, ratio, ...")
    add("--window", metavar="WINDOW", help="over this window: 60 s, 'as of ts', ...")
    add("--source", metavar="TEXT", help="whose paper or practice has this text in its name")
    add("--output", choices=OUTPUTS, default="text", help="how to print (default text)")
    add("--debug", action="store_true", help="show tracebacks")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Print the features that are asked for; return the exit code."""
    parser = build_parser()
    args = parser.parse_args(argv)
    if args.level is not None and args.family not in (None, "level"):
        parser.error(f"--level {args.level} is of the family level, not of {args.family}")
    found = _found(args)
    if args.output == "json":
        body = {"features": [_as_json(one) for one in found]}
        sys.stdout.write(json.dumps(body, indent=2, ensure_ascii=False) + "\n")
        return 0
    whole = [one for one in found if {one.field.name, *one.columns} & set(args.words)]
    for one in whole or (found if len(found) == 1 else ()):
        sys.stdout.write("\n".join(_all_of(one)) + "\n")
    if not whole and len(found) > 1:
        sys.stdout.write("\n".join(_lines(found)) + "\n")
    return 0


def _found(args: Namespace) -> list[ListedFeature]:
    # What leaves nothing is told by itself, with what is near.
    found = list(listed_features(registry().values(), args.level))
    if args.family is not None:
        found = [one for one in found if one.family == args.family]
    for name in ("unit", "window", "source"):
        if (text := getattr(args, name)) is not None:
            found = _with_text(found, name, text)
    for word in args.words:
        if not any(one.has(word.lower()) for one in found):
            known = {part for one in found for part in _WORD.findall(_words(one))}
            meant = did_you_mean(word, sorted(known)) or "give other words, or fewer flags"
            raise UsageError(
                f"none of {len(found)} features has {word!r} in its name or definition; {meant}"
            )
    matched = [one for one in found if all(one.has(word.lower()) for word in args.words)]
    if not matched:
        counts = (f"{sum(one.has(w.lower()) for one in found)} with {w!r}" for w in args.words)
        raise UsageError(f"no feature has all of the words ({', '.join(counts)}); give fewer")
    return matched


def _with_text(found: list[ListedFeature], name: str, text: str) -> list[ListedFeature]:
    # A unit and a window are given whole, with or without blanks; of a source, a part.
    known = {one: getattr(one.field, name) for one in found}
    if name == "source":
        kept = [one for one, said in known.items() if text.lower() in said.lower()]
        words = {word for said in known.values() for word in said.split() if word.isalpha()}
        hint = did_you_mean(text, sorted(words)) or "give a part of an author's name"
    else:
        kept = [one for one, said in known.items() if _plain(said) == _plain(text)]
        words = set(known.values()) - {"", NONE}
        hint = did_you_mean(text, sorted(words)) or f"it is one of {', '.join(sorted(words))}"
    if not kept:
        raise UsageError(f"--{name} {text}: none of {len(found)} features has it; {hint}")
    return kept


def _plain(text: str) -> str:
    return "".join(text.lower().split())


def _words(one: ListedFeature) -> str:
    return " ".join((*one.columns, one.field.doc)).lower()


def _lines(found: Sequence[ListedFeature]) -> Iterator[str]:
    # Of a definition what has room in a line of the terminal, below the name where that leaves
    # little; all of it where there is no terminal.
    name_width = max(len(one.field.name) for one in found)
    unit_width = max(len(one.field.unit) for one in found)
    begin = name_width + unit_width + 4
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    is_narrow = width is not None and width - begin < _LEAST_ROOM
    for one in found:
        field = one.field
        doc = " ".join(field.doc.split())
        head = f"{field.name:<{name_width}}  {field.unit:<{unit_width}}  "
        if is_narrow:
            yield field.name
            head = f"    {field.unit}{'; ' * bool(field.unit)}"
        if width is not None and len(head) + len(doc) > width:
            doc = doc[: max(width - len(head) - 1, 0)].rstrip() + "…"
        yield f"{head}{doc}"
    counts = Counter(one.family for one in found)
    told = f" ({', '.join(f'{n} {name}' for name, n in counts.items())})" if len(counts) > 1 else ""
    yield f"{counted(len(found), 'feature')}{told}; {program('features')} NAME tells all of one"


def _all_of(one: ListedFeature) -> Iterator[str]:
    field = one.field
    yield field.name
    told = {
        "definition": " ".join(field.doc.split()),
        "type": type_words(field),
        "unit": field.unit,
        "window": field.window,
        "null rule": field.null_rule,
        "source": field.source,
        "mirror": field.mirror,
        "levels": ", ".join(one.levels),
        "tables": ", ".join(dict.fromkeys(_table(key, one.levels) for key in one.datasets)),
    }
    for name, text in told.items():
        if text not in ("", NONE):
            yield f"  {name:<10}  {text}"


def _table(key: str, levels: Sequence[str]) -> str:
    # Tables of several levels are told once.
    if len(levels) < 2:
        return key
    return next((key.replace(name, LEVEL) for name in levels if f"_{name}" in key), key)


def _as_json(one: ListedFeature) -> dict[str, Any]:
    field = one.field
    return {
        "name": field.name,
        "family": one.family,
        "columns": list(one.columns),
        "datasets": list(one.datasets),
        "definition": field.doc,
        "type": str(field.type),
        "nullable": field.nullable,
        "minimum": field.minimum,
        "maximum": field.maximum,
        "unit": field.unit or None,
        "window": field.window or None,
        "null_rule": field.null_rule or None,
        "source": field.source or None,
        "mirror": field.mirror or None,
    }
