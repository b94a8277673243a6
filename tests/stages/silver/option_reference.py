"""The options' MARKET columns from raw records, one option after the other: slow and obvious.

It shares no code with the package: volatilities are vollib's, roots SciPy's, sums plain loops.
"""

from __future__ import annotations

import datetime as dt
import math
from functools import cache, cached_property
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from scipy.stats import norm

from tests.dbn_files import Records
from tests.stages.silver.option_reference_quotes import STEP_NS, Step, walk
from tests.stages.silver.option_reference_smile import Number, SlowSmile
from tests.stages.silver.option_reference_values import (
    at_30_days,
    before,
    points,
    ratio,
    zero_gamma,
)

SECOND_NS = 10**9
YEAR_NS = 365 * 86_400 * SECOND_NS
RATE = 0.04
NEW_YORK = ZoneInfo("America/New_York")


class SlowMarket:
    """Computes rows from the records of the four tables.

    ``earlier`` are trades of sessions before that were asked for alike.
    """

    def __init__(
        self, day: dict[str, Records], date: dt.date, earlier: dict[dt.date, Records] | None = None
    ) -> None:
        self.day, self.date, self.earlier = day, date, earlier or {}
        opens = dt.datetime.combine(date, dt.time(9, 30), NEW_YORK)
        self.open_ns = int(opens.timestamp()) * SECOND_NS

    @cache  # noqa: B019 - lives as long as a test
    def terms(self, at_ns: int) -> dict[int, tuple[int, float, str]]:
        listed: dict[int, tuple[int, float, str]] = {}
        for row in before(self.day["definition"], at_ns):
            instrument = int(row["instrument_id"])
            listed[instrument] = (
                int(row["expiration"]),
                int(row["strike_price"]) / 1e9,
                row["instrument_class"].decode(),
            )
            if row["security_update_action"] == b"D":
                del listed[instrument]
        return listed

    @cached_property
    def steps(self) -> dict[int, Step]:
        seen = int(self.day["nbbo"]["ts_recv"][0]) if len(self.day["nbbo"]) else self.open_ns
        steps = -(-max(self.open_ns - seen, 300 * SECOND_NS) // STEP_NS)
        last = self.open_ns + 10_801 * SECOND_NS
        return walk(
            self.day["nbbo"], self.terms, range(self.open_ns - steps * STEP_NS, last, STEP_NS)
        )

    @cache  # noqa: B019 - lives as long as a test
    def smile(self, expiration: int, at_ns: int) -> SlowSmile | None:
        step = self.steps[at_ns]
        forward = step.forwards.get(expiration)
        if forward is None:
            return None
        ids = {(k, r): i for i, (e, k, r) in self.terms(at_ns).items() if e == expiration}
        years = (expiration - at_ns) / YEAR_NS
        smile = SlowSmile(years, math.exp(RATE * years), forward, ids, {}, {})
        for (strike, right), i in ids.items():
            quote = step.quotes.get(i)
            if quote is None or quote.fault(at_ns, None) or i in step.off_parity:
                continue
            sigma = smile.implied(strike, right, quote.mid)
            if not smile.is_left_behind(strike, right, sigma, quote):
                smile.mids[strike, right] = quote.mid
                if right == smile.right(strike) and sigma is not None:
                    smile.sigma[strike] = sigma
        return smile

    def smiles(self, at_ns: int, least_ns: int) -> list[tuple[int, SlowSmile | None]]:
        ends = sorted({e for e, _, _ in self.terms(at_ns).values() if e - at_ns > least_ns})
        return [(end, self.smile(end, at_ns)) for end in ends]

    def atm(self, at_ns: int, number: int = 0) -> tuple[int, Number]:
        end, smile = self.smiles(at_ns, 1800 * SECOND_NS)[number]
        return end, None if smile is None else smile.atm()

    def since_open(self, at_ns: int) -> Number:
        for step in range(self.open_ns, at_ns + 1, STEP_NS):
            first_end, first = self.atm(step)
            if first is not None:
                end, now = self.atm(at_ns)
                return points(now, first) if end == first_end else None
        return None

    def row(self, at_ns: int) -> dict[str, Number]:
        return {
            **self.volatilities(at_ns),
            **self.front(at_ns),
            **self.interest(at_ns),
            **self.flow(at_ns),
        }

    def volatilities(self, at_ns: int) -> dict[str, Number]:
        later = [smile for _, smile in self.smiles(at_ns, 1800 * SECOND_NS)]
        atm = [None if s is None else s.atm() for s in later]
        call, put = ([None if s is None else s.at_delta(d) for s in later] for d in (0.25, 0.75))
        model_free = [None if s is None else s.model_free() for s in later]
        ends = [end for end, _ in self.smiles(at_ns, 1800 * SECOND_NS)]
        years = [(end - at_ns) / YEAR_NS for end in ends]
        then_end, then = self.atm(at_ns - 300 * SECOND_NS)
        change = points(atm[0], then) if then_end == ends[0] else None
        wing = None if call[0] is None or put[0] is None else (call[0] + put[0]) / 2
        return {
            "atm_implied_volatility_front": atm[0],
            "atm_implied_volatility_30_days": at_30_days(years, atm),
            "atm_implied_volatility_change_front_300s": change,
            "atm_implied_volatility_change_front_since_rth_open": self.since_open(at_ns),
            "atm_implied_volatility_next_minus_front": points(atm[1], atm[0]),
            "risk_reversal_25_delta_front": points(call[0], put[0]),
            "risk_reversal_25_delta_30_days": points(
                at_30_days(years, call), at_30_days(years, put)
            ),
            "butterfly_25_delta_front": points(wing, atm[0]),
            "model_free_implied_volatility_30_days": at_30_days(years, model_free),
        }

    def front(self, at_ns: int) -> dict[str, Number]:
        names = ("max_call_open_interest_strike", "max_put_open_interest_strike", "max_pain_strike")
        columns = [f"{name}_distance_pct_front" for name in names]
        smile = self.smiles(at_ns, 1800 * SECOND_NS)[0][1]
        if smile is None:
            return dict.fromkeys(["option_relative_quoted_spread_front", *columns])
        nearest = sorted(smile.strikes, key=lambda k: (abs(k - smile.forward), k))[:10]
        quotes = [self.steps[at_ns].quotes.get(smile.ids[k, smile.right(k)]) for k in nearest]
        relative = [(q.ask - q.bid) / q.mid for q in quotes if q is not None and q.is_two_sided]
        known = self.open_interest(at_ns)
        held = {key: known[i] or 0 for key, i in smile.ids.items()}
        pain = {
            x: sum(n * max(x - k if right == "C" else k - x, 0.0) for (k, right), n in held.items())
            for x in smile.strikes
        }
        most = [max(smile.strikes, key=lambda k: (held.get((k, right), 0), -k)) for right in "CP"]
        strikes = [*most, min(smile.strikes, key=lambda k: (pain[k], k))]
        return {
            "option_relative_quoted_spread_front": (
                float(np.median(relative)) if len(relative) >= 5 else None
            ),
            **{
                name: 100 * (smile.forward - strike) / smile.forward
                for name, strike in zip(columns, strikes, strict=True)
            },
        }

    def open_interest(self, at_ns: int) -> dict[int, int | None]:
        """By listed option: 0 without a record, None where its expiry has none at all."""
        listed, known, published = self.terms(at_ns), {}, set()
        every = self.terms(self.open_ns + 6000 * SECOND_NS)
        for row in before(self.day["statistics"], at_ns):
            if row["stat_type"] == 9:
                instrument = int(row["instrument_id"])
                known[instrument] = 0 if row["update_action"] == 2 else int(row["quantity"])
                published.add(every[instrument][0])
        return {
            i: known.get(i, 0) if terms[0] in published else None for i, terms in listed.items()
        }

    def interest(self, at_ns: int) -> dict[str, Number]:
        known, listed = self.open_interest(at_ns), self.terms(at_ns)
        limit = at_ns + 90 * 86_400 * SECOND_NS
        near = {i: t for i, t in listed.items() if at_ns < t[0] <= limit}
        sums = {r: sum(known[i] or 0 for i, t in near.items() if t[2] == r) for r in "CP"}
        smiles = {end: self.smile(end, at_ns) for end in sorted({t[0] for t in near.values()})}
        good = {end: s for end, s in smiles.items() if s is not None and s.is_smile}
        forwards = [s.forward for _, s in self.smiles(at_ns, 1800 * SECOND_NS) if s is not None]
        weights, gamma_of, blind = [], 0.0, 0.0
        share = {True: 0.0, False: 0.0}
        for i, (end, k, right) in near.items():
            if end not in good:
                continue
            smile = good[end]
            s = smile.volatility(k) * math.sqrt(smile.years)
            gamma = norm.pdf(smile.d1(k, smile.volatility(k))) / (smile.forward * s)
            gamma_of += gamma
            blind += gamma * (known[i] is None)
            size = (known[i] or 0) / smile.growth
            weights.append((smile.forward, k, s, size if right == "C" else -size))
            today = dt.datetime.fromtimestamp(end / 1e9, NEW_YORK).date() == self.date
            share[today] += gamma * size

        def net(factor: float) -> float:
            summed = 0.0
            for f, k, s, weight in weights:
                d1 = math.log(factor * f / k) / s + s / 2
                summed += weight * factor * f * math.exp(-d1 * d1 / 2) / s
            return summed / math.sqrt(2 * math.pi)

        none_of_them = all(known[i] is not None for i in near)
        is_published = none_of_them or (gamma_of > 0 and blind <= 0.2 * gamma_of)
        is_known = (
            bool(good and forwards)
            and is_published
            and self._smiles_hold(near, good, known, forwards)
        )
        return {
            "put_call_open_interest_ratio": sums["P"] / sums["C"] if is_published else None,
            "net_gamma_exposure_usd_bn_per_1pct": 1e-9 * 0.01 * 50 * net(1) if is_known else None,
            "zero_gamma_distance_pct": zero_gamma(net) if is_known else None,
            "zero_dte_gamma_share": share[True] / sum(share.values()) if is_known else None,
        }

    def _smiles_hold(
        self, near: Any, good: dict[int, SlowSmile], known: Any, forwards: list[float]
    ) -> bool:
        total = lost = 0
        for i, (end, k, _) in near.items():
            if abs(k - forwards[0]) <= 0.1 * forwards[0]:
                total += known[i] or 0
                lost += (known[i] or 0) * (end not in good)
        return lost <= 0.2 * total

    def greeks(self, instrument: int, at_ns: int) -> tuple[float, float] | None:
        terms = self.terms(at_ns).get(instrument)
        smile = None if terms is None else self.smile(terms[0], at_ns)
        if terms is None or smile is None or not smile.is_smile:
            return None
        d1 = smile.d1(terms[1], smile.volatility(terms[1]))
        vega = smile.forward * norm.pdf(d1) * math.sqrt(smile.years)
        return float(norm.cdf(d1)) - (terms[2] == "P"), float(vega)

    def flow(self, at_ns: int) -> dict[str, Number]:
        last = self.volumes(self.open_ns, at_ns)
        values = self.volumes(at_ns - 300 * SECOND_NS, at_ns)
        return {
            "option_volume_300s": values["C"] + values["P"],
            "relative_option_volume_rth": self.relative(at_ns, last["C"] + last["P"]),
            "put_call_volume_ratio_300s": ratio(values["P"], values["C"]),
            "put_call_volume_ratio_rth": ratio(last["P"], last["C"]),
            "zero_dte_volume_share_rth": ratio(last["0DTE"], last["C"] + last["P"]),
            **self.imbalances(at_ns),
        }

    def volumes(self, start_ns: int, at_ns: int) -> dict[str, float]:
        sums = {"C": 0.0, "P": 0.0, "0DTE": 0.0}
        for row in before(self.day["trades"], at_ns):
            if row["ts_recv"] >= start_ns:
                end, _, right = self.terms(self.open_ns + 6000 * SECOND_NS)[
                    int(row["instrument_id"])
                ]
                day = dt.datetime.fromtimestamp(end / 1e9, NEW_YORK).date()
                sums[right] += int(row["size"])
                sums["0DTE"] += int(row["size"]) * (day == self.date)
        return sums

    def relative(self, at_ns: int, volume: float) -> Number:
        """Over the earlier sessions that were asked for alike, at the same wall time."""
        prior = []
        for date, trades in self.earlier.items():
            back = (self.date - date).days * 86_400 * SECOND_NS
            rows = before(trades, at_ns - back)
            prior.append(int(rows["size"][rows["ts_recv"] >= self.open_ns - back].sum()))
        mean = sum(prior) / len(prior) if len(prior) >= 5 else 0
        return volume / mean if mean else None

    def imbalances(self, at_ns: int) -> dict[str, Number]:
        names = ("net_call_premium", "net_put_premium", "delta_weighted", "vega_weighted")
        parts = dict.fromkeys(names, 0.0)
        whole = dict.fromkeys(names, 0.0)
        for row in before(self.day["trades"], at_ns):
            received, sign = int(row["ts_recv"]), {b"B": 1, b"A": -1}.get(row["side"], 0)
            if received < at_ns - 300 * SECOND_NS or not sign:
                continue
            instrument, size = int(row["instrument_id"]), int(row["size"])
            right = self.terms(self.open_ns + 6000 * SECOND_NS)[instrument][2]
            step = received - (received - self.open_ns) % (5 * SECOND_NS)
            weights = {names[right == "P"]: size * int(row["price"]) / 1e9}
            known = self.greeks(instrument, step)
            if known is not None:
                weights |= {"delta_weighted": size * known[0], "vega_weighted": size * known[1]}
            for name, weight in weights.items():
                parts[name] += sign * weight
                whole[name] += abs(weight)
        ends = ["to_call_premium_300s", "to_put_premium_300s"]
        ends += ["option_order_imbalance_300s"] * 2
        return {
            f"{name}_{end}": ratio(parts[name], whole[name])
            for name, end in zip(names, ends, strict=True)
        }
