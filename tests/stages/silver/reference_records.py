"""Silver records as those that the slow references take."""

from __future__ import annotations

import polars as pl

from tests.features.market.record_streams import Record


def reference_records(table: pl.DataFrame) -> list[Record]:
    out = []
    for r in table.with_columns(pl.col("ts_recv", "ts_event").cast(pl.Int64)).iter_rows(named=True):
        sides = [
            [
                (round(r[f"{side}_px_{k}"] / 0.25), r[f"{side}_sz_{k}"], r[f"{side}_ct_{k}"])
                for k in (f"{level:02d}" for level in range(10))
                if r[f"{side}_px_{k}"] is not None
            ]
            for side in ("bid", "ask")
        ]
        out.append(
            Record(
                r["ts_recv"],
                r["action"],
                r["side"],
                sides[0],
                sides[1],
                None if r["price"] is None else round(r["price"] / 0.25),
                r["size"],
                r["flags"],
                r["ts_event"],
            )
        )
    return out
