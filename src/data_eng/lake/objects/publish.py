"""Put a partition that was built on this host: old, nothing, or new, and never a mixture.

1. The claim is confirmed: nothing is deleted by a run that has lost it.
2. ``_SUCCESS`` is deleted, data and manifest are put, ``_SUCCESS`` is created where there is none.
3. Data and manifest are looked at: were they another run's meanwhile, ``_SUCCESS`` goes again.

A kill at any point leaves no ``_SUCCESS`` or the right one.
"""

from __future__ import annotations

from pathlib import Path

from ...errors import LakeBusyError
from ..paths import MANIFEST, SUCCESS
from ..store import ObjectState
from .claim import Claim
from .client import ObjectClient


def publish(client: ObjectClient, claim: Claim, folder: str, built: Path) -> dict[str, ObjectState]:
    """Publish a partition; return what its objects are, by name.

    Raises
    ------
    LakeBusyError
        Another run publishes the same partition.
    LakeError
        The store does not answer or refuses.
    """
    names = sorted(one.name for one in built.iterdir())
    sizes = {name: (built / name).stat().st_size for name in names}
    data = [name for name in names if name not in (MANIFEST, SUCCESS)]
    claim.confirm()
    client.delete(f"{folder}/{SUCCESS}")
    etags = {name: client.put(f"{folder}/{name}", built / name) for name in data}
    etags[MANIFEST] = client.put(f"{folder}/{MANIFEST}", (built / MANIFEST).read_bytes())
    created = client.create(f"{folder}/{SUCCESS}", (built / SUCCESS).read_bytes())
    is_ours = [client.is_still(f"{folder}/{name}", etag) for name, etag in etags.items()]
    # `_SUCCESS` of one run must not stand beside files of another.
    if not all(is_ours) if created is not None else any(is_ours):
        client.delete(f"{folder}/{SUCCESS}")
    if created is None or not all(is_ours):
        raise LakeBusyError(
            f"{client.url}/{folder}: another run published it at the same time; run again when "
            "that one is done"
        )
    etags[SUCCESS] = created
    return {name: ObjectState(sizes[name], etags[name]) for name in names}
