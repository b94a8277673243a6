"""Which file systems a lake is refused on, by mount tables as hosts have them."""

from __future__ import annotations

from pathlib import Path

import pytest

from src.data_eng.lake import mounts
from src.data_eng.lake.mounts import network_file_system

TABLE = r"""
22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
25 22 0:22 / /proc rw - proc proc rw
31 22 0:40 / /nfs rw,relatime shared:9 - nfs4 filer:/export rw,vers=4.2
32 31 254:2 / /nfs/scratch rw - xfs /dev/nvme0n1 rw
33 22 0:41 / /lustre/my\040data rw - lustre mds@tcp:/fs rw,flock
34 22 0:42 / /gpfs rw - gpfs gpfs0 rw
35 22 0:43 / /home/a/remote rw - fuse.sshfs a@host:/ rw
36 22 0:44 / /fuse rw - fuse thing rw
37 22 8:16 / /usb rw - fuseblk /dev/sdb1 rw
38 22 0:45 / /win rw - cifs //server/share rw
39 22 0:46 / /twice rw - nfs srv:/a rw
40 22 254:3 / /twice rw - ext4 /dev/vdc rw
half a line
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/data/lake", None),
        ("/nfs/lake", "nfs4"),
        ("/nfs", "nfs4"),
        ("/nfsx/lake", None),
        ("/nfs/scratch/lake", None),
        ("/lustre/my data/lake", "lustre"),
        ("/gpfs/lake", "gpfs"),
        ("/home/a/remote/lake", "fuse.sshfs"),
        ("/fuse/lake", "fuse"),
        ("/usb/lake", None),
        ("/win/lake", "cifs"),
        ("/twice/lake", None),
        ("/gpfs/../data", None),
    ],
)
def test_the_innermost_mount_decides(folder: str, kind: str | None) -> None:
    assert network_file_system(Path(folder), TABLE) == kind


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "lake").symlink_to("/nfs/lake")
    assert network_file_system(tmp_path / "lake", TABLE) == "nfs4"


def test_without_a_mount_table_nothing_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mounts, "MOUNT_TABLE", tmp_path / "none")
    assert network_file_system(Path("/nfs/lake")) is None
    assert network_file_system(Path("/nfs/lake"), "") is None
