from __future__ import annotations

import json
import math
import tracemalloc
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from src.data_eng.errors import InputError
from src.data_eng.vendor import delivery
from src.data_eng.vendor.delivery import Interval, read_delivery

DATA = "glbx-mdp3-20250605.mbp-10.dbn.zst"
SHA = "0168d53e1705b69b1d6407f10bb3ab48aac492fa0f68f863cc9b092931cc67a7"
FILE = {
    "filename": DATA,
    "size": 1102,
    "hash": f"sha256:{SHA}",
    "urls": {"https": "https://vendor.invalid/file", "ftp": "ftp://vendor.invalid/file"},
}
SYMBOLOGY = {
    "result": {
        "ESZ5": [{"d0": "2025-12-12", "d1": "2025-12-20", "s": "294973"}],
        "NQZ4": [
            {"d0": "2013-12-20", "d1": "2015-01-01", "s": "28097"},
            {"d0": "2022-12-16", "d1": "2025-05-29", "s": "106364"},
        ],
        "UD:1V: SG 2878935": [],
    },
    "symbols": ["ES.FUT"],
    "stype_in": "raw_symbol",
    "stype_out": "instrument_id",
    "start_date": "2025-12-14",
    "end_date": "2025-12-19",
    "partial": [],
    "not_found": [],
    "message": "OK",
    "status": 0,
}
NAMES = ("manifest.json", "condition.json", "symbology.json")


def write(folder: Path, name: str, content: Any) -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_a_folder_without_side_files_knows_nothing(tmp_path: Path) -> None:
    found = read_delivery(tmp_path)
    assert found.expected(DATA) is None
    assert found.condition(date(2025, 6, 5)) is None
    assert found.symbology() is None


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        read_delivery(tmp_path / "GLBX-20250606-AAAAAAAAAA")


@pytest.mark.parametrize(
    "manifest",
    [
        {"job_id": "GLBX-20250606-AAAAAAAAAA", "files": [FILE]},
        [FILE],  # the answer of batch.list_files, saved
        [FILE, FILE],
        [{**FILE, "hash": SHA}],
        [{**FILE, "hash": f"sha256:{SHA.upper()}"}],
    ],
)
def test_size_and_hash_of_a_file(tmp_path: Path, manifest: object) -> None:
    write(tmp_path, "manifest.json", manifest)
    found = read_delivery(tmp_path)
    assert found.expected(DATA) == (1102, SHA)
    assert found.expected("glbx-mdp3-20250606.mbp-10.dbn.zst") is None


@pytest.mark.parametrize("name", ["../x.dbn", "/etc/x", "a/b", "a\\b", "", ".", "..", "a\0b"])
def test_a_name_that_leaves_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, "manifest.json", {"files": [{**FILE, "filename": name}]})
    with pytest.raises(InputError, match="no plain file name"):
        read_delivery(tmp_path).symbology()


@pytest.mark.parametrize(
    "manifest",
    [
        {},
        "text",
        7,
        {"files": {DATA: FILE}},
        [DATA],
        [None],
        [{k: v for k, v in FILE.items() if k != "filename"}],
        [{k: v for k, v in FILE.items() if k != "size"}],
        [{k: v for k, v in FILE.items() if k != "hash"}],
        [{**FILE, "filename": 3}],
        [{**FILE, "size": "1102"}],
        [{**FILE, "size": 1102.0}],
        [{**FILE, "size": True}],
        [{**FILE, "size": -1}],
        [{**FILE, "hash": "md5:" + SHA[:32]}],
        [{**FILE, "hash": "md5:" + SHA}],
        [{**FILE, "hash": SHA[:-1]}],
        [{**FILE, "hash": SHA + "\n"}],
        [FILE, {**FILE, "size": 1103}],
    ],
)
def test_a_manifest_of_another_shape_is_refused(tmp_path: Path, manifest: object) -> None:
    path = write(tmp_path, "manifest.json", json.dumps(manifest))
    with pytest.raises(InputError) as caught:
        read_delivery(tmp_path).symbology()
    assert str(caught.value).startswith(f"{path}: ")
    assert str(caught.value).endswith("; download it again, or delete it to go on without it")


def test_condition_of_a_date(tmp_path: Path) -> None:
    content = [
        {"date": "2025-06-05", "condition": "available", "last_modified_date": "2025-06-06"},
        {"date": "2025-06-06", "condition": "degraded", "last_modified_date": None},
        {"date": "2025-06-07", "condition": "missing"},
        {"date": "2025-06-07", "condition": "missing"},
    ]
    write(tmp_path, "condition.json", content)
    found = read_delivery(tmp_path)
    days = [date(2025, 6, day) for day in (5, 6, 7, 8)]
    assert [found.condition(d) for d in days] == ["available", "degraded", "missing", None]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"date": "2025-06-05"}, "no list"),
        ([{"date": "2025-06-05"}], "entry 0 has no 'condition'"),
        ([{"date": "2025-06-05", "condition": None}], "entry 0 has no 'condition'"),
        ([{"condition": "available"}], "entry 0 has no 'date'"),
        ([{"date": "20250605", "condition": "available"}], "YYYY-MM-DD in 'date', but '20250605'"),
        ([{"date": "2025-02-30", "condition": "available"}], "but '2025-02-30'"),
        ([{"date": "2025-W23-4", "condition": "available"}], "but '2025-W23-4'"),
        (["2025-06-05"], "entry 0 is no object"),
        (
            [{"date": "2025-06-05", "condition": c} for c in ("available", "degraded")],
            "gives 2025-06-05 two different conditions",
        ),
    ],
)
def test_conditions_of_another_shape_are_refused(
    tmp_path: Path, content: object, message: str
) -> None:
    write(tmp_path, "condition.json", content)
    with pytest.raises(InputError) as caught:
        read_delivery(tmp_path).symbology()
    assert message in str(caught.value)


