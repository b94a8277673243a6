"""Contract files with anything in them: the contract's own error, or a contract that holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from src.data_eng.catalogue.contract import CONTRACTS, Contract, load_contract

from ..campaign import Budget, Counts, Kind, Seeds
from ..mutators import mutated_json, mutated_text

NAME: Final = "fuzz_contracts"
KIND: Final[Kind] = "inputs"
BOUNDED: Final = 3_000
SHARE: Final = 7.0

FIELDS: Final = 7
"""Of a contract: few, so that a change meets a type or a bound and not only prose."""


def samples() -> list[Any]:
    found = []
    for path in sorted(CONTRACTS.rglob("*.avsc"))[::7]:
        tree = json.loads(path.read_text())
        tree["fields"] = tree["fields"][:FIELDS]
        found.append(tree)
    return found


def _says_what_it_read(made: Contract, tree: Any) -> bool:
    names = [field["name"] for field in tree["fields"]]
    nullable = [isinstance(field["type"], list) for field in tree["fields"]]
    empty = pa.Table.from_batches([], made.arrow_schema)
    made.check_schema(empty.schema, "here")
    return (
        [field.name for field in made.fields] == names
        and [field.nullable for field in made.fields] == nullable
        and len(made.sha256) == 64
    )


def is_right(data: bytes, folder: Path) -> bool:
    """Load a contract; tell whether it says what stands in the file."""
    (folder / "x.avsc").write_bytes(data)
    return _says_what_it_read(load_contract("x.avsc", folder), json.loads(data))


def run(rng: Seeds, budget: Budget) -> Counts:
    """Load mutated contracts; those that are accepted must say what stands in the file."""
    counts = Counts(NAME, KIND)
    found = samples()
    for number in budget.numbers():
        one = rng.of(number)
        tree = one.choice(found)
        if one.random() < 0.7:
            data = mutated_json(tree, one)
        else:
            data = mutated_text(json.dumps(tree).encode(), one)
        with counts.case(number):
            if is_right(data, budget.folder):
                counts.survived_new += 1
            else:
                counts.find("wrong_values", number, "it does not say what the file says")
    return counts
