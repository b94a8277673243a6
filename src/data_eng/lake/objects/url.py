"""The name of a lake on object storage, ``s3://bucket/prefix``."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from ...errors import UsageError

SCHEME: Final = "s3://"
_MANGLED: Final = "s3:"  # `pathlib` takes slashes away
_BUCKET: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{1,62}\Z")
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_PRINTABLE: Final = re.compile(r"[!-~]+\Z")
_ENDPOINTS: Final = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")


@dataclass(frozen=True)
class LakeUrl:
    """Bucket and prefix of a lake; the prefix has no slash at its ends and may be empty."""

    bucket: str
    prefix: str

    def __str__(self) -> str:
        return f"{SCHEME}{self.bucket}{'/' if self.prefix else ''}{self.prefix}"

    @property
    def folder_name(self) -> str:
        """A name for its mirror, another one for each endpoint."""
        name = _endpoint_variable()
        endpoint = os.environ[name] if name else ""
        digest = hashlib.sha256(f"{endpoint}\n{self}".encode()).hexdigest()
        return f"{self.bucket}-{digest[:16]}"


def checked_endpoint() -> bool:
    """Return whether the environment allows http, without TLS.

    Raises
    ------
    UsageError
        Its endpoint is no URL, of which the library panics, or not allowed.
    """
    allow_http = os.environ.get("AWS_ALLOW_HTTP", "").lower() in _TRUE
    name = _endpoint_variable()
    if name is None:
        return allow_http
    # Its value is not told: it may hold a password.
    text = os.environ[name]
    try:
        parts = urlsplit(text)
        is_one = parts.port != 0 and bool(parts.hostname) and parts.scheme in ("http", "https")
    except ValueError:
        is_one = False
    if not is_one or not _PRINTABLE.match(text):
        raise UsageError(f"{name}: no URL of a store; use https://HOST or http://HOST:PORT")
    if text.startswith("http:") and not allow_http:
        raise UsageError(f"{name}: http:// is without TLS; set AWS_ALLOW_HTTP=true to allow it")
    return allow_http


def _endpoint_variable() -> str | None:
    return next((one for one in _ENDPOINTS if os.environ.get(one)), None)


def is_url(lake_root: str | Path) -> bool:
    """Tell whether a lake root names object storage, also after `pathlib` took slashes of it."""
    return f"{lake_root}/".startswith(f"{_MANGLED}/")


def parse_url(lake_root: str | Path) -> LakeUrl:
    """Return bucket and prefix of a lake root that `is_url`; raises `UsageError`."""
    text = str(lake_root).removeprefix(_MANGLED).strip("/")
    bucket, _, prefix = text.partition("/")
    if not _BUCKET.match(bucket):
        raise UsageError(f"lake root {SCHEME}{text[:80]}: no bucket; use s3://BUCKET/PREFIX")
    if not {"", ".", ".."}.isdisjoint(prefix.split("/")) and prefix:
        raise UsageError(f"lake root {SCHEME}{text[:80]}: '', '.' and '..' are no names of folders")
    return LakeUrl(bucket, prefix)
