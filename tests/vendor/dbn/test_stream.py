"""The bytes of a raw file: frames, hashes, bounds, and files that are none."""

from __future__ import annotations

import hashlib
import os
import pickle
from pathlib import Path

import pytest
import zstandard

from src.data_eng.errors import DbnDecodeError, InputError
from src.data_eng.vendor.dbn.stream import RawDigest, RawStream, raw_digest
from tests.dbn_files import (
    decode,
    encode_header,
    join,
    mbp10_records,
    skippable_frame,
    write_dbn,
    write_mbp10,
    zstd_frames,
)

RECORDS = mbp10_records(40)
HEADER = encode_header()
Z_HEADER, Z_BODY = zstd_frames([HEADER, join(RECORDS)])


def read_all(path: Path, **limits: int) -> tuple[bytes, RawDigest]:
    with RawStream(path, **limits) as stream:
        content = bytearray()
        while piece := stream.read(100_000):
            content += piece
        return bytes(content), stream.finish()


def written(path: Path, *pieces: bytes) -> Path:
    path.write_bytes(b"".join(pieces))
    return path


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize("checksum", [False, True])
@pytest.mark.parametrize(("header_frame", "frames"), [(True, 1), (True, 5), (False, 1), (False, 7)])
def test_trap_06_frames_of_any_number(
    tmp_path: Path, version: int, checksum: bool, header_frame: bool, frames: int
) -> None:
    path = write_mbp10(
        tmp_path / "a.dbn.zst",
        RECORDS,
        version=version,
        frames=frames,
        header_frame=header_frame,
        checksum=checksum,
    )
    records, _, digest = decode(path)
    assert records.tobytes() == RECORDS.tobytes()
    assert digest.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("kind", [0, 7, 15])
def test_skippable_frames_anywhere(tmp_path: Path, kind: int) -> None:
    skip, empty = skippable_frame(b"x" * 1000, kind), zstd_frames([b""])[0]
    path = written(tmp_path / "a.dbn", skip, Z_HEADER, skip, empty, skip, skip, Z_BODY, skip)
    records, _, digest = decode(path)
    assert records.tobytes() == RECORDS.tobytes()
    assert digest.bytes == path.stat().st_size


def test_a_hundred_thousand_tiny_frames(tmp_path: Path) -> None:
    empty = zstd_frames([b""])[0]
    path = written(tmp_path / "a.dbn.zst", Z_HEADER, empty * 100_000, Z_BODY)
    assert len(decode(path)[0]) == len(RECORDS)


def test_the_content_tells_what_a_file_is_not_its_name(tmp_path: Path) -> None:
    plain = write_dbn(tmp_path / "a.dbn.zst", HEADER, RECORDS, compression="none")
    packed = write_dbn(tmp_path / "a.dbn", HEADER, RECORDS, compression="zstd")
    assert plain.stat().st_size > packed.stat().st_size
    assert decode(plain)[0].tobytes() == decode(packed)[0].tobytes() == RECORDS.tobytes()


@pytest.mark.parametrize("name", ["a.dbn", "a.dbn.zst"])
def test_digest_is_that_of_the_file(tmp_path: Path, name: str) -> None:
    path = write_mbp10(tmp_path / name, RECORDS)
    content = path.read_bytes()
    expected = RawDigest(len(content), hashlib.sha256(content).hexdigest())
    assert raw_digest(path) == expected
    assert read_all(path)[1] == expected


def test_position_and_size_are_of_the_disk_decoded_of_the_content(tmp_path: Path) -> None:
    path = write_dbn(tmp_path / "a.dbn.zst", HEADER, RECORDS)
    with RawStream(path) as stream:
        assert (stream.position, stream.decoded) == (0, 0)
        assert stream.size == path.stat().st_size
        stream.read(1 << 20)
        assert stream.position == stream.size
        assert stream.decoded == len(HEADER) + RECORDS.nbytes


@pytest.mark.parametrize(
    "garbage", [b"garbage", b"\0" * 10, b"(", Z_BODY[:7], skippable_frame()[:-1], HEADER]
)
def test_garbage_after_the_last_frame(tmp_path: Path, garbage: bytes) -> None:
    path = written(tmp_path / "a.dbn.zst", Z_HEADER, Z_BODY, garbage)
    with pytest.raises(DbnDecodeError, match="ends early or is corrupt"):
        decode(path)


def test_a_window_of_a_gigabyte_is_refused(tmp_path: Path) -> None:
    wide = zstandard.ZstdCompressionParameters(window_log=30)
    packer = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    path = written(tmp_path / "a.dbn.zst", Z_HEADER, packer.compress(join(RECORDS)), packer.flush())
    with pytest.raises(DbnDecodeError, match="too much memory"):
        decode(path)


def test_a_frame_that_needs_a_dictionary_is_refused(tmp_path: Path) -> None:
    samples: list[bytes | bytearray | memoryview[int]] = [
        mbp10_records(1, instrument_id=i).tobytes() for i in range(200)
    ]
    dictionary = zstandard.train_dictionary(2000, samples)
    body = zstandard.ZstdCompressor(dict_data=dictionary).compress(join(RECORDS))
    with pytest.raises(DbnDecodeError, match="Dictionary mismatch"):
        decode(written(tmp_path / "a.dbn.zst", Z_HEADER, body))


def test_a_bomb_of_records_is_refused(tmp_path: Path) -> None:
    bomb = zstandard.ZstdCompressor().compress(RECORDS[:1].tobytes() * 250_000)
    path = written(tmp_path / "a.dbn.zst", Z_HEADER, bomb)
    with pytest.raises(DbnDecodeError, match="expands to more than 200 times its size") as caught:
        decode(path)
    assert str(path) in str(caught.value)


