"""The raw files of a date: what the vendor says of them, and they of one another."""

from __future__ import annotations

from typing import Final

from ..guard import GONE, NEVER, Guard

_CLI: Final = "tests/cli/test_bad_input.py"
_BAD: Final = f"{_CLI}::test_bad_raw_input"
_PASS: Final = "tests/vendor/test_raw_pass.py"
_RANGE: Final = "tests/vendor/test_header_range.py"
_COVERAGE: Final = "tests/vendor/test_coverage.py"
_DELIVERY: Final = "tests/vendor/test_delivery.py"
_INDEX: Final = "tests/vendor/test_raw_index.py"
_HEADERS: Final = "tests/vendor/test_raw_headers.py"
_FILES: Final = "tests/vendor/test_files.py"
_BOUNDS: Final = (f"{_RANGE}::test_records_lie_in_the_range_of_their_header",)
_TWICE: Final = (f"{_PASS}::test_what_was_asked_for_twice_of_one_time_stays_apart",)
_TO_THE_NS: Final = (f"{_COVERAGE}::test_headers_cover_to_the_nanosecond",)
_SHAPE: Final = (f"{_DELIVERY}::test_a_manifest_of_another_shape_is_refused",)

RAW: Final = (
    Guard(
        "pass.receipt lies in the header's range", "vendor/raw_pass.py", "RawPass._finish",
        "check_range(file, *span)", GONE, (f"{_BAD}[partly outside the header's range]",),
    ),
    Guard(
        "pass.not before it begins", "vendor/header_range.py", "check_range",
        "first_ns < meta.start", NEVER, _BOUNDS,
    ),
    Guard(
        "pass.not after it ends", "vendor/header_range.py", "check_range",
        "last_ns >= meta.end", NEVER, _BOUNDS,
    ),
    Guard(
        "pass.not as it ends", "vendor/header_range.py", "check_range",
        "last_ns >= meta.end", "last_ns > meta.end", _BOUNDS,
    ),
    Guard(
        "pass.an undefined time is no absence of records", "vendor/header_range.py", "check_range",
        "first_ns > last_ns", "last_ns < 0",
        (f"{_RANGE}::test_a_file_of_times_that_are_none_is_not_taken_for_empty",),
    ),
    Guard(
        "pass.definitions lie in their header's range", "vendor/definitions.py",
        "read_definitions", "check_range(file, first_ns, last_ns)", GONE,
        ("tests/vendor/test_definitions.py",),
    ),
    Guard(
        "pass.each file is compared with its own header", "vendor/raw_pass.py", "RawPass._read",
        "self._selection.start_file()", GONE,
        ("tests/cli/test_unreadable_folders.py::"
         "test_folders_of_another_root_are_nobody_s_business",),
    ),
    Guard(
        "pass.merged files have one layout", "vendor/raw_pass.py", "RawPass._require_one_layout",
        "reader.dtype != readers[0].dtype", NEVER,
        (f"{_PASS}::test_files_of_different_layouts_are_not_merged",),
    ),
    Guard(
        "pass.what is asked for twice is not merged", "vendor/raw_pass.py", "files_of_one_time",
        "any((asked & set(one.metadata.symbols) for one in met))", NEVER, _TWICE,
    ),
    Guard(
        "pass.the same time delivered twice", "vendor/selected_rows.py",
        "SelectedRows._check_order", "first < last", NEVER, (f"{_BAD}[delivered twice]",),
    ),
    Guard(
        "coverage.a step back is bounded", "vendor/coverage.py", "Coverage._count_steps_back",
        "largest_ns > MAX_STEP_BACK_NS", NEVER,
        (f"{_COVERAGE}::test_a_step_back_beyond_the_bound_is_an_error_also_between_parts",),
    ),
    Guard(
        "coverage.by a second", "vendor/coverage.py", "Coverage._count_steps_back",
        "largest_ns > MAX_STEP_BACK_NS", "largest_ns > MAX_STEP_BACK_NS + 1",
        (f"{_COVERAGE}::test_a_step_back_beyond_the_bound_is_an_error_also_between_parts",),
    ),
    Guard(
        "coverage.a window that is covered to the nanosecond", "vendor/coverage.py", "shortfall",
        "a <= window[0] and b >= window[1]", "a < window[0] and b >= window[1]", _TO_THE_NS,
    ),
    Guard(
        "coverage.and to its end", "vendor/coverage.py", "shortfall",
        "a <= window[0] and b >= window[1]", "a <= window[0]", _TO_THE_NS,
    ),
    Guard(
        "files.size and hash are the vendor's", "vendor/files.py", "RawDay.verify",
        "expected is not None and expected != (digest.bytes, digest.sha256)", NEVER,
        (f"{_FILES}::test_a_file_is_what_the_vendors_manifest_says",),
    ),
    Guard(
        "files.of the table's schema", "vendor/files.py", "find_raw_day",
        "file.schema not in (*raw.schemas, None)", NEVER,
        (f"{_FILES}::test_a_file_of_another_schema_is_refused",),
    ),
    Guard(
        "files.one that the vendor's manifest names is there", "vendor/files.py", "find_raw_day",
        "listing.require_whole(folder, date)", GONE,
        ("tests/vendor/test_whole_deliveries.py::test_a_file_that_the_manifest_names_is_missed",),
    ),
    Guard(
        "files.one that cannot be read may be of the date", "vendor/raw_listing.py",
        "RawFolder.require_readable",
        "not _is_named_for_others(path.name, date)", NEVER,
        (f"{_CLI}::test_a_file_without_a_header_holds_back_the_dates_of_its_name",),
    ),
    Guard(
        "files.a file that changed has another header", "vendor/raw_file.py", "header_now",
        "header_of(path, now)", "header_of(path, None)",
        (f"{_FILES}::test_a_header_that_changed_is_read_again",),
    ),
    Guard(
        "index.only a file that looks the same is believed", "vendor/raw_index.py",
        "current_digest", "known is not None and known.state == state", "known is not None",
        (f"{_INDEX}::test_a_file_that_looks_changed_is_hashed_again",),
    ),
    Guard(
        "index.deep believes nothing", "vendor/raw_index.py", "current_digest",
        "if deep:\n    return _hashed(path, state)", GONE,
        (f"{_INDEX}::test_an_unchanged_file_is_hashed_once",),
    ),
    Guard(
        "index.what was changed just now is not kept", "vendor/raw_index.py", "remember",
        "if state is None:\n    return",
        "if state is None:\n    state = current_state(lake_root / relative)",
        (f"{_INDEX}::test_a_file_changed_just_now_is_not_believed",),
    ),
    Guard(
        "headers.only a file that looks the same is believed", "vendor/raw_headers.py",
        "RawHeaders.find", "was == list(state)", "True",
        (f"{_HEADERS}::test_a_file_that_looks_changed_is_read_again",),
    ),
    Guard(
        "headers.what was changed just now is not kept", "vendor/raw_headers.py",
        "RawHeaders.keep", "time.time_ns() - state.mtime_ns <= _TICK_NS", NEVER,
        (f"{_HEADERS}::test_what_changed_just_now_is_not_kept",),
    ),
    Guard(
        "headers.deep believes nothing", "vendor/raw_listing.py", "RawListing.digest",
        "None if deep else self._known_digest(relative)", "self._known_digest(relative)",
        (f"{_HEADERS}::test_deep_hashes_anew",),
    ),
    Guard(
        "index.it is replaced in one step", "vendor/raw_index.py", "_keep",
        "temporary.replace(path)", "path.write_text(temporary.read_text())",
        (f"{_INDEX}::test_a_link_in_place_of_an_entry_is_not_followed",),
    ),
    Guard(
        "delivery.a name does not lead out", "vendor/delivery.py", "_files",
        "name in {'', '.', '..'} or any((c in name for c in '/\\\\\\x00'))", NEVER,
        (f"{_DELIVERY}::test_a_name_that_leaves_the_folder_is_refused",),
    ),
    Guard(
        "delivery.a size and a hash", "vendor/delivery.py", "_files",
        "size < 0 or digest is None", "digest is None", _SHAPE,
    ),
    Guard(
        "delivery.one size and hash a file", "vendor/delivery.py", "_files",
        "files.setdefault(name, expected) != expected", NEVER, _SHAPE,
    ),
    Guard(
        "delivery.a key stands once", "vendor/delivery.py", "_unique",
        "len(content) != len(pairs)", NEVER,
        (f"{_DELIVERY}::test_what_is_no_json_is_refused",),
    ),
    Guard(
        "delivery.its size is bounded", "vendor/delivery.py", "_SideFile.read",
        "len(text) > MAX_BYTES", NEVER, (f"{_DELIVERY}::test_a_side_file_is_bounded",),
    ),
    Guard(
        "delivery.one that is there and cannot be read is an error", "vendor/delivery.py",
        "_SideFile.read", "raise self.error(f'cannot be read ({error.strerror})') from error",
        "return None",
        (f"{_DELIVERY}::test_a_side_file_that_cannot_be_read_is_not_absent",),
    ),
    Guard(
        "kernels.a folder of another user is not taken", "kernel_cache.py", "_parents",
        "found.st_uid == os.getuid()", "True",
        ("tests/test_kernel_cache.py::test_a_temporary_folder_of_another_is_not_taken",),
    ),
    Guard(
        "kernels.a folder that others may write is not taken", "kernel_cache.py", "_parents",
        "not found.st_mode & 0o77", "True",
        ("tests/test_kernel_cache.py::test_a_temporary_folder_of_another_is_not_taken",),
    ),
    Guard(
        "kernels.a link is not taken for a folder", "kernel_cache.py", "_parents",
        "found = own.lstat()", "found = own.stat()",
        ("tests/test_kernel_cache.py::test_a_temporary_folder_of_another_is_not_taken",),
    ),
)  # fmt: skip
