"""Remove a partition on purpose: after any kill it stands, or its tombstone does.

1. ``_SUCCESS`` is that of the partition which is meant. The tombstone is put: beside ``_SUCCESS``
   it does not count.
2. The claim is confirmed: nothing is deleted by a run that has lost it.
3. ``_SUCCESS`` is deleted: from here on the tombstone counts. Then all else goes.

A kill in the midst of 3 leaves objects without ``_SUCCESS``; the next build of the partition, or
``clean``, removes them.
"""

from __future__ import annotations

from ...errors import LakeBusyError
from ..paths import SUCCESS
from .claim import Claim
from .client import ObjectClient
from .listing import CLAIM


def remove(
    client: ObjectClient, claim: Claim, folder: str, etag: str, tombstone: str, body: bytes
) -> str:
    """Remove a complete partition; return the ETag of its tombstone.

    Parameters
    ----------
    client : ObjectClient
    claim : Claim
        Of the partition.
    folder : str
    etag : str
        Of its ``_SUCCESS``.
    tombstone : str
        Name of the object.
    body : bytes
        What it says.

    Raises
    ------
    LakeBusyError
        Another run has replaced it, or taken over the claim.
    LakeError
        The store does not answer or refuses.
    """
    if not client.is_still(f"{folder}/{SUCCESS}", etag):
        raise LakeBusyError(f"{client.url}/{folder}: was replaced meanwhile; run again")
    put = client.put(tombstone, body)
    claim.confirm()
    client.delete(f"{folder}/{SUCCESS}")
    remove_unfinished(client, folder)
    return put


def remove_unfinished(client: ObjectClient, folder: str) -> None:
    """Delete what lies in the folder of a partition without ``_SUCCESS``, the claim aside.

    Raises
    ------
    LakeBusyError
        It is complete.
    LakeError
        The store does not answer or refuses.
    """
    there = client.list(folder)
    if f"{folder}/{SUCCESS}" in there:
        raise LakeBusyError(f"{client.url}/{folder}: was published meanwhile; run again")
    for name in there:
        if name != f"{folder}/{CLAIM}":
            client.delete(name)
