from __future__ import annotations

import datetime as dt

import pytest

from src.data_eng.errors import LakeError
from src.data_eng.lake.objects.client import Found
from src.data_eng.lake.objects.listing import CLAIM, Listing, unfinished
from src.data_eng.lake.store import ObjectState, Unfinished
from tests.s3_hosts import Hosts

TABLE = "gold/product_type=future/symbol=ESM5/table=market"


def listing(hosts: Hosts, *names: str, data: bytes = b"x") -> Listing:
    client = hosts.client()
    for name in names:
        client.put(name, data)
    hosts.server.clear()
    return Listing(client)


def test_a_table_is_listed_once_and_what_lies_above_it_once(hosts: Hosts) -> None:
    names = [f"{TABLE}/dt=2025-06-0{day}/{name}" for day in (2, 3) for name in ("_SUCCESS", "p")]
    found = listing(hosts, *names, "gold/product_type=future/symbol=ESU5/table=market/x")
    for _ in range(2):
        assert found.entries("gold/product_type=future") == ["symbol=ESM5", "symbol=ESU5"]
        assert found.entries(TABLE) == ["dt=2025-06-02", "dt=2025-06-03"]
        assert found.entries(f"{TABLE}/dt=2025-06-02") == ["_SUCCESS", "p"]
        assert found.is_folder(TABLE)
        assert found.is_folder(f"{TABLE}/dt=2025-06-03")
        assert not found.is_folder(f"{TABLE}/dt=2025-06-04")
        assert not found.is_folder(f"{TABLE}/dt=2025-06-02/p")
        assert found.is_folder("gold/product_type=future/symbol=ESM5")
        assert found.is_folder("")
    assert hosts.server.counts() == {"LIST": 2}


def test_what_is_not_there_is_empty(hosts: Hosts) -> None:
    found = listing(hosts)
    assert found.entries("raw") == found.entries(TABLE) == []
    assert not found.is_folder("raw")
    assert not found.is_folder(TABLE)
    assert found.find(f"{TABLE}/p") is None


def test_a_claim_alone_is_no_partition(hosts: Hosts) -> None:
    found = listing(hosts, f"{TABLE}/dt=2025-06-02/{CLAIM}")
    assert found.entries(TABLE) == []
    assert not found.is_folder(f"{TABLE}/dt=2025-06-02")


def test_what_was_put_is_noted_and_what_others_put_is_looked_at_again(hosts: Hosts) -> None:
    found = listing(hosts, f"{TABLE}/dt=2025-06-02/p")
    assert found.entries(TABLE) == ["dt=2025-06-02"]
    found.note(f"{TABLE}/dt=2025-06-03", {"p": ObjectState(1, "e")})
    hosts.client().put(f"{TABLE}/dt=2025-06-04/p", b"y")
    assert found.entries(TABLE) == ["dt=2025-06-02", "dt=2025-06-03"]
    found.refresh(f"{TABLE}/dt=2025-06-04")
    found.refresh(f"{TABLE}/dt=2025-06-03")  # it was never there
    assert found.entries(TABLE) == ["dt=2025-06-02", "dt=2025-06-04"]
    found.forget()
    assert found.entries(TABLE) == ["dt=2025-06-02", "dt=2025-06-04"]


def test_a_folder_that_is_looked_at_again_does_not_take_in_those_below(hosts: Hosts) -> None:
    found = listing(hosts, f"{TABLE}/a.dbn", f"{TABLE}/job/b.dbn")
    assert found.entries(TABLE) == ["a.dbn", "job"]
    hosts.client().put(f"{TABLE}/c.dbn", b"y")
    found.refresh(TABLE)
    assert found.entries(TABLE) == ["a.dbn", "c.dbn", "job"]
    assert found.entries(f"{TABLE}/job") == ["b.dbn"]
    for name in ("a.dbn", "c.dbn"):
        hosts.client().delete(f"{TABLE}/{name}")
    found.refresh(TABLE)
    assert found.entries(TABLE) == ["job"]
    assert found.is_folder(TABLE)


