"""Zstd files framed in any way: an error, or the bytes that another decoder finds."""

from __future__ import annotations

import hashlib
from pathlib import Path
from random import Random
from typing import Final

import zstandard

from src.data_eng.vendor.dbn.stream import RawStream
from tests.dbn_files import skippable_frame, zstd_frames

from ..campaign import Budget, Counts, Kind, Seeds
from ..mutators import mutated_bytes

NAME: Final = "fuzz_zstd"
KIND: Final[Kind] = "inputs"
BOUNDED: Final = 4_000
SHARE: Final = 6.0

BOMB_BYTES: Final = 96 << 20
BOMB_EVERY: Final = 997
STEP_BYTES: Final = 1 << 16


def _wide(window_log: int) -> bytes:
    # An empty frame of unknown size: magic, descriptor, window, last block.
    return b"\x28\xb5\x2f\xfd\x00" + bytes([(window_log - 10) << 3]) + b"\x01\x00\x00"


_WIDE: Final = tuple(_wide(window_log) for window_log in (10, 20, 27, 28, 30, 41))


def _frames(one: Random) -> list[bytes]:
    pieces = [
        one.randbytes(one.randrange(60)) * one.randrange(1, 30) for _ in range(one.randrange(1, 5))
    ]
    return zstd_frames(pieces, checksum=one.random() < 0.5, level=one.choice((1, 3, 9)))


def _framed(one: Random) -> bytes:
    frames = _frames(one)
    kind = one.randrange(8)
    if kind == 0:
        frames.insert(one.randrange(len(frames) + 1), skippable_frame(kind=one.randrange(16)))
    elif kind == 1:
        frames.append(one.randbytes(one.randrange(1, 20)))
    elif kind == 2:
        frames = zstd_frames([b"x"] * one.randrange(300))
    elif kind == 3:
        frames.append(frames[-1][: one.randrange(1, len(frames[-1]))])
    elif kind == 4:
        frames.append(one.choice(_WIDE))
    data = b"".join(frames)
    return data if one.random() < 0.3 else mutated_bytes(data, one)


def _bomb() -> bytes:
    return zstandard.ZstdCompressor(level=1).compress(bytes(BOMB_BYTES))


def _decoded(data: bytes) -> bytes | None:
    # Frame by frame, by another library's binding; None where it is not whole frames.
    found = []
    while data:
        if data[1:4] == b"\x2a\x4d\x18" and 0x50 <= data[0] <= 0x5F:
            size = 8 + int.from_bytes(data[4:8], "little")
            if len(data) < max(size, 8):
                return None
            data = data[size:]
            continue
        frame = zstandard.ZstdDecompressor().decompressobj()
        try:
            found.append(frame.decompress(data))
        except zstandard.ZstdError:
            return None
        if not frame.eof:
            return None
        data = frame.unused_data
    return b"".join(found)


def _read(stream: RawStream) -> bytes:
    found = bytearray()
    while True:
        step = stream.read(STEP_BYTES)
        found += step
        if len(step) < STEP_BYTES:
            return bytes(found)


def is_right(data: bytes, folder: Path) -> bool:
    """Read a file whole; tell whether it gives the bytes that another decoder finds."""
    file = folder / "x.dbn.zst"
    file.write_bytes(data)
    with RawStream(file) as stream:
        found = _read(stream)
        digest = stream.finish()
        wanted = _decoded(data) if stream.is_compressed else data
    return found == wanted and digest.sha256 == hashlib.sha256(data).hexdigest()


def run(rng: Seeds, budget: Budget) -> Counts:
    """Read framed files whole."""
    counts = Counts(NAME, KIND)
    bomb = _bomb()
    for number in budget.numbers():
        one = rng.of(number)
        is_bomb = number % BOMB_EVERY == BOMB_EVERY - 1
        data = bomb if is_bomb else _framed(one)
        with counts.case(number):
            if is_right(data, budget.folder) and not is_bomb:
                counts.survived_new += 1
            else:
                counts.find("wrong_values", number, "other bytes than the frames hold")
    return counts
