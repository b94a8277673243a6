"""Where a lake lies that is built under kills: a folder, or an S3 server that can be killed."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

import pytest

from src.data_eng.lake.objects.client import ObjectClient
from src.data_eng.lake.objects.url import LakeUrl
from tests.s3_server import S3Server

ROOT: Final = Path(__file__).parents[3]
LAYERS: Final = ("bronze", "silver", "gold")
KEPT: Final = ("raw", *LAYERS, "_runs", ".index", ".locks")
"""What a lake in a folder may hold at its top once it has been cleaned."""


def sha256(data: bytes) -> str:
    """Return a hash as text."""
    return hashlib.sha256(data).hexdigest()


class Place(Protocol):
    """A lake.

    Attributes
    ----------
    name : str
        For ``--lake-root``.
    environment : mapping of str to str
        Of the processes that use it.
    """

    name: str
    environment: Mapping[str, str]

    def contents(self) -> dict[str, str]:
        """Return the hash of each file of the layers."""

    def left(self) -> list[str]:
        """Return what a finished run should not have left."""

    def close(self) -> None:
        """End what serves it."""


class FolderPlace:
    """A lake in a folder, beside raw files that it links to."""

    def __init__(self, folder: Path, raw: Path) -> None:
        folder.mkdir()
        (folder / "raw").symlink_to(raw.resolve(), target_is_directory=True)
        self.folder, self.name = folder, str(folder)
        self.environment: Mapping[str, str] = {}

    def contents(self) -> dict[str, str]:
        """Return the hash of each file of the layers, those of leftovers too."""
        files = [path for layer in LAYERS for path in (self.folder / layer).rglob("*")]
        return {
            str(path.relative_to(self.folder)): sha256(path.read_bytes())
            for path in files
            if path.is_file()
        }

    def left(self) -> list[str]:
        """Return what is there beside the lake and its partitions."""
        found = [one.name for one in self.folder.iterdir() if one.name not in KEPT]
        hidden = [one for layer in LAYERS for one in (self.folder / layer).rglob(".*")]
        locks = self.folder / ".locks"
        hidden += [one for one in locks.iterdir() if locks.is_dir()] if locks.is_dir() else []
        return sorted(found) + [str(one.relative_to(self.folder)) for one in hidden]

    def close(self) -> None:
        """Do nothing: the folder is the caller's."""


class BucketPlace:
    """A lake in a bucket, behind a process that can be killed and started again.

    Parameters
    ----------
    server : S3Server
    bucket : str
        Made here.
    raw : Path
        Raw layer, which is put there.
    scratch : Path
        Of the processes that use it.
    """

    def __init__(self, server: S3Server, bucket: str, raw: Path, scratch: Path) -> None:
        server.make_bucket(bucket)
        self._target = server.url.rpartition(":")[2]
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        url = LakeUrl(bucket, "some/lake")
        self.name = str(url)
        self.environment: Mapping[str, str] = {
            **server.environment(AWS_ENDPOINT_URL=f"http://127.0.0.1:{self._port}"),
            "DATA_ENG_SCRATCH": str(scratch),
        }
        with pytest.MonkeyPatch.context() as patch:
            for name, value in server.environment().items():
                patch.setenv(name, value)
            self._client = ObjectClient(url)
        for path in raw.rglob("*"):
            if path.is_file():
                self._client.put(f"raw/{path.relative_to(raw)}", path)
        self._process = self._start()

    def kill(self) -> None:
        """Let the server be gone, in the middle of whatever it answers."""
        self._process.kill()
        self._process.wait()

    def revive(self) -> None:
        """Start the server again, with all that it held."""
        self._process = self._start()

    def contents(self) -> dict[str, str]:
        """Return the hash of each object of the layers, claims too."""
        found = {}
        for layer in LAYERS:
            for name in self._client.list(layer):
                content = self._client.read(name)
                assert content is not None
                found[name] = sha256(content.data)
        return found

    def left(self) -> list[str]:
        """Return the objects beside the lake and its partitions."""
        return [one for one in self._client.list("") if not one.startswith(KEPT)]

    def close(self) -> None:
        """End the process."""
        self.kill()

    def _start(self) -> subprocess.Popen[bytes]:
        module = "tests.faults.backfills.forwarder"
        command = [sys.executable, "-m", module, str(self._port), self._target]
        process = subprocess.Popen(command, cwd=ROOT, env=dict(os.environ))
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self._port), 1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return process
        raise TimeoutError("the forwarder did not start")
