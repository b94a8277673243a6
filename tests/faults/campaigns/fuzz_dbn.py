"""DBN files with anything in them: an error, or the records that a plain walk finds."""

from __future__ import annotations

import hashlib
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from src.data_eng.vendor.dbn.layout import RECORD_HEADER_BYTES, rtype_of
from tests.dbn_files import (
    Part,
    day_mappings,
    decode,
    encode_header,
    error_record,
    join,
    live_header,
    mbp10_records,
    symbol_mapping_record,
    system_record,
)
from tests.dbn_records import blank_records

from ..campaign import Budget, Counts, Kind, Seeds
from ..mutators import mutated_bytes

NAME: Final = "fuzz_dbn"
KIND: Final[Kind] = "inputs"
BOUNDED: Final = 4_000
SHARE: Final = 14.0


class _Sample(NamedTuple):
    header: bytes
    body: bytes
    schema: str


def samples() -> list[_Sample]:
    found = []
    for version in (1, 2, 3):
        for ts_out in (False, True):
            records = mbp10_records(4, ts_out=ts_out)
            mappings = day_mappings({5002: "ESM5", 5003: "ESU5"})
            header = encode_header(version=version, ts_out=ts_out, mappings=mappings)
            found.append(_Sample(header, join(records), "mbp-10"))
        between: list[Part] = [
            symbol_mapping_record(5002, "ESM5", version=version),
            system_record("heartbeat", version=version),
            mbp10_records(2),
            error_record("slow", version=version),
            mbp10_records(1),
        ]
        found.append(_Sample(live_header(version), join(between), "mbp-10"))
        for schema in ("trades", "statistics", "definition"):
            blank = blank_records(schema, 3, version=version)
            header = encode_header(schema=schema, version=version)
            found.append(_Sample(header, join(blank), schema))
    return found


def _mutated(sample: _Sample, one: Random) -> bytes:
    header, body = sample.header, sample.body
    kind = one.randrange(10)
    if kind < 4:
        header = mutated_bytes(header, one)
        if kind < 2:  # with a length that fits
            header = header[:4] + (max(len(header) - 8, 0)).to_bytes(4, "little") + header[8:]
    elif kind < 9:
        body = mutated_bytes(body, one)
    else:
        return mutated_bytes(header + body, one)
    return header + body


def _walked(data: bytes, schema: str) -> bytes:
    # Every record of the schema, one header after the other.
    at, found = 8 + int.from_bytes(data[4:8], "little"), []
    while at + RECORD_HEADER_BYTES <= len(data):
        length = data[at] * 4
        if data[at + 1] == rtype_of(schema):
            found.append(data[at : at + length])
        at += length
    return b"".join(found)


def is_right(data: bytes, folder: Path, schema: str = "mbp-10", block_records: int = 3) -> bool:
    """Read a file whole, by blocks of few records; tell whether it gives what a walk finds."""
    file = folder / "x.dbn"
    file.write_bytes(data)
    records, reader, digest = decode(file, schema, block_records=block_records)
    same = records.tobytes() == _walked(data, reader.schema)
    return same and digest.sha256 == hashlib.sha256(data).hexdigest()


def run(rng: Seeds, budget: Budget) -> Counts:
    """Read mutated files whole."""
    counts = Counts(NAME, KIND)
    found = samples()
    for number in budget.numbers():
        one = rng.of(number)
        sample = one.choice(found)
        data = _mutated(sample, one)
        with counts.case(number):
            if is_right(data, budget.folder, sample.schema, one.randrange(1, 6)):
                counts.survived_new += 1
            else:
                counts.find("wrong_values", number, "other records than the file holds")
    return counts
