"""How long a run waits before it tries again what another process holds."""

from __future__ import annotations

import pytest

from src.data_eng.pipeline.held import Held


def test_pauses_double_up_to_two_seconds() -> None:
    held, pauses = Held(0.0), []
    for _ in range(8):
        held.put_back(100.0)
        pauses.append(held.again - 100.0)
    assert pauses == pytest.approx([0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0])


def test_a_wait_of_hours_is_tried_again_like_one_of_minutes() -> None:
    """After 1,024 tries, some 34 minutes, the run ended with an error of arithmetic."""
    held = Held(0.0)
    for _ in range(4000):
        held.put_back(0.0)
    assert (held.again, held.tries) == (2.0, 4000)
