"""A fetch that is killed, refused, cut off or lied to: no order twice, nothing half there."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from src.data_eng.lake.osio import REAL, OsIo
from src.data_eng.vendor.orders import download
from tests.dbn_files import DATE
from tests.fetches import FUTURES, Fetcher
from tests.vendor_server import KEY, Fault, VendorServer, wait_for

pytestmark = pytest.mark.faults

ROOT = Path(__file__).parents[2]
JOB = "GLBX-20261101-0000000000"
DATA = "glbx-mdp3-20250605.mbp-10.dbn.zst"
COMPLETE = [f"{JOB}/{name}" for name in (DATA, "manifest.json", "metadata.json", "symbology.json")]
STEPS = ("mkdir", "create", "write", "fsync", "rename")


class Killed(BaseException):
    """As a kill: nothing that catches errors sees it."""


class Kills:
    """Kills a fetch before its n-th request or change of the disk."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._at: int | None = None
        self._step = 0
        monkeypatch.setattr(requests.Session, "send", self._counted(requests.Session.send))
        for name in STEPS:
            monkeypatch.setattr(OsIo, name, self._counted(getattr(OsIo, name)))

    @contextmanager
    def at(self, step: int) -> Iterator[None]:
        self._at, self._step = step, 0
        yield
        self._at = None

    def _counted(self, call: Any) -> Any:
        def counted(*args: Any, **named: Any) -> Any:
            self._step += 1
            if self._at == self._step:
                raise Killed
            return call(*args, **named)

        return counted


def later(fetch: Fetcher) -> None:
    """Let entries be of so long ago that the vendor would list what came of them."""
    for path in fetch.state():
        body = json.loads(path.read_text())
        asked = dt.datetime.fromisoformat(body["asked"]) - dt.timedelta(minutes=6)
        path.write_text(json.dumps({**body, "asked": asked.isoformat()}))


