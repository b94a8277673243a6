"""A page is written whole or not at all."""

from __future__ import annotations

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
