"""The vendor's client, as fetching uses it: prices, orders, jobs and the list of their files."""

from __future__ import annotations

import datetime as dt
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

import databento
import requests
from requests.auth import HTTPBasicAuth

from ...errors import UsageError, VendorError
from .failures import retried
from .order import PLAIN_NAME, Order

KEY: Final = "DATABENTO_API_KEY"
"""Environment variable of the API key, the client's own."""
GATEWAY: Final = "DATA_ENG_DATABENTO_GATEWAY"
"""Environment variable of another gateway: a proxy of the vendor's, or that of tests."""
TIMEOUT_S: Final = (30.0, 120.0)
"""For a connection, and between two pieces of a file."""

_KEPT: Final = ("queued", "processing", "done")
_SHA256: Final = re.compile(r"sha256:([0-9a-f]{64})")
_VENDORS: Final = "databento.com"


@dataclass(frozen=True)
class JobFile:
    """A file of a job, as the vendor lists it; ``sha256`` is hexadecimal."""

    name: str
    bytes: int
    sha256: str
    url: str


class Vendor:
    """The vendor, asked with the key of the environment.

    Raises
    ------
    UsageError
        There is no key, or the gateway is no URL.
    """

    def __init__(self) -> None:
        key = os.environ.get(KEY, "").strip()
        if not key:
            raise UsageError(f"no API key: set {KEY} to one of databento.com/portal/keys")
        self.key = key
        gateway = os.environ.get(GATEWAY) or databento.HistoricalGateway.BO1
        try:
            self._client = databento.Historical(key, gateway)
        except ValueError:
            raise UsageError(f"{GATEWAY}: not the URL of a gateway") from None
        self._host = urlsplit(str(self._client.gateway)).hostname

    def cost(self, order: Order) -> float:
        """Return what an order costs, US dollars."""
        call = partial(self._client.metadata.get_cost, **order.request())
        return _number(self._ask(f"cost of {order}", call), f"cost of {order}")

    def size(self, order: Order) -> int:
        """Return the uncompressed bytes that an order is billed by."""
        call = partial(self._client.metadata.get_billable_size, **order.request())
        return int(_number(self._ask(f"size of {order}", call), f"size of {order}"))

    def submit(self, order: Order) -> str:
        """Place an order; return the job's id.

        Raises
        ------
        VendorRefusedError
            It was surely not taken.
        VendorError
            Whether it was taken is not known.
        """
        what = f"order of {order}"
        call = partial(self._client.batch.submit_job, **order.request(), split_duration="day")
        return _job_id(retried(what, self.key, call, is_order=True), what)

    def find(self, order: Order, since: dt.datetime) -> str | None:
        """Return the id of a job of this account that is an order, None where there is none."""
        what = f"jobs since {since:%Y-%m-%d %H:%M} UTC"
        call = partial(self._client.batch.list_jobs, states=_KEPT, since=since.isoformat())
        listed = self._ask(what, call)
        if not isinstance(listed, list):
            raise VendorError(f"{what}: the vendor's answer is no list")
        for one in listed:
            # The list tells ids and states alone.
            job = _job_id(one, what)
            if order.is_of(self._details(job)):
                return job
        return None

    def state(self, job: str) -> str:
        """Return the state of a job: ``queued``, ``processing``, ``done``, ``expired``."""
        found = self._details(job).get("state")
        if not isinstance(found, str):
            raise VendorError(f"job {job}: the vendor's answer has no state")
        return found

    def files(self, job: str) -> list[JobFile]:
        """Return the files of a job.

        Raises
        ------
        VendorError
            It cannot be told, or a file is listed without a plain name, size, hash and URL.
        """
        what = f"files of job {job}"
        listed = self._ask(what, partial(self._client.batch.list_files, job))
        if not isinstance(listed, list) or not listed:
            raise VendorError(f"{what}: the vendor lists none; ask support@databento.com")
        files = [_file(one, what) for one in listed]
        if len({one.name for one in files}) != len(files):
            raise VendorError(f"{what}: the vendor lists a name twice")
        return files

    def open(self, file: JobFile, start: int) -> requests.Response:
        """Return the answer to a request for a file from a byte on; its body is still to read.

        The client's own download knows no time limit, takes a wrong hash for a warning, and does
        not end when it is interrupted.
        """
        host = urlsplit(file.url).hostname or ""
        # The key goes to the vendor alone.
        is_theirs = host in (self._host, _VENDORS) or host.endswith(f".{_VENDORS}")
        headers = {"Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        return requests.get(
            file.url,
            headers=headers,
            auth=HTTPBasicAuth(self.key, "") if is_theirs else None,
            timeout=TIMEOUT_S,
            stream=True,
        )

    def _details(self, job: str) -> Mapping[str, Any]:
        what = f"job {job}"
        found = self._ask(what, partial(self._client.batch.get_job_details, job))
        if not isinstance(found, dict):
            raise VendorError(f"{what}: the vendor's answer is no object")
        return found

    def _ask(self, what: str, call: Any) -> Any:
        return retried(what, self.key, call)


def _number(answer: Any, what: str) -> float:
    is_number = isinstance(answer, int | float) and not isinstance(answer, bool)
    if not is_number or not math.isfinite(answer) or answer < 0:
        raise VendorError(f"{what}: the vendor's answer is no amount")
    return float(answer)


def _job_id(answer: Any, what: str) -> str:
    job = answer.get("id") if isinstance(answer, dict) else None
    # It names a folder of the lake.
    if not isinstance(job, str) or not PLAIN_NAME.fullmatch(job):
        raise VendorError(f"{what}: the vendor's answer has no id of a job")
    return job


def _file(entry: Any, what: str) -> JobFile:
    try:
        name, size, said = entry["filename"], entry["size"], entry["hash"]
        url, digest = entry["urls"]["https"], _SHA256.fullmatch(said)
        is_sound = PLAIN_NAME.fullmatch(name) and type(size) is int and size >= 0
        if not is_sound or digest is None or urlsplit(url).scheme != "https":
            raise ValueError
    except (KeyError, TypeError, ValueError, AttributeError):
        raise VendorError(
            f"{what}: the vendor lists a file without a plain name, size, SHA-256 and URL"
        ) from None
    return JobFile(name, size, digest.group(1), url)
