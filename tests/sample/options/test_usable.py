"""The demo's quotes can be used: the front has a volatility, the expiries have smiles."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from src.data_eng.cli import demo
from src.data_eng.exchange.dates import parse_date
from src.data_eng.exchange.sessions import FIRST3H, window_ns
from src.data_eng.features.option_market.moment import Moment, atm
from src.data_eng.features.option_market.quotes import LastQuotes
from src.data_eng.options.chain import make_chain
from src.data_eng.options.pricing import price_chain
from src.data_eng.sample import SampleFuture, SampleOptions
from src.data_eng.sample.options import OptionDay
from src.data_eng.sample.options.pricing import RATE

from .conftest import UNDEFINED

STEP_NS = 5 * 10**9
WARM_UP_NS = 30 * 60 * 10**9
DATE = parse_date(demo.DATE)


def moments(day: OptionDay) -> Iterator[Moment]:
    """What is known every 5 seconds from 09:30 to 12:30 of the options on the front month."""
    found = day.chain
    expiries = found.expiries
    expiration_ns = np.array([item.expiration_ns for item in expiries], np.int64)[found.expiry]
    on_front = np.array([item.underlying.near == 0 for item in expiries])[found.expiry]
    ids = found.instrument_id[on_front]
    chain = make_chain(
        ids.astype(np.uint32),
        expiration_ns[on_front],
        found.strike[on_front],
        found.is_call[on_front],
    )
    rows = np.concatenate([quotes for quotes, _ in day.flow()])
    rows = rows[np.isin(rows["instrument_id"], ids)]
    order = np.argsort(ids)
    slots = order[np.searchsorted(ids[order], rows["instrument_id"])].astype(np.int64)
    times = rows["ts_recv"].astype(np.int64)
    bid, ask = (
        np.where(rows[name] == UNDEFINED, np.nan, rows[name] / 1e9)
        for name in ("bid_px_00", "ask_px_00")
    )
    has_sizes = (rows["bid_sz_00"] > 0) & (rows["ask_sz_00"] > 0)
    last = LastQuotes(len(ids), "mbp-1")
    open_ns, end_ns = window_ns(DATE, *FIRST3H)
    done = 0
    # Before 09:30 the forwards tell which of the quotes are left behind by then.
    for at_ns in range(open_ns - WARM_UP_NS, end_ns + 1, STEP_NS):
        upto = int(np.searchsorted(times, at_ns))
        new = slice(done, upto)
        last.update(slots[new], times[new], bid[new], ask[new], has_sizes[new])
        done = upto
        priced = price_chain(chain, last.judge(at_ns), at_ns, RATE)
        if at_ns >= open_ns:
            held = np.ones(len(ids))
            yield Moment(at_ns, priced, last.rows, held, 50.0, end_ns)


@pytest.mark.timeout(180)
def test_nulls_of_the_demo_are_rare() -> None:
    future = SampleFuture(DATE, root=demo.WITH_OPTIONS, seed=demo.SEED)
    day = OptionDay(SampleOptions(future, quotes=demo.QUOTES))
    steps = [
        (np.isnan(one.front_atm), not one.gamma.is_complete, np.isnan(one.at_30_days(atm)))
        for one in moments(day)
    ]
    assert len(steps) == 2_161
    front, gamma, month = np.mean(steps, axis=0)
    assert front < 0.02
    assert gamma < 0.02
    assert month < 0.05
