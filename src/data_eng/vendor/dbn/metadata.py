"""The header of a DBN file: what was asked for, which time range, which symbols."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

import databento_dbn as dbn

from ...errors import DbnDecodeError
from .layout import UNDEF_TIMESTAMP
from .stream import RawStream

MIN_METADATA_BYTES: Final = 104
"""Fields of fixed length: of a shorter header the vendor's decoder panics."""
MAX_METADATA_BYTES: Final = 256 << 20
"""An options header with 11,294 mappings has 3 MB; more than this is not a header."""

_MALFORMED: Final = (dbn.DBNError, ValueError, OverflowError, KeyError)
_PANIC: Final = "PanicException"
"""By which the vendor's decoder tells a defect of its own; no module has the class."""


class Mapping(NamedTuple):
    """Symbol ``symbol_in`` stood for ``symbol_out`` on the dates ``[start, end)``."""

    symbol_in: str
    symbol_out: str
    start: dt.date
    end: dt.date


@dataclass(frozen=True)
class DbnMetadata:
    """The header of a DBN file.

    Attributes
    ----------
    version : int
        DBN version of the file itself (1, 2, 3), before any upgrade.
    dataset : str
        Vendor dataset, ``GLBX.MDP3``.
    schema : str or None
        Vendor schema name; None in a live capture that holds several.
    start, end : int
        Range of the query in ns since epoch, UTC, half-open. In a live capture ``start`` is 0 and
        ``end`` the largest timestamp.
    stype_in, stype_out : str or None
        Symbology the query was made in, and the one of the mappings' values.
    symbols : tuple of str
        What was asked for, not what the file holds.
    mappings : tuple of Mapping
        Every mapping interval, sorted.
    ts_out : bool
        Whether each record is followed by the gateway's send time.
    """

    version: int
    dataset: str
    schema: str | None
    start: int
    end: int
    stype_in: str | None
    stype_out: str | None
    symbols: tuple[str, ...]
    mappings: tuple[Mapping, ...]
    ts_out: bool


def read_metadata(stream: RawStream) -> DbnMetadata:
    """Read the header from the start of a stream, leaving it at the first record.

    Raises
    ------
    DbnDecodeError
        Not DBN, an unsupported version, or a truncated or malformed header.
    """
    path = str(stream.path)
    prefix = stream.read(8)
    if len(prefix) < 8 or prefix[:3] != b"DBN":
        raise DbnDecodeError(path, 0, "not a DBN file (no DBN mark); remove it from the raw folder")
    version, length = prefix[3], int.from_bytes(prefix[4:8], "little")
    if version not in (1, 2, 3):
        raise DbnDecodeError(path, 3, f"DBN version {version} is not supported (1, 2, 3 are)")
    if not MIN_METADATA_BYTES <= length <= MAX_METADATA_BYTES:
        raise DbnDecodeError(path, 4, f"the header claims {length} bytes; the file is corrupt")
    body = stream.read(length)
    if len(body) < length:
        raise DbnDecodeError(path, stream.position, "truncated in the header; download it again")
    try:
        return _decoded(prefix + body)
    except BaseException as error:
        if not (isinstance(error, _MALFORMED) or type(error).__name__ == _PANIC):
            raise
        raise DbnDecodeError(
            path, 8, f"the header is malformed ({error}); download it again"
        ) from error


@lru_cache(maxsize=4)
def _decoded(header: bytes) -> DbnMetadata:
    # A run looks at a file's header first and reads the file later: the same bytes, decoded once.
    return _from_vendor(header[3], dbn.Metadata.decode(header))


def _from_vendor(version: int, decoded: dbn.Metadata) -> DbnMetadata:
    return DbnMetadata(
        version=version,
        dataset=decoded.dataset,
        schema=None if decoded.schema is None else str(decoded.schema),
        start=int(decoded.start),
        end=UNDEF_TIMESTAMP if decoded.end is None else int(decoded.end),
        stype_in=None if decoded.stype_in is None else str(decoded.stype_in),
        stype_out=None if decoded.stype_out is None else str(decoded.stype_out),
        symbols=tuple(decoded.symbols),
        # The vendor's decoder gives them in another order every time.
        mappings=tuple(sorted(_mappings(decoded))),
        ts_out=bool(decoded.ts_out),
    )


def _mappings(decoded: dbn.Metadata) -> Iterator[Mapping]:
    for symbol_in, intervals in decoded.mappings.items():
        for interval in intervals:
            # An interval without a symbol says that nothing was mapped on those dates.
            if interval["symbol"]:
                yield Mapping(
                    symbol_in, interval["symbol"], interval["start_date"], interval["end_date"]
                )
