"""The vendor's HTTP API on loopback: prices, jobs and files, and whatever can go wrong with them.

Written after the vendor's reference of the historical API (October 2026: jobs are listed by id and
state alone) and what its Python client sends. TLS, since that client takes nothing else: the
certificate is made here, and trusted by ``REQUESTS_CA_BUNDLE``.
"""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import hashlib
import json
import shutil
import socket
import ssl
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

KEY = "db-SecretOfTheTestsSecretOfTheTests"
USER = "TESTUSER"

Files = Mapping[str, bytes]
MakeFiles = Callable[[Mapping[str, Any]], Files]
"""The data files of a job, by what was asked for."""


@dataclass
class Fault:
    """What happens to a request instead of its answer.

    Attributes
    ----------
    status, headers, body
        Another answer.
    reset : bool
        The connection is reset without one.
    is_late : bool
        The request is carried out all the same.
    cut : int, optional
        An answer that ends after so many bytes of a file.
    call : callable, optional
        Called before all else.
    """

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    reset: bool = False
    is_late: bool = False
    cut: int | None = None
    call: Callable[[], object] | None = None


@dataclass
class Job:
    """A job: its parameters, files, and the states that it still goes through."""

    details: dict[str, Any]
    files: dict[str, bytes]
    states: list[str]

    def state(self) -> str:
        return self.states.pop(0) if len(self.states) > 1 else self.states[0]


class VendorServer:
    """The vendor.

    Parameters
    ----------
    make_files : callable
    """

    def __init__(self, make_files: MakeFiles) -> None:
        self.make_files = make_files
        self.jobs: dict[str, Job] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        """Every request: the last part of its path, and its parameters."""
        self.ranges: list[str | None] = []
        """Of every request for a file."""
        self.faults: dict[str, list[Fault]] = {}
        """By the beginning of a path's last part, in order; each once."""
        self.cost_usd = 1.25
        self.size = 2_000_000
        self.states = ["queued", "processing", "done"]
        self.damage: Callable[[str, bytes], bytes] = lambda _name, data: data
        """What becomes of a file on its way."""
        self.url = ""

    def count(self, name: str) -> int:
        """Return how many requests of a kind there were."""
        return sum(one == name for one, _ in self.requests)

    @property
    def orders(self) -> list[dict[str, str]]:
        """Parameters of every order that was carried out."""
        return [job.details["asked"] for job in self.jobs.values()]

    def fail(self, name: str, *faults: Fault) -> None:
        """Let the next requests of a kind fail."""
        self.faults.setdefault(name, []).extend(faults)

    def answer(self, name: str, asked: dict[str, str]) -> Any:
        """Carry out a request; return what is answered."""
        known: dict[str, Callable[[], Any]] = {
            "metadata.get_cost": lambda: self.cost_usd,
            "metadata.get_billable_size": lambda: self.size,
            "batch.submit_job": lambda: self._public(self._submit(asked)),
            "batch.list_jobs": self._list,
            "batch.get_job_details": lambda: self._public(self.jobs[asked["job_id"]]),
            "batch.list_files": lambda: self._files(asked["job_id"]),
        }
        return known[name]()

    def _submit(self, asked: dict[str, str]) -> Job:
        job_id = f"GLBX-20261101-{len(self.jobs):010d}"
        details = {
            **{name: asked[name] for name in ("dataset", "symbols", "schema", "stype_in")},
            **{name: f"{asked[name][:10]}T00:00:00.000000000Z" for name in ("start", "end")},
            **{"id": job_id, "encoding": asked["encoding"], "limit": None, "asked": asked},
            "ts_received": dt.datetime.now(dt.UTC).isoformat(),
        }
        support = {"symbology.json": b'{"result": {}}', "metadata.json": b"{}"}
        files = {**support, **self.make_files(details)}
        self.jobs[job_id] = Job(details, files, list(self.states))
        return self.jobs[job_id]

    def _public(self, job: Job) -> dict[str, Any]:
        shown = {name: value for name, value in job.details.items() if name != "asked"}
        return {**shown, "state": job.state(), "user_id": USER, "api_key": "prod-001"}

    def _list(self) -> list[dict[str, Any]]:
        return [
            {"id": one, "state": job.states[0], "ts_received": job.details["ts_received"]}
            for one, job in self.jobs.items()
        ]

    def _files(self, job_id: str) -> list[dict[str, Any]]:
        return [
            {
                "filename": name,
                "size": len(data),
                "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
                "urls": {"https": f"{self.url}/v0/batch/download/{USER}/{job_id}/{name}"},
            }
            for name, data in self.jobs[job_id].files.items()
        ]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A body that follows its headers would wait 40 ms for the client to acknowledge those.
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._serve(parse_qs(urlsplit(self.path).query))

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self._serve(parse_qs(self.rfile.read(length).decode()))

    def _serve(self, query: Mapping[str, list[str]]) -> None:
        vendor = self.server.vendor
        path = urlsplit(self.path).path
        name = path.rpartition("/")[2]
        asked = {key: values[0] for key, values in query.items()}
        vendor.requests.append((name, asked))
        fault = self._fault(name)
        if fault is not None and fault.call is not None:
            fault.call()
        if self.headers.get("Authorization") != _authorization():
            self._json(401, {"detail": {"case": "auth_failed", "message": "no", "docs": "x"}})
            return
        if fault is not None and fault.is_late:
            vendor.answer(name, asked)
        if fault is not None and fault.reset:
            # Without lingering the other side is told of a reset, not of an end.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
        elif fault is not None and fault.status:
            self._send(fault.status, fault.body.encode(), fault.headers)
        elif "/download/" in path:
            self._file(path, fault.cut if fault is not None else None)
        else:
            self._json(200, vendor.answer(name, asked))

    def _fault(self, name: str) -> Fault | None:
        for start, faults in self.server.vendor.faults.items():
            if name.startswith(start) and faults:
                return faults.pop(0)
        return None

    def _file(self, path: str, cut: int | None) -> None:
        vendor = self.server.vendor
        job_id, name = path.split("/")[-2:]
        data = vendor.damage(name, vendor.jobs[job_id].files[name])
        said = self.headers.get("Range")
        vendor.ranges.append(said)
        start = int(said.removeprefix("bytes=").rstrip("-")) if said else 0
        rest = data[start:]
        headers = {}
        if said:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        self._send(206 if said else 200, rest, headers, cut)

    def _json(self, status: int, body: Any) -> None:
        self._send(status, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _send(
        self, status: int, body: bytes, headers: Mapping[str, str], cut: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if cut is None else body[:cut])
        if cut is not None:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    vendor: VendorServer

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients are killed here."""


def _authorization() -> str:
    return "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for localhost; return the files of it and of its key."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl, which makes the certificate of the server")
    certificate, key = folder / "localhost.pem", folder / "localhost.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key


@contextlib.contextmanager
def serving(vendor: VendorServer, certificate: Path, key: Path) -> Iterator[VendorServer]:
    """Serve on a port of loopback, told by ``vendor.url``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = _Server(("127.0.0.1", 0), _Handler)
    server.vendor = vendor
    server.socket = context.wrap_socket(server.socket, server_side=True)
    vendor.url = f"https://localhost:{server.server_port}"
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True)
    thread.start()
    try:
        yield vendor
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def wait_for(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.01)
