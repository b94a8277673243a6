"""What holds for every raw file of options that a run reads: those read as one file too."""

from __future__ import annotations

from pathlib import Path

import pytest

from src.data_eng.stages.outcome import Status
from src.data_eng.vendor.dbn import stream
from tests.dbn_files import DATE, Records, blank_records
from tests.lakes import run_request
from tests.option_files import CALL, CHAIN, OPEN_NS, definitions, events, write_table

IDS = [CALL.instrument_id] * 50
QUOTES = events("mbp-1", IDS, action=b"A", bid_px_00=10**9)
FILES: dict[str, tuple[str, str, Records, str]] = {
    "definition": ("definition", "definition", definitions(CHAIN), "ES.OPT"),
    "trades": ("trades", "trades", events("trades", IDS, price=5 * 10**9, size=3), "ES.OPT"),
    "one of two": ("nbbo", "mbp-1", QUOTES, "ES.OPT"),
    "the other": ("nbbo", "mbp-1", QUOTES, "EW.OPT"),
}


@pytest.mark.parametrize("packed", FILES)
def test_the_bound_on_expansion_holds_for_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: str
) -> None:
    monkeypatch.setattr(stream, "EXPANSION_FLOOR_BYTES", 0)
    for name, (table, schema, records, parent) in FILES.items():
        file = f"{name}.dbn{'.zst' * (name == packed)}"
        write_table(tmp_path, table, schema, records, name=file, query=(parent,))
    outcomes = run_request("future_option", "bronze", [DATE], tmp_path, max_expansion=1)
    # Definitions are read for every table.
    tables = {table for table, *_ in FILES.values()}
    if packed != "definition":
        tables = {FILES[packed][0]}
    told = [one for one in outcomes if one.dataset.rpartition(".")[2] in tables]
    assert len(told) == len(tables)
    for one in told:
        assert one.status is Status.FAILED
        assert f"{packed}.dbn.zst" in one.reason
        assert "expands to more than 1 times its size" in one.reason


def test_files_that_are_read_as_one_have_one_layout(tmp_path: Path) -> None:
    sent = blank_records("mbp-1", 2, ts_out=True)
    sent["instrument_id"], sent["action"], sent["side"] = CALL.instrument_id, b"A", b"N"
    sent["ts_recv"] = sent["ts_event"] = sent["ts_out"] = OPEN_NS
    write_table(tmp_path, "definition", "definition", definitions(CHAIN))
    write_table(tmp_path, "nbbo", "mbp-1", QUOTES, name="a.dbn")
    write_table(tmp_path, "nbbo", "mbp-1", sent, name="b.dbn", query=("EW.OPT",), ts_out=True)
    outcomes = run_request("future_option", "bronze", [DATE], tmp_path)
    (nbbo,) = (one for one in outcomes if one.dataset.endswith(".nbbo"))
    assert nbbo.status is Status.FAILED
    assert "b.dbn: records of different layouts" in nbbo.reason
