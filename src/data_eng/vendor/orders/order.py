"""One order: a schema of some parents over consecutive dates, for one raw table."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from ...catalogue.datasets import dataset_of_key
from ...exchange.symbols import is_root

PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
"""Of jobs and their files: they become names in a lake."""
DATASET: Final = "GLBX.MDP3"
STYPE: Final = "parent"


@dataclass(frozen=True)
class Order:
    """What is asked of the vendor at once.

    Attributes
    ----------
    table : str
        Key of the raw table that the files are for.
    root : str
        Product root whose folder they go to.
    schema : str
    parents : tuple of str
        Such as ``ES.FUT``, sorted.
    first, last : datetime.date
        UTC dates, both included.
    """

    table: str
    root: str
    schema: str
    parents: tuple[str, ...]
    first: dt.date
    last: dt.date

    @property
    def end(self) -> dt.date:
        """The date after the last."""
        return self.last + dt.timedelta(days=1)

    @property
    def folder(self) -> Path:
        """Folder of the raw table, relative to the lake root."""
        return dataset_of_key(self.table).folder(self.root)

    @property
    def name(self) -> str:
        """A name of the order that says what it is, and is that of no other."""
        text = json.dumps(self.as_json(), sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        return f"{self.table}.{self.root}.{self.first}.{self.last}.{digest}"

    def request(self) -> dict[str, Any]:
        """Return the parameters that the vendor's methods take for it."""
        return {
            "dataset": DATASET,
            "schema": self.schema,
            "symbols": list(self.parents),
            "stype_in": STYPE,
            "start": self.first.isoformat(),
            "end": self.end.isoformat(),
        }

    def is_of(self, job: Mapping[str, Any]) -> bool:
        """Tell whether a job, as the vendor tells its details, is this order."""
        symbols = job.get("symbols")
        found = symbols.split(",") if isinstance(symbols, str) else symbols
        if not isinstance(found, list) or sorted(map(str, found)) != list(self.parents):
            return False
        said = [job.get(name) for name in ("dataset", "schema", "stype_in", "encoding", "limit")]
        if said != [DATASET, self.schema, STYPE, "dbn", None]:
            return False
        times = (str(job.get("start")), str(job.get("end")))
        return times[0].startswith(_midnight(self.first)) and times[1].startswith(
            _midnight(self.end)
        )

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        body = asdict(self)
        return {**body, "first": self.first.isoformat(), "last": self.last.isoformat()}

    @classmethod
    def of_json(cls, body: Mapping[str, Any]) -> Order:
        """Return the order of `as_json`; raises `ValueError`, `KeyError` or `TypeError`."""
        table, root, schema = (str(body[name]) for name in ("table", "root", "schema"))
        first, last = (dt.date.fromisoformat(body[name]) for name in ("first", "last"))
        if not is_root(root) or schema not in dataset_of_key(table).schemas:
            raise ValueError("no raw table")
        return cls(table, root, schema, tuple(map(str, body["parents"])), first, last)

    def __str__(self) -> str:
        when = str(self.first) if self.first == self.last else f"{self.first} to {self.last}"
        what = self.parents[0] if len(self.parents) == 1 else f"{len(self.parents)} parents"
        return f"{self.table} {self.root} {self.schema} {what} {when}"


def _midnight(date: dt.date) -> str:
    return f"{date}T00:00:00"
