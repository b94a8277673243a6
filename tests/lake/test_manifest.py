"""The manifest: canonical bytes, and only what this version writes is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.data_eng.errors import CorruptPartitionError, NewerLakeError
from src.data_eng.lake.manifest import (
    AbsentInput,
    FileEntry,
    Manifest,
    PartitionInput,
    RawInput,
    parse_manifest,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
COUNT = st.integers(0, 2**62)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
# Of raw files: no part is empty or leads elsewhere.
PARTS = TEXT.map(lambda text: "x" + text.replace("/", "-").replace("\0", "-"))
PATHS = st.lists(PARTS, min_size=1, max_size=3).map("/".join)
NAMES = st.from_regex(r"[a-z]{1,8}\.parquet", fullmatch=True)
FILES = st.builds(FileEntry, name=NAMES, bytes=COUNT, rows=COUNT, sha256=TEXT, footer_sha256=TEXT)
INPUTS = (
    st.builds(PartitionInput, *[TEXT] * 5)
    | st.builds(AbsentInput, *[TEXT] * 3)
    | st.builds(RawInput, PATHS, COUNT, TEXT)
)
OBJECT = st.dictionaries(TEXT, JSON, max_size=4)
MANIFESTS = st.builds(
    Manifest,
    dataset=TEXT,
    symbol=TEXT,
    dt=TEXT,
    stage=TEXT,
    stage_version=COUNT,
    contract_path=TEXT,
    contract_sha256=TEXT,
    parameters=OBJECT,
    facts=OBJECT,
    rows=COUNT,
    files=st.lists(FILES, max_size=3, unique_by=lambda entry: entry.name).map(tuple),
    inputs=st.lists(INPUTS, max_size=3).map(tuple),
    libraries=st.dictionaries(TEXT, TEXT, max_size=3),
)
EXAMPLE = Manifest(
    dataset="silver.future.market_by_price_10_clean",
    symbol="ESM5",
    dt="2025-06-05",
    stage="s",
    stage_version=3,
    contract_path="c.avsc",
    contract_sha256="1" * 64,
    parameters={"b": 1, "a": [2]},
    facts={"condition": None},
    rows=7,
    files=(FileEntry("part-00000.parquet", 5, 7, "2" * 64, "6" * 64),),
    inputs=(RawInput("raw/x.dbn", 9, "3"), PartitionInput("d", "ESM5", "x", "5" * 64, "4" * 64)),
    libraries={"pyarrow": "1"},
)


@given(MANIFESTS)
def test_it_reads_what_it_writes(manifest: Manifest) -> None:
    data = manifest.to_bytes()
    assert parse_manifest(data, "here") == manifest
    assert parse_manifest(data, "here").to_bytes() == data


def test_the_order_of_keys_is_not_part_of_it() -> None:
    body = json.loads(EXAMPLE.to_bytes())
    turned = json.dumps(dict(reversed(body.items()))).encode()
    assert parse_manifest(turned, "here").to_bytes() == EXAMPLE.to_bytes()


def test_its_bytes_are_these() -> None:
    """They are hashed into `_SUCCESS` and into every manifest made from it."""
    small = replace(EXAMPLE, files=(), inputs=EXAMPLE.inputs[:1], contract_sha256="1")
    assert (
        small.to_bytes()
        == b"""{
  "contract": {
    "path": "c.avsc",
    "sha256": "1"
  },
  "dataset": "silver.future.market_by_price_10_clean",
  "dt": "2025-06-05",
  "facts": {
    "condition": null
  },
  "files": [],
  "inputs": [
    {
      "bytes": 9,
      "path": "raw/x.dbn",
      "sha256": "3"
    }
  ],
  "libraries": {
    "pyarrow": "1"
  },
  "parameters": {
    "a": [
      2
    ],
    "b": 1
  },
  "rows": 7,
  "schema_version": 3,
  "stage": {
    "name": "s",
    "version": 3
  },
  "symbol": "ESM5"
}
"""
    )


@pytest.mark.parametrize("key", sorted(json.loads(EXAMPLE.to_bytes())))
def test_an_entry_that_is_missing(key: str) -> None:
    body = json.loads(EXAMPLE.to_bytes())
    del body[key]
    with pytest.raises(CorruptPartitionError, match=f"^here: .*{key}.*run again"):
        parse_manifest(json.dumps(body).encode(), "here")


def _raw(path: str) -> Callable[[dict[str, Any]], Any]:
    return lambda body: body["inputs"][0].update(path=path)


def _file(**changes: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda body: body["files"][0].update(changes)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda body: body["stage"].update(path="x"), "unknown entry 'path'"),
        (lambda body: body["contract"].update(absent=1), "unknown entry 'absent'"),
        (lambda body: body.update(stage=["name", "version"]), "no attribute 'keys'"),
        (lambda body: body["files"].extend(body["files"][:1]), "lists a file twice"),
        (lambda body: body.update(files={}), "files is {}, not a list"),
        (lambda body: body.update(inputs=""), "inputs is '', not a list"),
        (lambda body: body.update(schema_version=1), "schema version 1"),
        (lambda body: body["files"][0].pop("footer_sha256"), "footer_sha256"),
        (lambda body: body.update(schema_version="1"), "schema version 1"),
        (lambda body: body.update(more=1), "unknown entry 'more'"),
        (lambda body: body.update(rows="7"), "rows is '7', not int"),
        (lambda body: body.update(rows=True), "rows is True"),
        (lambda body: body.update(rows=7.0), "rows is 7.0"),
        (lambda body: body.update(symbol=None), "symbol is None"),
        (lambda body: body.update(facts=[]), "facts is"),
        (lambda body: body.update(files=5), "files is 5, not a list"),
        (lambda body: body.update(files=["x"]), "mapping"),
        (lambda body: body["stage"].update(version="3"), "stage_version is '3'"),
        (lambda body: body["inputs"][0].update(more=1), "unexpected keyword argument 'more'"),
        (lambda body: body["inputs"][0].update(bytes=None), "bytes is None"),
        (_file(bytes="5"), "bytes is '5'"),
        (_file(more=1), "unexpected keyword argument 'more'"),
        (_file(name="../../x"), "file name"),
        (_file(name="a/b"), "file name"),
        (_file(name=".."), "file name"),
        (_file(name=""), "file name"),
        (_file(name="a\0"), "file name"),
        *(
            (_raw(path), "raw path")
            for path in ("../x", "/etc/x", "raw/../../x", "", ".", "raw//x", "raw/", "a\0")
        ),
    ],
)
def test_an_entry_that_is_wrong(change: Callable[[dict[str, Any]], Any], says: str) -> None:
    body = json.loads(EXAMPLE.to_bytes())
    change(body)
    with pytest.raises(CorruptPartitionError, match=rf"^here: .*{says}"):
        parse_manifest(json.dumps(body).encode(), "here")


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"null", b"7", b'"x"', b"\xff\xfe", b"[" * 100_000, b"\0" * 10],
    ids=["empty", "cut", "list", "null", "number", "text", "not UTF-8", "deep", "zeros"],
)
def test_what_is_no_manifest(data: bytes) -> None:
    with pytest.raises(CorruptPartitionError, match=r"^here: the manifest is malformed"):
        parse_manifest(data, "here")


@pytest.mark.parametrize("half", [b"\\ud800", b"\\uDC00", "\ud800".encode(errors="surrogatepass")])
def test_half_a_character_is_no_text(half: bytes) -> None:
    """JSON takes it, and no output could show it."""
    body = json.loads(EXAMPLE.to_bytes())
    body["facts"]["condition"] = "HALF"
    data = json.dumps(body).encode().replace(b"HALF", half)
    assert json.loads(data)["facts"]["condition"] in ("\ud800", "\udc00")
    with pytest.raises(CorruptPartitionError, match=r"^here: the manifest is malformed"):
        parse_manifest(data, "here")


def test_a_manifest_of_a_newer_release_is_refused_not_taken_for_damaged() -> None:
    body = json.loads(EXAMPLE.to_bytes())
    body["schema_version"] = 99
    body["something"] = "that only it knows"
    with pytest.raises(NewerLakeError, match=r"^here: .* 99, this release knows 3: .*upgrade"):
        parse_manifest(json.dumps(body).encode(), "here")


def test_the_content_hash_is_of_data_rows_and_facts_alone() -> None:
    content = EXAMPLE.content_sha256
    same = replace(EXAMPLE, stage_version=9, parameters={}, inputs=(), libraries={"pyarrow": "2"})
    assert same.content_sha256 == content
    assert replace(EXAMPLE, rows=8).content_sha256 != content
    assert replace(EXAMPLE, facts={"condition": "degraded"}).content_sha256 != content
    other = replace(EXAMPLE.files[0], sha256="9" * 64)
    assert replace(EXAMPLE, files=(other,)).content_sha256 != content
    # The file's own hash has it already; manifests with and without it have one content.
    footer = replace(EXAMPLE.files[0], footer_sha256="9" * 64)
    assert replace(EXAMPLE, files=(footer,)).content_sha256 == content
