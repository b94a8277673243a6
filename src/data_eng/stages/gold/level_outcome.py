"""What became of the touches of the price levels: labels, in a table of their own.

1. `GoldLevelOutcome` reads the date's records, 2-minute bars and levels.
2. `transform` streams trades and mids up to 13:00 ET, half an hour after the grid, through
   `features.outcome.outcome_pass.OutcomePass`.
3. The episodes are written as one row group.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ...arrays import arrow_array, string_array
from ...catalogue.contract import Contract, Field
from ...catalogue.datasets import dataset
from ...exchange.calendar import is_early_close
from ...exchange.products import known_product
from ...exchange.sessions import FIRST3H, window_ns
from ...features.level import touch_machine
from ...features.level.levels import level_names
from ...features.outcome.barriers import LONGEST_SECONDS, MIN_TICKS, SETS
from ...features.outcome.episodes import OVERLAP_TICKS, Episodes
from ...features.outcome.first_passage import BOUNCE, BREAK, CENSORED, TIMEOUT
from ...features.outcome.outcome_pass import OSLER_NS, OutcomePass
from ...lake.inputs import inherited_facts
from ...records.bar_range import read_true_range
from ...records.grid import grid_parameters
from ...records.levels import read_levels
from ...records.market_event_chunks import MarketEventChunks
from ...settings import Settings
from ..inputs import Inputs
from ..reads import Read
from ..regular_session import FeatureStage
from ..silver.level import BARS, RECORDS
from ..silver.level_features import LEVEL
from ..stage import Context, Made, Target, Writers

OUTCOMES: Final = ("bounce", "break", "timeout")
CAUSES: Final = ("price", "level_step")
_CODES: Final = {"bounce": BOUNCE, "break": BREAK, "timeout": TIMEOUT}
_SECOND_NS = 10**9

Columns = dict[str, tuple[npt.NDArray[Any], npt.NDArray[np.bool_] | None]]


class GoldLevelOutcome(FeatureStage):
    """Gold ``level_outcome``: a row for each touch, with its triple-barrier outcomes.

    A touch has a row where the first whole second after it lies on the grid of the features, whose
    row at that second is the first to have seen it. Barriers are symmetric about the level; what
    trades reach first, in record order, decides.
    """

    name: ClassVar[str] = "gold_level_outcome"
    version: ClassVar[int] = 3

    reads = (Read(RECORDS), Read(BARS), Read(LEVEL))
    writes = (dataset("gold.future.level_outcome"),)

    def parameters(self, settings: Settings, symbol: str) -> Mapping[str, Any]:
        """Return the constants of touches and barriers."""
        return {
            "grid": grid_parameters(),
            "tick_size": known_product(symbol).tick_size,
            "arm_ticks": touch_machine.ARM_TICKS,
            "touch_tolerance_ticks": touch_machine.TOUCH_TOLERANCE_TICKS,
            "barrier_sets": [
                {
                    "name": one.name or "primary",
                    "horizon_seconds": one.horizon_seconds,
                    "ticks": one.ticks,
                    "atr": one.atr,
                }
                for one in SETS
            ],
            "min_barrier_ticks": MIN_TICKS,
            "overlap_ticks": OVERLAP_TICKS,
            "osler_seconds": OSLER_NS // _SECOND_NS,
        }

    def transform(self, context: Context, inputs: Inputs, target: Target, writers: Writers) -> Made:
        """Stream the trades and mids, label the touches, write them."""
        records, bars, levels = (inputs[key].table for key in (RECORDS, BARS, LEVEL))
        date, tick_size = target.date, known_product(target.symbol).tick_size
        open_ns, end_ns = window_ns(date, *FIRST3H)
        paths = read_levels(levels, tick_size)
        outcomes = OutcomePass(paths, read_true_range(bars, tick_size), open_ns, end_ns)
        reader = MarketEventChunks(records, tick_size)
        for index, events in enumerate(reader.chunks(end_ns + LONGEST_SECONDS * _SECOND_NS)):
            outcomes.add(events)
            context.progress((index + 1) / len(reader.groups))
        context.progress(1.0)  # the row groups after the horizon are not read
        episodes = outcomes.finish(reader.last_ns())
        batch = episode_batch(episodes, tick_size, self.output.contract())
        writers[self.output].write(batch)
        facts = {
            **inherited_facts(levels.manifest),
            "early_close": is_early_close(date),
            "outcomes": _counts(episodes),
        }
        return Made(facts=facts)


def episode_batch(episodes: Episodes, tick_size: float, contract: Contract) -> pa.RecordBatch:
    """Return the rows of the contract, one for each episode, in their order."""
    columns = {**_episode_columns(episodes, tick_size), **_set_columns(episodes)}
    arrays = [_array(field, *columns[field.name]) for field in contract.fields]
    return pa.RecordBatch.from_arrays(arrays, schema=contract.arrow_schema)


def _episode_columns(episodes: Episodes, tick_size: float) -> Columns:
    return {
        "level": (episodes.level, None),
        "episode_id": (np.arange(1, len(episodes) + 1, dtype=np.int64), None),
        "touch_ts": (episodes.touch_ns, None),
        "feature_ts": (episodes.feature_ns, None),
        "feature_ts_est": (episodes.feature_ns, None),
        "touch_cause": (episodes.cause, None),
        "approach_side": (episodes.side.astype(np.int32), None),
        "level_price": _nullable(episodes.level_ticks * tick_size),
        "mid_change_ticks_at_horizon": _nullable(episodes.mid_change),
        "bounce_15m_osler": (episodes.osler > 0, np.isnan(episodes.osler)),
        "overlap_group": (episodes.overlap_group, None),
    }


def _set_columns(episodes: Episodes) -> Columns:
    columns: Columns = {}
    for barriers, found in zip(SETS, episodes.outcomes, strict=True):
        is_censored = found.outcome == CENSORED
        end = f"_{barriers.name}" if barriers.name else ""
        columns |= {
            f"barrier_ticks{end}": (found.barrier_ticks, None),
            f"horizon_seconds{end}": (
                np.full(len(episodes), barriers.horizon_seconds, np.int32),
                None,
            ),
            f"outcome{end}": (found.outcome.astype(np.int64) - BOUNCE, is_censored),
            f"outcome_ts{end}": (found.outcome_ns, is_censored),
            f"censored{end}": (is_censored, None),
            f"max_favourable_excursion_ticks{end}": _nullable(found.favourable),
            f"max_adverse_excursion_ticks{end}": _nullable(found.adverse),
        }
    return columns


def _nullable(
    column: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    return np.ascontiguousarray(column), np.isnan(column)


def _array(
    field: Field, column: npt.NDArray[Any], is_null: npt.NDArray[np.bool_] | None
) -> pa.Array:
    if not field.symbols:
        return arrow_array(column, field.type, is_null)
    codes = column if is_null is None else np.where(is_null, 0, column)
    indices = arrow_array(codes.astype(np.int32), pa.int32(), is_null)
    return pa.DictionaryArray.from_arrays(indices, string_array(field.symbols))


def _counts(episodes: Episodes) -> dict[str, dict[str, int]]:
    # By level and primary outcome.
    primary = episodes.outcomes[0].outcome
    names = {code: name for name, code in _CODES.items()} | {CENSORED: "censored"}
    found = {}
    for n, level in enumerate(level_names()):
        counts = Counter(names[int(code)] for code in primary[episodes.level == n])
        found[level] = dict(sorted(counts.items()))
    return found
