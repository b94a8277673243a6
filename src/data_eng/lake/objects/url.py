"""The name of a lake on object storage, ``s3://bucket/prefix``."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ...errors import UsageError

SCHEME: Final = "s3://"
_MANGLED: Final = "s3:"  # `pathlib` takes slashes away
_BUCKET: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{1,62}\Z")
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
        endpoint = next((os.environ[one] for one in _ENDPOINTS if os.environ.get(one)), "")
        digest = hashlib.sha256(f"{endpoint}\n{self}".encode()).hexdigest()
        return f"{self.bucket}-{digest[:16]}"


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