def test_killed_before_any_step_and_run_again(
    fetch: Fetcher, vendor: VendorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor.states = ["done"]
    kills = Kills(monkeypatch)
    for step in range(1, 100):
        try:
            with kills.at(step):
                fetch()
            break
        except Killed:
            pass
        raw = fetch.raw()
        assert raw == COMPLETE or all(one.startswith(f".fetch-{JOB}/") for one in raw), step
        later(fetch)
        done = fetch()
        assert (done.code, done.errors) == (0, []), step
        assert fetch.raw() == COMPLETE, step
        assert fetch.state() == [], step
        assert len(vendor.orders) == 1, step
        vendor.jobs.clear()
        shutil.rmtree(fetch.lake / FUTURES / JOB)
    assert step > 30


def test_an_order_that_may_be_on_its_way_is_not_repeated(
    fetch: Fetcher, vendor: VendorServer
) -> None:
    vendor.fail("batch.submit_job", Fault(reset=True))
    done = fetch()
    assert done.code == 1
    (error,) = done.errors
    assert "the vendor cannot be reached or broke off" in error
    assert "whether it was taken is not known: the next run looks for it" in error

    soon = fetch()
    assert soon.code == 1
    assert (
        "may have placed it, and it is not among the account's jobs yet; run again"
        in (soon.errors[0])
    )
    assert vendor.orders == []

    later(fetch)
    done = fetch()
    assert done.code == 0
    assert any("sent by an earlier run, and no job came of it" in line for line in done.err)
    assert len(vendor.orders) == 1


@pytest.mark.parametrize("fault", [Fault(reset=True, is_late=True), Fault(504, is_late=True)])
def test_an_order_whose_answer_is_lost_is_found(
    fetch: Fetcher, vendor: VendorServer, fault: Fault
) -> None:
    vendor.fail("batch.submit_job", fault)
    assert fetch().code == 1
    assert len(vendor.orders) == 1
    done = fetch()
    assert done.code == 0
    assert any(f"found as job {JOB}; not ordered again" in line for line in done.err)
    (listed,) = (asked for name, asked in vendor.requests if name == "batch.list_jobs")
    assert listed["states"] == "queued,processing,done"
    age = dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(listed["since"])
    assert dt.timedelta(minutes=10) < age < dt.timedelta(minutes=15)
    assert len(vendor.orders) == 1
    assert fetch.raw() == COMPLETE


def test_jobs_of_others_are_not_taken_for_it(fetch: Fetcher, vendor: VendorServer) -> None:
    for symbols, start in (("NQ.FUT", "2025-06-05"), ("ES.FUT", "2025-06-04")):
        asked = {"symbols": symbols, "start": start, "end": "2025-06-06", "schema": "mbp-10"}
        more = {"dataset": "GLBX.MDP3", "stype_in": "parent", "encoding": "dbn"}
        vendor.answer("batch.submit_job", {**asked, **more})
    vendor.fail("batch.submit_job", Fault(reset=True, is_late=True))
    assert fetch().code == 1
    done = fetch()
    assert any("found as job GLBX-20261101-0000000002" in line for line in done.err)
    assert len(vendor.orders) == 3


def test_what_is_under_way_is_not_ordered_for_other_dates(
    fetch: Fetcher, vendor: VendorServer
) -> None:
    vendor.fail("batch.list_files", *[Fault(500)] * 5)
    assert fetch(dt=None, dates="2025-06-05:2025-06-06").code == 1
    assert len(fetch.state()) == 1
    told = fetch("--dry-run", dt="2025-06-06")
    assert JOB in told.out
    assert "to order" not in told.out
    assert fetch(dt=None, dates="2025-06-05:2025-06-09").code == 0
    assert [one["start"][:10] for one in vendor.orders] == ["2025-06-05", "2025-06-09"]


def test_a_job_that_the_vendor_no_longer_keeps(fetch: Fetcher, vendor: VendorServer) -> None:
    vendor.fail("glbx", *[Fault(500)] * 5)
    assert fetch().code == 1
    vendor.jobs[JOB].states = ["expired"]
    done = fetch()
    assert done.code == 1
    assert f"job {JOB}: the vendor no longer keeps its files; run again" in done.errors[0]
    assert fetch.state() == []
    assert fetch.raw() == []
    assert fetch().code == 0
    assert len(vendor.orders) == 2


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "the request is not valid"),
        (401, "the key is not valid: see DATABENTO_API_KEY, and databento.com/portal/keys"),
        (402, "the account cannot pay: see databento.com/portal/billing"),
        (403, "the key or the plan does not allow it: see databento.com/portal"),
        (404, "there is no such thing: jobs are kept for 30 days"),
        (422, "it cannot be served: take other dates or symbols"),
    ],
)
@pytest.mark.parametrize("request_", ["metadata.get_cost", "batch.submit_job"])
def test_a_refusal_is_one_line(
    fetch: Fetcher, vendor: VendorServer, request_: str, status: int, said: str
) -> None:
    detail = {"case": "some_case", "message": "words\nof the vendor", "docs": "https://x"}
    vendor.fail(request_, Fault(status, body=json.dumps({"detail": detail})))
    done = fetch()
    assert done.code == 1
    (error,) = done.err
    assert f"{said} (HTTP {status}: some_case; words; of the vendor" in error
    assert vendor.orders == []
    assert fetch.state() == []


def test_the_key_is_struck_out_of_what_the_vendor_says(
    fetch: Fetcher, vendor: VendorServer
) -> None:
    said = f"no plan of {KEY} has it"
    vendor.fail("metadata.get_cost", Fault(403, body=json.dumps({"detail": said})))
    assert "no plan of *** has it" in fetch().errors[0]
    headers = {"X-Warning": json.dumps([f"DeprecationWarning: {KEY} is old\nvery old"])}
    vendor.fail("metadata.get_cost", Fault(200, headers=headers, body="1.25"))
    assert fetch().err == ["WARNING: the vendor says: *** is old\\nvery old"]


@pytest.mark.parametrize("status", [500, 503, 504])
def test_an_outage_is_tried_again_and_told(
    fetch: Fetcher, vendor: VendorServer, status: int
) -> None:
    vendor.fail("metadata.get_cost", *[Fault(status)] * 4)
    assert fetch().code == 0
    assert fetch.pauses[:4] == [2.0, 4.0, 8.0, 16.0]
    vendor.fail("metadata.get_cost", *[Fault(status)] * 5)
    done = fetch(dt="2025-06-06")
    assert done.code == 1
    assert f"the vendor has an outage: run again later (HTTP {status}" in done.errors[0]
    assert len(vendor.orders) == 1


def test_too_many_requests_wait_as_long_as_told(fetch: Fetcher, vendor: VendorServer) -> None:
    limited = Fault(429, headers={"Retry-After": "17"})
    vendor.fail("metadata.get_cost", limited)
    vendor.fail("batch.submit_job", limited, limited)
    vendor.fail("glbx", limited)
    assert fetch().code == 0
    assert fetch.pauses.count(17.0) == 4
    assert len(vendor.orders) == 1

    when = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    far = f"{when:%a, %d %b %Y %H:%M:%S} GMT"
    vendor.fail("metadata.get_cost", Fault(429, headers={"Retry-After": far}))
    done = fetch(dt="2025-06-06")
    assert done.code == 1
    assert "run again later; it asks to wait 3," in done.errors[0]


