"""Which symbol an instrument id stood for on a date.

An id is unique on one date only, and one symbol may have several ids over the years: everything
here is keyed on (id, date). Sources, all of which must agree: the mappings of the files' headers,
symbol mapping records between the data, ``symbology.json`` of the delivery, and definition files.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import numpy as np

from ..errors import SymbologyError
from ..exchange.sessions import utc_day_ns
from .dbn.layout import UNDEF_TIMESTAMP
from .dbn.metadata import DbnMetadata
from .dbn.reader import DbnReader
from .files import RawDay
from .raw_file import RawFile

_SMART: Final = re.compile(r"[A-Z0-9]+\.(FUT|OPT|SPOT|[A-Za-z]\.[0-9]+)\Z")

_ID: Final = re.compile(r"[0-9]{1,20}\Z")

_NAMES_CONTRACTS: Final = frozenset({"raw_symbol", "parent"})
"""Symbologies of a request whose answer names contracts by their symbols."""


def is_raw_symbol(text: str) -> bool:
    """Tell a venue's symbol from an instrument id and a parent or continuous symbol."""
    return bool(text) and not _is_id(text) and not _SMART.match(text)


def _is_id(text: str) -> bool:
    # ASCII alone: int() refuses some of what Unicode calls a digit.
    return _ID.match(text) is not None


def symbols_of_day(
    day: RawDay, recorded: Iterable[tuple[int, str]], wanted: Iterable[int]
) -> dict[int, str]:
    """Return the venue's symbol of the instrument ids of a day, as far as it is known.

    Parameters
    ----------
    day : RawDay
        The raw files.
    recorded : iterable of (int, str)
        Instrument ids and symbols of symbol mapping records.
    wanted : iterable of int
        Definition files are read only where one of these ids has no symbol otherwise.

    Raises
    ------
    SymbologyError
        An id has two symbols on the date.
    """
    symbols: dict[int, str] = {}
    pairs = [pair for file in day.files for pair in _header_pairs(file.metadata, day.date)]
    for side in day.deliveries():
        for name, intervals in (side.symbology() or {}).items():
            pairs += [
                pair
                for interval in intervals
                if interval.d0 <= day.date < interval.d1 and (pair := _pair(name, interval.s))
            ]
    pairs += [(instrument, symbol) for instrument, symbol in recorded if is_raw_symbol(symbol)]
    _merge(symbols, pairs, day)
    missing = set(wanted) - set(symbols)
    if missing and day.definitions:
        _merge(symbols, _definition_pairs(day, missing), day)
    return symbols


def require_symbols(symbols: Mapping[int, str], wanted: Iterable[int], day: RawDay) -> None:
    """Raise `SymbologyError` where a wanted instrument id has no symbol."""
    missing = sorted(set(wanted) - set(symbols))
    if missing:
        shown = ", ".join(str(instrument) for instrument in missing[:5])
        asked = {str(file.metadata.stype_in) for file in day.files}
        by = f"the files were asked for by {' and '.join(sorted(asked))}"
        why = f"{by}, which names no contract"
        if asked <= _NAMES_CONTRACTS:
            why = f"{by}, but their headers map no symbol to them on this date"
        raise SymbologyError(
            f"{day.folder}: {len(missing)} instrument ids with records on {day.date} have no "
            f"symbol ({shown}): {why}; put the definition file (schema definition) of the date "
            "beside them"
        )


def _header_pairs(meta: DbnMetadata, date: dt.date) -> Iterator[tuple[int, str]]:
    for mapping in meta.mappings:
        if mapping.start <= date < mapping.end:
            pair = _pair(mapping.symbol_in, mapping.symbol_out)
            if pair is not None:
                yield pair


def _pair(name: str, value: str) -> tuple[int, str] | None:
    # Either way round: raw symbol to id, or (stype_in instrument_id) id to raw symbol.
    if is_raw_symbol(name) and _is_id(value):
        return int(value), name
    if _is_id(name) and is_raw_symbol(value):
        return int(name), value
    return None


def _merge(symbols: dict[int, str], pairs: Iterable[tuple[int, str]], day: RawDay) -> None:
    for instrument, symbol in pairs:
        known = symbols.setdefault(instrument, symbol)
        if known != symbol:
            raise SymbologyError(
                f"{day.folder}: instrument id {instrument} is {known} and {symbol} on {day.date}; "
                "keep one delivery of the date in the folder"
            )


def _definition_pairs(day: RawDay, wanted: set[int]) -> list[tuple[int, str]]:
    # The latest definition received by the end of the day that had not expired by its start.
    start_ns, end_ns = utc_day_ns(day.date)
    latest: dict[int, tuple[int, str]] = {}
    for file in day.definitions:
        for instrument, received, symbol in _definitions(file, start_ns, end_ns):
            if instrument in wanted and received >= latest.get(instrument, (0, ""))[0]:
                latest[instrument] = (received, symbol)
    return [(instrument, symbol) for instrument, (_, symbol) in latest.items()]


def _definitions(file: RawFile, start_ns: int, end_ns: int) -> Iterator[tuple[int, int, str]]:
    with DbnReader(file.path, "definition") as reader:
        for block in reader.blocks():
            alive = (block["expiration"] == UNDEF_TIMESTAMP) | (block["expiration"] > start_ns)
            for record in block[np.flatnonzero((block["ts_recv"] < end_ns) & alive)]:
                yield (
                    int(record["instrument_id"]),
                    int(record["ts_recv"]),
                    record["raw_symbol"].decode("ascii", "replace"),
                )
        reader.finish()
