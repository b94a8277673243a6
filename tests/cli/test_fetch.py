"""``data-eng fetch``: what is ordered, at which price, once confirmed, and where it goes."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from src.data_eng.cli.main import command
from src.data_eng.cli.run import main as run
from src.data_eng.errors import UsageError
from src.data_eng.exchange.option_codes import option_codes
from src.data_eng.lake.claim import claims, lake_claim
from src.data_eng.lake.lock import lake_lock
from tests.dbn_files import DATE, mbp10_records, write_mbp10
from tests.fetches import FUTURES, Fetcher
from tests.option_files import events, write_table
from tests.vendor_server import Fault, VendorServer

ROOT = Path(__file__).parents[2]
JOB = "GLBX-20261101-0000000000"
DATA = "glbx-mdp3-20250605.mbp-10.dbn.zst"
MONDAY, TUESDAY, FRIDAY = "2025-06-09", "2025-06-10", "2025-06-06"
OPTION_TABLES = {
    "definition": "definition",
    "trades": "trades",
    "nbbo": "mbp-1",
    "statistics": "statistics",
}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def asked_for(vendor: VendorServer) -> list[tuple[str, str, str, str]]:
    return [
        (one["schema"], one["symbols"], one["start"][:10], one["end"][:10]) for one in vendor.orders
    ]


def test_what_is_fetched_is_built(fetch: Fetcher, vendor: VendorServer) -> None:
    done = fetch(product_type="all", dt=None, dates=f"{DATE}:{FRIDAY}")
    assert (done.code, done.err) == (0, [])
    parents = ",".join(sorted(f"{code}.OPT" for code in option_codes("ES")))
    days = (str(DATE), "2025-06-07")
    assert asked_for(vendor) == [
        ("mbp-10", "ES.FUT", *days),
        *((schema, parents, *days) for schema in OPTION_TABLES.values()),
    ]
    assert "5 to order: 0.010 GB uncompressed, 6.25 USD" in done.out
    for order in vendor.orders:
        wanted = {"dataset": "GLBX.MDP3", "stype_in": "parent", "stype_out": "instrument_id"}
        wanted |= {"encoding": "dbn", "compression": "zstd", "split_duration": "day"}
        assert wanted.items() <= order.items()
    assert fetch.state() == []
    flags = ["--product-type", "all", "--layer", "bronze", "--symbol", "ES"]
    assert run([*flags, "--dt", FRIDAY, "--lake-root", str(fetch.lake)]) == 0
    assert len(list((fetch.lake / "bronze").rglob("_SUCCESS"))) == 5

    again = fetch(product_type="all", dt=None, dates=f"{DATE}:{FRIDAY}")
    assert (again.code, again.out) == (0, "nothing is missing\n")
    assert len(vendor.orders) == 5


def test_a_delivery_lies_as_the_vendor_names_it(fetch: Fetcher) -> None:
    assert fetch().code == 0
    names = [DATA, "manifest.json", "metadata.json", "symbology.json"]
    assert fetch.raw() == [f"{JOB}/{name}" for name in names]
    listed = json.loads((fetch.lake / FUTURES / JOB / "manifest.json").read_text())
    assert sorted(one["filename"] for one in listed) == [DATA, "metadata.json", "symbology.json"]


def test_the_vendors_own_manifest_stays(fetch: Fetcher, vendor: VendorServer) -> None:
    files = vendor.make_files
    vendor.make_files = lambda job: {**files(job), "manifest.json": b'{"files": []}'}
    assert fetch().code == 0
    assert (fetch.lake / FUTURES / JOB / "manifest.json").read_bytes() == b'{"files": []}'


def test_the_price_is_asked_before_each_order(fetch: Fetcher, vendor: VendorServer) -> None:
    assert fetch(product_type="all").code == 0
    names = [name for name, _ in vendor.requests]
    for at in [n for n, name in enumerate(names) if name == "batch.submit_job"]:
        assert names[at - 1] == "metadata.get_cost"


def test_dates_that_lie_together_are_one_order(fetch: Fetcher, vendor: VendorServer) -> None:
    write_mbp10(fetch.lake / FUTURES / "own.dbn.zst", mbp10_records(10))
    assert fetch(dt=None, dates=f"{DATE}:{TUESDAY}").code == 0
    assert asked_for(vendor) == [
        ("mbp-10", "ES.FUT", FRIDAY, "2025-06-07"),
        ("mbp-10", "ES.FUT", MONDAY, "2025-06-11"),
    ]


def test_options_that_are_left_out_are_named(fetch: Fetcher, vendor: VendorServer) -> None:
    told = "not ordered of the options on EMD: the end of month and weeklies other than"
    done = fetch("--dry-run", product_type="future_option", symbol="EMD")
    assert (done.code, done.err) == (0, [])
    assert told in done.out
    assert "EMD.OPT" in done.out
    assert "ME3.OPT" in done.out
    done = fetch("--dry-run", product_type="future_option", symbol="EMD", parents="ME3.OPT")
    assert told not in done.out
    body = fetch("--dry-run", product_type="future_option", symbol="EMD", output="json").out
    assert [told in one for one in json.loads(body)["notes"]] == [True]


def test_what_files_of_options_lack_is_ordered(fetch: Fetcher, vendor: VendorServer) -> None:
    for table, schema in OPTION_TABLES.items():
        kept = "bbo-1m" if table == "nbbo" else schema
        write_table(fetch.lake, table, kept, events(kept, [101]))
    write_table(fetch.lake, "trades", "trades", events("trades", [101]), stype_in="raw_symbol")
    assert fetch(product_type="future_option", parents="ES.OPT,EW.OPT,EW2.OPT").code == 0
    # Trades were asked for by raw symbols, which stands for all; quotes keep the date's schema.
    assert [(schema, symbols) for schema, symbols, _, _ in asked_for(vendor)] == [
        ("definition", "EW.OPT,EW2.OPT"),
        ("bbo-1m", "EW.OPT,EW2.OPT"),
        ("statistics", "EW.OPT,EW2.OPT"),
    ]


def test_the_schema_of_quotes_is_a_choice(fetch: Fetcher, vendor: VendorServer) -> None:
    flags = {"product_type": "future_option", "parents": "ES.OPT", "nbbo_schema": "tbbo"}
    assert fetch("--dry-run", **flags).code == 0
    schemas = [asked["schema"] for name, asked in vendor.requests if name.endswith("get_cost")]
    assert schemas == ["definition", "trades", "tbbo", "statistics"]


def test_a_dry_run_changes_nothing(fetch: Fetcher, vendor: VendorServer) -> None:
    done = fetch("--dry-run")
    assert done.code == 0
    assert "to order" in done.out
    assert "1.25 USD" in done.out
    assert vendor.orders == []
    assert list(fetch.lake.iterdir()) == []


@pytest.mark.parametrize("answer", ["no\n", "\n", "", "y\n"])
def test_what_is_not_confirmed_is_not_ordered(
    fetch: Fetcher, vendor: VendorServer, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    done = fetch("--max-cost=2")
    assert done.code == 1
    assert done.out.endswith("Order for 1.25 USD? Type yes: ")
    assert done.errors == ["error: not confirmed; nothing was ordered"]
    assert vendor.count("batch.submit_job") == 0
    assert fetch.state() == []


def test_what_is_confirmed_is_ordered(
    fetch: Fetcher, vendor: VendorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("Yes\n"))
    assert fetch("--max-cost=1.25").code == 0
    assert len(vendor.orders) == 1


def test_without_a_terminal_it_asks_for_a_flag(fetch: Fetcher, vendor: VendorServer) -> None:
    done = fetch("--max-cost=2")
    assert done.code == 2
    assert done.errors == [
        "error: there is no terminal to ask on: give --yes to order without asking"
    ]
    assert vendor.orders == []


def test_more_than_the_limit_is_not_ordered(fetch: Fetcher, vendor: VendorServer) -> None:
    done = fetch("--yes", "--max-cost=1.24")
    assert done.code == 1
    assert done.errors == ["error: 1.25 USD is more than --max-cost 1.24; nothing was ordered"]
    assert vendor.count("batch.submit_job") == 0


def test_a_price_that_rises_after_it_was_shown(fetch: Fetcher, vendor: VendorServer) -> None:
    vendor.fail("metadata.get_billable_size", Fault(call=lambda: setattr(vendor, "cost_usd", 9.0)))
    done = fetch()
    assert done.code == 1
    assert "costs 9.00 USD now, and 1.25 were shown; not placed: run again" in done.errors[0]
    assert vendor.orders == []
    assert fetch.state() == []


def test_json_is_one_object(fetch: Fetcher) -> None:
    told = json.loads(fetch("--yes", "--output=json").out)
    assert told["cost_usd"] == 1.25
    assert told["bytes"] == 2_000_000
    assert told["delivered"] == [f"{FUTURES}/{JOB}"]
    assert told["errors"] == []
    (order,) = told["orders"]
    assert order["job"] == JOB
    assert order["parents"] == ["ES.FUT"]
    assert (order["first"], order["last"]) == (str(DATE), str(DATE))
    assert json.loads(fetch("--yes", "--output=json").out)["orders"] == []


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"symbol": "ESM5"}, "--symbol ESM5: a contract; give its product root, ES"),
        ({"product_type": "future_option", "symbol": "HG"}, "the options on HG are not known"),
        ({"product_type": "all", "parents": "ES.FUT"}, "--parents 'ES.FUT': not a parent of opt"),
        ({"max_cost": "nan"}, "--max-cost nan: use an amount in US dollars, 0 or more"),
        ({"max_cost": "-1"}, "--max-cost -1.0: use an amount"),
        ({"output": "json"}, "--output json asks nothing: give --yes or --dry-run too"),
        ({"lake_root": "s3://desk/lake"}, "fetch writes to a folder of this host; name one"),
        ({"dt": None}, "give --dt (or --dates); for example"),
    ],
)
def test_usage(fetch: Fetcher, flags: dict[str, str | None], said: str) -> None:
    extra = "--debug" if "output" in flags else "--yes"
    done = fetch(extra, **flags)
    assert done.code == 2
    assert len(done.errors) == 1
    assert said in done.errors[0]


@pytest.mark.parametrize("key", [None, "", " "])
def test_without_a_key(fetch: Fetcher, monkeypatch: pytest.MonkeyPatch, key: str | None) -> None:
    monkeypatch.delenv("DATABENTO_API_KEY")
    if key is not None:
        monkeypatch.setenv("DATABENTO_API_KEY", key)
    done = fetch()
    assert done.code == 2
    assert done.errors == [
        "error: no API key: set DATABENTO_API_KEY to one of databento.com/portal/keys"
    ]


def test_where_nothing_is_missing_no_key_and_no_client_are_needed(tmp_path: Path) -> None:
    write_mbp10(tmp_path / FUTURES / "own.dbn.zst", mbp10_records(10))
    code = (
        "import sys; from src.data_eng.cli.main import command; "
        f"command(['fetch', '--product-type=future', '--symbol=ES', '--dt={DATE}', "
        f"'--lake-root', {str(tmp_path)!r}])(); "
        "print([one for one in ('databento', 'requests', 'numba') if one in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines() == ["nothing is missing", "[]"], done.stderr


def test_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [one for one in sys.modules if one.startswith("src.data_eng.vendor.orders.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "databento", None)
    flags = ["--product-type=future", "--symbol=ES", f"--dt={DATE}", f"--lake-root={tmp_path}"]
    with pytest.raises(UsageError, match=r"fetch needs databento: pip install 'data-eng\[fetch\]'"):
        command(["fetch", *flags])()


def test_one_fetch_a_lake(fetch: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("src.data_eng.cli.fetch.LOCK_TIMEOUT_S", 0.05)
    with lake_lock(fetch.lake, "fetch.lock"):
        done = fetch()
    assert done.code == 1
    assert "fetch.lock: held by process " in done.errors[0]


def test_one_fetch_a_lake_of_several_hosts(
    fetch: Fetcher, vendor: VendorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("src.data_eng.cli.fetch.network_file_system", lambda _folder: "nfs4")
    with lake_claim(fetch.lake, "fetch.lock"):
        done = fetch()
    assert done.code == 1
    assert "fetch.lock: claimed by process " in done.errors[0]
    assert vendor.requests == []
    assert fetch().code == 0
    assert claims(fetch.lake) == []


def test_folders_that_cannot_be_judged_are_an_error(fetch: Fetcher, vendor: VendorServer) -> None:
    (fetch.lake / FUTURES).mkdir(parents=True)
    (fetch.lake / FUTURES / DATA).write_bytes(b"none of the vendor's")
    done = fetch()
    assert done.code == 1
    assert "not a DBN file" in done.errors[0]
    assert vendor.requests == []
