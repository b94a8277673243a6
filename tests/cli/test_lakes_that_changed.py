"""Lakes that are newer, damaged or made with other parameters: told in one line each."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli_runs import BRONZE, BUILT, NEXT, RECORDS, SILVER, Run, Runner
from tests.dbn_files import DATE

CLEAN = "silver.future.market_by_price_10_clean"


def both(run: Runner, *extra: str, **changed: str | None) -> Run:
    return run(*extra, **{"dt": None, "dates": f"{DATE},{NEXT}", "layer": "all", **changed})


def files(lake: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(lake)): (path.stat().st_mtime_ns, path.read_bytes())
        for layer in BUILT
        for path in (lake / layer).rglob("*")
        if path.is_file()
    }


def folder(lake: Path, table: str, date: dt.date = DATE) -> Path:
    return lake / table.format("ESM5") / f"dt={date}"


def make_newer(place: Path) -> None:
    body = json.loads((place / "_MANIFEST.json").read_text())
    data = json.dumps({**body, "schema_version": body["schema_version"] + 1, "new": 1}).encode()
    (place / "_MANIFEST.json").write_bytes(data)
    (place / "_SUCCESS").write_text(hashlib.sha256(data).hexdigest() + "\n")


@pytest.mark.parametrize("table", [BRONZE, SILVER], ids=["bronze", "silver"])
@pytest.mark.parametrize("extra", [[], ["--refresh-stale"]], ids=["", "refresh"])
def test_what_a_newer_release_wrote_is_refused(
    run: Runner, lake: Path, table: str, extra: list[str]
) -> None:
    make_newer(folder(lake, table))
    before = files(lake)
    done = both(run, *extra)
    assert done.code == 1
    assert files(lake) == before
    for line in done.errors:
        assert "a newer release wrote it; upgrade data-eng, or use another lake root" in line
        assert str(DATE) in line
    assert re.search(rf"^complete \d+ tables of ESM5 {NEXT}$", done.out, re.MULTILINE)


@pytest.mark.parametrize("table", [BRONZE, SILVER], ids=["bronze", "silver"])
def test_what_a_newer_release_wrote_is_not_forced_either(
    run: Runner, lake: Path, table: str
) -> None:
    make_newer(folder(lake, table))
    before = files(lake)
    layer = table.partition("/")[0]
    done = run("--force", layer=layer, symbol="ES", table=table.partition("table=")[2])
    assert done.code == 1
    assert len(done.errors) == 1
    assert "a newer release wrote it; upgrade data-eng" in done.errors[0]
    assert files(lake) == before


def flip_page(content: bytearray) -> None:
    for at in range(4, 3000, 50):  # the first pages, whatever is in them
        content[at] ^= 0x55


def flip_last_pages(content: bytearray) -> None:
    footer = int.from_bytes(content[-8:-4], "little") + 8
    for at in range(len(content) - footer - 2000, len(content) - footer, 30):
        content[at] ^= 0x55


def flip_footer(content: bytearray) -> None:
    content[len(content) - int.from_bytes(content[-8:-4], "little") // 2] ^= 0xFF


def zero_footer(content: bytearray) -> None:
    start = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    content[start : start + 200] = bytes(200)


def flip_arrow_schema(content: bytearray) -> None:
    at = content.rindex(b"ARROW:schema") + 40
    content[at] ^= 0x40


def rename_column(content: bytearray) -> None:
    # In the file's schema, which is the first thing in its footer.
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    content[content.index(b"bid_ct_09", footer)] ^= 0x01


def flip_magic(content: bytearray) -> None:
    content[-1] ^= 0xFF


@pytest.mark.parametrize(
    "damage",
    [
        *(flip_page, flip_last_pages, flip_footer, zero_footer),
        *(flip_arrow_schema, rename_column, flip_magic),
    ],
    ids=lambda one: one.__name__,
)
def test_a_damaged_input_is_told_with_its_remedy(
    run: Runner, lake: Path, damage: Callable[[bytearray], None]
) -> None:
    part = folder(lake, SILVER) / "part-00000.parquet"
    content = bytearray(part.read_bytes())
    damage(content)
    part.write_bytes(content)
    for one in (lake / "silver").rglob(f"dt={DATE}"):
        if "clean" not in str(one):
            shutil.rmtree(one)
    shutil.rmtree(lake / "gold")
    done = both(run, *RECORDS)
    assert done.code == 1
    assert done.errors
    for line in done.errors:
        assert line.startswith("error: ")
        assert f"{CLEAN} ESM5 {DATE}" in line, line
        assert "delete the partition and run its layer again" in line, line
    assert re.search(rf"^complete \d+ tables of ESM5 {NEXT}$", done.out, re.MULTILINE)
    assert list((lake / "gold").rglob(f"dt={NEXT}"))
    assert not list((lake / "gold").rglob(f"dt={DATE}"))
    assert not list((lake / "gold").rglob(".tmp-*"))


def test_the_remedy_for_a_damaged_input(run: Runner, lake: Path) -> None:
    part = folder(lake, SILVER) / "part-00000.parquet"
    content = bytearray(part.read_bytes())
    flip_page(content)
    part.write_bytes(content)
    shutil.rmtree(lake / "gold")
    done = both(run, *RECORDS)
    assert done.code == 1
    assert "delete the partition and run its layer again" in done.errors[0]
    shutil.rmtree(folder(lake, SILVER))
    assert both(run, *RECORDS).code == 0
    assert list((lake / "gold").rglob(f"dt={DATE}"))


@pytest.mark.parametrize(
    "damage", [flip_page, zero_footer, flip_magic], ids=lambda one: one.__name__
)
def test_readers_for_research_name_the_damaged_partition(
    lake: Path, capsys: pytest.CaptureFixture[str], damage: Callable[[bytearray], None]
) -> None:
    from src.data_eng.research.check_features import main as check  # noqa: PLC0415
    from src.data_eng.research.report.__main__ import main as report  # noqa: PLC0415

    table = "gold/product_type=future/symbol={}/table=market_first3h"
    part = folder(lake, table) / "part-00000.parquet"
    content = bytearray(part.read_bytes())
    damage(content)
    part.write_bytes(content)
    flags = ["--lake-root", str(lake)]
    assert check(flags) == 1
    error = capsys.readouterr().err
    assert f"gold.future.market_first3h ESM5 {DATE}" in error
    assert "delete the partition and run its layer again" in error
    where = ["--symbol", "ES", "--dt", str(DATE), "--output", str(lake / "page.html")]
    code = report([*flags, *where])
    error = capsys.readouterr().err
    assert (code, "Traceback" in error) == (1, False)
    assert f"gold.future.market_first3h ESM5 {DATE}" in error


def test_another_opening_range_is_told_of_all_that_depends_on_it(
    run: Runner, lake: Path, tmp_path: Path
) -> None:
    config = tmp_path / "c.toml"
    config.write_text("opening_range_minutes = 15\n")
    done = run("--log-format", "json", layer="all", config=str(config))
    assert done.code == 0
    told = [json.loads(line) for line in done.out.splitlines()]
    stale = {one["dataset"] for one in told if one.get("status") == "stale"}
    assert {
        "silver.future.level",
        "silver.future.level_or_high",
        "gold.future.level_outcome",
    } <= stale
    assert "gold.future.feature_vector_without_options" in stale
    assert CLEAN not in stale
    reasons = {one["dataset"]: one["reason"] for one in told if one.get("status") == "stale"}
    assert "its input silver.future.level is stale" in reasons["gold.future.level_or_low_first3h"]
    assert run("--refresh-stale", layer="all", config=str(config)).code == 0
    again = run("--log-format", "json", layer="all", config=str(config))
    assert '"stale"' not in again.out