def test_a_connection_that_is_reset(fetch: Fetcher, vendor: VendorServer) -> None:
    for name in ("metadata.get_cost", "batch.get_job_details", "batch.list_files", "glbx"):
        vendor.fail(name, Fault(reset=True))
    done = fetch()
    assert done.code == 0
    assert sum("cannot be reached or broke off" in line for line in done.err) == 4
    assert fetch.raw() == COMPLETE


def test_nobody_answers(fetch: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_ENG_DATABENTO_GATEWAY", "https://localhost:9")
    done = fetch()
    assert done.code == 1
    assert "the vendor cannot be reached or broke off" in done.errors[0]


def test_a_certificate_that_is_not_trusted(fetch: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    done = fetch()
    assert done.code == 1
    assert "the certificate is not trusted" in done.errors[0]
    assert fetch.pauses == []


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("metadata.get_cost", "<html>a proxy</html>", "the answer is no JSON"),
        ("metadata.get_cost", '"much"', "the vendor's answer is no amount"),
        ("metadata.get_cost", "-1", "the vendor's answer is no amount"),
        ("metadata.get_billable_size", "null", "the vendor's answer is no amount"),
        ("batch.submit_job", "[]", "the vendor's answer has no id of a job; whether it was taken"),
        ("batch.submit_job", '{"id": "../x"}', "the vendor's answer has no id of a job"),
        ("batch.get_job_details", "[]", "the vendor's answer is no object"),
        ("batch.get_job_details", '{"id": "x"}', "the vendor's answer has no state"),
        ("batch.list_files", "[]", "the vendor lists none"),
        ("batch.list_files", '[{"filename": "../x"}]', "lists a file without a plain name"),
    ],
)
def test_an_answer_that_is_none(
    fetch: Fetcher, vendor: VendorServer, name: str, body: str, said: str
) -> None:
    vendor.fail(name, *[Fault(200, body=body)] * 5)
    done = fetch()
    assert done.code == 1
    (error,) = done.errors
    assert said in error
    assert fetch.raw() == []
    assert len(vendor.orders) <= 1


@pytest.mark.parametrize(
    "changed",
    [
        {"filename": "../x"},
        {"filename": ".hidden"},
        {"size": -1},
        {"size": "7"},
        {"hash": "md5:00"},
        {"urls": {"https": "http://localhost/x"}},
        {"urls": {}},
    ],
    ids=str,
)
def test_a_file_that_is_not_listed_whole(
    fetch: Fetcher, vendor: VendorServer, changed: dict[str, Any]
) -> None:
    listed = {"filename": "x", "size": 1, "hash": f"sha256:{'0' * 64}"}
    listed |= {"urls": {"https": "https://localhost/x"}, **changed}
    vendor.fail("batch.list_files", Fault(200, body=json.dumps([listed])))
    assert "lists a file without a plain name, size, SHA-256 and URL" in fetch().errors[0]
    assert fetch.raw() == []


def test_a_file_that_is_cut_off_is_resumed(
    fetch: Fetcher, vendor: VendorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "_PIECE", 500)
    vendor.fail("glbx", Fault(cut=1_000), Fault(cut=9_000), Fault(reset=True))
    assert fetch().code == 0
    assert [one for one in vendor.ranges if one] == ["bytes=1000-", "bytes=10000-"]
    assert fetch.raw() == COMPLETE


def test_a_file_that_is_begun_is_resumed_by_the_next_run(
    fetch: Fetcher, vendor: VendorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "_PIECE", 500)
    vendor.fail("glbx", Fault(cut=1_000), *[Fault(500)] * 5)
    done = fetch()
    assert done.code == 1
    assert fetch.raw() == [
        f".fetch-{JOB}/{name}" for name in (f"{DATA}.part", "metadata.json", "symbology.json")
    ]
    assert fetch().code == 0
    assert vendor.ranges[-1] == "bytes=1000-"
    assert len(vendor.ranges) == 4  # the two small files were not downloaded again
    assert fetch.raw() == COMPLETE


def test_a_part_that_is_longer_than_the_file_is_dropped(
    fetch: Fetcher, vendor: VendorServer
) -> None:
    vendor.fail("glbx", *[Fault(500)] * 5)
    assert fetch().code == 1
    (fetch.lake / FUTURES / f".fetch-{JOB}" / f"{DATA}.part").write_bytes(bytes(10**6))
    assert fetch().code == 0
    assert fetch.raw() == COMPLETE


