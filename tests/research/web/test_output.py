"""A page is written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from src.data_eng.research.web.output import write_page


def test_a_page_replaces_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    for text in ("one", "two ▲"):
        write_page(path, text)
        assert path.read_text(encoding="utf-8") == text
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_the_page_before_and_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "page.html"
    write_page(path, "one")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left") as raised:
        write_page(path, "two")
    assert raised.value.filename == str(path)
    assert path.read_text() == "one"
    assert list(tmp_path.iterdir()) == [path]


def test_a_pipe_and_what_a_link_leads_to_are_written(tmp_path: Path) -> None:
    """Replaced by name, ``/dev/stdout`` would be a page from then on, where the user may."""
    pipe, link, page = tmp_path / "pipe", tmp_path / "link.html", tmp_path / "page.html"
    os.mkfifo(pipe)
    link.symlink_to(page)
    read = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_page(pipe, "one")
        assert os.read(read, 9) == b"one"
    finally:
        os.close(read)
    write_page(link, "two")
    assert page.read_text() == "two"
    assert pipe.is_fifo()
    assert link.is_symlink()
    assert sorted(tmp_path.iterdir()) == [link, page, pipe]
