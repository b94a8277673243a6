"""Tables on terminals of all widths: nothing is cut, what can be missed goes first."""

from __future__ import annotations

import pytest
from rich.console import Console
from rich.table import Column

from src.data_eng.cli.fitted_table import fitted_table

KEY = "gold.future.feature_vector_without_options"
TEXT = "34, 2,829 s in all, longest 147 s"


@pytest.mark.parametrize(
    ("width", "missed"),
    [(160, []), (84, ["rows"]), (72, ["symbol", "rows"]), (30, ["symbol", "rows", "silences"])],
)
def test_columns_go_whole_in_their_order(
    width: int, missed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    columns = [Column(one) for one in ("dataset", "symbol", "rows", "silences")]
    rows = [[KEY, "ESM5", "1,247,211", TEXT], ["silver.future.level", "ESM5", "603", "none"]]
    console = Console(width=width, soft_wrap=True)
    table, left_out = fitted_table(
        console, columns, rows, ("rows", "symbol", "silences"), ("silences",)
    )
    assert left_out == missed
    console.print(table)
    lines = capsys.readouterr().out.splitlines()
    assert "…" not in "".join(lines)
    assert any(KEY in line for line in lines)
    if width > len(KEY):
        assert max(map(len, lines)) <= width
    if "silences" not in missed:
        assert all(word in " ".join(lines) for word in TEXT.split())
