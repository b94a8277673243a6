"""``python -m src.data_eng.catalogue``: write all derived contracts and the catalogue page.

With ``--check`` it writes nothing and says what is stale. A contract file below the folder that
belongs to no dataset is stale too. ``--format odcs`` exports every contract, as a document of the
Open Data Contract Standard, and writes nothing else.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from ..arguments import Parser
from ..edge import error_line
from ..errors import DataEngError
from ..words import counted
from . import contract
from .datasets import registry
from .derive import derived_contracts
from .distributions import COMMAND as SAMPLED
from .distributions import read_distributions
from .odcs import odcs_documents
from .page import catalogue_page, unknown_features

PAGE: Final = Path("docs/features.md")
DISTRIBUTIONS: Final = "distributions.json"
"""Beside the page: how the features are distributed on a sample."""

EXPORT: Final = Path("odcs")
COMMAND: Final = "python -m src.data_eng.catalogue"


def build_parser() -> Parser:
    """Return the parser of the command line."""
    parser = Parser(
        prog=COMMAND,
        description="Write all derived contracts and the catalogue page, from the declarations; "
        "or export every contract.",
        example="--check",
    )
    add = parser.add_argument
    add("--check", action="store_true", help="write nothing; exit 1 where something is stale")
    add("--page", type=Path, default=PAGE, metavar="FILE", help=f"the page (default {PAGE})")
    add(
        "--format",
        choices=("avro", "odcs"),
        default="avro",
        help="avro: the contracts and the page (default); odcs: an export in YAML, documents of "
        "the Open Data Contract Standard",
    )
    add("--output", type=Path, metavar="DIR", help=f"folder of the export (default {EXPORT})")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Write or check; return the exit code (0, 1 stale or failed, 2 usage)."""
    parser = build_parser()
    args = parser.parse_args(argv)
    if args.format == "avro" and args.output is not None:
        parser.error("--output is the folder of an export: give --format odcs too")
    if args.format == "odcs" and args.check:
        parser.error("--check is of what the repository keeps, and an export is not kept")
    root = contract.CONTRACTS
    try:
        if args.format == "odcs":
            return _export(args.output or EXPORT)
        made = {root / path: text for path, text in derived_contracts(root).items()}
        stale = _stale(made) if args.check else _write(made)
        # The page is made from the contracts as they lie there, so after them.
        samples = args.page.parent / DISTRIBUTIONS
        distributions = read_distributions(samples)
        page = {args.page: catalogue_page(registry().values(), distributions)}
        stale += _stale(page) if args.check else _write(page)
        stale += [
            f"{samples} has {name} of {table}, which is no feature; run {SAMPLED}"
            for table, name in sorted(unknown_features(registry().values(), distributions))
        ]
        stale += [f"{path} belongs to no dataset; remove it" for path in _strangers(root)]
    except OSError as error:
        sys.stderr.write(f"{error_line(error)}\n")
        return 1
    except DataEngError as error:
        sys.stderr.write(f"{error_line(error)}\n")
        return error.exit_code
    for text in stale:
        sys.stderr.write(f"error: {text}\n")
    return int(bool(stale))


def _export(folder: Path) -> int:
    documents = odcs_documents(registry().values())
    for path, text in documents.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    sys.stdout.write(f"wrote {counted(len(documents), 'contract')} into {folder}\n")
    return 0


def _stale(made: Mapping[Path, str]) -> list[str]:
    return [
        f"{path} is stale; run {COMMAND}"
        for path, text in made.items()
        if not path.exists() or path.read_text() != text
    ]


def _write(made: Mapping[Path, str]) -> list[str]:
    for path, text in made.items():
        if path.exists() and path.read_text() == text:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        sys.stdout.write(f"wrote {path}\n")
    return []


def _strangers(root: Path) -> list[Path]:
    known = {root / found.contract_path for found in registry().values() if found.contract_path}
    return sorted(set(root.rglob("*.avsc")) - known)
