"""Object storage: who may publish, in which order, and what is believed of what was fetched."""

from __future__ import annotations

from typing import Final

from ..guard import GONE, NEVER, Guard

_PUBLISH: Final = "tests/lake/objects/test_publish.py"
_PARTITIONS: Final = "tests/lake/objects/test_partitions.py"
_REMOVAL: Final = "tests/lake/objects/test_removal.py"
_KNOWN: Final = "tests/lake/objects/test_known_partitions.py"
_RAW: Final = "tests/lake/objects/test_raw_files.py"
_LOCATION: Final = "tests/lake/test_location.py"

OBJECTS: Final = (
    Guard(
        "objects.a claim is confirmed before anything is deleted",
        "lake/objects/publish.py",
        "publish",
        "claim.confirm()",
        GONE,
        (f"{_PUBLISH}::test_a_run_whose_claim_was_taken_over_deletes_nothing",),
    ),
    Guard(
        "objects.what was put is compared with what lies there",
        "lake/objects/client.py",
        "ObjectClient.is_still",
        "found is not None and found.state.etag == etag",
        "found is not None",
        (f"{_PUBLISH}::test_data_of_another_writer_that_died_are_found_before_they_are_believed",),
    ),
    Guard(
        "objects.where another run was first its _SUCCESS does not stand beside our files",
        "lake/objects/publish.py",
        "publish",
        "any(is_ours)",
        NEVER,
        (f"{_PUBLISH}::test_two_writers_that_both_believe_in_their_claim_leave_no_mixture",),
    ),
    Guard(
        "objects.a claim is another's within the grace time",
        "lake/objects/claim.py",
        "Claims._is_abandoned",
        "age > dt.timedelta(seconds=GRACE_S)",
        "True",
        (
            f"{_PUBLISH}::test_a_claim_is_anothers_until_it_is_older_than_the_grace_time_by_the_servers_clock",
        ),
    ),
    Guard(
        "objects.a claim is renewed",
        "lake/objects/claim.py",
        "Claim.keep",
        "ended.wait(GRACE_S / RENEWALS)",
        "ended.wait()",
        (f"{_PUBLISH}::test_a_claim_is_renewed_while_it_is_held",),
    ),
    Guard(
        "objects.a PUT that may have arrived is read first",
        "lake/objects/client.py",
        "ObjectClient._conditionally",
        "there is not None and there.data == data",
        NEVER,
        (
            "tests/lake/objects/test_client.py::test_an_object_that_arrived_though_no_answer_came_is_ours",
        ),
    ),
    Guard(
        "objects.data have the manifest's hash",
        "lake/objects/partitions.py",
        "Partitions._fetch_part",
        'download(self._client, f"{folder}/{name}", found.state, path) != sha256',
        NEVER,
        (f"{_PARTITIONS}::test_a_damaged_object_is_told_and_never_shown",),
    ),
    Guard(
        "objects.a copy is current by its ETag",
        "lake/objects/partitions.py",
        "Partitions._is_current",
        "there[name].state.etag == record[name]",
        "True",
        (f"{_PARTITIONS}::test_what_another_host_rebuilt_is_fetched_again",),
    ),
    Guard(
        "objects.a raw file is current by its ETag",
        "lake/objects/raw_files.py",
        "RawFiles._is_fetched",
        'record.get("etag") != state.etag',
        NEVER,
        (f"{_RAW}::test_a_file_that_was_replaced_is_fetched_again",),
    ),
    Guard(
        "objects.data are those of the listing",
        "lake/objects/client.py",
        "ObjectClient.download.ask",
        '{"if_match": state.etag}',
        "{}",
        (f"{_RAW}::test_a_file_that_is_replaced_before_the_rest_is_fetched_is_fetched_whole",),
    ),
    Guard(
        "objects.a claim of another host is not ours",
        "lake/objects/claim.py",
        "Claims._is_abandoned",
        '(body.get("host"), body.get("scratch")) == (socket.gethostname(), self._scratch)',
        'body.get("scratch") == self._scratch',
        (
            "tests/lake/objects/test_claims.py::"
            "test_a_fresh_claim_is_taken_over_only_from_a_process_of_this_host_and_folder",
        ),
    ),
    Guard(
        "objects.a claim's age is told by the server's clock",
        "lake/objects/claim.py",
        "Claims._is_abandoned",
        "self.server_time() - there.modified",
        "dt.datetime.now(dt.UTC) - there.modified",
        (
            "tests/lake/objects/test_claims.py::"
            "test_the_age_of_a_claim_is_told_by_the_servers_clock",
        ),
    ),
    Guard(
        "objects.what is whole is not removed as a rest",
        "lake/objects/removal.py",
        "remove_unfinished",
        'f"{folder}/{SUCCESS}" in there',
        NEVER,
        (f"{_REMOVAL}::test_what_is_left_is_not_removed_where_it_became_whole",),
    ),
    Guard(
        "objects.what is no partition is no rest of one",
        "lake/objects/listing.py",
        "unfinished",
        'partition_date(folder.rpartition("/")[2]) is None',
        NEVER,
        (
            "tests/lake/objects/test_listing.py::"
            "test_what_is_unfinished_is_of_a_date_and_as_old_as_its_newest_object",
        ),
    ),
    Guard(
        "objects.a rest is as old as its newest object",
        "lake/objects/listing.py",
        "unfinished",
        "max((one.modified for one in there))",
        "min((one.modified for one in there))",
        (
            "tests/lake/objects/test_listing.py::"
            "test_what_is_unfinished_is_of_a_date_and_as_old_as_its_newest_object",
        ),
    ),
    Guard(
        "objects.a header is of the object that was listed",
        "lake/objects/raw_files.py",
        "RawFiles.fetch_head",
        "self._client.read(name, state.etag, most)",
        "self._client.read(name, None, most)",
        ("tests/lake/objects/test_raw_files.py::test_a_header_is_of_the_object_that_was_listed",),
    ),
    Guard(
        "objects.a digest is of the copy that was hashed",
        "lake/objects/raw_files.py",
        "RawFiles.fetched_state",
        'tuple(record.get("local", ())) != local',
        NEVER,
        ("tests/lake/objects/test_raw_files.py::test_a_digest_is_of_the_copy_that_was_hashed",),
    ),
    Guard(
        "objects.a removal is confirmed before anything is deleted",
        "lake/objects/removal.py",
        "remove",
        "claim.confirm()",
        GONE,
        (f"{_REMOVAL}::test_a_run_that_lost_its_claim_deletes_nothing",),
    ),
    Guard(
        "objects.what is removed is what was meant",
        "lake/objects/removal.py",
        "remove",
        'not client.is_still(f"{folder}/{SUCCESS}", etag)',
        NEVER,
        (f"{_REMOVAL}::test_what_was_replaced_meanwhile_is_not_removed",),
    ),
    Guard(
        "objects.the tombstone comes before anything is deleted",
        "lake/objects/removal.py",
        "remove",
        """
put = client.put(tombstone, body)
claim.confirm()
client.delete(f"{folder}/{SUCCESS}")
""",
        """
claim.confirm()
client.delete(f"{folder}/{SUCCESS}")
put = client.put(tombstone, body)
""",
        (f"{_REMOVAL}::test_a_kill_between_any_two_requests",),
    ),
    Guard(
        "objects.what was replaced while it was read is not indexed",
        "lake/view.py",
        "LakeView.summary",
        "self._store is None or self._state(partition) == state",
        "True",
        (f"{_KNOWN}::test_what_is_replaced_while_it_is_read_is_not_kept_as_what_it_was",),
    ),
    Guard(
        "objects.a store without conditions is refused",
        "lake/objects/mirror.py",
        "ObjectLake.check_conditions",
        "first is None or not kept",
        NEVER,
        (f"{_LOCATION}::test_a_store_that_ignores_conditions_is_refused",),
    ),
)
