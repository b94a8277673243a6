"""On what kind of file system a lake lies: a kernel's lock does not hold other hosts on all."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

MOUNT_TABLE: Final = Path("/proc/self/mountinfo")

ON_NETWORK: Final = (
    "it lies on {}, where a lock of one host does not hold another's; say --shared-lake, or take a "
    "local disk"
)
_NETWORK: Final = frozenset(
    {"afs", "beegfs", "ceph", "cifs", "gpfs", "lustre", "nfs", "nfs4", "orangefs", "smb3"}
)
_ESCAPED: Final = re.compile(r"\\([0-7]{3})")


def network_file_system(folder: Path, table: str | None = None) -> str | None:
    r"""Return the kind of network file system that a folder lies on, None where it is a local one.

    Over FUSE it is not known what lies behind, so that counts as one.

    Parameters
    ----------
    folder : Path
        It need not exist.
    table : str, optional
        A mount table as `MOUNT_TABLE` has it; by default that of this process. Without one
        (another system than Linux) nothing is known, and the answer is None.

    Examples
    --------
    >>> table = "36 35 0:1 / / rw - ext4 /dev/sda rw\n40 36 0:2 / /mnt/a\\040b rw - nfs4 srv:/ rw"
    >>> network_file_system(Path("/mnt/a b/lake"), table)
    'nfs4'
    >>> network_file_system(Path("/mnt/a"), table) is None
    True
    """
    if table is None:
        try:
            table = MOUNT_TABLE.read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            return None
    where = folder.resolve()
    kind, longest = "", -1
    for line in table.splitlines():
        mount, separator, source = line.partition(" - ")
        fields = mount.split(" ")
        if not separator or len(fields) < 5:
            continue
        point = Path(_ESCAPED.sub(lambda code: chr(int(code[1], 8)), fields[4]))
        # Of two mounts at one place the later one is on top.
        if where.is_relative_to(point) and len(point.parts) >= longest:
            kind, longest = source.split(" ", 1)[0], len(point.parts)
    return kind if kind in _NETWORK or kind == "fuse" or kind.startswith("fuse.") else None