def test_an_empty_object_that_a_console_made_for_a_folder_is_none(hosts: Hosts) -> None:
    hosts.client().put(f"{TABLE}/dt=2025-06-02", b"")
    found = listing(hosts, f"{TABLE}/dt=2025-06-02/p")
    assert found.entries(TABLE) == ["dt=2025-06-02"]
    assert found.find(f"{TABLE}/dt=2025-06-02") is None


def test_more_objects_than_one_answer_holds(hosts: Hosts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "3")
    names = [f"{TABLE}/dt=2025-06-{day:02}/p" for day in range(1, 9)]
    found = listing(hosts, *names)
    assert len(found.entries(TABLE)) == 8
    assert hosts.server.counts()["LIST"] == 3


def test_a_name_that_would_lead_out_of_the_mirror_is_refused(hosts: Hosts) -> None:
    found = listing(hosts, f"{TABLE}/a\\b")
    with pytest.raises(LakeError, match="not the name of a file in a lake"):
        found.entries(TABLE)


def test_one_object_that_was_deleted_is_not_there_and_the_others_are(hosts: Hosts) -> None:
    found = listing(hosts, f"{TABLE}/a.dbn", f"{TABLE}/b.dbn")
    assert found.entries(TABLE) == ["a.dbn", "b.dbn"]
    found.discard(f"{TABLE}/a.dbn")
    assert found.entries(TABLE) == ["b.dbn"]
    assert found.find(f"{TABLE}/a.dbn") is None
    assert not found.sees(f"{TABLE}/a.dbn")
    found.discard(f"{TABLE}/b.dbn")
    assert not found.is_folder(TABLE)


def test_what_is_forgotten_is_asked_for_again_above_a_table_too(hosts: Hosts) -> None:
    found = listing(hosts, f"{TABLE}/p")
    assert found.entries("gold") == ["product_type=future"]
    hosts.client().put("gold/product_type=other/symbol=X/table=y/p", b"y")
    assert found.entries("gold") == ["product_type=future"]
    found.forget()
    assert found.entries("gold") == ["product_type=future", "product_type=other"]


@pytest.mark.parametrize("seen", ["looked at", "noted", "listed"])
def test_above_a_table_that_was_empty_it_is_seen_with_its_first_partition(
    hosts: Hosts, seen: str
) -> None:
    # A worker that looked before the first build would take each earlier session for absent.
    listing, client = Listing(hosts.client()), hosts.client()
    table = "silver/product_type=future/symbol=ESM5/table=trades"
    assert listing.entries("silver/product_type=future") == listing.entries("silver") == []
    client.put(f"{table}/dt=2025-06-05/_SUCCESS", b"1")
    if seen == "looked at":
        listing.refresh(f"{table}/dt=2025-06-05")
    elif seen == "noted":
        listing.note(f"{table}/dt=2025-06-05", {"_SUCCESS": ObjectState(1, "e")})
    else:
        assert listing.entries(table) == ["dt=2025-06-05"]
    assert listing.entries("silver/product_type=future") == ["symbol=ESM5"]
    assert listing.entries("silver") == ["product_type=future"]
    hosts.server.requests.clear()
    listing.refresh(f"{table}/dt=2025-06-05")
    assert listing.entries("silver") == ["product_type=future"]
    assert len(hosts.server.requests) == 1


def test_what_is_unfinished_is_of_a_date_and_as_old_as_its_newest_object() -> None:
    """A raw folder, a table or a complete partition is none; a claim is one by itself."""
    first = dt.datetime(2025, 6, 5, tzinfo=dt.UTC)
    late = first + dt.timedelta(hours=9)
    whole = {"_SUCCESS": Found(ObjectState(64, "a"), first), "p": Found(ObjectState(9, "b"), first)}
    half = {"p": Found(ObjectState(5, "c"), first), "q": Found(ObjectState(7, "d"), late)}
    claim = {CLAIM: Found(ObjectState(100, "e"), late)}
    day = f"{TABLE}/dt=2025-06-0"
    found = unfinished(
        {f"{day}5": {**half, **claim}, f"{day}4": whole, f"{day}3": {**whole, **claim}, TABLE: half}
    )
    assert found == [
        Unfinished(f"{day}3", True, 100, late),
        Unfinished(f"{day}5", False, 12, late),
        Unfinished(f"{day}5", True, 100, late),
    ]
