"""Seeded mutators of bytes, texts and JSON."""

from __future__ import annotations

import copy
import json
from random import Random
from typing import Any, Final

_NUMBERS: Final = (
    0,
    1,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0xFFFF,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**63,
    2**64 - 1,
)
_PIECES: Final = tuple(
    piece.encode()
    for piece in (
        "null", "true", "NaN", "Infinity", "-1", "1e999", "[]", "{}", '""', '"', "{", "[", ",", ":",
        "\\ud800", "\\u0000", "\x00", "\ufeff", "../", "..", "/", "é", "\U0001f600", "9" * 30, "=",
        "'", "#", "\n", " ", "-", "0x", "[[", "2025-02-30", "9999-12-31",
    )
)  # fmt: skip
_VALUES: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, 10**30, 0.5, -0.0, 1e308, float("nan"), "",
    ".", "..", "/", "\0", "a" * 300, "\ud800", "\u202e", [], {}, [[]], [{}], {"": None},
    "2025-02-30", "int", "null", ["null", "long"], {"type": "long"}, "0" * 64,
)  # fmt: skip
_DEPTH: Final = 6


def mutated_bytes(data: bytes, rng: Random) -> bytes:
    """Return bytes with one to six changes: bits, bytes, numbers, cuts, copies."""
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        _change(made, rng)
    return bytes(made)


def _change(made: bytearray, rng: Random) -> None:
    size = len(made)
    at = rng.randrange(size + 1)
    kind = rng.randrange(9)
    if not size or kind == 0:
        made[at:at] = rng.randbytes(rng.randrange(1, 9))
    elif kind == 1:
        made[at % size] ^= 1 << rng.randrange(8)
    elif kind == 2:
        made[at % size] = rng.randrange(256)
    elif kind == 3:
        del made[at:]
    elif kind == 4:
        del made[at : at + rng.randrange(1, 33)]
    elif kind == 5:
        width = rng.choice((1, 2, 4, 8))
        value = rng.choice(_NUMBERS) % (1 << (8 * width))
        made[at : at + width] = value.to_bytes(width, rng.choice(("little", "big")))
    elif kind == 6:
        start = rng.randrange(size)
        made[at:at] = made[start : start + rng.randrange(1, 65)]
    elif kind == 7:
        made[at : at + rng.randrange(1, 17)] = bytes(rng.randrange(1, 17))
    else:
        start, length = rng.randrange(size), rng.randrange(1, 33)
        made[at : at + length] = made[start : start + length]


def mutated_text(text: bytes, rng: Random) -> bytes:
    """Return a text with some pieces of syntax put in, or changed as bytes are."""
    if rng.random() < 0.5:
        return mutated_bytes(text, rng)
    made = bytearray(text)
    for _ in range(rng.choice((1, 1, 2, 4))):
        at = rng.randrange(len(made) + 1)
        made[at : at + rng.choice((0, 0, 1, 4, 12))] = rng.choice(_PIECES)
    return bytes(made)


def mutated_json(tree: Any, rng: Random) -> bytes:
    """Return JSON in which one to three values or keys are others."""
    made = json.loads(json.dumps(tree))
    for _ in range(rng.choice((1, 1, 2, 3))):
        made = _replaced(made, rng, rng.randrange(_DEPTH))
    return json.dumps(made).encode()


def mutated_tree(data: bytes, rng: Random) -> bytes:
    """Return bytes changed as JSON is where they are JSON, as a text is where they are none."""
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError):
        return mutated_text(data, rng)
    return mutated_json(tree, rng)


def _replaced(node: Any, rng: Random, depth: int) -> Any:
    if not depth or not isinstance(node, dict | list) or not node:
        return copy.deepcopy(rng.choice(_VALUES))  # some can be changed
    if isinstance(node, dict):
        key = rng.choice(sorted(node))
        kind = rng.randrange(8)
        if kind == 0:
            del node[key]
        elif kind == 1:
            node[rng.choice(("", "path", "absent", "type", "x" * 99))] = copy.deepcopy(node[key])
        else:
            node[key] = _replaced(node[key], rng, depth - 1)
        return node
    at = rng.randrange(len(node))
    kind = rng.randrange(8)
    if kind == 0:
        del node[at]
    elif kind == 1:
        node.insert(at, copy.deepcopy(node[rng.randrange(len(node))]))
    else:
        node[at] = _replaced(node[at], rng, depth - 1)
    return node
