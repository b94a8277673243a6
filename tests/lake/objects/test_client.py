"""The requests of object storage: bounded, explained, and without a secret in any word."""

from __future__ import annotations

import http.client
import socket
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from src.data_eng.errors import LakeError, UsageError
from src.data_eng.lake.objects import client as requests
from src.data_eng.lake.objects.client import ObjectClient
from src.data_eng.lake.objects.url import LakeUrl
from tests.s3_hosts import Hosts
from tests.s3_server import KEY, SECRET, TOKEN, Fault


def test_an_object_that_arrived_though_no_answer_came_is_ours(hosts: Hosts) -> None:
    client = hosts.client()
    hosts.server.faults.append(Fault("late", "PUT", "a", times=1))
    etag = client.create("a", b"ours")
    assert etag
    assert client.create("a", b"ours") == etag
    assert client.create("a", b"another's") is None
    hosts.server.faults.append(Fault("late", "PUT", "a", times=1))
    newer = client.replace("a", b"ours again", etag)
    assert newer
    assert client.replace("a", b"x", etag) is None
    assert client.replace("b", b"x", etag) is None
    found = client.read("a")
    assert found is not None
    assert (found.data, found.etag) == (b"ours again", newer)


def test_an_object_that_is_gone_is_not_replaced_by_whatever_status(hosts: Hosts) -> None:
    # Amazon S3 answers by 404, the server of the tests by 412.
    client = hosts.client()
    hosts.server.faults.append(Fault("404", "PUT", "gone", times=1))
    assert client.replace("gone", b"x", '"0"') is None
    assert not hosts.server.faults[0].times


def test_a_large_file_is_put_in_parts_and_comes_back_whole(
    hosts: Hosts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "_CHUNK", 5 << 20)
    path = tmp_path / "large"
    path.write_bytes(bytes(range(256)) * (11 << 12))
    client = hosts.client()
    etag = client.put("large", path)
    found = client.head("large")
    assert found is not None
    assert (found.state.bytes, found.state.etag) == (path.stat().st_size, etag)
    assert etag.endswith('-3"')
    copy = tmp_path / "copy"
    with copy.open("wb") as file:
        assert client.download("large", found.state, file)
    assert copy.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("403", "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and what they permit"),
        ("404", "check the bucket, AWS_REGION and AWS_ENDPOINT_URL"),
        ("400", "check AWS_REGION, AWS_ENDPOINT_URL and AWS_ALLOW_HTTP"),
        ("503", "look at the store and the way to it, and run again"),
        ("reset", "look at the store and the way to it, and run again"),
    ],
)
def test_a_refusal_is_one_line_with_a_remedy_and_no_secret(
    hosts: Hosts, what: str, told: str
) -> None:
    client = hosts.client()
    hosts.server.faults.append(Fault(what, "PUT", "a"))
    for put in (client.put, client.create):
        with pytest.raises(LakeError) as error:
            put("a", b"x")
        text = str(error.value)
        assert text.startswith(f"{hosts.url}/a: PUT failed (")
        assert text.endswith(told)
        assert "\n" not in text
        whole = "".join(traceback.format_exception(error.value))
        assert not any(one in whole for one in (KEY, SECRET, TOKEN))


def test_attempts_are_bounded(hosts: Hosts) -> None:
    client = hosts.client()
    hosts.server.faults.append(Fault("503", "GET", "a"))
    with pytest.raises(LakeError):
        client.read("a")
    assert len(hosts.server.requests) == requests.ATTEMPTS * 2  # the library asks twice here
    assert client.requests == {"GET": requests.ATTEMPTS}


@pytest.fixture
def mute() -> Iterator[str]:
    """Return the endpoint of a store that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_store_that_says_nothing_is_not_asked_without_end(
    hosts: Hosts, monkeypatch: pytest.MonkeyPatch, mute: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", mute)
    monkeypatch.setattr(requests, "SILENCE", "100ms")
    client = hosts.client()
    asked: list[Callable[[], object]] = [
        lambda: client.list("a"),
        lambda: client.head("a"),
        lambda: client.read("a"),
        lambda: client.put("a", b""),
        lambda: client.create("a", b""),
        lambda: client.delete("a"),
    ]
    for ask in asked:
        with pytest.raises(LakeError, match=r"no answer in time.*; look at the store and the way"):
            ask()
    # What reads is asked again by the library; a PUT that may have arrived is looked for.
    many = requests.ATTEMPTS
    assert client.requests == {"LIST": 1, "HEAD": 1, "GET": 2, "PUT": many + 1, "DELETE": many}


def test_a_name_that_is_none_is_told(hosts: Hosts) -> None:
    server = http.client.HTTPConnection(hosts.server.url.removeprefix("http://"))
    server.request("PUT", f"/{hosts.url.bucket}/{hosts.url.prefix}/a//b")
    assert server.getresponse().status == 200
    server.close()
    with pytest.raises(LakeError, match=r"a//b.*an object of the lake has such a name; remove it"):
        hosts.client().list("a")


def test_no_server_and_no_bucket_are_told(hosts: Hosts, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LakeError, match="check the bucket"):
        ObjectClient(LakeUrl("no-such-bucket", "")).list("")
    with pytest.raises(LakeError, match="check the bucket"):
        ObjectClient(LakeUrl("no-such-bucket", "")).put("a", b"")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "false")
    with pytest.raises(UsageError, match=r"http:// is without TLS; set AWS_ALLOW_HTTP=true"):
        hosts.client()
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(LakeError, match=r"tcp connect error.*look at the store and the way to it"):
        hosts.client().put("a", b"")


@pytest.mark.parametrize(
    "endpoint", ["127.0.0.1:9000", "http://", "http://x:port", "http://x:99999", "http://a b", "ftp://x",
                 "http://[::1"],
)  # fmt: skip
def test_an_endpoint_that_is_none_is_told_before_the_library_panics(
    endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    with pytest.raises(UsageError, match="AWS_ENDPOINT_URL: no URL of a store; use https://HOST"):
        ObjectClient(LakeUrl("desk", "lake"))


def test_half_a_key_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY", raising=False)
    with pytest.raises(
        UsageError, match=r"Missing SecretAccessKey; check the variables AWS_"
    ) as told:
        ObjectClient(LakeUrl("desk", "lake"))
    assert KEY not in str(told.value)


def test_without_the_extra_one_line_says_which_to_install(
    hosts: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(UsageError, match=r"needs obstore: pip install 'data-eng\[s3\]'"):
        hosts.client()
