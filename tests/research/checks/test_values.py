from __future__ import annotations

import numpy as np

from src.data_eng.catalogue.feature_tables import FeatureTable
from src.data_eng.catalogue.finding import Severity
from src.data_eng.research.checks.clock import CLOCK
from src.data_eng.research.checks.pool import F64, Pool
from src.data_eng.research.checks.values import value_findings
from tests.research.checks.pools import SESSIONS, failed, innocent, pool_of

ROWS = 120
COUNT = SESSIONS * ROWS
MARKET, HIGH, LOW = (
    "gold.future.market_first3h",
    "gold.future.level_pm_high_first3h",
    "gold.future.level_pm_low_first3h",
)


def lake(seed: int, more: dict[str, F64] | None = None) -> tuple[Pool, list[FeatureTable]]:
    """Innocent columns in MARKET and two levels, and some that are planted."""
    rng = np.random.default_rng([seed, 1])  # not the numbers of `innocent`
    columns: dict[str, F64] = {CLOCK: np.tile(np.arange(ROWS, dtype=np.float64), SESSIONS)}
    mid = rng.normal(0, 5, (SESSIONS, ROWS)).cumsum(axis=1)
    for number, prefix in enumerate(("", "pm_high_", "pm_low_")):
        columns |= {f"{prefix}{name}": v for name, v in innocent(3 * seed + number, ROWS).items()}
        if prefix:
            price = rng.normal(0, 40, (SESSIONS, 1))
            columns[f"{prefix}distance_ticks"] = (mid - price).ravel()
    columns |= more or {}
    prefixes = {"pm_high": HIGH, "pm_low": LOW}
    tables = {name: prefixes.get(name[: name.find("_", 3)], MARKET) for name in columns}
    declared = [
        FeatureTable(key, tuple(name for name in columns if tables[name] == key))
        for key in (MARKET, HIGH, LOW)
    ]
    return pool_of(columns, tables=tables), declared


def test_innocent_columns_have_no_failure_in_10_lakes() -> None:
    for seed in range(10):
        found = value_findings(*lake(seed))
        assert not failed(found)
        # Too thin for a test of products: what is mostly 0.
        assert {one.check for one in found} <= {"coverage", "dependence", "log dependence"}


def test_each_defect_is_named_once_and_by_its_kind() -> None:
    rng = np.random.default_rng([1, 2])
    by_session = np.repeat(rng.normal(0, 30, SESSIONS), ROWS)
    pool, _ = lake(1)
    values = {name: pool.column(i) for i, name in enumerate(pool.names)}
    distance = values["pm_high_distance_ticks"]
    planted = {
        "pm_high_distance_atr": distance / values["x2"],
        "pm_high_room": values["pm_low_walk0"] - values["walk0"],
        "pm_high_other_copy": 3 - 2 * values["pm_high_x4"],
        "walk_since": values["walk2"] - by_session,
        "progress": np.log1p(values[CLOCK]) + 1e-3 * rng.normal(size=COUNT),
        "pm_low_gap": np.where(
            values["x0"] > np.median(values["x0"]), np.nan, rng.normal(size=COUNT)
        ),
        "four": values["x2"] * values["pm_high_x2"] / values["pm_low_x2"] * values["x4"],
    }
    found = value_findings(*lake(1, planted))
    told = {(one.severity, one.check, one.columns) for one in found if one.check != "coverage"}
    fail, warn = Severity.FAIL, Severity.WARN
    wanted = {
        (fail, "product", ("x2", "pm_high_distance_ticks", "pm_high_distance_atr")),
        (fail, "sum", ("walk0", "pm_low_walk0", "pm_high_room")),
        (fail, "affine", ("pm_high_x4", "pm_high_other_copy")),
        (fail, "session offset", ("walk2", "walk_since")),
        (fail, "clock", (CLOCK, "progress")),
        (warn, "mask", ("x0", "pm_low_gap")),
    }
    assert wanted <= told
    others = [one for one in told - wanted if one[0] is fail]
    assert len(others) == 1, others
    ((_, check, named),) = others
    assert check == "log dependence"
    assert named[0] in {"four", "x2", "pm_high_x2", "pm_low_x2", "x4"}
