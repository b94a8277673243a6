"""All that the pooled values of features show, each named by the simplest check that sees it."""

from __future__ import annotations

from collections.abc import Sequence

from ...catalogue.feature_tables import FeatureTable
from ...catalogue.finding import Finding, Severity
from .affine import affine_findings
from .clock import clock_findings
from .dependence import dependence_findings
from .identities import identity_findings
from .levels import close_levels
from .logarithms import product_findings
from .masks import mask_findings
from .mixing import across_level_findings, given_side_findings
from .pool import Pool, coverage_findings
from .within_session import fixed_distances, offset_findings


def value_findings(pool: Pool, tables: Sequence[FeatureTable]) -> list[Finding]:
    """Return what the values of pooled features show.

    1. Coverage, copies of one feature (`affine`, `mixing`), the clock and null masks.
    2. Identities among three features, and pairs that are the same within each session.
    3. Linear dependence of values, and of the logarithms of their sizes (products of more than
       two), within MARKET, within MARKET and each level, and within all.

    A feature that was named before (too thin to be checked, a copy, an identity, dependent in a
    smaller block) is left out of what follows, so that each is named once.

    Parameters
    ----------
    pool : Pool
        At least `MIN_SESSIONS` sessions.
    tables : sequence of FeatureTable
        The tables that the pool's features stand in.
    """
    prefixes = {table.key: table.prefix for table in tables if table.prefix}
    thin = coverage_findings(pool)
    close = close_levels(pool, prefixes)
    copies = affine_findings(pool, close)
    copies += across_level_findings(pool, prefixes, close) + given_side_findings(pool, prefixes)
    copied = {found.columns[-1] for found in copies if found.severity is Severity.FAIL}
    identities = identity_findings(pool, copied)
    offsets = offset_findings(pool, fixed_distances(prefixes), copied)
    pairs = {frozenset(one.columns) for one in copies + offsets if one.severity is Severity.FAIL}
    clock = [one for one in clock_findings(pool) if frozenset(one.columns) not in pairs]
    found = thin + copies + identities + offsets + clock + mask_findings(pool, close)
    named = {one.columns[-1] for one in thin if one.severity is Severity.WARN} | copied
    named |= {one.columns[-1] for one in identities if one.severity is Severity.FAIL}
    return found + _dependences(pool, _blocks(tables), named)


def _blocks(tables: Sequence[FeatureTable]) -> dict[str, list[str]]:
    market = [table.key for table in tables if not table.prefix]
    of_levels = {table.prefix[:-1]: table.key for table in tables if table.prefix}
    blocks = {"MARKET": market} if market else {}
    blocks |= {f"MARKET and {name}": [*market, key] for name, key in of_levels.items()}
    if len(of_levels) > 1:
        blocks["all tables"] = [table.key for table in tables]
    return blocks


def _dependences(pool: Pool, blocks: dict[str, list[str]], named: set[str]) -> list[Finding]:
    findings = []
    for check in (dependence_findings, product_findings):
        told = set(named)
        for block, keys in blocks.items():
            columns = [i for i in pool.columns_of(keys) if pool.names[i] not in told]
            found = check(pool, columns, block)
            told |= {name for finding in found for name in finding.columns}
            findings += found
    return findings
