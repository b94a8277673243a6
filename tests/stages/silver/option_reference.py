"""The options' MARKET columns from raw records, one option after the other: slow and obvious.

It shares no code with the package: volatilities are vollib's, roots SciPy's, sums plain loops.
"""

from __future__ import annotations

import datetime as dt
import math
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm
from vollib.black.implied_volatility import implied_volatility

from tests.dbn_files import Records
from tests.option_files import OPEN_NS
from tests.stages.silver.option_reference_smile import Number, SlowSmile

SECOND_NS = 10**9
YEAR_NS = 365 * 86_400 * SECOND_NS
RATE = 0.04
NEW_YORK = ZoneInfo("America/New_York")


class SlowMarket:
    """Computes rows from the records of the four tables of `option_lake`."""

    def __init__(self, day: dict[str, Records], date: dt.date) -> None:
        self.day, self.date = day, date

    @cache  # noqa: B019 - lives as long as a test
    def terms(self, at_ns: int) -> dict[int, tuple[int, float, str]]:
        listed: dict[int, tuple[int, float, str]] = {}
        for row in _before(self.day["definition"], at_ns):
            instrument = int(row["instrument_id"])
            listed[instrument] = (
                int(row["expiration"]),
                int(row["strike_price"]) / 1e9,
                row["instrument_class"].decode(),
            )
            if row["security_update_action"] == b"D":
                del listed[instrument]
        return listed

    @cache  # noqa: B019 - lives as long as a test
    def quotes(self, at_ns: int) -> dict[int, tuple[float, float]]:
        rows = _before(self.day["nbbo"], at_ns)
        rows = rows[rows["ts_recv"] >= at_ns - 60 * SECOND_NS]  # older ones are of no use
        last = {int(row["instrument_id"]): row for row in rows}
        usable = {}
        for instrument, row in last.items():
            bid, ask = int(row["bid_px_00"]) / 1e9, int(row["ask_px_00"]) / 1e9
            mid = (bid + ask) / 2
            if bid > 0 and ask > bid and ask - bid <= max(1.0, 0.25 * mid):
                usable[instrument] = (mid, ask - bid)
        return usable

    @cache  # noqa: B019 - lives as long as a test
    def smile(self, expiration: int, at_ns: int) -> SlowSmile | None:
        ids = {(k, r): i for i, (e, k, r) in self.terms(at_ns).items() if e == expiration}
        quotes = self.quotes(at_ns)
        mids = {key: quotes[i][0] for key, i in ids.items() if i in quotes}
        years = (expiration - at_ns) / YEAR_NS
        growth = math.exp(RATE * years)
        gaps = {k: mids[k, "C"] - mids[k, "P"] for k, r in mids if r == "C" and (k, "P") in mids}
        nearest = sorted(gaps, key=lambda k: (abs(gaps[k]), k))[:5]
        if not nearest:
            return None
        forward = float(np.median([k + growth * gaps[k] for k in nearest]))
        smile = SlowSmile(years, growth, forward, ids, mids, {})
        for (strike, right), mid in mids.items():
            if right == smile.right(strike):
                smile.sigma[strike] = implied_volatility(
                    mid * growth, forward, strike, 0.0, years, right.lower()
                )
        return smile

    def smiles(self, at_ns: int, least_ns: int) -> list[tuple[int, SlowSmile]]:
        ends = sorted({e for e, _, _ in self.terms(at_ns).values() if e - at_ns > least_ns})
        made = [(end, self.smile(end, at_ns)) for end in ends]
        return [(end, smile) for end, smile in made if smile is not None]

    def row(self, at_ns: int) -> dict[str, Number]:
        return {
            **self.volatilities(at_ns),
            **self.front(at_ns),
            **self.interest(at_ns),
            **self.flow(at_ns),
        }

    def volatilities(self, at_ns: int) -> dict[str, Number]:
        later = self.smiles(at_ns, 1800 * SECOND_NS)
        atm = [smile.atm() for _, smile in later]
        call, put = ([s.at_delta(d) for _, s in later] for d in (0.25, 0.75))
        years = [smile.years for _, smile in later]
        before = self.smiles(at_ns - 300 * SECOND_NS, 1800 * SECOND_NS)
        wing = None if call[0] is None or put[0] is None else (call[0] + put[0]) / 2
        return {
            "atm_implied_volatility_front": atm[0],
            "atm_implied_volatility_30d": _at_30_days(years, atm),
            "atm_implied_volatility_change_front_300s": _points(atm[0], before[0][1].atm()),
            "implied_volatility_term_slope": _points(atm[1], atm[0]),
            "risk_reversal_25d_front": _points(call[0], put[0]),
            "risk_reversal_25d_30d": _points(_at_30_days(years, call), _at_30_days(years, put)),
            "butterfly_25d_front": _points(wing, atm[0]),
            "model_free_implied_volatility_30d": _at_30_days(
                years, [smile.model_free() for _, smile in later]
            ),
        }

    def front(self, at_ns: int) -> dict[str, Number]:
        smile = self.smiles(at_ns, 1800 * SECOND_NS)[0][1]
        nearest = sorted(smile.strikes, key=lambda k: (abs(k - smile.forward), k))[:10]
        pair = [smile.mids.get((nearest[0], right)) for right in "CP"]
        quotes = self.quotes(at_ns)
        ids = [smile.ids[k, smile.right(k)] for k in nearest]
        relative = [quotes[i][1] / quotes[i][0] for i in ids if i in quotes]
        known = self.open_interest(at_ns)
        held = {key: known.get(i, 0) for key, i in smile.ids.items()}
        pain = {
            x: sum(n * max(x - k if right == "C" else k - x, 0.0) for (k, right), n in held.items())
            for x in smile.strikes
        }

        def distance(strike: float) -> float:
            return 100 * (strike - smile.forward) / smile.forward

        most = {
            right: max(smile.strikes, key=lambda k: (held.get((k, right), 0), -k)) for right in "CP"
        }
        straddle = sum(p for p in pair if p is not None) if None not in pair else None
        return {
            "atm_straddle_implied_move_bps_front": (
                None if straddle is None else 1e4 * straddle / smile.forward
            ),
            "option_relative_quoted_spread_front": (
                float(np.median(relative)) if len(relative) >= 5 else None
            ),
            "max_call_open_interest_strike_distance_pct_front": distance(most["C"]),
            "max_put_open_interest_strike_distance_pct_front": distance(most["P"]),
            "max_pain_strike_distance_pct_front": distance(
                min(smile.strikes, key=lambda k: (pain[k], k))
            ),
        }

    def open_interest(self, at_ns: int) -> dict[int, int]:
        known: dict[int, int] = {}
        for row in _before(self.day["statistics"], at_ns):
            if row["stat_type"] == 9:
                known[int(row["instrument_id"])] = int(row["quantity"])
                if row["update_action"] == 2:
                    del known[int(row["instrument_id"])]
        return known

    def interest(self, at_ns: int) -> dict[str, Number]:
        known, listed = self.open_interest(at_ns), self.terms(at_ns)
        sums = {
            right: sum(known.get(i, 0) for i, terms in listed.items() if terms[2] == right)
            for right in "CP"
        }
        missing = sum(i not in known for i in listed)
        weights, lost, total = [], 0.0, 0.0
        for _, smile in self.smiles(at_ns, 0):
            for (k, right), i in smile.ids.items():
                sigma = smile.volatility(k)
                s = sigma * math.sqrt(smile.years)
                gamma = norm.pdf(smile.d1(k, sigma)) / (smile.forward * s)
                total += gamma
                if k in smile.sigma and i in known:
                    sign = 1 if right == "C" else -1
                    weights.append((smile.forward, k, s, sign * known[i] / smile.growth))
                else:
                    lost += gamma

        def net(factor: float) -> float:
            summed = 0.0
            for f, k, s, weight in weights:
                d1 = math.log(factor * f / k) / s + s / 2
                summed += weight * factor * f * math.exp(-d1 * d1 / 2) / s
            return summed / math.sqrt(2 * math.pi)

        is_known = lost <= 0.2 * total
        return {
            "put_call_open_interest_ratio": (
                sums["P"] / sums["C"] if missing <= 0.2 * len(listed) else None
            ),
            "net_gamma_exposure_usd_bn_per_1pct": 1e-9 * 0.01 * 50 * net(1) if is_known else None,
            "zero_gamma_distance_pct": _zero_gamma(net) if is_known else None,
        }

    def greeks(self, instrument: int, at_ns: int) -> tuple[float, float] | None:
        terms = self.terms(at_ns).get(instrument)
        smile = None if terms is None else self.smile(terms[0], at_ns)
        if terms is None or smile is None:
            return None
        d1 = smile.d1(terms[1], smile.volatility(terms[1]))
        vega = smile.forward * norm.pdf(d1) * math.sqrt(smile.years)
        return float(norm.cdf(d1)) - (terms[2] == "P"), float(vega)

    def flow(self, at_ns: int) -> dict[str, Number]:
        last = self.volumes(OPEN_NS, at_ns)
        values = self.volumes(at_ns - 300 * SECOND_NS, at_ns)
        return {
            "option_volume_300s": values["C"] + values["P"],
            "option_volume_rth": last["C"] + last["P"],
            "put_call_volume_ratio_300s": _ratio(values["P"], values["C"]),
            "put_call_volume_ratio_rth": _ratio(last["P"], last["C"]),
            "zero_dte_volume_share_rth": _ratio(last["0DTE"], last["C"] + last["P"]),
            **self.imbalances(at_ns),
        }

    def volumes(self, start_ns: int, at_ns: int) -> dict[str, float]:
        sums = {"C": 0.0, "P": 0.0, "0DTE": 0.0}
        for row in _before(self.day["trades"], at_ns):
            if row["ts_recv"] >= start_ns:
                end, _, right = self.terms(OPEN_NS + 6000 * SECOND_NS)[int(row["instrument_id"])]
                day = dt.datetime.fromtimestamp(end / 1e9, NEW_YORK).date()
                sums[right] += int(row["size"])
                sums["0DTE"] += int(row["size"]) * (day == self.date)
        return sums

    def imbalances(self, at_ns: int) -> dict[str, Number]:
        names = ("signed_call_premium", "signed_put_premium", "delta_weighted", "vega_weighted")
        parts = dict.fromkeys(names, 0.0)
        whole = dict.fromkeys(names, 0.0)
        for row in _before(self.day["trades"], at_ns):
            received, sign = int(row["ts_recv"]), {b"B": 1, b"A": -1}.get(row["side"], 0)
            if received < at_ns - 300 * SECOND_NS or not sign:
                continue
            instrument, size = int(row["instrument_id"]), int(row["size"])
            right = self.terms(OPEN_NS + 6000 * SECOND_NS)[instrument][2]
            step = received - (received - OPEN_NS) % (5 * SECOND_NS)
            weights = {names[right == "P"]: size * int(row["price"]) / 1e9}
            known = self.greeks(instrument, step)
            if known is not None:
                weights |= {"delta_weighted": size * known[0], "vega_weighted": size * known[1]}
            for name, weight in weights.items():
                parts[name] += sign * weight
                whole[name] += abs(weight)
        ends = ("imbalance_300s", "imbalance_300s", *["option_order_imbalance_300s"] * 2)
        return {
            f"{name}_{end}": _ratio(parts[name], whole[name])
            for name, end in zip(names, ends, strict=True)
        }


def _before(records: Records, at_ns: int) -> Records:
    return records[records["ts_recv"] < at_ns]


def _ratio(part: float, whole: float) -> Number:
    return part / whole if whole else None


def _points(a: Number, b: Number) -> Number:
    return None if a is None or b is None else 100 * (a - b)


def _at_30_days(years: list[float], values: list[Number]) -> Number:
    known = [(t, v) for t, v in zip(years, values, strict=True) if v is not None]
    before = [pair for pair in known if pair[0] <= 30 / 365]
    after = [pair for pair in known if pair[0] >= 30 / 365]
    if not before or not after:
        return None
    (t1, v1), (t2, v2) = before[-1], after[0]
    total = v1**2 * t1 + (v2**2 * t2 - v1**2 * t1) * (30 / 365 - t1) / (t2 - t1)
    return math.sqrt(total / (30 / 365))


def _zero_gamma(net: Any) -> Number:
    grid = [0.9 + 0.2 * i / 400 for i in range(401)]
    values = [net(x) for x in grid]
    roots = [brentq(net, grid[i], grid[i + 1]) for i in range(400) if values[i] * values[i + 1] < 0]
    return 100 * (1 - min(roots, key=lambda x: abs(x - 1))) if roots else None
