"""A sample day of options: what is asked for, its instruments and its order flow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...errors import UsageError
from ..clock import day_clock
from ..day import SampleFuture
from ..latent import Latent, stream
from ..randomness import new_state
from .chain import Chain, build_chain
from .engine import STATISTICS_PER_ROW, advance
from .expiries import listed_expiries
from .layout import STATISTIC_EVENT, new_quotes
from .market import OptionMarket
from .setup import WEIGHTS_STREAM, flow_weights, instrument_rows, new_state_row
from .spreads import MAX_SPREADS, Spreads, build_spreads
from .surface import underlying_day

CHUNK_ROWS: Final = 65_536
MIN_STRIKES: Final = 5
MAX_STRIKES: Final = 450
_SPREADS_STREAM: Final = 5
_EVENTS_STREAM: Final = 6


@dataclass(frozen=True)
class SampleOptions:
    """A day of options on a sample's futures to build.

    Attributes
    ----------
    future : SampleFuture
        Gives date, root and price path. Only these and its seed matter here.
    quotes : int
        NBBO (MBP-1) records wanted in all, met within one per cent.
    strikes : int
        Strikes of each expiry, 5 to 450; each has a call and a put.
    spreads : int
        User-defined spreads, up to 100,000.
    spread_share : float
        Part of the flow that is in spreads, 0 to 1 (exclusive).
    seed : int
        Of the options' own flow.
    """

    future: SampleFuture
    quotes: int = 100_000
    strikes: int = 41
    spreads: int = 400
    spread_share: float = 0.3
    seed: int = 7

    def __post_init__(self) -> None:
        if not MIN_STRIKES <= self.strikes <= MAX_STRIKES:
            raise UsageError(f"strikes must be {MIN_STRIKES} to {MAX_STRIKES}, got {self.strikes}")
        if not 0 <= self.spreads <= MAX_SPREADS:
            raise UsageError(f"spreads must be 0 to {MAX_SPREADS}, got {self.spreads}")
        if not 0.0 <= self.spread_share < 1.0:
            raise UsageError(f"spread_share must be in [0, 1), got {self.spread_share}")
        if self.seed < 0:
            raise UsageError(f"seed must not be negative, got {self.seed}")
        outrights = 2 * self.strikes * len(listed_expiries(self.future.root, self.future.date))
        if self.quotes < 2 * (outrights + self.spreads):
            least = 2 * (outrights + self.spreads)
            raise UsageError(
                f"quotes must be {least} or more for {outrights} options and "
                f"{self.spreads} spreads, got {self.quotes}"
            )


class OptionDay:
    """The instruments and market of a sample, made once from it.

    Attributes
    ----------
    sample : SampleOptions
    second : SECOND array, shape (86401,)
        State of the market at every second, from which all is priced.
    latent : Latent
    chain : Chain
    spreads : Spreads
    """

    def __init__(self, sample: SampleOptions) -> None:
        future = sample.future
        self.sample = sample
        self.clock = day_clock(future.date)
        self.second, self.latent = underlying_day(future.root, future.date, future.seed)
        expiries = listed_expiries(future.root, future.date)
        self.forwards = np.array(
            [self.forward(expiry.underlying.near) for expiry in expiries], np.float64
        )
        self.chain: Chain = build_chain(future.date, expiries, self.forwards, sample.strikes)
        self.spreads: Spreads = build_spreads(
            self.chain,
            self.forwards,
            sample.spreads,
            alive_until=np.array([expiry.expiration_ns for expiry in expiries], np.int64),
            progress=self.progress,
            start=self.clock.start_ns,
            seed=self.stream(_SPREADS_STREAM),
        )

    def forward(self, quarter: int) -> float:
        """Return the price of a future at the day's start, points."""
        return float(self.second["front"][0] + quarter * self.second["carry"][0])

    def stream(self, number: int) -> np.random.SeedSequence:
        """Return the seed of one of the options' streams of random numbers."""
        future = self.sample.future
        return stream(future.root, future.date, self.sample.seed, number)

    @cached_property
    def progress(self) -> NDArray[np.float64]:
        """Fraction of the day's records past at each second, shape (86401,)."""
        latent: Latent = self.latent
        total = np.concatenate(([0.0], np.cumsum(latent.activity)))
        return np.asarray(total / total[-1])

    @cached_property
    def instruments(self) -> NDArray[Any]:
        """INSTRUMENT array: the chain's options, then the spreads."""
        return instrument_rows(self.chain, self.spreads)

    def mappings(self) -> list[tuple[str, int]]:
        """Return raw symbol and instrument id of everything in the day's files."""
        symbols = self.chain.symbol + self.spreads.symbol
        return list(zip(symbols, self.instruments["id"].tolist(), strict=True))

    def market(self) -> OptionMarket:
        """Return a fresh market at the day's start, without a chunk to write to."""
        clock = self.clock
        seed = self.stream(_EVENTS_STREAM)
        # On a Sunday nothing is on record before the opening.
        is_sunday = self.sample.future.date.weekday() == 6
        _, wide, narrow = new_quotes(0)
        return OptionMarket(
            instrument=self.instruments.copy(),
            leg=self.spreads.leg,
            second=self.second,
            progress=self.progress,
            weight=flow_weights(
                self.chain,
                self.spreads,
                self.forwards,
                clock.start_ns,
                self.stream(WEIGHTS_STREAM),
            ),
            opens=clock.start_ns + np.array(clock.reopens, np.int64) * 10**9,
            closes=clock.start_ns + np.array([*clock.closes, 86_400], np.int64) * 10**9,
            random=new_state(seed),
            state=new_state_row(
                clock.start_ns,
                self.sample.quotes,
                self.sample.spread_share if len(self.spreads) else 0.0,
                seed,
                snapshot_next=len(self.instruments) if is_sunday else 0,
            ),
            wide=wide,
            narrow=narrow,
            statistic=np.zeros(0, STATISTIC_EVENT),
        )

    def flow(self) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
        """Yield the day's MBP-1 records, and the statistics that follow from them.

        Yields
        ------
        quotes : MBP1_DTYPE array, at most 65,536 records in file order
        statistics : STATISTIC_EVENT array
            Opening prices, session highs and lows, highest bids and lowest offers.
        """
        market = self.market()
        while not market.state[0]["ended"]:
            records, wide, narrow = new_quotes(CHUNK_ROWS)
            events = np.zeros(CHUNK_ROWS * STATISTICS_PER_ROW, STATISTIC_EVENT)
            market = market._replace(wide=wide, narrow=narrow, statistic=events)
            rows, statistics = advance(market)
            yield records[:rows], events[:statistics].copy()
