"""One hash of what a partition was made of: the same for the same contents alone."""

from __future__ import annotations

from src.data_eng.lake.made_of import made_of, made_of_told, told_content

CONTENTS: dict[tuple[str, str], str | None] = {
    ("silver.future.trades", "2025-06-05"): "a" * 64,
    ("silver.future.trades", "2025-06-04"): None,
    ("silver.future.level", "2025-06-05"): "b" * 64,
}


def test_the_order_in_which_inputs_are_told_is_nothing() -> None:
    assert made_of(CONTENTS) == made_of(dict(reversed(CONTENTS.items())))


def test_every_input_counts() -> None:
    told = {made_of({**CONTENTS, where: "c" * 64}) for where in CONTENTS}
    told |= {made_of({key: now for key, now in CONTENTS.items() if key != one}) for one in CONTENTS}
    assert len(told | {made_of(CONTENTS), made_of({})}) == 8


def test_it_can_be_told_input_by_input() -> None:
    told = [told_content(*where, CONTENTS[where]) for where in sorted(CONTENTS)]
    assert made_of_told(told) == made_of(CONTENTS)
