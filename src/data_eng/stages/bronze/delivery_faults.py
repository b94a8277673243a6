"""What a run tells of the raw files of a date that are there and are not all they could be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...lake.paths import Partition
from ...vendor.coverage import shortfall
from ...vendor.silences import long_silences


def faults_of_delivery(
    partition: Partition, facts: Mapping[str, Any], *, by_records: bool
) -> Iterator[str]:
    """Yield, in words, the vendor's condition, what the day falls short of, and what else is odd.

    Parameters
    ----------
    partition : Partition
        What was made of the files.
    facts : mapping
        Of its manifest.
    by_records : bool
        See `shortfall`.
    """
    if facts["condition"] not in (None, "available"):
        yield f"the vendor's condition of this date is {facts['condition']}"
    if short := shortfall(partition.symbol, partition.date, facts, by_records=by_records):
        yield short
    if by_records and (silent := long_silences(facts)):
        yield silent
    if facts["gateway_errors"]:
        yield f"the files hold error records: {facts['gateway_errors'][0]}"
