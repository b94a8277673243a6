"""Fetches within the test's process, and what every one of them must keep to itself."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

from src.data_eng.cli.fetch import main
from src.data_eng.edge import one_line
from src.data_eng.errors import DataEngError
from src.data_eng.vendor.orders import delivery, failures
from tests.dbn_files import DATE
from tests.vendor_server import KEY, VendorServer

FUTURES: Final = "raw/source=databento/product_type=future/symbol=ES/table=market_by_price_10"


@dataclass(frozen=True)
class Fetched:
    """What a fetch came to; ``err`` has a line an error or warning."""

    code: int
    out: str
    err: list[str]

    @property
    def errors(self) -> list[str]:
        return [line for line in self.err if line.startswith("error: ")]


@dataclass
class Fetcher:
    """Fetches the futures of `DATE` into a lake, by default without asking.

    Attributes
    ----------
    pauses : list of float
        Seconds of every wait, none of which is waited.
    """

    lake: Path
    vendor: VendorServer
    capsys: pytest.CaptureFixture[str]
    caplog: pytest.LogCaptureFixture
    pauses: list[float] = field(default_factory=list)

    def __call__(self, *extra: str, **changed: str | None) -> Fetched:
        flags: dict[str, str | None] = {
            "product-type": "future",
            "symbol": "ES",
            "dt": str(DATE),
            "lake-root": str(self.lake),
            **{key.replace("_", "-"): value for key, value in changed.items()},
        }
        given = [f"--{key}={value}" for key, value in flags.items() if value is not None]
        self.capsys.readouterr()
        told = []
        with self.caplog.at_level(logging.DEBUG):
            try:
                code = main([*given, *(extra or ("--yes",))])
            except DataEngError as error:
                code, told = error.exit_code, [f"error: {one_line(str(error))}"]
        out, err = self.capsys.readouterr()
        fetched = Fetched(code, out, [*err.splitlines(), *told])
        self.require_secrecy(fetched)
        return fetched

    def require_secrecy(self, fetched: Fetched) -> None:
        """Require that the key is in no output, no log and no file."""
        assert KEY not in fetched.out + "".join(fetched.err) + self.caplog.text
        for path in self.lake.rglob("*"):
            assert not path.is_file() or KEY.encode() not in path.read_bytes(), path

    def state(self) -> list[Path]:
        """Return the entries of orders under way."""
        return sorted((self.lake / ".fetch").glob("*.json"))

    def raw(self) -> list[str]:
        """Return the raw files of the futures, relative to their folder."""
        folder = self.lake / FUTURES
        return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def without_waiting(monkeypatch: pytest.MonkeyPatch, fetcher: Fetcher) -> None:
    """Let a fetcher note pauses instead of waiting."""
    for module in (failures, delivery):
        monkeypatch.setattr(module, "pause", fetcher.pauses.append)