def test_symbology(tmp_path: Path) -> None:
    write(tmp_path, "symbology.json", SYMBOLOGY)
    assert read_delivery(tmp_path).symbology() == {
        "ESZ5": [Interval(date(2025, 12, 12), date(2025, 12, 20), "294973")],
        "NQZ4": [
            Interval(date(2013, 12, 20), date(2015, 1, 1), "28097"),
            Interval(date(2022, 12, 16), date(2025, 5, 29), "106364"),
        ],
        "UD:1V: SG 2878935": [],
    }


def test_an_interval_that_means_nothing_is_left_out(tmp_path: Path) -> None:
    entries = [
        {"d0": "2025-12-12", "d1": "2025-12-13", "s": ""},
        {"d0": "2025-12-13", "d1": "2025-12-20", "s": "294973"},
        {"d0": "2025-12-20", "d1": "2025-12-20", "s": "294973"},
    ]
    write(tmp_path, "symbology.json", {"result": {"ESZ5": entries}})
    symbology = read_delivery(tmp_path).symbology()
    assert symbology is not None
    first, empty = symbology["ESZ5"]
    assert first == Interval(date(2025, 12, 13), date(2025, 12, 20), "294973")
    assert (empty.d0, empty.d1) == (date(2025, 12, 20), date(2025, 12, 20))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "it is no object"),
        ({"symbols": []}, "it has no 'result'"),
        ({"result": []}, "it has no 'result'"),
        ({"result": {"ESZ5": {"d0": "2025-12-12"}}}, "symbol 'ESZ5' has no list"),
        ({"result": {"ESZ5": ["294973"]}}, "symbol 'ESZ5' is no object"),
        ({"result": {"ESZ5": [{"d0": "2025-12-12", "s": "1"}]}}, "has no 'd1'"),
        (
            {"result": {"ESZ5": [{"d0": "2025-12-12", "d1": "2025-12-13", "s": 1}]}},
            "has no 's' of type str",
        ),
        (
            {"result": {"ESZ5": [{"d0": "2025-12-13", "d1": "2025-12-12", "s": "1"}]}},
            "ends before it begins",
        ),
    ],
)
def test_symbology_of_another_shape_is_refused(
    tmp_path: Path, content: object, message: str
) -> None:
    write(tmp_path, "symbology.json", content)
    with pytest.raises(InputError) as caught:
        read_delivery(tmp_path).symbology()
    assert message in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"{",
        b'[{"a": 1,}]',
        b"\xff\xfe\xfd",
        b"[" * 100_000,
        b'{"files": [], "files": [], "result": {}}',  # the second would win in silence
        b"1" * 5_000,  # longer than Python reads as an int
    ],
    ids=["empty", "null", "cut", "comma", "no UTF-8", "deep", "key twice", "long int"],
)
def test_what_is_no_json_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=f"{name}: .*; download it again, or delete it"):
        read_delivery(tmp_path).symbology()


@pytest.mark.parametrize("name", NAMES)
def test_a_side_file_that_cannot_be_read_is_not_absent(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(InputError, match=rf"{name}: cannot be read \(Is a directory\)"):
        read_delivery(tmp_path).symbology()


def test_a_side_file_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "condition.json", "[]")
    monkeypatch.setattr(delivery, "MAX_BYTES", path.stat().st_size)
    assert read_delivery(tmp_path).conditions == {}
    write(tmp_path, "condition.json", "[] ")
    with pytest.raises(InputError, match="larger than the 2 bytes"):
        read_delivery(tmp_path).symbology()


def test_a_small_side_file_takes_little_memory(tmp_path: Path) -> None:
    write(tmp_path, "manifest.json", [FILE])
    tracemalloc.start()
    try:
        read_delivery(tmp_path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * 2**20, f"{peak:,} bytes"


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes(b"\xef\xbb\xbf" + json.dumps([FILE]).encode())
    assert read_delivery(tmp_path).expected(DATA) == (1102, SHA)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from([DATA, "../x", f"sha256:{SHA}", "2025-06-05", "2025-02-30", math.inf])
)
KEYS = st.sampled_from(
    ["files", "filename", "size", "hash", "date", "condition", "result", "d0", "d1", "s", "ESZ5"]
)
GARBAGE = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(NAMES),
    st.binary(max_size=40) | GARBAGE.map(lambda content: json.dumps(content).encode()),
)
def test_garbage_gives_an_input_error_or_a_result(
    tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    fault = None
    try:
        found = read_delivery(tmp_path)
        symbology = found.symbology()
    except InputError as error:
        fault = str(error)
    path.unlink()
    if fault is not None:
        assert fault.startswith(f"{path}: ")
        assert "\n" not in fault
        return
    assert all("/" not in file_name for file_name in found.files)
    assert all(size >= 0 and len(sha) == 64 for size, sha in found.files.values())
    assert (symbology is None) == (name != "symbology.json")
