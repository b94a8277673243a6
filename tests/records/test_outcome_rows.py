"""Episodes as rows: every column from its own field, null where the field says nothing."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pyarrow as pa

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.features.level.levels import level_names
from src.data_eng.features.outcome.barriers import SETS
from src.data_eng.features.outcome.close_outcome import CloseOutcome
from src.data_eng.features.outcome.episodes import BarrierOutcome, Episodes
from src.data_eng.features.outcome.first_passage import BOUNCE, BREAK, CENSORED, TIMEOUT
from src.data_eng.records.outcome_rows import episode_batch, outcome_counts

CONTRACT = dataset("gold.future.level_outcome").contract()
WORDS = {BOUNCE: "bounce", BREAK: "break", TIMEOUT: "timeout", CENSORED: None}
CODES = (BOUNCE, BREAK, TIMEOUT, CENSORED, BOUNCE)
N = len(CODES)
COLUMNS = {
    "barrier_ticks": "barrier_ticks",
    "outcome_ts": "outcome_ns",
    "max_favourable_excursion_ticks": "favourable",
    "max_adverse_excursion_ticks": "adverse",
    "driftless_bounce_probability": "driftless",
    "bounce_score": "score",
    "overlap_group": "group",
    "overlap_group_all_levels": "group_all_levels",
    "average_uniqueness": "uniqueness",
    "average_uniqueness_all_levels": "uniqueness_all_levels",
}
WHOLE = ("outcome_ns", "group", "group_all_levels")


def outcomes(number: int) -> BarrierOutcome:
    """Return a set's outcomes, no two fields alike; each set is censored elsewhere."""
    codes = np.roll(np.array(CODES, np.uint8), number)
    found: dict[str, Any] = {"outcome": codes}
    for at, field in enumerate(fields(BarrierOutcome)):
        values = 1000.0 * number + 100 * at + np.arange(N)
        if field.name in WHOLE:
            found[field.name] = np.where(codes == CENSORED, 0, values).astype(np.int64)
        elif field.name == "barrier_ticks":
            found[field.name] = values
        elif field.name != "outcome":
            found[field.name] = np.where(codes == CENSORED, np.nan, values)
    return BarrierOutcome(**found)


def episodes() -> Episodes:
    at = np.arange(N, dtype=np.int64)
    return Episodes(
        level=np.array([2, 0, 2, 1, 0]),
        touch_ns=10 + at,
        feature_ns=20 + at,
        side=np.array([-1, 1, 1, -1, 1]),
        cause=np.array([0, 1, 0, 0, 1]),
        level_ticks=np.array([4.0, 8.0, np.nan, 2.0, 1.0]),
        mid_change=np.array([0.5, np.nan, -1.0, 0.0, 2.0]),
        osler=np.array([3.0, -3.0, 0.0, np.nan, 0.5]),
        close=CloseOutcome(np.array(CODES[::-1], np.uint8), 30 + at),
        outcomes=tuple(outcomes(n) for n in range(len(SETS))),
    )


def column(batch: pa.RecordBatch, name: str) -> list[Any]:
    found = batch.column(name)
    found = found.cast(pa.int64()) if pa.types.is_timestamp(found.type) else found
    values: list[Any] = found.to_pylist()
    return values


def test_what_is_of_the_touch() -> None:
    batch = episode_batch(episodes(), 0.25, CONTRACT)
    names = level_names()
    assert batch.schema.names == [field.name for field in CONTRACT.fields]
    assert column(batch, "level") == [names[n] for n in (2, 0, 2, 1, 0)]
    assert column(batch, "episode_id") == [1, 2, 3, 4, 5]
    assert column(batch, "touch_ts") == [10, 11, 12, 13, 14]
    for name in ("feature_ts", "feature_ts_est"):
        assert column(batch, name) == [20, 21, 22, 23, 24]
    assert column(batch, "touch_cause") == ["price", "level_step", "price", "price", "level_step"]
    assert column(batch, "approach_side") == [-1, 1, 1, -1, 1]
    assert column(batch, "level_price") == [1.0, 2.0, None, 0.5, 0.25]
    assert column(batch, "mid_change_ticks_at_horizon") == [0.5, None, -1.0, 0.0, 2.0]
    # At the level itself the mid is on neither side of it.
    assert column(batch, "bounce_15m_osler") == [True, False, None, None, True]
    assert column(batch, "close_outcome_2m") == ["bounce", None, "none", "break", "bounce"]


def test_what_is_of_each_barrier_set() -> None:
    given = episodes()
    batch = episode_batch(given, 0.25, CONTRACT)
    for barriers, found in zip(SETS, given.outcomes, strict=True):
        end = f"_{barriers.name}" if barriers.name else ""
        is_censored = (found.outcome == CENSORED).tolist()
        assert sum(is_censored) == 1
        assert column(batch, f"censored{end}") == is_censored
        assert column(batch, f"outcome{end}") == [WORDS[int(one)] for one in found.outcome]
        assert column(batch, f"horizon_seconds{end}") == [barriers.horizon_seconds] * N
        for name, of in COLUMNS.items():
            wanted = getattr(found, of).tolist()
            if name != "barrier_ticks":
                wanted = [
                    None if gone else one for one, gone in zip(wanted, is_censored, strict=True)
                ]
            assert column(batch, f"{name}{end}") == wanted, name + end


def test_counts_are_of_the_primary_set() -> None:
    first, second, third, *others = level_names()
    assert outcome_counts(episodes()) == {
        first: {"bounce": 1, "break": 1},
        second: {"censored": 1},
        third: {"bounce": 1, "timeout": 1},
        **{name: {} for name in others},
    }
    assert list(outcome_counts(episodes())[first]) == ["bounce", "break"]
