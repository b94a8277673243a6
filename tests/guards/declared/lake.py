"""Reading the lake: nothing is believed by its name."""

from __future__ import annotations

from typing import Final

from ..guard import GONE, NEVER, Guard

_READER: Final = "tests/lake/test_reader.py"
_TABLE: Final = "tests/lake/test_table.py"
_MANIFEST: Final = "tests/lake/test_manifest.py"
_INPUTS: Final = "tests/lake/test_inputs.py"
_REGULAR: Final = "tests/lake/test_regular.py"
_PATHS: Final = "tests/lake/test_paths.py"
_SPLICE: Final = "tests/parquet/test_splice_damage.py"
_STATUS: Final = "tests/cli/test_status.py"
_CHUNK: Final = "tests/parquet/test_pages.py::test_what_the_footer_says_of_a_chunk_must_be_so"
_HEADERS: Final = f"{_TABLE}::test_a_damaged_page_header_is_found_by_every_way_of_reading"
_PAGES: Final = f"{_TABLE}::test_a_damaged_page_is_found_by_every_way_of_reading"

LAKE: Final = (
    Guard(
        "reader._SUCCESS is the manifest's hash", "lake/reader.py",
        "PublishedPartition._checked_manifest", 'success != f"{sha256}\\n"', NEVER,
        (f"{_READER}::test_random_damage_is_found",),
    ),
    Guard(
        "reader.the manifest is that of the partition", "lake/reader.py",
        "PublishedPartition._checked_manifest",
        "said != (wanted.dataset.key, wanted.symbol, wanted.date.isoformat())", NEVER,
        (f"{_READER}::test_a_partition_copied_to_another_date",),
    ),
    Guard(
        "reader.sizes are the manifest's", "lake/reader.py",
        "PublishedPartition._checked_manifest", "size != entry.bytes", NEVER,
        (f"{_READER}::test_a_file_of_another_size_is_not_opened",),
    ),
    Guard(
        "reader.sizes are those of the folder that was opened", "lake/reader.py",
        "PublishedPartition._size", "os.stat(name, dir_fd=self._fd)",
        "os.stat(self._path / name)",
        (f"{_READER}::test_a_partition_replaced_while_it_is_opened_is_opened_anew",),
    ),
    Guard(
        "reader.files are those of the folder that was opened", "lake/reader.py",
        "PublishedPartition._open_relative",
        "regular(name, os.O_RDONLY, dir_fd=self._fd)",
        "regular(self._path / name, os.O_RDONLY)",
        (f"{_READER}::test_a_partition_replaced_after_it_was_opened",),
    ),
    Guard(
        "reader.a pipe is not waited for", "lake/regular.py", "regular",
        "flags | os.O_NONBLOCK | os.O_CLOEXEC", "flags | os.O_CLOEXEC", (_REGULAR,),
    ),
    Guard(
        "reader.a pipe is no file", "lake/regular.py", "regular", "stat.S_ISREG(mode)", "True",
        (_REGULAR,),
    ),
    Guard(
        "reader.a pipe is not waited for to write the index", "lake/index_lines.py",
        "_append", "flags | os.O_NONBLOCK", "flags",
        (f"{_REGULAR}::test_a_pipe_for_the_index_of_partitions",),
    ),
    Guard(
        "reader.the SHA-256 is the manifest's", "lake/reader.py", "PublishedPartition.verify",
        "digest != entry.sha256", NEVER,
        (f"{_READER}::test_random_damage_is_found",),
    ),
    Guard(
        "reader.no file is there that the manifest does not name", "lake/reader.py",
        "PublishedPartition.verify",
        "if others:\n    raise self.corrupt(f'{others[0]} does not belong there')",
        GONE, (f"{_READER}::test_a_file_that_does_not_belong_there",),
    ),
    Guard(
        "reader.a folder without _SUCCESS is no partition", "lake/reader.py",
        "PublishedPartition._open", "if not (self._path / SUCCESS).exists():\n    break",
        "return fd, b''", (f"{_READER}::test_without_success_there_is_no_partition",),
    ),
    Guard(
        "reader.what a newer release wrote is refused", "lake/manifest.py", "parse_manifest",
        "type(version) is int and version > SCHEMA_VERSION", NEVER,
        (f"{_MANIFEST}::test_a_manifest_of_a_newer_release_is_refused_not_taken_for_damaged",),
    ),
    Guard(
        "reader.another version of the manifest is damage", "lake/manifest.py", "parse_manifest",
        "version != SCHEMA_VERSION", NEVER, (f"{_MANIFEST}::test_an_entry_that_is_wrong",),
    ),
    Guard(
        "reader.half a character is no text", "lake/manifest.py", "parse_manifest",
        "json.dumps(body, ensure_ascii=False).encode()", GONE,
        (f"{_MANIFEST}::test_half_a_character_is_no_text",),
    ),
    Guard(
        "reader.nor is one that is escaped", "lake/manifest.py", "parse_manifest",
        "not data.isascii() or _ESCAPED_HALF.search(data)", "not data.isascii()",
        (f"{_MANIFEST}::test_half_a_character_is_no_text",),
    ),
    Guard(
        "reader.an error of the system is told", "lake/reader.py", "PublishedPartition._explained",
        "raise self.unreadable(error) from error", GONE,
        (f"{_READER}::test_a_file_that_cannot_be_read_any_more",),
    ),
    Guard(
        "verify.folders of a first build are no fault", "pipeline/verification.py",
        "foreign_faults", "_on_the_way(lake_root)", "set()",
        ("tests/cli/test_verify.py::test_folders_of_a_first_build_are_no_fault",),
    ),
    Guard(
        "reader.an unknown entry is damage", "lake/manifest.py", "_only",
        "if unknown:\n    raise ValueError(f'unknown entry {unknown[0]!r}')", GONE,
        (f"{_MANIFEST}::test_an_entry_that_is_wrong",),
    ),
    Guard(
        "reader.a file's name does not lead out", "lake/manifest.py", "_file",
        "made.name in {'', '.', '..'} or '/' in made.name or '\\0' in made.name", NEVER,
        (f"{_MANIFEST}::test_an_entry_that_is_wrong",),
    ),
    Guard(
        "reader.a raw file's path does not lead out", "lake/manifest.py", "_raw",
        "'\\0' in made.path or not {'', '.', '..'}.isdisjoint(made.path.split('/'))", NEVER,
        (f"{_MANIFEST}::test_an_entry_that_is_wrong",),
    ),
    Guard(
        "reader.entries have their types", "lake/manifest.py", "_typed",
        "type(value) is not kind", NEVER,
        (f"{_MANIFEST}::test_an_entry_that_is_wrong",),
    ),
    Guard(
        "reader.no file is listed twice", "lake/manifest.py", "parse_manifest",
        "len(set(names)) < len(names)", NEVER, (f"{_MANIFEST}::test_an_entry_that_is_wrong",),
    ),
    Guard(
        "verify.footer and rows are the manifest's", "pipeline/verification.py", "_faults_of",
        "_check_table(published, deep=settings.deep)", GONE,
        ("tests/cli/test_verify.py::test_a_manifest_that_was_rewritten_with_its_success",),
    ),
    Guard(
        "verify.raw files are those of the manifest", "pipeline/verification.py", "raw_faults",
        "(now.bytes, now.sha256) != (was.bytes, was.sha256)", NEVER,
        ("tests/cli/test_verify.py::test_a_raw_file_that_is_another_is_found_deep",),
    ),
    Guard(
        "paths.a symbol does not lead out", "lake/paths.py", "Partition.__post_init__",
        "not is_symbol(self.symbol)", NEVER,
        (f"{_PATHS}::test_what_is_no_folder_name_is_refused",),
    ),
    Guard(
        "paths.a folder of no symbol is none", "lake/paths.py", "table_folders",
        "is_symbol(symbol)", "True", (f"{_PATHS}::test_a_folder_of_no_symbol_is_no_stage_s",),
    ),
    Guard(
        "table.the footer is the manifest's", "lake/table.py", "Table._check_footer",
        "self._footer.sha256 != recorded.get(PART)", NEVER,
        (f"{_TABLE}::test_every_byte_of_the_footer_counts",),
    ),
    Guard(
        "table.its rows are as many as the manifest says", "lake/table.py", "Table.__init__",
        "self.rows != self.manifest.rows", NEVER,
        ("tests/lake/test_table_errors.py::test_rows_are_those_of_the_manifest",),
    ),
    Guard(
        "table.pages are those of their checksums", "lake/table.py", "Table._parquet",
        "self._verifies", "False", (_PAGES,),
    ),
    Guard(
        "table.pages for other libraries are those of their checksums", "parquet/excerpt.py",
        "Excerpt._copied", "check_chunk(place, read, checksums=True)",
        "read(place.size, place.start)", (_PAGES,),
    ),
    Guard(
        "table.what is copied is verified", "lake/table.py", "Table.copy",
        "self._verifies", "False", (_PAGES,),
    ),
    Guard(
        "table.what is held is what the manifest says", "lake/table.py", "Table.confirm",
        "not self._whole.is_right()", NEVER,
        ("tests/research/test_verified_reading.py::"
         "test_a_small_file_is_hashed_instead_of_its_pages",),
    ),
    Guard(
        "pieces.hashes are waited for before rows are handed over", "research/pieces.py",
        "Piece.confirmed", "table.confirm()", GONE,
        ("tests/research/test_verified_reading.py::"
         "test_a_small_file_is_hashed_instead_of_its_pages",),
    ),
    Guard(
        "whole_file.a checksum is that of the same file", "lake/whole_file.py",
        "WholeFile.__init__", "checksum is not None and checksum == zlib.crc32(data)",
        "checksum is not None",
        ("tests/lake/test_whole_file.py::test_a_file_that_was_right_is_known_again",),
    ),
    Guard(
        "pieces.a file has the columns of its contract", "research/published.py",
        "PublishedTables.pieces", "table.check_contract(self.contract)", GONE,
        ("tests/research/test_pieces.py::test_a_file_of_other_columns_is_refused",),
    ),
    Guard(
        "excerpt.columns are stored as their contract says", "parquet/excerpt.py",
        "Excerpt._copied", "not stored.equals(column.stored)", NEVER,
        ("tests/parquet/test_excerpt.py::test_a_column_that_is_stored_in_another_way",),
    ),
    Guard(
        "excerpt.a file that became shorter", "parquet/excerpt.py",
        "Excerpt._copied", "len(data) != place.size", NEVER,
        ("tests/parquet/test_excerpt.py::test_a_file_that_became_shorter",),
    ),
    Guard(
        "published.what was rebuilt is not mixed in", "research/published.py",
        "PublishedTables._compare",
        "published.mark != self.marks[partition]", NEVER,
        ("tests/research/test_verified_reading.py::test_nothing_is_read_before_it_is_collected",),
    ),
    Guard(
        "table.page headers are checked", "lake/table.py", "Table._check",
        "check_row_group(self._footer.metadata, index, positions, self._read, checksums=False)",
        GONE, (_HEADERS,),
    ),
    Guard(
        "table.page headers of all row groups are checked", "lake/table.py", "Table.read",
        "self._check(range(self.row_groups), wanted)", GONE, (_HEADERS,),
    ),
    Guard(
        "table.page headers of one row group are checked", "lake/table.py",
        "Table.read_row_group", "self._check((index,), wanted)", GONE, (_HEADERS,),
    ),
    Guard(
        "table.page headers of pieces are checked", "lake/table.py", "Table.pieces",
        "self._check(some, wanted)", GONE, (_HEADERS,),
    ),
    Guard(
        "pages.codes lie in their dictionary", "parquet/pages.py", "_check_dictionary",
        "pos != size or found != count or len(payload) != size", NEVER,
        (f"{_TABLE}::test_a_dictionary_that_is_too_short_is_found",),
    ),
    Guard(
        "pages.checksums for other libraries", "parquet/pages.py", "check_chunk",
        "checksums and (zlib.crc32(page) != checksum & _U32 or len(page) != packed)",
        NEVER, ("tests/parquet/test_pages.py::test_every_byte_of_a_page_has_a_checksum",),
    ),
    Guard(
        "table.the whole file is hashed where that is asked", "lake/table.py", "Table.__init__",
        "published.verify()", GONE,
        (f"{_TABLE}::test_a_damage_that_is_not_read_is_found_by_the_file_alone",),
    ),
    Guard(
        "pages.the footer's count of values", "parquet/pages.py", "check_chunk",
        "values != chunk.num_values", NEVER, (f"{_CHUNK}[num_values-True]",),
    ),
    Guard(
        "pages.the footer's bytes before compression", "parquet/pages.py", "check_chunk",
        "unpacked != chunk.uncompressed_size", NEVER, (f"{_CHUNK}[uncompressed_size-True]",),
    ),
    Guard(
        "pages.lengths inside a page", "parquet/pages.py", "_check_data_page",
        "if not is_plausible:\n    raise _damaged(payload)", GONE,
        ("tests/parquet/test_pages.py",),
    ),
    Guard(
        "pages.a header is as our writer leaves it", "parquet/pages.py", "check_chunk",
        "not 0 <= packed <= end - payload", NEVER,
        (f"{_CHUNK}[size-False]",),
    ),
    Guard(
        "inputs.of today's contract", "lake/inputs.py", "InputTable.__init__",
        "self.manifest.contract_sha256 != contract.sha256", NEVER,
        (f"{_INPUTS}::test_a_table_of_another_contract_is_refused",),
    ),
    Guard(
        "inputs.what the hash says is told", "lake/inputs.py", "InputTable.verify",
        "self._verified.result()", GONE,
        (f"{_INPUTS}::test_a_damage_outside_what_is_read_is_told_by_verify",),
    ),
    Guard(
        "inputs.the file is hashed", "lake/inputs.py", "InputTable._start_verifying",
        "self._published.verify()", GONE,
        (f"{_INPUTS}::test_a_damage_outside_what_is_read_is_told_by_verify",),
    ),
    Guard(
        "inputs.the file is hashed where only facts are read", "lake/inputs.py",
        "InputTable.verify", "self._start_verifying()", GONE,
        (f"{_INPUTS}::test_a_table_of_which_nothing_is_read_is_hashed_too",),
    ),
    Guard(
        "inputs.trust in pages is for those that ask for it", "lake/inputs.py",
        "InputTable._start_verifying", "self._by_pages", "True",
        (f"{_INPUTS}::test_a_damage_outside_what_is_read_is_told_by_verify",),
    ),
    Guard(
        "inputs.trust in pages ends where all is asked for", "lake/inputs.py",
        "InputTable.verify", "whole and self._by_pages", NEVER,
        (f"{_INPUTS}::test_by_pages_only_what_is_read_counts",),
    ),
    Guard(
        "inputs.the folder stays open while it is hashed", "lake/inputs.py", "InputTable.close",
        "self._verified.exception()", GONE,
        (f"{_INPUTS}::test_closing_waits_for_the_hash",),
    ),
    Guard(
        "reader.rows of a page keep their contract", "research/report/day.py", "load_day",
        "check_rows(partition, tables[key])", "partition",
        ("tests/research/report/test_days.py::test_rows_that_break_their_contract_are_refused",),
    ),
    Guard(
        "reader.columns of an evaluation are those of the contract",
        "research/evaluation/session_day.py", "_open", "table.check_contract()", "table",
        ("tests/research/evaluation/test_command.py::test_columns_are_those_of_the_contract",),
    ),
    Guard(
        "reader.what Bronze says of its raw data makes sense", "pipeline/inventory.py",
        "look_at", "delivered = _delivered(summary)", "delivered = None",
        (f"{_STATUS}::test_what_makes_no_sense_in_one_partition_hides_no_other[manifest]",),
    ),
    Guard(
        "reader.so does what a tombstone says", "pipeline/inventory.py", "_look_at_removed",
        "delivered = _delivered(summary)", "delivered = None",
        (f"{_STATUS}::test_what_makes_no_sense_in_one_partition_hides_no_other[tombstone]",),
    ),
    Guard(
        "reader.a line of the index makes sense", "lake/index.py", "PartitionIndex.find_all",
        "(ValueError, KeyError, TypeError, RecursionError)", "()",
        ("tests/lake/test_index.py::test_an_entry_of_right_sum_that_makes_no_sense_is_none",),
    ),
    Guard(
        "footer.a row group has the columns of the schema", "parquet/row_group.py",
        "_scan_columns",
        "(kind, element_kind, size) != (LIST, STRUCT, len(schema.elements))", NEVER,
        (f"{_SPLICE}::test_a_row_group_of_more_or_fewer_columns_is_refused",),
    ),
    Guard(
        "footer.column chunks end before it", "parquet/row_group.py", "_check_columns",
        "end > limit", NEVER,
        (f"{_SPLICE}::test_numbers_that_do_not_hold_together_are_refused",),
    ),
)  # fmt: skip
