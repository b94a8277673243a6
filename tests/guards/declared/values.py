"""Values: of the date and of the instrument that they are said to be of, or refused."""

from __future__ import annotations

from typing import Final

from ..guard import GONE, NEVER, Guard

_COLUMNS: Final = (
    "tests/vendor/dbn/test_record_columns.py::"
    "test_a_value_that_the_contract_cannot_express_is_refused_with_its_row",
)
_OF_THE_DATE: Final = (
    "tests/vendor/test_instrument_selection.py::"
    "test_records_of_other_dates_are_neither_kept_nor_counted",
)
_SYMBOLS: Final = "tests/vendor/test_symbology.py"
_LAST: Final = (f"{_SYMBOLS}::test_the_last_definition_of_the_date_that_was_alive_in_it_counts",)
_PASS: Final = "tests/stages/bronze/test_raw_pass_options.py"
_EXPANSION: Final = (f"{_PASS}::test_the_bound_on_expansion_holds_for_each",)
_QUOTE: Final = ("tests/records/test_best_prices.py::test_without_a_valid_quote_there_is_neither",)
_CHUNKS: Final = ("tests/records/test_arrow_columns.py::test_each_chunk_has_its_own_dictionary",)
_LABELS: Final = (
    "tests/records/test_bars_and_prices.py::"
    "test_labels_see_trades_that_count_and_mids_of_the_second_before",
)

VALUES: Final = (
    Guard(
        "values.no time in nanoseconds", "vendor/dbn/record_columns.py", "timestamps",
        "wrong.any()", NEVER, _COLUMNS,
    ),
    Guard(
        "values.no letter of the enumeration", "vendor/dbn/record_columns.py", "_enumeration",
        "(codes == -2).any()", NEVER, _COLUMNS,
    ),
    Guard(
        "values.no number of the type", "vendor/dbn/record_columns.py", "_integers",
        "too_large.any()", NEVER, _COLUMNS,
    ),
    Guard(
        "values.options of the date before", "vendor/instrument_selection.py",
        "InstrumentSelection.select", "first < start_ns or last >= end_ns", "last >= end_ns",
        _OF_THE_DATE,
    ),
    Guard(
        "values.options of the date after", "vendor/instrument_selection.py",
        "InstrumentSelection.select", "first < start_ns or last >= end_ns", "first < start_ns",
        _OF_THE_DATE,
    ),
    Guard(
        "values.two symbols of an id", "vendor/symbology.py", "_merge", "known != symbol", NEVER,
        (f"{_SYMBOLS}::test_two_symbols_of_an_id_are_an_error_whoever_says_so",),
    ),
    Guard(
        "values.a definition of the date after", "vendor/symbology.py", "_definitions",
        "(block['ts_recv'] < end_ns) & alive", "alive", _LAST,
    ),
    Guard(
        "values.a definition that is over", "vendor/symbology.py", "_definitions",
        "(block['ts_recv'] < end_ns) & alive", "block['ts_recv'] < end_ns", _LAST,
    ),
    Guard(
        "values.a definition file is read whole", "vendor/symbology.py", "_definitions",
        "reader.finish()", GONE, (f"{_SYMBOLS}::test_a_definition_file_is_read_to_its_end",),
    ),
    Guard(
        "values.the bound on expansion of a file", "vendor/raw_pass.py", "RawPass._read",
        "DbnReader(file.path, self._schema, max_expansion=self._max_expansion)",
        "DbnReader(file.path, self._schema)", _EXPANSION,
    ),
    Guard(
        "values.the bound on expansion of several", "vendor/raw_pass.py", "RawPass._merge",
        "DbnReader(file.path, self._schema, max_expansion=self._max_expansion)",
        "DbnReader(file.path, self._schema)", _EXPANSION,
    ),
    Guard(
        "values.the bound on expansion of definitions", "vendor/definitions.py",
        "read_definitions", "DbnReader(file.path, 'definition', max_expansion=max_expansion)",
        "DbnReader(file.path, 'definition')", _EXPANSION,
    ),
    Guard(
        "values.merged files are compared", "vendor/raw_pass.py", "RawPass._merge",
        "self._require_one_layout(group, readers)", GONE,
        (f"{_PASS}::test_files_that_are_read_as_one_have_one_layout",),
    ),
    Guard(
        "values.a quote of the second before", "records/seconds.py", "read_best_prices",
        "np.append(np.nan, np.where(is_valid, one, np.nan))",
        "np.append(np.where(is_valid, one, np.nan), np.nan)",
        ("tests/records/test_best_prices.py::"
         "test_a_second_begins_with_the_quote_that_the_one_before_ended_with",),
    ),
    Guard(
        "values.a quote of both sides", "records/seconds.py", "read_best_prices",
        "(bid != NO_PRICE) & (ask != NO_PRICE) & (ask > bid)",
        "(ask != NO_PRICE) & (ask > bid)", _QUOTE,
    ),
    Guard(
        "values.a quote that is not crossed", "records/seconds.py", "read_best_prices",
        "(bid != NO_PRICE) & (ask != NO_PRICE) & (ask > bid)",
        "(bid != NO_PRICE) & (ask != NO_PRICE)", _QUOTE,
    ),
    Guard(
        "values.words by the dictionary of their chunk", "records/arrow_columns.py", "codes_of",
        "chunk.dictionary.to_pylist()", "column.chunk(0).dictionary.to_pylist()", _CHUNKS,
    ),
    Guard(
        "values.letters by the dictionary of their chunk", "records/arrow_columns.py", "letters",
        "chunk.dictionary.to_pylist()", "column.chunk(0).dictionary.to_pylist()", _CHUNKS,
    ),
    Guard(
        "values.labels see trades that count", "records/day_prices.py", "read_day_prices",
        "counted_trades(trades)", "trades", _LABELS,
    ),
    Guard(
        "values.a mid is that of both sides", "records/day_prices.py", "read_day_prices",
        "(bid + ask) / 2", "bid", _LABELS,
    ),
    Guard(
        "values.of two front months none is taken", "research/found.py", "_front_month",
        "len(found) != 1", "not found",
        ("tests/research/test_found.py::"
         "test_of_several_contracts_the_one_that_bronze_chose_by_the_rule_counts",),
    ),
)  # fmt: skip