def test_a_server_that_knows_no_ranges(
    fetch: Fetcher, vendor: VendorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "_PIECE", 500)
    data = vendor.make_files(
        {"start": str(DATE), "end": "2025-06-06", "schema": "mbp-10", "symbols": "ES.FUT"}
    )[DATA]
    vendor.fail("glbx", Fault(cut=1_000), Fault(200, body="x" * len(data)))
    done = fetch()
    # The second answer is the whole file again, and wrong; the third is right.
    assert done.code == 0
    assert any("SHA-256 differs from the vendor's; downloaded again" in one for one in done.err)
    assert (fetch.lake / FUTURES / JOB / DATA).read_bytes() == data


def test_a_file_that_is_not_what_the_vendor_lists(fetch: Fetcher, vendor: VendorServer) -> None:
    vendor.damage = lambda name, data: data[::-1] if name == DATA else data
    done = fetch()
    assert done.code == 1
    assert (
        f"{DATA}: its SHA-256 differs from the one that the vendor lists, twice" in (done.errors[0])
    )
    assert all(one.startswith(f".fetch-{JOB}/") for one in fetch.raw())
    assert f".fetch-{JOB}/{DATA}.part" not in fetch.raw()
    vendor.damage = lambda _name, data: data
    assert fetch().code == 0
    assert fetch.raw() == COMPLETE
    assert len(vendor.orders) == 1


@pytest.mark.parametrize("more", [b"m", b"more"])
def test_a_file_that_is_longer_than_listed(
    fetch: Fetcher, vendor: VendorServer, more: bytes
) -> None:
    vendor.damage = lambda _name, data: data + more
    done = fetch()
    assert done.code == 1
    assert "the vendor sends more than the 14 bytes that it lists" in done.errors[0]
    assert all(one.startswith(f".fetch-{JOB}/") for one in fetch.raw())


def test_a_job_that_fails_holds_no_other_back(fetch: Fetcher, vendor: VendorServer) -> None:
    vendor.damage = lambda name, data: b"" if ".definition." in name else data
    done = fetch(product_type="all", parents="ES.OPT")
    assert done.code == 1
    assert len(done.errors) == 1
    assert done.out.count("delivered ") == 4
    assert len(fetch.state()) == 1


