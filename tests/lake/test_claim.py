"""Claims keep other processes out whatever locks do; one of a dead process of this host goes."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import StrictSoftFileLock

from src.data_eng.errors import LakeBusyError, LakeError
from src.data_eng.lake import claim as module
from src.data_eng.lake.claim import CLAIMS, claims, hold, lake_claim, lock_folder, remove_claims
from tests.published_trades import PARTITION

ROOT = Path(__file__).parents[2]
NAME = PARTITION.lock_name
HOLD = """
import sys, time
from pathlib import Path
from src.data_eng.lake.claim import lake_claim
with lake_claim(Path(sys.argv[1]), sys.argv[2]):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLD, str(tmp_path), NAME]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def as_of_another_host(lake: Path) -> None:
    """Let the claims of a lake name a host that is not this one."""
    own, other = module._own_host().encode().hex(), b"elsewhere?pidns-7".hex()
    for path in lock_folder(lake / CLAIMS / NAME).iterdir():
        # Some are one file under two names.
        path.write_text(path.read_text().replace(own, other))
    assert {one.host for one in claims(lake)} == {"elsewhere"}


def test_a_claim_keeps_another_process_out_and_names_it(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    where = f"process {holder.pid} on {socket.gethostname()}"
    with (
        pytest.raises(LakeBusyError, match=rf"claimed by {where}; run again when it is done"),
        hold(tmp_path, PARTITION, 0, shared=True),
    ):
        pytest.fail("two hold one claim")
    # Where nothing is shared, the lock alone decides, and that process has none.
    with hold(tmp_path, PARTITION, 0, shared=False):
        pass
    assert {(one.lock, one.pid) for one in claims(tmp_path)} == {(NAME, holder.pid)}


def test_a_dead_process_s_claim_of_this_host_is_removed(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    holder.kill()
    holder.wait()
    assert claims(tmp_path)
    with lake_claim(tmp_path, NAME):
        assert {one.pid for one in claims(tmp_path)} == {os.getpid()}
    assert claims(tmp_path) == []


def test_a_process_of_another_user_is_not_taken_for_dead(
    tmp_path: Path, holder: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_pid: int, _signal: int) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    with monkeypatch.context() as patched:
        patched.setattr(os, "kill", refuse)
        with pytest.raises(LakeBusyError, match=str(holder.pid)), lake_claim(tmp_path, NAME):
            pytest.fail("two hold one claim")


def test_another_host_s_claim_goes_by_a_person_s_word_alone(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    holder.kill()
    holder.wait()
    as_of_another_host(tmp_path)
    with pytest.raises(LakeBusyError, match="on elsewhere;"), lake_claim(tmp_path, NAME):
        pytest.fail("it was taken over")
    assert remove_claims(tmp_path, 3600, dry_run=False) == []
    found = remove_claims(tmp_path, -1, dry_run=True)
    assert {one.host for one in found} == {"elsewhere"}
    assert f"{NAME}: process {holder.pid} on elsewhere" in str(found[0])
    assert claims(tmp_path) != []
    assert len(remove_claims(tmp_path, -1, dry_run=False)) == len(found)
    assert claims(tmp_path) == []
    with lake_claim(tmp_path, NAME):
        pass


def test_one_that_cannot_be_removed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_self: StrictSoftFileLock, _name: str) -> None:
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(StrictSoftFileLock, "force_break", refuse)
    with (
        lake_claim(tmp_path, NAME),
        pytest.raises(LakeError, match=r"cannot be removed \(Permission denied\)"),
    ):
        remove_claims(tmp_path, -1, dry_run=False)


def test_it_is_free_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="x"), hold(tmp_path, PARTITION, 0, shared=True):
        raise ValueError("x")
    with hold(tmp_path, PARTITION, 0, shared=True):
        pass


@pytest.mark.parametrize("in_the_way", ["lake", f"lake/{CLAIMS}"])
def test_where_none_can_be_made_nothing_is_held(tmp_path: Path, in_the_way: str) -> None:
    path = tmp_path / in_the_way
    path.parent.mkdir(exist_ok=True)
    path.touch()
    with (
        pytest.raises(LakeError, match=r"cannot be claimed \(.*that the lake root can be written"),
        lake_claim(tmp_path / "lake", NAME),
    ):
        pytest.fail("held without a claim")


def test_what_is_no_claim_is_told(tmp_path: Path) -> None:
    with lake_claim(tmp_path, NAME):
        pass
    (lock_folder(tmp_path / CLAIMS / NAME) / "strange").touch()
    with pytest.raises(LakeError, match="cannot be claimed"), lake_claim(tmp_path, NAME):
        pytest.fail("claimed over what is not known")
    with pytest.raises(LakeError, match="cannot be read"):
        claims(tmp_path)
