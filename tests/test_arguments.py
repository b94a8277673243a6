"""The parser of every command: one line that names the remedy."""

from __future__ import annotations

import pytest

from src.data_eng.arguments import Parser
from src.data_eng.errors import UsageError
from src.data_eng.version import __version__


def parser() -> Parser:
    made = Parser(prog="tool", description="A tool.", example="--layer gold --dt 2025-05-06")
    made.add_argument("--layer", choices=("silver", "gold"), required=True)
    made.add_argument("--symbol", default="ES")
    made.add_argument("--workers", type=int, default=1)
    made.add_argument("--dt")
    made.add_argument("--dates")
    made.require_one("--dt", "--dates")
    made.add_version()
    return made


def error_of(*arguments: str) -> str:
    with pytest.raises(UsageError) as raised:
        parser().parse_args(arguments)
    return str(raised.value)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("", "give --layer, --dt (or --dates); for example: tool --layer gold --dt 2025-05-06"),
        ("--dates=D", "give --layer; for example: tool --layer gold --dt 2025-05-06"),
        ("--layer gold", "give --dt (or --dates); for example: tool --layer gold --dt 2025-05-06"),
        ("--layr gold --dt D", "no flag --layr; did you mean --layer?"),
        (
            "--layer gold --dt D --symbol=NQ --wrokers=2",
            "no flag --wrokers; did you mean --workers?",
        ),
        ("-symbol ES", "no flag -symbol; did you mean --symbol?"),
        ("--quux", "no flag --quux; see --help"),
        (
            "--layer glod --dt D",
            "argument --layer: 'glod' is none of silver, gold; did you mean gold?",
        ),
        ("--layer x --dt D", "argument --layer: 'x' is none of silver, gold; see --help"),
        (
            "--layer gold --dt D --workers two",
            "argument --workers: use a whole number, not 'two'; see --help",
        ),
        ("--layer gold --dt", "argument --dt: expected one argument; see --help"),
        (
            "--layer gold --dates D E",
            "'E' belongs to no flag; several values of one flag are joined by commas, without "
            "spaces; see --help",
        ),
        (
            "--layer gold --dates D 2025-05-07",
            "'2025-05-07' belongs to no flag; several dates are --dates D1,D2,...; see --help",
        ),
        ("--layer gold --dt D ESM5", "'ESM5' belongs to no flag; did you mean --symbol ESM5?"),
        (
            "--layer gold --dt D \u2013symbol",
            "'\u2013symbol' belongs to no flag; did you mean --symbol?",
        ),
    ],
)
def test_a_mistake_is_one_line_with_its_remedy(arguments: str, told: str) -> None:
    assert error_of(*arguments.split()) == told


def test_what_is_right_is_read() -> None:
    args = parser().parse_args(["--layer", "gold", "--dt", "D", "--workers", "-1", "--symbol=NQ"])
    assert (args.layer, args.dt, args.workers, args.symbol) == ("gold", "D", -1, "NQ")


def test_a_positional_that_is_missing_is_shown_by_an_example() -> None:
    made = Parser(prog="tool", example="A B")
    made.add_argument("partition", nargs="+", metavar="PARTITION")
    with pytest.raises(UsageError, match=r"^give PARTITION; for example: tool A B$"):
        made.parse_args([])


@pytest.mark.parametrize("flag", ["--help", "-h", "--version"])
def test_help_and_version_ask_for_nothing(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args([flag])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    assert out.endswith("\nexample: tool --layer gold --dt 2025-05-06\n") or __version__ in out
