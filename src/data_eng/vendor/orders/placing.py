"""Placing orders so that none is placed twice, and none without its price being known."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from typing import Final

from ...errors import VendorError, VendorRefusedError
from .client import Vendor
from .journal import Entry, Journal
from .order import Order

log = logging.getLogger(__name__)

ARRIVAL: Final = dt.timedelta(minutes=5)
"""After this an order that was taken is among the vendor's jobs."""
_CLOCKS: Final = dt.timedelta(minutes=10)
"""How far this clock may be ahead of the vendor's."""
_CENT: Final = 0.01


@dataclass(frozen=True)
class Quote:
    """An order, what it costs in US dollars, and the bytes that it is billed by."""

    order: Order
    cost_usd: float
    bytes: int


def quote(vendor: Vendor, order: Order) -> Quote:
    """Return what an order costs now."""
    return Quote(order, vendor.cost(order), vendor.size(order))


def place(vendor: Vendor, journal: Journal, quoted: Quote) -> Entry:
    """Place an order at the price that was shown; return its entry.

    Raises
    ------
    VendorRefusedError
        It was surely not taken, or has become dearer.
    VendorError
        Whether it was taken is not known: the entry stays, for `settled`.
    LakeError
        The entry cannot be written.
    """
    order = quoted.order
    cost = vendor.cost(order)
    if cost > quoted.cost_usd + _CENT:
        raise VendorRefusedError(
            f"order of {order}: costs {cost:,.2f} USD now, and {quoted.cost_usd:,.2f} were shown; "
            "not placed: run again"
        )
    entry = Entry(order, dt.datetime.now(dt.UTC))
    journal.keep(entry)
    try:
        job = vendor.submit(order)
    except VendorRefusedError:
        journal.forget(order)
        raise
    except VendorError as error:
        raise VendorError(
            f"{error}; whether it was taken is not known: the next run looks for it among the "
            "account's jobs before it orders anything"
        ) from error
    return journal.with_job(entry, job)


def settled(vendor: Vendor, journal: Journal, entry: Entry) -> Entry | None:
    """Return an entry of an earlier run with its job; None where it was never placed.

    Raises
    ------
    VendorError
        It cannot be told, or not yet.
    """
    if entry.job is not None:
        return entry
    job = vendor.find(entry.order, entry.asked - _CLOCKS)
    if job is not None:
        log.warning("order of %s: found as job %s; not ordered again", entry.order, job)
        return journal.with_job(entry, job)
    known_from = entry.asked + ARRIVAL
    if dt.datetime.now(dt.UTC) < known_from:
        raise VendorError(
            f"order of {entry.order}: a run that ended at {entry.asked:%H:%M:%S} UTC may have "
            "placed it, and it is not among the account's jobs yet; run again after "
            f"{known_from:%H:%M:%S} UTC"
        )
    log.warning("order of %s: sent by an earlier run, and no job came of it", entry.order)
    journal.forget(entry.order)
    return None