def test_the_key_goes_to_the_vendor_alone(
    fetch: Fetcher, vendor: VendorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 127.0.0.1 is another host than the gateway's.
    monkeypatch.setattr(vendor, "_files", elsewhere := _Elsewhere(vendor))
    monkeypatch.setattr(requests, "get", elsewhere.watched(requests.get))
    fetch()
    assert elsewhere.asked == [None]


class _Elsewhere:
    def __init__(self, vendor: VendorServer) -> None:
        self._files = vendor._files
        self.asked: list[Any] = []

    def __call__(self, job: str) -> list[dict[str, Any]]:
        return [{**one, "urls": {"https": "https://127.0.0.1/x"}} for one in self._files(job)[:1]]

    def watched(self, get: Any) -> Any:
        def watched(url: str, **named: Any) -> Any:
            if "127.0.0.1" not in url:
                return get(url, **named)
            self.asked.append(named["auth"])
            raise requests.exceptions.SSLError("not this way")

        return watched


def test_an_entry_that_cannot_be_read(fetch: Fetcher, vendor: VendorServer) -> None:
    vendor.fail("batch.list_files", *[Fault(500)] * 5)
    assert fetch().code == 1
    (path,) = fetch.state()
    body = json.loads(path.read_text())
    order = {**body["order"], "root": "../.."}
    changed = [{**body, "order": order}, {**body, "job": "../x"}, {**body, "asked": "2026-11-01"}]
    changed.append({**body, "order": {**body["order"], "table": "raw.future.no_table"}})
    for text in ("{", "[]", "[" * 100_000, *map(json.dumps, changed), None):
        path.unlink()
        if text is None:
            os.mkfifo(path)  # which nobody writes into
        else:
            path.write_text(text)
        done = fetch()
        assert done.code == 1
        assert "cannot be read as an order" in done.errors[0]
        assert len(vendor.orders) == 1


def test_a_disk_without_room(
    fetch: Fetcher, vendor: VendorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "src.data_eng.vendor.orders.delivery.shutil.disk_usage",
        lambda _path: type("Usage", (), {"free": 1_000}),
    )
    done = fetch()
    assert done.code == 1
    assert "are free; make room and run again: the order stands" in done.errors[0]


def test_a_disk_that_cannot_be_written(
    fetch: Fetcher, vendor: VendorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(REAL, "create", full, raising=False)
    done = fetch()
    assert done.code == 1
    assert "cannot be written (No space left on device)" in done.errors[0]
    assert vendor.orders == []  # no order without an entry


def test_a_file_system_without_renameat2(fetch: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(OsIo, "_renameat2", unknown)
    assert fetch().code == 0
    assert fetch.raw() == COMPLETE


def test_a_folder_that_stands_is_not_renamed_over(fetch: Fetcher, vendor: VendorServer) -> None:
    stands = fetch.lake / FUTURES / JOB / "own"
    call = stands.parent.mkdir
    vendor.fail("glbx", Fault(call=lambda: (call(), stands.write_bytes(b"mine"))))
    done = fetch()
    assert done.code == 1
    assert f"{JOB}: cannot be made (" in done.errors[0]
    assert stands.read_bytes() == b"mine"


def test_what_is_told_is_on_disk_before(
    fetch: Fetcher, vendor: VendorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, str]] = []
    fsync, send = OsIo.fsync, requests.Session.send

    def noted(name: str) -> None:
        call = getattr(OsIo, name)

        def rename(self: OsIo, source: str, target: str) -> None:
            call(self, source, target)
            told.append(("is named", Path(target).name))

        monkeypatch.setattr(OsIo, name, rename)

    def synced(self: OsIo, fd: int) -> None:
        fsync(self, fd)
        told.append(("is on disk", Path(os.readlink(f"/proc/self/fd/{fd}")).name))

    def sent(self: requests.Session, request: Any, **named: Any) -> Any:
        told.append(("is asked", request.url.split("?")[0].rpartition("/")[2]))
        return send(self, request, **named)

    noted("rename")
    monkeypatch.setattr(OsIo, "fsync", synced)
    monkeypatch.setattr(requests.Session, "send", sent)
    assert fetch().code == 0

    def in_order(*steps: tuple[str, str]) -> None:
        at = 0
        for step in steps:
            at = told.index(step, at) + 1

    entry = next(name for what, name in told if what == "is named" and name.endswith(".json"))
    temporary = next(name for what, name in told if what == "is on disk" and ".tmp-" in name)
    in_order(
        ("is on disk", temporary),
        ("is named", entry),
        ("is on disk", ".fetch"),
        ("is asked", "batch.submit_job"),
        ("is named", entry),
        ("is on disk", ".fetch"),
        ("is on disk", f"{DATA}.part"),
        ("is named", DATA),
        ("is on disk", f".fetch-{JOB}"),
        ("is on disk", "manifest.json"),
        ("is on disk", f".fetch-{JOB}"),
        ("is named", JOB),
        ("is on disk", "table=market_by_price_10"),
        ("is on disk", ".fetch"),
    )


def started(fetch: Fetcher) -> subprocess.Popen[str]:
    flags = ["--product-type=future", "--symbol=ES", f"--dt={DATE}", "--yes"]
    return subprocess.Popen(
        [sys.executable, "-m", "src.data_eng", "fetch", *flags, f"--lake-root={fetch.lake}"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ},
    )


def test_a_process_that_is_killed_as_its_order_arrives(
    fetch: Fetcher, vendor: VendorServer
) -> None:
    running: list[subprocess.Popen[str]] = []
    kill = Fault(call=lambda: running[0].send_signal(signal.SIGKILL), reset=True, is_late=True)
    vendor.fail("batch.submit_job", kill)
    running.append(started(fetch))
    out, err = running[0].communicate(timeout=120)
    assert running[0].returncode == -signal.SIGKILL
    assert KEY not in out + err
    wait_for(lambda: len(vendor.orders) == 1)
    assert fetch().code == 0
    assert len(vendor.orders) == 1
    assert fetch.raw() == COMPLETE


def test_an_interrupt_ends_it_at_once(fetch: Fetcher, vendor: VendorServer) -> None:
    running: list[subprocess.Popen[str]] = []
    vendor.states = ["queued"]
    vendor.fail("batch.get_job_details", Fault(call=lambda: running[0].send_signal(signal.SIGINT)))
    running.append(started(fetch))
    _, err = running[0].communicate(timeout=120)
    assert running[0].returncode == 130
    assert err.splitlines() == ["interrupted; what was published stays, run again to go on"]
    assert len(fetch.state()) == 1
