"""Whole files in memory that is used again: nobody's bytes change, and little is kept."""

from __future__ import annotations

import io
import os
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from src.data_eng.lake import file_memory
from src.data_eng.lake.file_memory import FileMemory

SIZE = file_memory._LEAST


@pytest.fixture
def files(tmp_path: Path) -> Iterator[dict[int, bytes]]:
    """Files of other sizes and bytes, by descriptor."""
    found: dict[int, bytes] = {}
    for seed, size in enumerate((SIZE + 9, SIZE, 3 * SIZE, SIZE - 1, 0, 2 * SIZE + 1)):
        data = random.Random(seed).randbytes(size)
        path = tmp_path / str(seed)
        path.write_bytes(data)
        found[os.open(path, os.O_RDONLY)] = data
    yield found
    for fd in found:
        os.close(fd)


def test_each_is_read_whole_in_any_order(files: dict[int, bytes]) -> None:
    memory, chance = FileMemory(), random.Random(1)
    for _ in range(200):
        fd = chance.choice(list(files))
        assert memory.read(fd, len(files[fd])) == files[fd]
        assert len(memory._kept) == 1 or not files[fd][SIZE - 1 :]


def test_what_is_held_does_not_change(files: dict[int, bytes]) -> None:
    memory, chance = FileMemory(), random.Random(2)
    held: list[tuple[bytes, bytes]] = []
    for _ in range(300):
        fd = chance.choice(list(files))
        held.append((memory.read(fd, len(files[fd])), files[fd]))
        if chance.random() < 0.5:
            held.pop(chance.randrange(len(held)))
    assert all(found == data for found, data in held)


def test_it_does_not_change_even_where_it_is_taken_for_free(
    files: dict[int, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_memory, "_ALONE", 1 << 20)
    memory = FileMemory()
    held = [(memory.read(fd, len(data)), data) for fd, data in [*files.items()] * 3]
    assert all(found == data for found, data in held)


def test_the_memory_is_used_again_once_nobody_holds_it(files: dict[int, bytes]) -> None:
    memory, (fd, *_) = FileMemory(), files
    size = len(files[fd])
    found = memory.read(fd, size)
    (kept,) = memory._kept
    other = memory.read(fd, size)
    assert len(memory._kept) == 2
    del found
    again = memory.read(fd, size)
    assert len(memory._kept) == 2
    assert memory._kept[-1] is kept
    assert again == other == files[fd]


def test_a_file_that_became_shorter_gives_what_is_left(files: dict[int, bytes]) -> None:
    memory, fd = FileMemory(), next(iter(files))
    assert memory.read(fd, len(files[fd]) + 5000) == files[fd]


def test_little_is_kept(files: dict[int, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_memory, "_KEPT_BYTES", 5 * SIZE)
    memory, fd = FileMemory(), next(iter(files))
    held = [memory.read(fd, len(files[fd])) for _ in range(20)]
    assert len(held) == 20
    assert len(memory._kept) == 4


def test_several_threads_read_at_once(files: dict[int, bytes]) -> None:
    memory = FileMemory()

    def right(fd: int) -> bool:
        return memory.read(fd, len(files[fd])) == files[fd]

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(right, [*files] * 100))


def test_an_error_of_the_system_is_told(tmp_path: Path) -> None:
    memory = FileMemory()
    fd = os.open(tmp_path, os.O_RDONLY)
    try:
        with pytest.raises(IsADirectoryError):
            memory.read(fd, SIZE)
    finally:
        os.close(fd)
    assert all(isinstance(one, io.BytesIO) for one in memory._kept)
