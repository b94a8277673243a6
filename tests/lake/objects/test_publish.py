"""A publish on object storage leaves the old partition, none, or the new one, whatever fails."""

from __future__ import annotations

import threading

import pytest

from src.data_eng.errors import LakeBusyError, LakeError
from src.data_eng.lake.lock import lake_lock, partition_claim
from src.data_eng.lake.objects import claim
from src.data_eng.lake.objects.listing import CLAIM
from src.data_eng.lake.osio import OsIo
from src.data_eng.lake.paths import MANIFEST, PART, SUCCESS
from tests.lake_partitions import NEW, OLD, PARTITION, publish, visible
from tests.s3_hosts import FOLDER, Hosts, Killed, build, kill_at, seen
from tests.s3_server import KEY, SECRET, TOKEN, Fault, Request

pytestmark = pytest.mark.faults

STEPS = [
    ("PUT", CLAIM, 0),
    ("LIST", "", 0),
    ("PUT", CLAIM, 1),
    ("DELETE", SUCCESS, 0),
    ("PUT", PART, 0),
    ("PUT", MANIFEST, 0),
    ("PUT", SUCCESS, 0),
    ("HEAD", PART, 0),
    ("HEAD", MANIFEST, 0),
    ("DELETE", CLAIM, 0),
]
"""The requests of a publish, in order: kind, object, and which one of them."""

OTHER = b"another host's rows"


def names(hosts: Hosts) -> set[str]:
    return {name.removeprefix(f"{FOLDER}/") for name in hosts.client().list(FOLDER)}


def test_the_requests_are_those_of_the_protocol_in_its_order(hosts: Hosts) -> None:
    here = hosts.host("here")
    hosts.server.requests.clear()
    build(here, NEW)
    told = [
        Request(one.kind, "" if one.kind == "LIST" else one.name.rpartition("/")[2])
        for one in hosts.server.requests
    ]
    assert told == [Request(kind, name) for kind, name, _ in STEPS]
    assert names(hosts) == {PART, MANIFEST, SUCCESS}


@pytest.mark.parametrize("what", ["500", "409", "412", "reset", "late"])
@pytest.mark.parametrize("step", STEPS, ids=lambda one: f"{one[0]} {one[1]} {one[2]}")
def test_a_request_that_fails_once_is_no_fault(
    hosts: Hosts, step: tuple[str, str, int], what: str
) -> None:
    kind, name, after = step
    here = hosts.host("here")
    build(here, OLD)
    hosts.server.faults.append(Fault(what, kind, name, times=1, after=after))
    build(here, NEW)
    assert not hosts.server.faults[0].times
    hosts.server.clear()
    assert seen(hosts.host("there")) == NEW
    assert names(hosts) == {PART, MANIFEST, SUCCESS}


@pytest.mark.parametrize("what", ["503", "412", "reset"])
@pytest.mark.parametrize("step", STEPS, ids=lambda one: f"{one[0]} {one[1]} {one[2]}")
def test_a_request_that_fails_for_good_leaves_old_nothing_or_new(
    hosts: Hosts,
    caplog: pytest.LogCaptureFixture,
    step: tuple[str, str, int],
    what: str,
) -> None:
    kind, name, after = step
    here = hosts.host("here")
    build(here, OLD)
    hosts.server.faults.append(Fault(what, kind, name, after=after))
    text = ""
    with caplog.at_level("DEBUG"):
        try:
            build(here, NEW)
        except LakeError as error:
            text = str(error)
    assert (kind, name) == ("DELETE", CLAIM) or ("run again" in text or "check" in text), text
    for told in (text, caplog.text):
        assert not any(one in told for one in (KEY, SECRET, TOKEN))
    hosts.server.clear()
    there = hosts.host("there")
    assert seen(there) in {OLD, None, NEW}
    build(hosts.host("here"), NEW)  # a claim that was left is taken over at once by its own host
    assert seen(there) == NEW
    assert names(hosts) == {PART, MANIFEST, SUCCESS}


