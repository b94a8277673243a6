"""Whether a worker of a cluster will do: its release, its lake, and what that lies on."""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path

from ...errors import LakeError, UsageError
from ...lake.location import is_remote, open_lake
from ...lake.mounts import ON_NETWORK, network_file_system
from ...lake.paths import NOTE_PREFIX
from ...lake.store import store_of
from ...version import __version__
from ..task_log import set_log_level

Found = tuple[str, str | None, str | None]


def look_around(token: str, level: int) -> Found:
    """Return what a worker is: release, what it reads in the lake, the network that the lake is on.

    Sets its log level too.
    """
    set_log_level(level)
    if is_remote(token):
        return __version__, _note(Path(token)), None
    network = network_file_system(Path(token))
    try:
        return __version__, Path(token).read_text(), network
    except OSError:
        return __version__, None, network


def require_fit(address: str, found: Found, token: str, lake_root: Path, *, shared: bool) -> None:
    """Return where a worker has this release and this lake; raises `UsageError`."""
    version, seen, network = found
    if version != __version__:
        raise UsageError(f"worker {address}: has data_eng {version}, this is {__version__}")
    if seen != token:
        raise UsageError(f"worker {address}: does not see the lake at {lake_root}; mount it there")
    if network is not None and not shared:
        raise UsageError(f"worker {address}: {lake_root}: {ON_NETWORK.format(network)}")


def write_token(lake_root: Path, run: str) -> tuple[Path, str]:
    """Write a file into the lake that another lake has not; return it and what it holds."""
    path, token = lake_root / f"{NOTE_PREFIX}{run}", secrets.token_hex(16)
    store = store_of(open_lake(lake_root, view=run))
    if store is not None:
        store.write_note(path.name, token.encode())
        return path, token
    try:
        lake_root.mkdir(parents=True, exist_ok=True)
        path.write_text(token)
    except OSError as error:
        raise LakeError(
            f"{path}: cannot be written ({error.strerror}); check the lake root"
        ) from error
    return path, token


def remove_token(path: Path) -> None:
    """Remove what `write_token` wrote."""
    with contextlib.suppress(OSError, LakeError):  # it says nothing, and the next is another's
        store = store_of(open_lake(path.parent, view=path.name))
        if store is None:
            path.unlink()
        else:
            store.remove_note(path.name)


def _note(token: Path) -> str | None:
    try:
        store = store_of(open_lake(token.parent, view=token.name))
        note = None if store is None else store.read_note(token.name)
    except (LakeError, UsageError):
        return None
    return None if note is None else note.decode()
