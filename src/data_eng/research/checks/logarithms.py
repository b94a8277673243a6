"""Logarithms of the size of features, in which products and ratios are sums.

A level feature that is a distance divided by MARKET's true range is no linear combination of the
two, but the logarithms of their sizes are. Signs are left out, so that signed columns count too,
and rows on which a column is 0 say nothing of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...catalogue.finding import Finding, Severity
from .dependence import LEFT_OUT, dependence_findings
from .pool import F64, Pool


def log_size(values: F64) -> F64:
    """Return log|x|, NaN where x is 0, infinite or missing; any shape."""
    size = np.abs(values)
    size[~(np.isfinite(size) & (size > 0.0))] = np.nan
    return np.asarray(np.log(size))


def product_findings(pool: Pool, columns: Sequence[int], block: str) -> list[Finding]:
    """Return the features of a block that are products of powers of others of it.

    The test of linear dependence on the logarithms of their sizes; arguments and findings as of
    `dependence_findings`, but for one WARN that names all that had to be left out.
    """
    names = tuple(pool.names[index] for index in columns)
    logs = Pool(
        tuple(f"log|{name}|" for name in names),
        tuple(pool.tables[index] for index in columns),
        tuple(log_size(session[:, columns]) for session in pool.sessions),
    )
    by_log = dict(zip(logs.names, names, strict=True))
    findings: list[Finding] = []
    left_out: list[str] = []
    for found in dependence_findings(logs, range(len(names)), block):
        named = tuple(by_log[name] for name in found.columns)
        if found.text.startswith(LEFT_OUT):
            left_out += named
        else:
            findings.append(replace(found, check="log dependence", columns=named))
    if left_out:
        text = f"{LEFT_OUT} products within {block}: 0 or null on too many rows"
        findings.append(Finding(Severity.WARN, "log dependence", tuple(left_out), text))
    return findings