def test_a_kill_between_any_two_requests(hosts: Hosts, monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = hosts.host("here"), hosts.host("there")
    build(here, OLD)
    outcomes = []
    for at in range(len(STEPS)):
        dying = hosts.host("here")
        requests = kill_at(dying, at)
        with pytest.raises(Killed):
            build(dying, NEW)
        assert requests() > at
        outcomes.append(seen(there))
        if at > 0:  # its claim stands, and is another host's
            with pytest.raises(LakeBusyError, match=r"process [0-9]+ on "):
                build(there, OLD)
        build(hosts.host("here"), NEW)
        assert seen(there) == NEW
        assert names(hosts) == {PART, MANIFEST, SUCCESS}
        build(here, OLD)
    assert outcomes == [OLD] * 4 + [None] * 3 + [NEW] * 3


def test_a_claim_is_anothers_until_it_is_older_than_the_grace_time_by_the_servers_clock(
    hosts: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = hosts.host("here"), hosts.host("there")
    kill_at(here, 4)
    with pytest.raises(Killed):
        build(here, OLD)
    with pytest.raises(LakeBusyError):
        build(there, NEW)
    monkeypatch.setattr(claim, "GRACE_S", 0.5)
    build(there, NEW, timeout_s=10.0)
    assert seen(there) == NEW


def test_a_claim_is_renewed_while_it_is_held(hosts: Hosts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim, "GRACE_S", 2.0)
    here, there = hosts.host("here"), hosts.host("there")
    claims = claim.Claims(hosts.client(), "here")
    with claims.hold(FOLDER, 0.0), pytest.raises(LakeBusyError, match="is taken over"):
        build(there, NEW, timeout_s=4.0)
    build(here, NEW)
    assert seen(there) == NEW


def test_a_run_whose_claim_was_taken_over_deletes_nothing(hosts: Hosts) -> None:
    here, there = hosts.host("here"), hosts.host("there")
    build(there, OTHER)
    other = hosts.client()

    def take_over() -> None:
        found = other.read(f"{FOLDER}/{CLAIM}")
        assert found is not None
        other.replace(f"{FOLDER}/{CLAIM}", b"{}", found.etag)

    hosts.server.faults.append(Fault("call", "PUT", CLAIM, times=1, after=1, then=take_over))
    with pytest.raises(LakeBusyError, match="taken over by another run"):
        build(here, NEW)
    assert seen(there) == OTHER
    assert names(hosts) == {PART, MANIFEST, SUCCESS, CLAIM}


@pytest.mark.parametrize(
    ("kind", "name"), [("DELETE", SUCCESS), ("PUT", PART), ("PUT", MANIFEST), ("PUT", SUCCESS)]
)
def test_two_writers_that_both_believe_in_their_claim_leave_no_mixture(
    hosts: Hosts, monkeypatch: pytest.MonkeyPatch, kind: str, name: str
) -> None:
    here, there = hosts.host("here"), hosts.host("there")
    build(here, OLD)
    fault = Fault("call", kind, name, times=1)

    def interleave() -> None:
        fault.times = 0
        with monkeypatch.context() as short:
            short.setattr(claim, "GRACE_S", -10.0)  # it was stopped for longer than that
            short.setattr(claim, "RENEWALS", -0.001)
            build(there, OTHER)

    fault.then = interleave
    hosts.server.faults.append(fault)
    told = ""
    try:
        build(here, NEW)
    except LakeBusyError as busy:
        told = str(busy)
    if told:
        assert "another run published it at the same time" in told
    assert seen(hosts.host("third")) in ({None, OTHER} if told else {NEW})
    build(hosts.host("third"), NEW)
    assert seen(there) == NEW


def test_data_of_another_writer_that_died_are_found_before_they_are_believed(
    hosts: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = hosts.host("here"), hosts.host("there")
    build(here, OLD)
    kill_at(there, 1000, MANIFEST)

    def interleave() -> None:
        with monkeypatch.context() as short:
            short.setattr(claim, "GRACE_S", -10.0)
            short.setattr(claim, "RENEWALS", -0.001)
            with pytest.raises(Killed):
                build(there, OTHER)

    hosts.server.faults.append(Fault("call", "PUT", MANIFEST, times=1, then=interleave))
    with pytest.raises(LakeBusyError, match="another run published it at the same time"):
        build(here, NEW)
    found = hosts.client().read(f"{FOLDER}/{PART}")
    assert found is not None
    assert found.data == OTHER
    assert names(hosts) >= {PART, MANIFEST}
    assert SUCCESS not in names(hosts)
    build(hosts.host("there"), NEW)
    assert seen(hosts.host("third")) == NEW


class _Meanwhile(OsIo):
    """Lets something run before a folder gets its name, for a while."""

    def __init__(self, other: threading.Thread) -> None:
        self._other = other

    def rename_noreplace(self, source: str, target: str) -> None:
        self._other.start()
        self._other.join(1.0)
        super().rename_noreplace(source, target)


def test_a_fetch_of_the_same_host_does_not_come_between(hosts: Hosts) -> None:
    here = hosts.host("here")
    found: list[bytes | None] = []
    with lake_lock(here, PARTITION.lock_name), partition_claim(here, PARTITION, 0.0):
        reader = threading.Thread(target=lambda: found.append(visible(hosts.host("here"))))
        publish(here, NEW, _Meanwhile(reader))
        reader.join()
    assert found == [NEW]


def test_of_two_runs_at_once_one_waits_for_the_other(hosts: Hosts) -> None:
    mirrors = [hosts.host("here"), hosts.host("there")]
    failures: list[BaseException] = []

    def run(mirror: object, content: bytes) -> None:
        try:
            build(mirror, content, timeout_s=60.0)  # type: ignore[arg-type]
        except BaseException as error:  # noqa: BLE001 - told by the test
            failures.append(error)

    threads = [
        threading.Thread(target=run, args=(mirrors[n % 2], [OLD, NEW][n % 2])) for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert seen(hosts.host("third")) in {OLD, NEW}
    assert names(hosts) == {PART, MANIFEST, SUCCESS}
