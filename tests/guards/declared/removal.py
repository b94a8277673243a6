"""What goes from a lake, and what stays: tombstones, leftovers, claims, partitions of ``clean``."""

from __future__ import annotations

from typing import Final

from ..guard import GONE, NEVER, Guard

_TOMBSTONE: Final = "tests/lake/test_tombstone.py"
_SETTLE: Final = "tests/lake/test_settle.py"
_CLEANING: Final = "tests/pipeline/test_cleaning.py"
_CLEAN: Final = "tests/cli/test_clean.py"
_OTHER: Final = (f"{_TOMBSTONE}::test_one_of_another_partition_is_refused",)

REMOVAL: Final = (
    Guard(
        "tombstone.it is its partition's", "lake/tombstone.py", "read_tombstone",
        "said != (partition.dataset.key, partition.symbol, partition.date.isoformat())", NEVER,
        _OTHER,
    ),
    Guard(
        "tombstone.of this release", "lake/tombstone.py", "read_tombstone",
        "version != SCHEMA_VERSION", NEVER, (f"{_TOMBSTONE}::test_an_entry_that_is_wrong",),
    ),
    Guard(
        "tombstone.entries have their types", "lake/summary.py", "summary_from",
        "type(body[name]) is not kind", "not isinstance(body[name], kind)",
        (f"{_TOMBSTONE}::test_an_entry_that_is_wrong",),
    ),
    Guard(
        "tombstone.none is unknown or missing", "lake/summary.py", "summary_from",
        "body.keys() ^ _KINDS.keys()", "_KINDS.keys() - body.keys()",
        (f"{_TOMBSTONE}::test_an_entry_that_is_wrong",),
    ),
    Guard(
        "removal.what a killed run left is mended first", "lake/removal.py", "remove_partition",
        "repair(lake_root, partition, osio)", GONE,
        (f"{_TOMBSTONE}::test_a_removal_mends_what_a_killed_run_left",),
    ),
    Guard(
        "settle.what another host builds is left alone", "lake/settle.py", "_repair",
        "hold(lake_root, partition, 0, shared=shared)",
        "hold(lake_root, partition, 0, shared=False)",
        (f"{_SETTLE}::test_what_another_host_builds_is_left_alone",),
    ),
    Guard(
        "settled.one with something beside it is not", "lake/settle.py", "_look",
        "date not in unclean", "True",
        (f"{_SETTLE}::"
         "test_a_date_with_something_beside_it_is_not_settled_with_the_others",),
    ),
    Guard(
        "claim.a process that may not be asked lives", "lake/claim.py", "_is_dead",
        """
try:
    os.kill(claim.pid, 0)
except ProcessLookupError:
    return True
except OSError:
    return False
""",
        """
try:
    os.kill(claim.pid, 0)
except OSError:
    return True
""",
        ("tests/lake/test_claim.py::test_a_process_of_another_user_is_not_taken_for_dead",),
    ),
    Guard(
        "clean.a note is told by its name", "pipeline/cleaning.py", "find_leftovers",
        "name.startswith(NOTE_PREFIX)", "True",
        (f"{_CLEAN}::test_what_else_lies_in_a_lake_is_no_leftover",),
    ),
    Guard(
        "clean.what still changes stays", "pipeline/cleaning.py", "_aged",
        "max(one.st_mtime for one in states)", "min(one.st_mtime for one in states)",
        (f"{_CLEAN}::test_what_still_changes_stays",),
    ),
    Guard(
        "clean.what is damaged stays", "pipeline/cleaning.py", "removable",
        "one.state is not State.COMPLETE", "one.state is State.STALE",
        (f"{_CLEANING}::test_what_is_complete_goes_and_nothing_else",),
    ),
    Guard(
        "clean.history stays", "pipeline/cleaning.py", "removable",
        "_history(key, last + dt.timedelta(days=1))", "_history(key, last)",
        (f"{_CLEANING}::test_the_sessions_that_the_next_one_reads_stay",),
    ),
    Guard(
        "clean.history is of every contract of a root", "pipeline/cleaning.py", "removable",
        "root_of(where.symbol)", "where.symbol",
        (f"{_CLEANING}::test_the_sessions_that_the_next_one_reads_stay",),
    ),
    Guard(
        "clean.a partition goes under its lock alone", "pipeline/cleaning.py", "remove",
        "hold(lake_root, partition, 0, shared=shared)", "nullcontext()",
        (f"{_CLEANING}::test_what_a_run_builds_stays",),
    ),
)  # fmt: skip
