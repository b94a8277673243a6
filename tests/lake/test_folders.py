"""Listings are whole, or an error."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import NoReturn

import pytest

from src.data_eng.errors import LakeError
from src.data_eng.lake.folders import entries, is_folder, kinds


def test_entries_are_sorted_and_hidden_ones_are_among_them(tmp_path: Path) -> None:
    for name in ("b", ".a", "c"):
        (tmp_path / name).touch()
    assert [path.name for path in entries(tmp_path)] == [".a", "b", "c"]


def test_where_there_is_no_folder_there_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for name in ("absent", "absent/below", "file", "file/below"):
        assert entries(tmp_path / name) == []
        assert kinds(tmp_path / name) == []
        assert not is_folder(tmp_path / name)


def test_a_link_to_a_folder_is_one(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for name, target in (("link", "folder"), ("circle", "circle"), ("nowhere", "nothing")):
        (tmp_path / name).symlink_to(target)
    found = [is_folder(tmp_path / name) for name in ("folder", "link", "circle", "nowhere")]
    assert found == [True, True, False, False]
    (tmp_path / "file").touch()
    told = [(path.name, yes) for path, yes in kinds(tmp_path)]
    assert [name for name, _ in told] == ["circle", "file", "folder", "link", "nowhere"]
    assert [yes for _, yes in told] == [False, False, True, True, False]


@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO, errno.ESTALE])
def test_what_cannot_be_told_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def fail(*_args: object, **_kwargs: object) -> NoReturn:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "listdir", fail)
    monkeypatch.setattr(os, "scandir", fail)
    monkeypatch.setattr(Path, "is_dir", fail)
    for look in (entries, kinds, is_folder):
        with pytest.raises(LakeError) as told:
            look(tmp_path)
        assert f"{tmp_path}: cannot be read ({os.strerror(code)})" in str(told.value)
