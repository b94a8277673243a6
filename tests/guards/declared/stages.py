"""Stages: what they read is verified, and what is out of date is told."""

from __future__ import annotations

from typing import Final

from ..guard import GONE, NEVER, Guard

_PLAIN: Final = ("tests/pipeline/test_complete.py::test_status_is_the_same_partition_by_partition",)
_STALE: Final = "tests/stages/test_staleness.py"
_INPUTS: Final = "tests/stages/test_inputs.py"
_VALUE: Final = (f"{_STALE}::test_a_middle_date_with_another_value_makes_stale_only_what_reads_it",)
_REASONS: Final = "tests/stages/test_staleness_reasons.py"
_BOUND: Final = (
    "tests/catalogue/test_contract_check.py::test_a_violation_names_field_row_and_value",
)
_EXACT: Final = "tests/records/test_exact_sums.py"
_WRAPPED: Final = ("tests/stages/silver/test_book_scan.py::test_sums_that_would_wrap_are_an_error",)
_CHANGE: Final = (f"{_REASONS}::test_each_change_is_a_reason",)
_DIFFERS: Final = (f"{_REASONS}::test_each_reason_that_an_input_gives",)

STAGES: Final = (
    Guard(
        "inputs.a raw file is compared with the vendor's manifest", "stages/inputs.py",
        "RawInputs.entries", "self.day.verify(file, digest)", GONE,
        ("tests/cli/test_bad_input.py::test_bad_raw_input[hash differs]",),
    ),
    Guard(
        "inputs.what was read of a table is verified", "stages/inputs.py", "Inputs.entries",
        "self.verify()", GONE,
        (f"{_INPUTS}::test_what_was_read_is_verified_before_it_is_recorded",),
    ),
    Guard(
        "inputs.each table is verified", "stages/inputs.py", "Inputs.verify",
        "table.verify()", GONE,
        (f"{_INPUTS}::test_what_was_read_is_verified_before_it_is_recorded",),
    ),
    Guard(
        "inputs.tables of earlier sessions are hashed where all is asked for",
        "stages/inputs.py", "Inputs.verify", "session.table.verify(whole=True)", GONE,
        (f"{_INPUTS}::test_tables_of_earlier_sessions_are_hashed_on_request",),
    ),
    Guard(
        "inputs.an error over a damaged input is the input's", "stages/write.py", "write",
        "inputs.verify(whole=True)", GONE,
        ("tests/stages/test_write.py::test_an_error_over_a_damaged_input_is_the_inputs",),
    ),
    Guard(
        "inputs.a table of the date is required", "stages/inputs.py", "Inputs._open",
        "not read.may_be_left_out", NEVER,
        (f"{_INPUTS}::test_a_table_of_the_date_is_required",),
    ),
    Guard(
        "inputs.one that may be left out was", "stages/inputs.py", "Inputs._open",
        "if reason is None:\n    raise", GONE,
        (f"{_INPUTS}::test_a_table_that_may_be_left_out_and_was_not_is_required",),
    ),
    Guard(
        "inputs.deep hashes raw files", "stages/inputs.py", "RawInputs.current",
        "listing.digest(one.relative, deep=settings.deep)", "listing.digest(one.relative)",
        (f"{_INPUTS}::test_deep_hashes_raw_files",),
    ),
    Guard(
        "contract.a minimum alone is a bound", "catalogue/violation.py", "first_violation",
        "field.minimum is None and field.maximum is None", "field.maximum is None", _BOUND,
    ),
    Guard(
        "contract.a maximum alone is one too", "catalogue/violation.py", "first_violation",
        "field.minimum is None and field.maximum is None", "field.minimum is None", _BOUND,
    ),
    Guard(
        "contract.null is no value", "catalogue/violation.py", "first_violation",
        "not field.nullable and column.null_count", NEVER, _BOUND,
    ),
    Guard(
        "contract.nor is NaN", "catalogue/violation.py", "first_violation",
        "pc.any(not_a_number).as_py()", NEVER, _BOUND,
    ),
    Guard(
        "contract.below the minimum", "catalogue/violation.py", "_range_violation",
        "field.minimum is not None and low < field.minimum", NEVER, _BOUND,
    ),
    Guard(
        "contract.above the maximum", "catalogue/violation.py", "_range_violation",
        "field.maximum is not None and high > field.maximum", NEVER, _BOUND,
    ),
    Guard(
        "contract.rows are checked as they are written", "lake/part.py", "PartWriter._encode",
        "self._contract.check(batch, self._where, first_row)", GONE,
        ("tests/lake/test_part.py",),
    ),
    Guard(
        "windows.a row group that ends as one begins is read", "records/row_groups.py",
        "RowGroups.between", "self._reached[index + 1] >= start_ns",
        "self._reached[index + 1] > start_ns",
        ("tests/records/test_row_groups.py::"
         "test_row_groups_without_a_row_of_the_window_are_not_read",),
    ),
    Guard(
        "book.levels are in order", "records/mbp10_arrays.py", "RecordChunks._chunk",
        "self._require_order(len(table))", GONE,
        ("tests/stages/silver/test_book_scan.py::"
         "test_levels_of_a_book_out_of_order_are_an_error",),
    ),
    Guard(
        "sums.trades fit 64 bits", "stages/silver/book_scan.py", "SilverBookScan.transform",
        "require_exact_sums(found, where)", GONE, _WRAPPED,
    ),
    Guard(
        "sums.volume times squared price", "records/exact_sums.py", "require_exact_sums",
        "volume * max(highest**2, _MOST_SPREAD) >= 2**63", NEVER, (_EXACT,),
    ),
    Guard(
        "sums.the depth of a book fits 32 bits", "records/exact_sums.py", "require_exact_sums",
        "size * 2 * BOOK_LEVELS >= 2**31", NEVER, (_EXACT,),
    ),
    Guard(
        "sums.displayed sizes", "records/exact_sums.py", "require_exact_sizes",
        "most > MOST_DISPLAYED * SECOND_NS", NEVER, (_EXACT,),
    ),
    Guard(
        "staleness.stage and version", "stages/staleness.py", "Currency._why_made_otherwise",
        "(recorded.stage, recorded.stage_version) != (stage.name, stage.version)", NEVER,
        _CHANGE,
    ),
    Guard(
        "staleness.contract", "stages/staleness.py", "Currency._why_made_otherwise",
        "recorded.contract_sha256 != self._outside.contract_sha256(recorded.dataset)", NEVER,
        _CHANGE,
    ),
    Guard(
        "staleness.parameters", "stages/staleness.py", "Currency._why_made_otherwise",
        "parameters.get(name) != value", NEVER,
        _CHANGE,
    ),
    Guard(
        "staleness.inputs", "stages/staleness.py", "Currency.why_stale",
        "self._why_inputs_differ(stage, recorded)", "None", _DIFFERS,
    ),
    Guard(
        "staleness.raw files", "stages/staleness.py", "Currency._why_inputs_differ",
        "not self.is_raw_unchanged(stage, recorded)", NEVER, _VALUE,
    ),
    Guard(
        "staleness.the raw files are compared", "stages/staleness.py",
        "Currency.is_raw_unchanged", "was == now", "True", _VALUE,
    ),
    Guard(
        "staleness.the same content of the same inputs", "stages/staleness.py",
        "Currency._why_inputs_differ", "recorded.made_of == made_of(now)", "True", _DIFFERS,
    ),
    Guard(
        "staleness.the same content of an input that is stale", "stages/staleness.py",
        "Currency._why_inputs_differ", "one.stale is None", "True", _DIFFERS,
    ),
    Guard(
        "staleness.which inputs", "stages/staleness.py", "_why_others",
        "was.keys() != wanted.keys()", NEVER,
        _CHANGE,
    ),
    Guard(
        "staleness.each input", "stages/staleness.py", "_why_others",
        "reason is not None", NEVER, _DIFFERS,
    ),
    Guard(
        "staleness.an input that is stale itself", "stages/staleness.py", "_why_differs",
        "if now.stale is not None:\n    return f'is stale: {now.stale}'", GONE, _DIFFERS,
    ),
    Guard(
        "staleness.an input that was absent", "stages/staleness.py", "_why_differs",
        "None if now.content_sha256 is None else 'was absent and is there'", "None", _DIFFERS,
    ),
    Guard(
        "staleness.an input that is gone", "stages/staleness.py", "_why_differs",
        "'is not there any more'", "None", _DIFFERS,
    ),
    Guard(
        "staleness.an input of another content", "stages/staleness.py", "_why_differs",
        "None if was == now.content_sha256 else 'has another content'", "None", _DIFFERS,
    ),
    Guard(
        "series.the same content of the same inputs", "stages/series.py", "CurrentSeries._look",
        "inputs.made_of(date, one.dt) == one.made_of", "True", _PLAIN,
    ),
    Guard(
        "series.the raw files are compared", "stages/series.py", "CurrentSeries._look",
        "self._is_raw_as_it_was(stage, one)", "True", _PLAIN,
    ),
    Guard(
        "staleness.a damaged input", "stages/staleness.py", "Currency._look_up",
        "Standing(partition.symbol, None, f'{error}')", "Standing(partition.symbol, None)",
        (f"{_REASONS}::test_a_damaged_input_outside_the_run_is_told",),
    ),
)  # fmt: skip
