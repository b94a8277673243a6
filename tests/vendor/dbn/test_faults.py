"""A small file, cut at every byte and with every bit flipped: an error or a valid result."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from src.data_eng.errors import DbnDecodeError
from tests.dbn_files import (
    ESM5,
    Part,
    Records,
    day_mappings,
    decode,
    encode_header,
    error_record,
    join,
    live_header,
    mbp10_records,
    symbol_mapping_record,
    system_record,
    zstd_frames,
)

RECORDS = mbp10_records(2)
HEADER = encode_header(mappings=day_mappings({ESM5: "ESM5"}))
FRAMES = zstd_frames([HEADER, RECORDS[:1].tobytes(), RECORDS[1:].tobytes()])
CHECKED = zstd_frames([HEADER, join(RECORDS)], checksum=True)
FILES = {
    "plain": HEADER + join(RECORDS),
    "zstd": b"".join(FRAMES),
    "zstd with checksum": b"".join(CHECKED),
}

pytestmark = [pytest.mark.faults, pytest.mark.timeout(60)]


def outcome(path: Path, content: bytes, schema: str | None = None) -> Records | DbnDecodeError:
    """Return the records or the decoding error; anything else fails the test."""
    path.write_bytes(content)
    try:
        return decode(path, schema)[0]
    except DbnDecodeError as caught:
        error = caught
    assert error.path == str(path)
    assert str(path) in str(error)
    assert 0 <= error.offset <= len(content)
    assert f"at byte {error.offset}: " in str(error)
    return error


def test_cut_at_every_byte_of_a_plain_file(tmp_path: Path) -> None:
    """A cut at a record's end is a valid shorter file: only the vendor's manifest tells.

    Nothing in a plain file says how many records there should be, so the records before the cut
    are returned without an error.
    """
    content = FILES["plain"]
    undetectable = {len(HEADER) + n * RECORDS.dtype.itemsize: n for n in range(len(RECORDS))}
    for end in range(len(content)):
        result = outcome(tmp_path / "a.dbn", content[:end])
        if end in undetectable:
            assert not isinstance(result, DbnDecodeError)
            assert result.tobytes() == RECORDS[: undetectable[end]].tobytes()
        else:
            assert isinstance(result, DbnDecodeError), f"cut at byte {end}"


@pytest.mark.parametrize("frames", [FRAMES, CHECKED], ids=["no checksum", "checksum"])
def test_cut_at_every_byte_of_a_compressed_file(tmp_path: Path, frames: list[bytes]) -> None:
    """A cut at a frame's end, where that is a record's end too, is a valid shorter file.

    Each frame is whole and says nothing of others: only the vendor's manifest tells.
    """
    content = b"".join(frames)
    undetectable = {sum(map(len, frames[:n])): n - 1 for n in range(1, len(frames))}
    for end in range(len(content)):
        result = outcome(tmp_path / "a.dbn.zst", content[:end])
        if end in undetectable:
            assert not isinstance(result, DbnDecodeError)
            assert result.tobytes() == RECORDS[: undetectable[end]].tobytes()
        else:
            assert isinstance(result, DbnDecodeError), f"cut at byte {end}"


def test_cut_between_frames_within_a_record(tmp_path: Path) -> None:
    body = join(RECORDS)
    frames = zstd_frames([HEADER, body[:500], body[500:]])
    result = outcome(tmp_path / "a.dbn.zst", frames[0] + frames[1])
    assert isinstance(result, DbnDecodeError)
    assert "truncated in the middle of a record" in str(result)


@pytest.mark.parametrize("name", FILES)
def test_every_bit_flipped(tmp_path: Path, name: str) -> None:
    content = FILES[name]
    path = tmp_path / "a.dbn"
    errors = 0
    for bit in range(8 * len(content)):
        flipped = bytearray(content)
        flipped[bit // 8] ^= 1 << (bit % 8)
        result = outcome(path, bytes(flipped), "mbp-10")
        if isinstance(result, DbnDecodeError):
            errors += 1
            continue
        # Never fewer records in silence; with a checksum never other ones either.
        assert len(result) == len(RECORDS), f"bit {bit}"
        if name == "zstd with checksum":
            assert result.tobytes() == RECORDS.tobytes(), f"bit {bit}"
    assert errors > {"plain": 500, "zstd": 1500, "zstd with checksum": 4000}[name]


@pytest.mark.parametrize("seed", range(4))
def test_many_bytes_changed_moved_or_lost(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    body: list[Part] = [system_record(), RECORDS, symbol_mapping_record(5, "ESM5"), error_record()]
    headers = [encode_header(version=v, mappings=day_mappings({ESM5: "ESM5"})) for v in (1, 2, 3)]
    originals = [h + join(body) for h in (*headers, live_header(1), live_header(3))]
    for _ in range(1500):
        content = bytearray(rng.choice(originals))
        for _ in range(rng.randrange(1, 6)):
            mutate(content, rng)
        outcome(tmp_path / "a.dbn", bytes(content), "mbp-10")


def mutate(content: bytearray, rng: random.Random) -> None:
    at = rng.randrange(rng.choice([len(content), 400]))
    kind = rng.randrange(4)
    if kind == 0:
        content[at : at + 1] = bytes([rng.choice([0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)])])
    elif kind == 1:
        word = rng.choice([0, 1, 2**16, 2**31, 2**32 - 1, 99_999_999, 20_250_230])
        content[at : at + 4] = word.to_bytes(4, "little")
    elif kind == 2:
        del content[at : at + rng.randrange(1, 9)]
    else:
        content[at:at] = rng.randbytes(rng.randrange(1, 9))


@pytest.mark.parametrize("seed", range(2))
def test_random_cuts_of_a_larger_compressed_file(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    content = b"".join(zstd_frames([HEADER, join(mbp10_records(2000))]))
    first = len(zstd_frames([HEADER])[0])
    for _ in range(100):
        end = rng.randrange(first + 1, len(content))
        result = outcome(tmp_path / "a.dbn.zst", content[:end])
        assert isinstance(result, DbnDecodeError), f"cut at byte {end}"