def test_a_bomb_in_the_header_is_refused(tmp_path: Path) -> None:
    head = b"DBN\x03" + (250 << 20).to_bytes(4, "little")
    bomb = zstandard.ZstdCompressor().compress(head + bytes(100 << 20))
    with pytest.raises(DbnDecodeError, match="expands to more than 200 times its size"):
        decode(written(tmp_path / "a.dbn.zst", bomb))


def test_the_bound_on_expansion_is_a_parameter(tmp_path: Path) -> None:
    content = bytes(80 << 20)
    path = written(tmp_path / "a.dbn.zst", zstd_frames([content])[0])
    ratio = len(content) // path.stat().st_size
    assert len(read_all(path, max_expansion=ratio + 1)[0]) == len(content)
    with pytest.raises(DbnDecodeError, match=rf"more than {ratio - 1} times"):
        read_all(path, max_expansion=ratio - 1)


def test_a_small_regular_file_is_no_bomb(tmp_path: Path) -> None:
    path = written(tmp_path / "a.dbn.zst", zstd_frames([bytes(60 << 20)])[0])
    assert len(read_all(path, max_expansion=1)[0]) == 60 << 20


@pytest.mark.parametrize("name", ["a.dbn", "a.dbn.zst"])
def test_a_file_that_changes_while_it_is_read(tmp_path: Path, name: str) -> None:
    path = write_mbp10(tmp_path / name, RECORDS)
    with RawStream(path) as stream:
        stream.read(1 << 20)
        later = stream._stat.st_mtime_ns + 1
        os.utime(path, ns=(later, later))
        with pytest.raises(DbnDecodeError, match="the file changed while it was read"):
            stream.finish()


def test_a_file_that_grows_while_it_is_read(tmp_path: Path) -> None:
    path = write_mbp10(tmp_path / "a.dbn", RECORDS)
    with RawStream(path) as stream:
        stream.read(1 << 20)
        with path.open("ab") as file:
            file.write(RECORDS[:1].tobytes())
        with pytest.raises(DbnDecodeError, match="the file changed while it was read"):
            stream.finish()


def test_a_file_that_is_replaced_while_it_is_read(tmp_path: Path) -> None:
    path = write_mbp10(tmp_path / "a.dbn", RECORDS)
    with RawStream(path) as stream:
        stream.read(1 << 20)
        os.replace(write_mbp10(tmp_path / "b.dbn", RECORDS), path)
        with pytest.raises(DbnDecodeError, match="the file changed while it was read"):
            stream.finish()


def test_a_file_that_vanishes_while_it_is_read(tmp_path: Path) -> None:
    path = write_mbp10(tmp_path / "a.dbn", RECORDS)
    with RawStream(path) as stream:
        stream.read(1 << 20)
        path.unlink()
        with pytest.raises(DbnDecodeError, match="gone while it was read"):
            stream.finish()


def test_bytes_left_unread_are_not_a_whole_file(tmp_path: Path) -> None:
    path = write_mbp10(tmp_path / "a.dbn", RECORDS)
    with RawStream(path) as stream:
        stream.read(1000)
        with pytest.raises(DbnDecodeError):
            stream.finish()


@pytest.mark.parametrize("kind", ["missing", "directory", "loop", "dangling", "pipe", "below"])
def test_what_is_no_file_is_a_clean_error(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.dbn"
    if kind == "directory":
        path.mkdir()
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "dangling":
        path.symlink_to(tmp_path / "nothing")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "below":
        (tmp_path / "file").write_bytes(b"x")
        path = tmp_path / "file" / "a.dbn"
    with pytest.raises(InputError) as caught:
        RawStream(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_an_unreadable_file_is_a_clean_error(tmp_path: Path) -> None:
    path = write_mbp10(tmp_path / "a.dbn", RECORDS)
    path.chmod(0)
    with pytest.raises(InputError, match="Permission denied"):
        RawStream(path)
    with pytest.raises(InputError, match="Permission denied"):
        raw_digest(path)


def test_a_file_that_may_not_be_opened_is_a_clean_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_mbp10(tmp_path / "a.dbn", RECORDS)

    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr("src.data_eng.vendor.dbn.stream.regular", refuse)
    with pytest.raises(InputError, match="Permission denied"):
        RawStream(path)
    with pytest.raises(InputError, match="Permission denied"):
        raw_digest(path)


@pytest.mark.parametrize("name", ["a.dbn", "a.dbn.zst"])
def test_a_disk_that_fails_while_it_is_read(tmp_path: Path, name: str) -> None:
    path = write_mbp10(tmp_path / name, RECORDS)
    with RawStream(path) as stream:

        def fail(size: int = -1) -> bytes:
            raise OSError(5, "Input/output error")

        stream._raw.read = fail  # type: ignore[method-assign]
        with pytest.raises(DbnDecodeError, match="Input/output error"):
            stream.read(100)


def test_an_empty_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(DbnDecodeError, match="the file is empty"):
        RawStream(written(tmp_path / "a.dbn"))


def test_a_missing_file_has_no_digest(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        raw_digest(tmp_path / "a.dbn")


def test_the_error_survives_a_process_boundary(tmp_path: Path) -> None:
    with pytest.raises(DbnDecodeError) as caught:
        RawStream(written(tmp_path / "a.dbn"))
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (str(copy), copy.offset) == (str(caught.value), 0)
