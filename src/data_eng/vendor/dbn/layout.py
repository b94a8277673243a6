"""Record layouts of DBN versions 1, 2 and 3 as NumPy structured types.

The layouts come from ``databento_dbn``, the vendor's own definition of them. Databento
encoding: https://databento.com/docs/standards-and-conventions/databento-binary-encoding
"""

from __future__ import annotations

from typing import Any, Final

import databento_dbn as dbn
import numpy as np

RECORD_HEADER_BYTES: Final = 16
"""``length`` (u1, in 4-byte words), ``rtype`` (u1), ``publisher_id`` (u2), ``instrument_id`` (u4),
``ts_event`` (u8)."""

UNDEF_PRICE: Final = int(dbn.UNDEF_PRICE)
UNDEF_TIMESTAMP: Final = int(dbn.UNDEF_TIMESTAMP)
PRICE_SCALE: Final = float(dbn.FIXED_PRICE_SCALE)
"""Fixed-point units of a price in one point."""

RTYPE_ERROR: Final = 0x15
RTYPE_SYMBOL_MAPPING: Final = 0x16
RTYPE_SYSTEM: Final = 0x17
CONTROL_RTYPES: Final = frozenset({RTYPE_ERROR, RTYPE_SYMBOL_MAPPING, RTYPE_SYSTEM})
"""What a gateway may put between the records of any schema."""
KNOWN_RTYPES: Final = frozenset(int(r.value) for r in dbn.RType.variants())

FLAGS: Final = {
    "f_last": int(dbn.F_LAST),
    "f_tob": int(dbn.F_TOB),
    "f_snapshot": int(dbn.F_SNAPSHOT),
    "f_mbp": int(dbn.F_MBP),
    "f_bad_ts_recv": int(dbn.F_BAD_TS_RECV),
    "f_maybe_bad_book": int(dbn.F_MAYBE_BAD_BOOK),
    "f_publisher_specific": int(dbn.F_PUBLISHER_SPECIFIC),
}
"""DBN flag constants, in lower case, by the bit they occupy in ``flags``."""

_RTYPES: Final[dict[str, int]] = {
    "mbo": 0xA0,
    "mbp-1": 0x01,
    "mbp-10": 0x0A,
    "tbbo": 0x01,
    "trades": 0x00,
    "bbo-1s": 0xC3,
    "bbo-1m": 0xC4,
    "definition": 0x13,
    "statistics": 0x18,
}

_MESSAGES: Final[dict[str, tuple[Any, Any, Any]]] = {
    # schema: message class in DBN version 1, 2, 3
    "mbo": (dbn.MBOMsg,) * 3,
    "mbp-1": (dbn.MBP1Msg,) * 3,
    "mbp-10": (dbn.MBP10Msg,) * 3,
    "tbbo": (dbn.MBP1Msg,) * 3,
    "trades": (dbn.TradeMsg,) * 3,
    "bbo-1s": (dbn.BBOMsg,) * 3,
    "bbo-1m": (dbn.BBOMsg,) * 3,
    "definition": (dbn.InstrumentDefMsgV1, dbn.InstrumentDefMsgV2, dbn.InstrumentDefMsg),
    "statistics": (dbn.StatMsgV1, dbn.StatMsgV1, dbn.StatMsg),
}

SCHEMAS: Final = frozenset(_RTYPES)
"""The schemas that can be decoded, under the vendor's names."""


def rtype_of(schema: str) -> int:
    """Return the record type that a schema's records carry."""
    return _RTYPES[schema]


def record_dtype(schema: str, version: int, *, ts_out: bool = False) -> np.dtype[np.void]:
    """Return the structured type of one record.

    Parameters
    ----------
    schema : str
        A vendor schema name, one of `SCHEMAS`.
    version : int
        DBN version of the file: 1, 2 or 3.
    ts_out : bool
        Whether every record is followed by the gateway's send time, as ``ts_out`` (u8, ns).

    Returns
    -------
    numpy.dtype
        Little-endian, packed, with the vendor's field names.
    """
    fields = list(_MESSAGES[schema][version - 1]._dtypes)
    if ts_out:
        fields.append(("ts_out", "<u8"))
    return np.dtype(fields)


def symbol_mapping_dtype(version: int, *, ts_out: bool = False) -> np.dtype[np.void]:
    """Return the structured type of a symbol mapping record (as `record_dtype`)."""
    fields = list((dbn.SymbolMappingMsgV1 if version == 1 else dbn.SymbolMappingMsg)._dtypes)
    if ts_out:
        fields.append(("ts_out", "<u8"))
    return np.dtype(fields)


def error_dtype(version: int) -> np.dtype[np.void]:
    """Return the structured type of an error record, without ``ts_out``."""
    return np.dtype(list((dbn.ErrorMsgV1 if version == 1 else dbn.ErrorMsg)._dtypes))
