"""What each instrument of an options file is, as the vendor's definitions of the date say.

1. `read_definitions` keeps the last definition of every instrument id up to the end of the date.
2. `OptionInstruments.classify` sorts them, once the front month is known: calls and puts on it,
   and why each other instrument is left out.

An id is unique on one date only, so a definition file that does not cover the date is no help.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..exchange.roll import Candidate
from ..exchange.symbols import USER_DEFINED, outright_of_root, parse_outright
from ..settings import MAX_EXPANSION
from .dbn.layout import UNDEF_PRICE, UNDEF_TIMESTAMP
from .dbn.reader import DbnReader
from .dbn.stream import RawDigest
from .header_range import check_range
from .raw_file import RawFile

_COMPACT_ROWS: Final = 1 << 16

TERMS: Final = np.dtype(
    [
        ("instrument_id", "<u4"),
        ("underlying_id", "<u4"),
        ("ts_recv", "<u8"),
        ("expiration", "<u8"),
        ("strike_price", "<i8"),
        ("instrument_class", "S1"),
        ("cfi", "S7"),
        ("raw_symbol", "S71"),
        ("underlying", "S21"),
    ]
)
"""The fields of a definition that tell what an instrument is, the same in all DBN versions."""


class Kind(IntEnum):
    """What an instrument is to a partition of options on one futures contract."""

    OUTRIGHT = 0
    """A call or put on the front month: kept."""
    SPREAD = 1
    """A user-defined spread or another combination."""
    OTHER_UNDERLYING = 2
    """A call or put on another contract of the root."""
    OTHER_ROOT = 3
    """A call or put on another root's future."""
    NOT_AN_OPTION = 4
    """A future, for instance."""
    UNDEFINED_TERMS = 5
    """A call or put on the front month without strike price or expiration."""

    @property
    def label(self) -> str:
        """The name that manifests use."""
        return self.name.lower()


class OptionInstruments:
    """The definitions of a date, one an instrument id.

    Parameters
    ----------
    terms : structured array of `TERMS`, shape (n,)
        By instrument id, each id once.
    digests : dict
        Size and SHA-256 of the definition files by lake-relative path.
    """

    def __init__(self, terms: npt.NDArray[np.void], digests: dict[str, RawDigest]) -> None:
        self.terms = terms
        self.digests = digests
        self._is_option = np.isin(terms["instrument_class"], [b"C", b"P"])
        self._underlyings = np.unique(terms["underlying"][self._is_option]).tolist()

    def underlyings(self, root: str) -> list[str]:
        """Return the contracts of a root that calls and puts are written on."""
        names = [name.decode("ascii", "replace") for name in self._underlyings]
        return [name for name in names if outright_of_root(name, root) is not None]

    def roots(self) -> list[str]:
        """Return the product roots of the futures that calls and puts are written on, sorted."""
        found = {parse_outright(name.decode("ascii", "replace")) for name in self._underlyings}
        return sorted({one.root for one in found if one is not None})

    def candidates(self, root: str, start_ns: int) -> list[Candidate]:
        """Return the contracts of `underlyings` with their number of options alive at a time.

        Parameters
        ----------
        root : str
        start_ns : int
            ns since epoch; an option that expired before does not count.
        """
        terms = self.terms
        alive = self._is_option & (terms["expiration"] > start_ns)
        found = []
        for name in self.underlyings(root):
            on_it = terms["underlying"] == name.encode()
            underlying_id = int(terms["underlying_id"][self._is_option & on_it].max())
            found.append(Candidate(name, underlying_id, int((alive & on_it).sum()), 0, 0))
        return found

    def classify(self, root: str, contract: str) -> npt.NDArray[np.int8]:
        """Return the `Kind` of every instrument, given the front-month contract."""
        terms = self.terms
        kinds = np.full(len(terms), Kind.NOT_AN_OPTION, np.int8)
        # CME's spreads are of classes T (options) and M (mixed); all else that is not F, C or P
        # is a combination too.
        is_user_defined = np.char.startswith(terms["raw_symbol"], USER_DEFINED.encode())
        kinds[is_user_defined | np.isin(terms["instrument_class"], [b"T", b"M", b"S"])] = (
            Kind.SPREAD
        )
        option = self._is_option & ~is_user_defined
        of_root = np.isin(terms["underlying"], [name.encode() for name in self.underlyings(root)])
        kinds[option] = Kind.OTHER_ROOT
        kinds[option & of_root] = Kind.OTHER_UNDERLYING
        chosen = option & (terms["underlying"] == contract.encode())
        kinds[chosen] = Kind.OUTRIGHT
        no_strike = terms["strike_price"] == UNDEF_PRICE
        no_expiration = terms["expiration"] == UNDEF_TIMESTAMP
        kinds[chosen & (no_strike | no_expiration)] = Kind.UNDEFINED_TERMS
        return kinds


def read_definitions(
    files: Iterable[RawFile], end_ns: int, max_expansion: int = MAX_EXPANSION
) -> OptionInstruments:
    """Read definition files, keeping the last definition of each id received before a time.

    Parameters
    ----------
    files : iterable of RawFile
        Definition files, of any DBN version.
    end_ns : int
        ns since epoch; the end of the date.
    max_expansion : int
        See `RawStream`.

    Raises
    ------
    DbnDecodeError
        A file is truncated, corrupt or of another schema.
    InputError
        A definition was received outside its header's range.
    """
    latest = np.zeros(0, TERMS)
    pending: list[npt.NDArray[np.void]] = []
    rows = 0
    digests: dict[str, RawDigest] = {}
    for file in files:
        with DbnReader(file.path, "definition", max_expansion=max_expansion) as reader:
            first_ns, last_ns = np.iinfo(np.int64).max, -1
            for block in reader.blocks():
                times = block["ts_recv"]
                first_ns = min(first_ns, int(times.min()))
                last_ns = max(last_ns, int(times.max()))
                taken = _terms(block[times < end_ns])
                pending.append(taken)
                rows += len(taken)
                if rows > _COMPACT_ROWS:
                    latest, pending, rows = _latest([latest, *pending]), [], 0
            check_range(file, first_ns, last_ns)
            digests[file.relative] = reader.finish()
    return OptionInstruments(_latest([latest, *pending]), digests)


def _terms(block: npt.NDArray[Any]) -> npt.NDArray[np.void]:
    terms = np.zeros(len(block), TERMS)
    for name in TERMS.names or ():
        terms[name] = block[name]
    return terms


def _latest(parts: list[npt.NDArray[np.void]]) -> npt.NDArray[np.void]:
    # By id, then by time; equal times in file order. The last of each id stays.
    together = np.concatenate(parts)
    order = np.lexsort((np.arange(len(together)), together["ts_recv"], together["instrument_id"]))
    together = together[order]
    ids = together["instrument_id"]
    is_last = np.ones(len(ids), np.bool_)
    is_last[:-1] = ids[1:] != ids[:-1]
    return together[is_last]
