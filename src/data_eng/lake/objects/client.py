"""The requests that are made of object storage, each one a method: counted and retried.

Requests are retried by the library within bounds where that is safe, and here again where the
library gives up early: on a 409, on an answer that broke off. A conditional PUT is never simply
repeated: whether the first one arrived is read first.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple, TypeVar

from ...errors import LakeError, UsageError
from ..store import ObjectState
from .failures import RequestError, explained, first_words, is_final, is_silent, status_of
from .url import LakeUrl, checked_endpoint

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

ATTEMPTS: Final = 4
"""How often a request is made by us, each retried by the library before."""
BACKOFF_S: Final = 0.5
RETRIES: Final[RetryConfig] = {
    "max_retries": 2,
    "retry_timeout": dt.timedelta(hours=1),
    "backoff": {
        "init_backoff": dt.timedelta(milliseconds=50),
        "max_backoff": dt.timedelta(seconds=2),
        "base": 2,
    },
}
SILENCE: Final = "45s"
"""How long the store may say nothing, while a part of a file is put too."""
_CHUNK: Final = 16 << 20
_UPLOADS: Final = 4
"""A large file is put in parts, so many at a time: 64 MiB of memory."""
_PAGE: Final = 1000
"""Objects of one answer to LIST."""
_READS: Final = frozenset({"LIST", "HEAD", "GET"})

_T = TypeVar("_T")


class Found(NamedTuple):
    """An object of a listing: what it is, and when the server says that it was written."""

    state: ObjectState
    modified: dt.datetime


class Content(NamedTuple):
    """A small object: its bytes, what it is, and when the server says that it was written."""

    data: bytes
    etag: str
    modified: dt.datetime


class ObjectClient:
    """The objects of a lake; names are relative to its root.

    Parameters
    ----------
    url : LakeUrl
        Credentials, region and endpoint are those of the environment.

    Attributes
    ----------
    requests : Counter
        How many of each kind were made.

    Raises
    ------
    UsageError
        The extra ``s3`` is not installed, or the environment names no store.
    """

    def __init__(self, url: LakeUrl) -> None:
        try:
            import obstore  # noqa: PLC0415 - an extra
            from obstore import exceptions, store  # noqa: PLC0415
        except ImportError as error:
            raise UsageError(f"{url}: needs obstore: pip install 'data-eng[s3]'") from error
        self.url = url
        self.requests: Counter[str] = Counter()
        self._counting = threading.Lock()
        self._obstore, self._errors = obstore, exceptions
        # Where there is no bucket, a PUT fails with the built-in error.
        self._failures = (exceptions.BaseError, FileNotFoundError, NotImplementedError)
        client: ClientConfig = {
            "connect_timeout": "10s",
            "read_timeout": SILENCE,
            "timeout": "1h",
        }
        if checked_endpoint():
            client["allow_http"] = True
        try:
            self._store = store.S3Store(
                url.bucket, prefix=url.prefix or None, client_options=client, retry_config=RETRIES
            )
        except exceptions.BaseError as error:
            raise UsageError(
                f"{url}: {first_words(error)}; check the variables AWS_* of the environment: a "
                "key is AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            ) from None

    def list(self, folder: str) -> dict[str, Found]:
        """Return all objects below a folder, by name."""

        def ask() -> dict[str, Found]:
            found = {}
            for page in self._obstore.list(self._store, folder or None, chunk_size=_PAGE):
                for one in page:
                    found[_safe(one["path"])] = _found(one)
            self._count("LIST", max(0, (len(found) - 1) // _PAGE))
            return found

        return self._ask("LIST", folder, ask)

    def folders(self, folder: str) -> tuple[str, ...]:
        """Return the names of folders and objects right below a folder."""

        def ask() -> tuple[str, ...]:
            found = self._obstore.list_with_delimiter(self._store, folder or None)
            objects = (one["path"] for one in found["objects"])
            names = (_safe(one) for one in (*found["common_prefixes"], *objects))
            return tuple(sorted({one.rpartition("/")[2] for one in names} - {""}))

        return self._ask("LIST", folder, ask)

    def inside(self, folder: str) -> dict[str, Found]:
        """Return the objects right in a folder, by name."""

        def ask() -> dict[str, Found]:
            found = self._obstore.list_with_delimiter(self._store, folder or None)
            return {_safe(one["path"]): _found(one) for one in found["objects"]}

        return self._ask("LIST", folder, ask)

    def head(self, name: str) -> Found | None:
        """Return what an object is, None where there is none."""

        def ask() -> Found | None:
            try:
                return _found(self._obstore.head(self._store, name))
            except FileNotFoundError:
                return None

        return self._ask("HEAD", name, ask)

    def is_still(self, name: str, etag: str | None) -> bool:
        """Tell whether an object has an ETag."""
        found = self.head(name)
        return found is not None and found.state.etag == etag

    def read(self, name: str, etag: str | None = None, most: int | None = None) -> Content | None:
        """Return a small object, or its first bytes; None without one, or not with that ETag."""

        def ask() -> Content | None:
            options: Any = {} if etag is None else {"if_match": etag}
            if most is not None:
                options["range"] = (0, most)
            try:
                got = self._obstore.get(self._store, name, options=options)
                return Content(
                    bytes(got.bytes()), got.meta["e_tag"] or "", got.meta["last_modified"]
                )
            except FileNotFoundError:
                return None
            except self._errors.PreconditionError:
                if self.is_still(name, etag):
                    raise  # the condition that is said to have failed holds: a fault
                return None

        return self._ask("GET", name, ask)

    def download(self, name: str, state: ObjectState, file: BinaryIO) -> bool:
        """Write an object to a file from where it stands; False where it is another one now."""

        def ask() -> bool:
            start = file.tell()
            # What has come stays: an answer that broke off is asked for from there.
            options: Any = {"if_match": state.etag}
            if start >= state.bytes > 0:
                return True
            if start:
                options["range"] = {"offset": start}
            try:
                got = self._obstore.get(self._store, name, options=options)
                for chunk in got.stream(min_chunk_size=1 << 20):
                    file.write(chunk)
            except FileNotFoundError:
                return False
            except self._errors.PreconditionError:
                if self.is_still(name, state.etag):
                    raise
                return False
            return True

        return self._ask("GET", name, ask)

    def put(self, name: str, data: bytes | Path) -> str:
        """Put an object, whatever there was; return its ETag."""

        def ask() -> str:
            put = self._obstore.put(
                self._store, name, data, chunk_size=_CHUNK, max_concurrency=_UPLOADS
            )
            return put["e_tag"] or ""

        return self._ask("PUT", name, ask)

    def create(self, name: str, data: bytes) -> str | None:
        """Put an object that must not exist; return its ETag, None where another one does.

        One that exists and is equal is taken for ours: a PUT that timed out may have arrived.
        """
        return self._conditionally(name, data, "create")

    def replace(self, name: str, data: bytes, etag: str) -> str | None:
        """Put an object over the one of an ETag; return the new ETag, None where it is another."""
        return self._conditionally(name, data, {"e_tag": etag})

    def delete(self, name: str) -> None:
        """Delete an object, there or not."""
        self._ask("DELETE", name, lambda: self._obstore.delete(self._store, name))

    def _tries(self) -> Iterator[bool]:
        # For each attempt whether it is the last one, waiting between them.
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(BACKOFF_S * 2 ** (attempt - 1))
            yield attempt == ATTEMPTS - 1

    def _conditionally(self, name: str, data: bytes, mode: Any) -> str | None:
        refused = (self._errors.AlreadyExistsError, self._errors.PreconditionError)
        for is_last in self._tries():
            self._count("PUT")
            failure: Exception | None = None
            try:
                put = self._obstore.put(self._store, name, data, mode=mode, use_multipart=False)
                return put["e_tag"] or ""
            except refused:
                pass
            except self._failures as error:
                failure = error
                # To replace what is gone is a 404 at some stores, a 412 at others.
                is_gone = mode != "create" and status_of(error) == "404"
                if is_final(error) and not is_gone:
                    raise self._explained("PUT", name, error) from None
            there = self.read(name)
            if there is not None and there.data == data:
                return there.etag
            if there is None:
                if mode != "create":
                    return None
            elif mode == "create" or there.etag != mode["e_tag"]:
                return None
            if is_last:
                raise self._explained("PUT", name, failure)
        raise AssertionError("the last attempt ends")

    def _ask(self, kind: str, name: str, ask: Callable[[], _T]) -> _T:
        for is_last in self._tries():
            self._count(kind)
            try:
                return ask()
            except self._failures as error:
                # What only reads was asked again by the library.
                is_over = is_last or (is_silent(error) and kind in _READS)
                if is_over or is_final(error):
                    raise self._explained(kind, name, error) from None
        raise AssertionError("the last attempt ends")

    def _count(self, kind: str, times: int = 1) -> None:
        with self._counting:
            self.requests[kind] += times

    def _explained(self, kind: str, name: str, error: Exception | None) -> RequestError:
        return explained(f"{self.url}/{name}", kind, error)


def _found(told: Mapping[str, Any]) -> Found:
    return Found(ObjectState(told["size"], told["e_tag"] or ""), told["last_modified"])


def _safe(name: str) -> str:
    # It becomes a path of the mirror and must not lead out of it.
    if not {"", ".", ".."}.isdisjoint(name.split("/")) or "\0" in name or "\\" in name:
        raise LakeError(f"object {name!r:.120}: not the name of a file in a lake; remove it")
    return name
