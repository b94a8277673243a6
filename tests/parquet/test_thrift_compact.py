from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.data_eng.parquet.thrift_compact import (
    BINARY,
    DOUBLE,
    I8,
    I16,
    I32,
    I64,
    LIST,
    SET,
    STRUCT,
    TRUE,
    Field,
    ThriftError,
    ThriftList,
    decode_struct,
    encode_integer,
    encode_struct,
    encode_varint,
    optional,
    read_integer,
    read_varint,
)
from src.data_eng.parquet.thrift_scan import field_key, scan_struct, skip_value

INTEGERS = st.integers(-(1 << 63), (1 << 63) - 1)
LEAVES: dict[int, st.SearchStrategy[Any]] = {
    TRUE: st.booleans(),
    I8: st.binary(min_size=1, max_size=1),
    I16: INTEGERS,
    I32: INTEGERS,
    I64: INTEGERS,
    DOUBLE: st.binary(min_size=8, max_size=8),
    BINARY: st.binary(max_size=40),
}


def lists(kinds: dict[int, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    return st.one_of(
        [
            st.builds(ThriftList, st.just(kind), st.lists(values, max_size=18))
            for kind, values in kinds.items()
        ]
    )


def structs(kinds: dict[int, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    fields = [st.builds(Field, st.just(kind), values) for kind, values in kinds.items()]
    found = st.dictionaries(st.integers(1, 60), st.one_of(fields), max_size=8)
    return found.map(lambda struct: dict(sorted(struct.items())))


SMALL = structs(LEAVES)
MIDDLE = structs({**LEAVES, STRUCT: SMALL, LIST: lists({**LEAVES, STRUCT: SMALL})})
TREES = structs({**LEAVES, STRUCT: MIDDLE, SET: lists(LEAVES), LIST: lists({STRUCT: MIDDLE})})


@given(TREES)
@settings(deadline=None, max_examples=60)
def test_a_tree_comes_back_and_is_passed_over(tree: Any) -> None:
    data = encode_struct(tree)
    assert decode_struct(data) == (tree, len(data))
    assert skip_value(data, 0, STRUCT) == len(data)
    found: dict[int, int] = {}
    assert scan_struct(data, 0, found) == len(data)
    assert [key >> 4 for key in found] == list(tree)
    for field_id, field in tree.items():
        if field.kind in (I16, I32, I64):
            assert read_integer(data, found[field_key(field_id, field.kind)])[0] == field.value


@given(st.binary(max_size=60))
@settings(deadline=None, max_examples=300)
def test_skipping_ends_where_decoding_does(data: bytes) -> None:
    try:
        _, end = decode_struct(data)
    except (ThriftError, IndexError):
        return
    assert skip_value(data, 0, STRUCT) == end
    assert scan_struct(data, 0, {}) == end


@given(INTEGERS)
def test_integers_come_back(value: int) -> None:
    data = encode_integer(value)
    assert read_integer(data, 0) == (value, len(data))


@pytest.mark.parametrize(
    ("value", "data"),
    [(0, "00"), (127, "7f"), (128, "8001"), (300, "ac02"), (1 << 63, "80" * 9 + "01")],
)
def test_varints_are_those_of_the_specification(value: int, data: str) -> None:
    assert encode_varint(value) == bytes.fromhex(data)
    assert read_varint(bytes.fromhex(data), 0) == (value, len(data) // 2)


@pytest.mark.parametrize(
    ("value", "data"), [(0, "00"), (-1, "01"), (1, "02"), (-2, "03"), (150, "ac02")]
)
def test_signed_integers_are_zigzag(value: int, data: str) -> None:
    assert encode_integer(value) == bytes.fromhex(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x16" + b"\x80" * 11 + b"\x01\x00", "ten bytes"),
        (b"\x16" + b"\xff" * 9 + b"\x7f\x00", "64 bits"),
        (b"\x18\x7fabc", "claims 127 bytes"),
        (b"\x19\xfc\xff\xff\xff\xff\x0f", "claims 4294967295 elements"),
        (b"\x19\xf1\x05\x01\x01", "claims 5 elements"),
        (b"\x1b\x00\x00", "type 11"),
        (b"\x15\x02\x05\x02\x02\x00", "field id 1 after 1"),
        (b"\x1c" * 100, "nested too deeply"),
        (b"\x19" + b"\x19" * 100, "nested too deeply"),
    ],
)
def test_nonsense_is_an_error(data: bytes, message: str) -> None:
    with pytest.raises(ThriftError, match=message):
        decode_struct(data)


@pytest.mark.parametrize(
    "data",
    [b"\x1c" * 100 + b"\x00", b"\x19" * 100, b"\x16" + b"\x80" * 11 + b"\x01\x00", b"\x1b\x00\x00"],
)
def test_nonsense_is_not_passed_over(data: bytes) -> None:
    with pytest.raises(ThriftError):
        skip_value(data, 0, STRUCT)
    with pytest.raises(ThriftError):
        scan_struct(data, 0, {})


def test_a_field_of_another_type_is_an_error() -> None:
    struct, _ = decode_struct(b"\x15\x02\x00")
    assert optional(struct, 1, int) == 1
    assert optional(struct, 2, int) is None
    with pytest.raises(ThriftError, match="field 1"):
        optional(struct, 1, bytes)
