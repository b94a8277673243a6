"""A campaign in a process of its own, with bounds of memory and time."""

from __future__ import annotations

import contextlib
import logging
import mmap
import os
import pickle
import resource
import select
import signal
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from .campaign import Budget, Campaign, Counts, Seeds, hang

MEMORY_BYTES: Final = 1 << 30
"""Addresses that a campaign may take beyond those of the process that starts it; some say more."""
OWN_MIB: Final = 924
"""Resident memory that a campaign may add to what the process that starts it holds.

The package promises to stay below 1,024; its modules take less than 100.
"""
GRACE_S: Final = 240.0
"""Beside its time: for what it prepares (kernels are compiled), a case under way, clearing away."""


@dataclass
class _Watched(Budget):
    # Leaves the number of the case under way where the parent sees it.
    seen: mmap.mmap = field(kw_only=True)

    def numbers(self) -> Iterator[int]:
        for number in super().numbers():
            self.seen[:8] = number.to_bytes(8, "little")
            yield number


def run_apart(campaign: Campaign, seed: int, budget: Budget) -> Counts:
    """Run a campaign in a child; a child that hangs or dies is a finding too."""
    seen = mmap.mmap(-1, 8)
    begun = time.monotonic()
    held_mib = _resident_mib()  # a child begins with it, and after other tests it may be a lot
    source, sink = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(source)
        _child(campaign, Seeds(campaign.NAME, seed), budget, seen, sink)
    os.close(sink)
    data = _all_of(source, begun + budget.seconds + GRACE_S)
    if data is None:
        os.kill(pid, signal.SIGKILL)
    _, status, usage = os.wait4(pid, 0)
    last = int.from_bytes(seen[:8], "little")
    if data:
        counts: Counts = pickle.loads(data)
    else:
        counts = Counts(campaign.NAME, campaign.KIND, injected=last + 1 - budget.first)
        if data is None:
            counts.find("hangs", last, "the process had to be killed")
        else:
            counts.find("tracebacks", last, f"the process died: wait status {status}")
    counts.peak_mib = max(counts.peak_mib, usage.ru_maxrss / 1024)
    counts.seconds = time.monotonic() - begun
    own_mib = counts.peak_mib - held_mib
    if own_mib > OWN_MIB:
        counts.find("tracebacks", last, f"{own_mib:.0f} MiB were taken")
    return counts


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def _child(campaign: Campaign, rng: Seeds, budget: Budget, seen: mmap.mmap, sink: int) -> None:
    code = 1
    try:
        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        limit = size + getattr(campaign, "ADDRESS_BYTES", MEMORY_BYTES)
        resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
        signal.signal(signal.SIGALRM, hang)
        logging.disable(logging.CRITICAL)
        watched = _Watched(budget.folder, budget.cases, budget.seconds, budget.first, seen=seen)
        counts = campaign.run(rng, watched)
        children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        counts.peak_mib = max(counts.peak_mib, children / 1024)
        with open(sink, "wb") as file:
            pickle.dump(counts, file)
        code = 0
    except BaseException:  # noqa: BLE001 - the child ends, and the parent tells it
        traceback.print_exc()  # the campaign itself is wrong
    finally:
        os._exit(code)


def _all_of(source: int, end: float) -> bytes | None:
    # What the child says until it ends; None where it does not end in time.
    data = bytearray()
    with contextlib.closing(open(source, "rb", buffering=0)) as file:
        while True:
            ready, _, _ = select.select([file], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                return None
            step = file.read(1 << 16)
            if not step:
                return bytes(data)
            data += step
