"""An S3 server on loopback for tests, in a thread of this process, that can be told to fail.

It is moto's, which enforces ``If-None-Match`` and ``If-Match``. Every request is noted before it is
answered; `Fault` says which ones fail, and how.
"""

from __future__ import annotations

import http.client
import logging
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

SECRET: Final = "s3cr3t/KEY+that+nobody+may+see"
KEY: Final = "AKIDNOBODYMAYSEE"
TOKEN: Final = "t0ken-that-nobody-may-see"

_Environ = dict[str, Any]
_Start = Callable[..., Any]


@dataclass(frozen=True)
class Request:
    """One request: its kind as the project counts them, and the object's name or prefix."""

    kind: str
    name: str


@dataclass
class Fault:
    """What becomes of requests.

    Attributes
    ----------
    what : str
        A status, or ``reset`` (no answer), ``cut`` (half of the answer), ``late`` (done, then no
        answer), or ``call`` (``then`` is called before it is done).
    kind, ends : str
        Of which requests.
    times : int
        How many of them, then it is over.
    after : int
        How many are let pass before.
    """

    what: str
    kind: str
    ends: str = ""
    times: int = 1_000_000
    after: int = 0
    then: Callable[[], None] = lambda: None

    def meets(self, request: Request) -> bool:
        """Tell whether it is this request's turn to fail."""
        if request.kind != self.kind or not request.name.endswith(self.ends) or not self.times:
            return False
        if self.after:
            self.after -= 1
            return False
        self.times -= 1
        return True


@dataclass
class S3Server:
    """The server, what it was asked, and what fails.

    Attributes
    ----------
    url : str
        Endpoint.
    requests : list of Request
    faults : list of Fault
    ignored : set of str
        Headers that are taken away, as a server does that does not know them.
    """

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    ignored: set[str] = field(default_factory=set)

    def counts(self) -> Counter[str]:
        """Return the requests by kind."""
        return Counter(one.kind for one in self.requests)

    def clear(self) -> None:
        """Forget requests and faults."""
        self.requests.clear()
        self.faults.clear()
        self.ignored.clear()

    def environment(self, **more: str) -> dict[str, str]:
        """Return the variables by which a client finds the server."""
        return {
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_SESSION_TOKEN": TOKEN,
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ALLOW_HTTP": "true",
            **more,
        }

    def make_bucket(self, name: str) -> None:
        """Make an empty bucket."""
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"))
        connection.request("PUT", f"/{name}")
        assert connection.getresponse().status == 200
        connection.close()


def serve() -> Iterator[S3Server]:
    """Yield a running server."""
    from moto.moto_server.werkzeug_app import (  # noqa: PLC0415
        DomainDispatcherApplication,
        create_backend_app,
    )
    from werkzeug.serving import make_server  # noqa: PLC0415

    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    server = S3Server()
    app = _Faulty(server, DomainDispatcherApplication(create_backend_app))
    running = make_server("127.0.0.1", 0, app, threaded=True)
    server.url = f"http://127.0.0.1:{running.port}"
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield server
    running.shutdown()
    running.server_close()
    thread.join()


class _Faulty:
    def __init__(
        self, server: S3Server, app: Callable[[_Environ, _Start], Iterable[bytes]]
    ) -> None:
        self._server, self._app = server, app
        self._lock = threading.Lock()

    def __call__(self, environ: _Environ, start: _Start) -> Iterable[bytes]:
        request = _request(environ)
        with self._lock:
            self._server.requests.append(request)
            fault = next((one for one in self._server.faults if one.meets(request)), None)
        for header in self._server.ignored:
            environ.pop(header, None)
        if fault is None:
            return self._app(environ, start)
        if fault.what == "call":
            fault.then()
            return self._app(environ, start)
        if fault.what == "reset":
            return _hang_up(environ)
        if fault.what == "late":
            b"".join(self._app(environ, lambda *_: None))
            return _hang_up(environ)
        if fault.what == "cut":
            return self._cut(environ, start)
        _drain(environ)
        text = f"<Error><Code>X</Code><AWSAccessKeyId>{KEY}</AWSAccessKeyId></Error>".encode()
        start(f"{fault.what} On purpose", [("Content-Length", str(len(text)))])
        return [text] if environ["REQUEST_METHOD"] != "HEAD" else []

    def _cut(self, environ: _Environ, start: _Start) -> Iterator[bytes]:
        told: list[Any] = []
        body = b"".join(self._app(environ, lambda *args: told.extend(args)))
        start(*told[:2])
        yield body[: len(body) // 2]
        _hang_up(environ)


def _request(environ: _Environ) -> Request:
    method, query = environ["REQUEST_METHOD"], environ.get("QUERY_STRING", "")
    name = environ["PATH_INFO"].lstrip("/").partition("/")[2]
    if method == "GET" and "list-type" in query:
        return Request("LIST", query)
    if method == "POST" and query.startswith("delete"):
        # The names stand in the body, which is read once and given back.
        size = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(size)
        environ["wsgi.input"] = _Body(body)
        name = body.decode().partition("<Key>")[2].partition("</Key>")[0]
        return Request("DELETE", name)
    return Request(method, name)


class _Body:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, size: int = -1) -> bytes:
        taken = self._data if size < 0 else self._data[:size]
        self._data = self._data[len(taken) :]
        return taken


def _drain(environ: _Environ) -> None:
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))


def _hang_up(environ: _Environ) -> list[bytes]:
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return []
