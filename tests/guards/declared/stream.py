"""One raw file: its bytes, its header, its records."""

from __future__ import annotations

from typing import Final

from ..guard import GONE, NEVER, Guard

_STREAM: Final = "tests/vendor/dbn/test_stream.py"
_BOUNDS: Final = "tests/vendor/dbn/test_stream_bounds.py"
_READER: Final = "tests/vendor/dbn/test_reader.py"
_METADATA: Final = "tests/vendor/dbn/test_metadata.py"
_FAULTS: Final = "tests/vendor/dbn/test_faults.py"
_STATE: Final = """
(now.st_ino, now.st_size, now.st_mtime_ns) == (
    before.st_ino, before.st_size, before.st_mtime_ns)
"""
_ILLEGAL: Final = (f"{_READER}::test_an_illegal_header_names_its_byte",)

STREAM: Final = (
    Guard(
        "stream.a cut or corrupt frame is an error", "vendor/dbn/stream.py", "RawStream.readinto",
        "raise self._error(f'{what} ({error}); download it again') from error", "break",
        (f"{_STREAM}::test_garbage_after_the_last_frame",),
    ),
    Guard(
        "stream.expansion is bounded", "vendor/dbn/stream.py", "RawStream.readinto",
        "self.decoded > self._limit", NEVER,
        (f"{_STREAM}::test_the_bound_on_expansion_is_a_parameter",),
    ),
    Guard(
        "stream.the bound is a multiple of the file", "vendor/dbn/stream.py", "RawStream._begin",
        "max(EXPANSION_FLOOR_BYTES, max_expansion * self._stat.st_size)", "1 << 62",
        (f"{_STREAM}::test_a_bomb_of_records_is_refused",),
    ),
    Guard(
        "stream.a header's size is read in steps", "vendor/dbn/stream.py", "RawStream.read",
        "bytearray(min(size - len(data), _READ_STEP))", "bytearray(size - len(data))",
        (f"{_BOUNDS}::test_a_size_that_is_claimed_takes_no_memory",),
    ),
    Guard(
        "stream.bytes are left over", "vendor/dbn/stream.py", "RawStream.finish",
        "self._raw.position != before.st_size", NEVER,
        (f"{_STREAM}::test_bytes_left_unread_are_not_a_whole_file",),
    ),
    Guard(
        "stream.the file changed", "vendor/dbn/stream.py", "RawStream.finish", "not same", NEVER,
        (f"{_STREAM}::test_a_file_that_changes_while_it_is_read",),
    ),
    Guard(
        "stream.the file is another", "vendor/dbn/stream.py", "RawStream.finish", _STATE,
        "(now.st_size, now.st_mtime_ns) == (before.st_size, before.st_mtime_ns)",
        (f"{_BOUNDS}::test_one_sign_of_change_is_enough",),
    ),
    Guard(
        "stream.the file has another size", "vendor/dbn/stream.py", "RawStream.finish", _STATE,
        "(now.st_ino, now.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)",
        (f"{_BOUNDS}::test_one_sign_of_change_is_enough",),
    ),
    Guard(
        "stream.the file has another time", "vendor/dbn/stream.py", "RawStream.finish", _STATE,
        "(now.st_ino, now.st_size) == (before.st_ino, before.st_size)",
        (f"{_BOUNDS}::test_one_sign_of_change_is_enough",),
    ),
    Guard(
        "stream.the hash is of all that was read", "vendor/dbn/stream.py", "_HashingFile.read",
        "self._hash(data)", GONE, (f"{_STREAM}::test_digest_is_that_of_the_file",),
    ),
    Guard(
        "stream.only a file is opened", "vendor/dbn/stream.py", "RawStream.__init__",
        "not stat.S_ISREG(path.stat().st_mode)", NEVER,
        (f"{_BOUNDS}::test_a_device_is_no_file",),
    ),
    Guard(
        "stream.an empty file is an error", "vendor/dbn/stream.py", "RawStream._begin",
        "not first", NEVER, (f"{_STREAM}::test_an_empty_file_says_so",),
    ),
    Guard(
        "stream.what was changed just now is not believed later", "vendor/dbn/stream.py",
        "_settled", "time.time_ns() - found.st_mtime_ns > _TICK_NS", "True",
        ("tests/vendor/test_raw_index.py::test_a_file_changed_just_now_is_not_believed",),
    ),
    Guard(
        "stream.what changed while it was hashed is not believed later", "vendor/dbn/stream.py",
        "raw_digest", "state if is_same else None", "state",
        (f"{_BOUNDS}::test_a_file_that_changes_while_it_is_hashed_has_no_state",),
    ),
    Guard(
        "header.it begins with its mark", "vendor/dbn/metadata.py", "read_metadata",
        "len(prefix) < 8 or prefix[:3] != b'DBN'", NEVER,
        (f"{_METADATA}::test_what_is_no_dbn_file_says_so",),
    ),
    Guard(
        "header.of a version that is known", "vendor/dbn/metadata.py", "read_metadata",
        "version not in (1, 2, 3)", NEVER,
        (f"{_METADATA}::test_trap_14_other_versions_are_refused",),
    ),
    Guard(
        "header.it claims no more than one can have", "vendor/dbn/metadata.py", "read_metadata",
        "not MIN_METADATA_BYTES <= length <= MAX_METADATA_BYTES", "length < MIN_METADATA_BYTES",
        (f"{_METADATA}::test_a_header_that_claims_gigabytes_is_refused",),
    ),
    Guard(
        "header.it claims no less than one must have", "vendor/dbn/metadata.py", "read_metadata",
        "not MIN_METADATA_BYTES <= length <= MAX_METADATA_BYTES", "length > MAX_METADATA_BYTES",
        (f"{_METADATA}::test_a_header_that_claims_too_little_is_refused",),
    ),
    Guard(
        "header.it is whole", "vendor/dbn/metadata.py", "read_metadata",
        "len(body) < length", NEVER,
        (f"{_METADATA}::test_a_header_that_claims_more_than_the_file_holds",),
    ),
    Guard(
        "records.the last one is whole", "vendor/dbn/reader.py", "DbnReader.blocks",
        "if rest:\n    raise self._error(used, end, "
        "'truncated in the middle of a record; download the file again')",
        GONE, (f"{_FAULTS}::test_cut_at_every_byte_of_a_plain_file",),
    ),
    Guard(
        "records.length and type of a block", "vendor/dbn/reader.py", "DbnReader._records",
        "(starts == size // 4 + (rtype_of(self.schema) << 8)).all()", "True", _ILLEGAL,
    ),
    Guard(
        "records.a length reaches over the header", "vendor/dbn/reader.py",
        "DbnReader._check_header", "length < RECORD_HEADER_BYTES", NEVER, _ILLEGAL,
    ),
    Guard(
        "records.a type that is known", "vendor/dbn/reader.py", "DbnReader._check_header",
        "kind not in KNOWN_RTYPES", NEVER, _ILLEGAL,
    ),
    Guard(
        "records.a type that may lie between", "vendor/dbn/reader.py", "DbnReader._check_header",
        "kind != rtype_of(self.schema) and (not self._may_lie_between(kind))", NEVER,
        (f"{_READER}::test_another_type_in_a_file_of_one_schema_is_never_dropped_in_silence",),
    ),
    Guard(
        "records.only a live capture mixes them", "vendor/dbn/reader.py",
        "DbnReader._may_lie_between",
        "kind in CONTROL_RTYPES or self.metadata.schema is None", "True",
        (f"{_READER}::test_another_type_in_a_file_of_one_schema_is_never_dropped_in_silence",),
    ),
    Guard(
        "records.of their schema's length", "vendor/dbn/reader.py", "DbnReader._check_header",
        "kind == rtype_of(self.schema) and length != self.dtype.itemsize", NEVER, _ILLEGAL,
    ),
    Guard(
        "records.one that goes on in the next block waits", "vendor/dbn/reader.py",
        "DbnReader._split", "at + length > end", NEVER,
        (f"{_READER}::test_a_control_record_at_every_position",),
    ),
    Guard(
        "records.of the schema that is wanted", "vendor/dbn/reader.py", "DbnReader._schema",
        "own is not None and wanted is not None and own != wanted", NEVER,
        (f"{_READER}::test_a_file_of_another_schema_than_wanted",),
    ),
    Guard(
        "records.of a schema that is known", "vendor/dbn/reader.py", "DbnReader._schema",
        "schema is None or schema not in SCHEMAS", NEVER,
        (f"{_READER}::test_a_schema_that_is_not_decoded",),
    ),
    Guard(
        "records.one too short is not read", "vendor/dbn/reader.py", "_view",
        "length < layout.itemsize", NEVER,
        (f"{_READER}::test_control_records_of_another_length_are_counted_not_read",),
    ),
)  # fmt: skip
