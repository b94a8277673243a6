"""Fetching: no order twice, none dearer than was agreed, no file that is not the vendor's."""

from __future__ import annotations

from typing import Final

from ..guard import GONE, NEVER, Guard

_FETCH: Final = "tests/cli/test_fetch.py"
_FAULTS: Final = "tests/cli/test_fetch_faults.py"
_ON_DISK: Final = (f"{_FAULTS}::test_what_is_told_is_on_disk_before",)
_HASH: Final = (f"{_FAULTS}::test_a_file_that_is_not_what_the_vendor_lists",)
_LOST: Final = (f"{_FAULTS}::test_an_order_whose_answer_is_lost_is_found",)
_NO_ANSWER: Final = (f"{_FAULTS}::test_an_answer_that_is_none",)
_PLACING: Final = "tests/vendor/orders/test_placing.py"
_ENTRY: Final = (f"{_FAULTS}::test_an_entry_that_cannot_be_read",)

FETCH: Final = (
    Guard(
        "fetch.an entry before the order",
        "vendor/orders/placing.py",
        "place",
        "journal.keep(entry)",
        GONE,
        _LOST,
    ),
    Guard(
        "fetch.the price before the order",
        "vendor/orders/placing.py",
        "place",
        "cost > quoted.cost_usd + _CENT",
        NEVER,
        (f"{_FETCH}::test_a_price_that_rises_after_it_was_shown",),
    ),
    Guard(
        "fetch.an order is not sent again",
        "vendor/orders/failures.py",
        "retried",
        "is_order and (not failure.is_refusal)",
        NEVER,
        _LOST,
    ),
    Guard(
        "fetch.an order may be on its way",
        "vendor/orders/placing.py",
        "settled",
        "dt.datetime.now(dt.UTC) < known_from",
        NEVER,
        (f"{_FAULTS}::test_an_order_that_may_be_on_its_way_is_not_repeated",),
    ),
    Guard(
        "fetch.a job is the order",
        "vendor/orders/client.py",
        "Vendor.find",
        "order.is_of(self._details(job))",
        "True",
        (f"{_FAULTS}::test_jobs_of_others_are_not_taken_for_it",),
    ),
    Guard(
        "fetch.an answer that did not come is no refusal",
        "vendor/orders/failures.py",
        "failure_of",
        "Failure('no answer in time: run again later', is_passing=True)",
        "Failure('no answer in time: run again later', is_passing=True, is_refusal=True)",
        (
            "tests/vendor/orders/test_failures.py::"
            "test_an_order_is_sent_again_only_where_it_was_surely_not_taken",
        ),
    ),
    Guard(
        "fetch.a job that is known is not looked for",
        "vendor/orders/placing.py",
        "settled",
        "if entry.job is not None:\n    return entry",
        GONE,
        (f"{_PLACING}::test_a_job_that_is_known_is_not_looked_for",),
    ),
    Guard(
        "fetch.a job that was found is kept",
        "vendor/orders/placing.py",
        "settled",
        "return journal.with_job(entry, job)",
        "return Entry(entry.order, entry.asked, job)",
        (f"{_PLACING}::test_a_job_that_is_found_is_known_from_then_on",),
    ),
    Guard(
        "fetch.jobs are looked for from before the order on",
        "vendor/orders/placing.py",
        "settled",
        "entry.asked - _CLOCKS",
        "entry.asked",
        (f"{_PLACING}::test_a_job_that_is_found_is_known_from_then_on",),
    ),
    Guard(
        "fetch.an order is under way until its files are there",
        "vendor/orders/journal.py",
        "Journal.under_way",
        "entry.job is None or not (place / entry.job).is_dir()",
        "entry.job is None",
        (f"{_PLACING}::test_an_entry_is_under_way_until_its_files_are_there",),
    ),
    Guard(
        "fetch.the limit",
        "cli/fetch.py",
        "_Fetching._confirm",
        "limit is not None and cost > limit",
        NEVER,
        (f"{_FETCH}::test_more_than_the_limit_is_not_ordered",),
    ),
    Guard(
        "fetch.the confirmation",
        "cli/fetch.py",
        "_Fetching._confirm",
        "sys.stdin.readline().strip().lower() != 'yes'",
        NEVER,
        (f"{_FETCH}::test_what_is_not_confirmed_is_not_ordered",),
    ),
    Guard(
        "fetch.the hash",
        "vendor/orders/download.py",
        "download",
        "_sha256(part) == file.sha256",
        "True",
        _HASH,
    ),
    Guard(
        "fetch.not more than listed",
        "vendor/orders/download.py",
        "_copy",
        "done > file.bytes",
        NEVER,
        (f"{_FAULTS}::test_a_file_that_is_longer_than_listed",),
    ),
    Guard(
        "fetch.the rest and not all of it",
        "vendor/orders/download.py",
        "_append",
        "start and (not _continues(answer, start))",
        NEVER,
        (f"{_FAULTS}::test_a_server_that_knows_no_ranges",),
    ),
    Guard(
        "fetch.a file is on disk before its name",
        "vendor/orders/download.py",
        "download",
        "_force_to_disk(part)",
        GONE,
        _ON_DISK,
    ),
    Guard(
        "fetch.a delivery is on disk before its name",
        "vendor/orders/delivery.py",
        "deliver",
        "sync_folder(waiting, REAL)",
        GONE,
        _ON_DISK,
    ),
    Guard(
        "fetch.its name is on disk",
        "vendor/orders/delivery.py",
        "deliver",
        "sync_folder(table, REAL)",
        GONE,
        _ON_DISK,
    ),
    Guard(
        "fetch.an entry is on disk before its name",
        "lake/osio.py",
        "write_synced",
        "osio.fsync(fd)",
        GONE,
        _ON_DISK,
    ),
    Guard(
        "fetch.an entry's name is on disk",
        "vendor/orders/journal.py",
        "Journal.keep",
        "sync_folder(self._folder, REAL)",
        GONE,
        _ON_DISK,
    ),
    Guard(
        "fetch.room",
        "vendor/orders/delivery.py",
        "_require_room",
        "needed > free",
        NEVER,
        (f"{_FAULTS}::test_a_disk_without_room",),
    ),
    Guard(
        "fetch.a job's id is a name",
        "vendor/orders/client.py",
        "_job_id",
        "not PLAIN_NAME.fullmatch(job)",
        NEVER,
        _NO_ANSWER,
    ),
    Guard(
        "fetch.a kept id is a name",
        "vendor/orders/journal.py",
        "_read",
        "not PLAIN_NAME.fullmatch(job)",
        NEVER,
        _ENTRY,
    ),
    Guard(
        "fetch.a kept order is of a raw table",
        "vendor/orders/order.py",
        "Order.of_json",
        "not is_root(root)",
        NEVER,
        _ENTRY,
    ),
    Guard(
        "fetch.the key is struck out",
        "vendor/orders/failures.py",
        "_plain",
        "one_line(str(said)).replace(key, '***')",
        "one_line(str(said))",
        (f"{_FAULTS}::test_the_key_is_struck_out_of_what_the_vendor_says",),
    ),
    Guard(
        "fetch.the key goes to the vendor alone",
        "vendor/orders/client.py",
        "Vendor.open",
        "HTTPBasicAuth(self.key, '') if is_theirs else None",
        "HTTPBasicAuth(self.key, '')",
        (f"{_FAULTS}::test_the_key_goes_to_the_vendor_alone",),
    ),
    Guard(
        "fetch.one a lake",
        "cli/fetch.py",
        "main",
        "nullcontext() if args.dry_run else _alone(args.lake_root)",
        "nullcontext()",
        (f"{_FETCH}::test_one_fetch_a_lake",),
    ),
    Guard(
        "fetch.one a lake of several hosts",
        "cli/fetch.py",
        "_alone",
        "lake_claim(lake_root, LOCK) if is_shared else nullcontext()",
        "nullcontext()",
        (f"{_FETCH}::test_one_fetch_a_lake_of_several_hosts",),
    ),
)
