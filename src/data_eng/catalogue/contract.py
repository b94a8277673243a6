"""Contracts: Avro record schemas that a table's columns, types, nulls and ranges must satisfy.

The subset of Avro that a contract may use is that of `field`, so that it maps to Arrow without a
choice. A contract is known by the SHA-256 of its canonical form: what a reader relies on, and none
of the prose, so that a better sentence makes no table stale.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

import fastavro.schema
import pyarrow as pa

from ..errors import ContractError
from .field import NAME, Field, RefusedError, check_mirrors, parse_field
from .violation import first_violation

__all__ = ["CONTRACTS", "Contract", "Field", "load_contract"]

CONTRACTS: Final = Path(__file__).parents[1] / "contracts"


@dataclass(frozen=True)
class Contract:
    """A parsed contract.

    Attributes
    ----------
    name, doc : str
        Record name and documentation.
    path : str
        Path relative to the package's ``contracts`` folder, as manifests name it.
    fields : tuple of Field
        The columns in order.
    """

    name: str
    doc: str
    path: str
    fields: tuple[Field, ...]

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the canonical form: names, order, types, nulls, symbols, ranges and units."""
        canonical = [self.name, [field.canonical() for field in self.fields]]
        text = json.dumps(canonical, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @cached_property
    def arrow_schema(self) -> pa.Schema:
        """The Arrow schema: order, types and nullability of the columns."""
        return pa.schema([pa.field(f.name, f.type, nullable=f.nullable) for f in self.fields])

    def check_schema(self, schema: pa.Schema, where: str) -> None:
        """Raise `ContractError` at the first difference of names, order, types, nullability."""
        if schema.equals(self.arrow_schema):
            return
        for position, field in enumerate(self.fields):
            if position >= len(schema):
                raise ContractError(f"{where}: field {field.name} of {self.path} is missing")
            actual = schema.field(position)
            wanted = self.arrow_schema.field(position)
            if not actual.equals(wanted):
                raise ContractError(
                    f"{where}: field {position} is {actual.name} {_describe(actual)}, "
                    f"but {self.path} wants {wanted.name} {_describe(wanted)}"
                )
        if len(schema) > len(self.fields):
            extra = schema.field(len(self.fields)).name
            raise ContractError(f"{where}: field {extra} is not in {self.path}")

    def check(self, batch: pa.RecordBatch, where: str, first_row: int = 0) -> None:
        """Check one batch of a stream of rows.

        Parameters
        ----------
        batch : pyarrow.RecordBatch
            Rows to check.
        where : str
            The partition, for the message.
        first_row : int
            Number of rows of the stream before this batch, so that messages count from its start.

        Raises
        ------
        ContractError
            Names the field, the row and the value of the first violation.
        """
        self.check_schema(batch.schema, where)
        for field, column in zip(self.fields, batch.columns, strict=True):
            found = first_violation(field, column)
            if found is not None:
                row, rule = found
                raise ContractError(
                    f"{where}: field {field.name}, row {first_row + row}: "
                    f"value {column[row].as_py()!r} {rule} "
                    f"(contract {self.path}); nothing was published"
                )


def load_contract(path: str | Path, root: Path | None = None) -> Contract:
    """Read and validate a contract file.

    Parameters
    ----------
    path : str or Path
        Relative to ``root``.
    root : Path, optional
        The contracts' folder, by default `CONTRACTS`.

    Raises
    ------
    ContractError
        The file is missing, not JSON, not Avro, or outside the subset above.
    """
    file = (CONTRACTS if root is None else root) / path
    try:
        return _parse(file.read_bytes(), str(path))
    except OSError as error:
        raise ContractError(f"{file}: contract cannot be read ({error.strerror})") from error
    except RefusedError as refused:
        raise ContractError(f"{file}: {refused}") from refused


@lru_cache(maxsize=128)  # the same text is the same contract; a run asks for each at every turn
def _parse(text: bytes, path: str) -> Contract:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"contract is not JSON ({error}); restore the file") from error
    if not isinstance(parsed, dict) or parsed.get("type") != "record":
        raise RefusedError("the top level must be an Avro record")
    if not isinstance(parsed.get("fields"), list) or not parsed["fields"]:
        raise RefusedError("the record has no list of fields")
    if not isinstance(parsed.get("name"), str):  # the library takes anything for a name
        raise RefusedError("the record's name is no text")
    try:
        fastavro.schema.parse_schema(parsed)
    except Exception as error:  # fastavro raises KeyError, TypeError and its own
        raise RefusedError(f"not an Avro schema ({type(error).__name__}: {error})") from error
    if not NAME.match(parsed["name"]):
        raise RefusedError(f"record {parsed['name']!r}: not an Avro name")
    fields = tuple(parse_field(item) for item in parsed["fields"])
    names = [field.name for field in fields]
    for name in names:
        if names.count(name) > 1:
            raise RefusedError(f"field {name} stands twice; remove one")
    check_mirrors(fields)
    return Contract(str(parsed["name"]), str(parsed.get("doc", "")), path, fields)


def _describe(field: pa.Field) -> str:
    return f"{field.type}{'' if field.nullable else ' not null'}"
