"""What fetching shows: orders and their price, progress, and what came of it."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self

from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Column, Table

from ..edge import one_line
from ..errors import DataEngError
from ..vendor.orders.journal import Entry
from ..vendor.orders.order import Order
from ..words import counted
from .console import plain_console

if TYPE_CHECKING:
    from ..vendor.orders.placing import Quote


class FetchView:
    """Shows a fetch as it goes; a context manager.

    Parameters
    ----------
    output : str
        ``text``, or ``json``: one object on stdout at the end.

    Attributes
    ----------
    others : int
        Orders under way of other tables or roots.
    """

    def __init__(self, output: str) -> None:
        self._json = output == "json"
        self._console = plain_console()
        self._live = self._console.is_terminal and not self._json
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[size]}"),
            console=self._console,
            transient=True,
            disable=not self._live,
        )
        self._task: TaskID | None = None
        self._shown = ("", "")
        self._orders: list[dict[str, Any]] = []
        self._delivered: list[str] = []
        self._errors: list[DataEngError] = []
        self._notes: list[str] = []
        self.others = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    @contextlib.contextmanager
    def failures(self) -> Iterator[None]:
        """Tell an error of ours, and go on with what does not depend on it."""
        try:
            yield
        except DataEngError as error:
            self._end_task()
            self._errors.append(error)
            sys.stderr.write(f"error: {one_line(str(error))}\n")

    def orders(self, entries: Sequence[Entry], quotes: Sequence[Quote]) -> None:
        """Show what is under way, and what is to be ordered at which price."""
        for entry in entries:
            self._add(entry.order, job=entry.job, cost_usd=None, bytes=None)
        for one in quotes:
            self._add(one.order, job=None, cost_usd=one.cost_usd, bytes=one.bytes)
        if self._json:
            return
        right = [Column(name, justify="right", no_wrap=True) for name in ("GB", "USD")]
        table = Table("table", "schema", "parents", "dates", *right, "job")
        for entry in entries:
            table.add_row(*_words(entry.order), "", "", entry.job or "not known")
        for one in quotes:
            cost = f"{one.cost_usd:,.2f}"
            table.add_row(*_words(one.order), f"{one.bytes / 1e9:,.3f}", cost, "to order")
        self._console.print(table)
        if quotes:
            size, cost_usd = sum(one.bytes for one in quotes), sum(one.cost_usd for one in quotes)
            self._console.print(
                f"{len(quotes)} to order: {size / 1e9:,.3f} GB uncompressed, {cost_usd:,.2f} USD"
            )

    def note(self, text: str) -> None:
        """Tell something about what was asked for."""
        self._notes.append(text)
        self._say(text)

    def placed(self, entry: Entry) -> None:
        """Tell that an order was placed."""
        for one in self._orders:
            if one["order"] == entry.order.name:
                one["job"] = entry.job
        self._say(f"ordered {entry.order}: job {entry.job}")

    def watch(self, job: str, what: str, there: int, total: int) -> None:
        """Show how far a job is: its state, or a file and its bytes."""
        is_new = self._shown != (job, what)
        self._shown = (job, what)
        if not self._live:
            if is_new:
                self._say(f"job {job}: {what}" + (f", {counted(total, 'byte')}" if total else ""))
            return
        if is_new or self._task is None:
            self._end_task()
            self._progress.start()
            self._task = self._progress.add_task(f"{job} {what}", total=total or None, size="")
        size = f"{there / 1e6:,.1f} of {total / 1e6:,.1f} MB" if total else ""
        self._progress.update(self._task, completed=there, size=size)

    def delivered(self, entry: Entry) -> None:
        """Tell that the files of a job are in the lake."""
        self._end_task()
        place = str(entry.order.folder / (entry.job or ""))
        self._delivered.append(place)
        self._say(f"delivered {place}")

    def summary(self) -> int:
        """Tell what came of it; return the exit code."""
        if self._json:
            body = {
                "orders": self._orders,
                "cost_usd": sum(one["cost_usd"] or 0.0 for one in self._orders),
                "bytes": sum(one["bytes"] or 0 for one in self._orders),
                "delivered": self._delivered,
                "errors": [str(error) for error in self._errors],
                "notes": self._notes,
            }
            sys.stdout.write(json.dumps(body, indent=2) + "\n")
        elif not self._orders and not self._errors:
            self._say("nothing is missing")
        if self.others:
            self._say(f"{self.others} more orders under way are of other tables or roots")
        return max((error.exit_code for error in self._errors), default=0)

    def _end_task(self) -> None:
        if self._task is not None:
            self._progress.remove_task(self._task)
            self._task = None
        self._progress.stop()

    def _add(self, order: Order, **more: Any) -> None:
        self._orders.append({"order": order.name, **order.as_json(), **more})

    def _say(self, text: str) -> None:
        if not self._json:
            self._console.print(one_line(text))


def _words(order: Order) -> tuple[str, str, str, str]:
    parents = ", ".join(order.parents[:3])
    if len(order.parents) > 3:
        parents = f"{order.parents[0]} ... {order.parents[-1]} ({len(order.parents)})"
    dates = str(order.first) if order.first == order.last else f"{order.first}:{order.last}"
    return order.table.removeprefix("raw."), order.schema, parents, dates
