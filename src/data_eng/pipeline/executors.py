"""Run chains: in this process, or side by side in worker processes.

An executor hands back the outcomes of each chain as it ends. Data never travel through it: a
stage reads and writes the lake, so a chain that was lost with its worker is simply run again, and
what it had published is skipped.
"""

from __future__ import annotations

import logging
import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import Final, Protocol

from ..stages.stage import Outcome, Status
from .plan import Chain, Progress, chain_stages, run_chain

log = logging.getLogger(__name__)

MAX_LOST: Final = 2
"""How often a chain may lose its worker before it is given up."""


class Executor(Protocol):
    """Anything that runs chains."""

    def run(self, chains: Sequence[Chain], progress: Progress) -> Iterator[list[Outcome]]:
        """Yield the outcomes of each chain, in whatever order they end."""


class SerialExecutor:
    """Runs the chains one after the other in this process."""

    def run(self, chains: Sequence[Chain], progress: Progress) -> Iterator[list[Outcome]]:
        """Yield the outcomes of each chain in order, reporting progress within partitions."""
        for chain in chains:
            yield run_chain(chain, progress)


class ProcessExecutor:
    """Runs chains in worker processes.

    Parameters
    ----------
    workers : int
        Processes at a time.
    start_worker : callable
        Called in each new worker: sets up its logging. Must be picklable.

    Notes
    -----
    A killed worker (out of memory, say) breaks the whole pool: a new one is made and the chains
    without an outcome are run again, each at most `MAX_LOST` times.
    """

    def __init__(self, workers: int, start_worker: Callable[[], None]) -> None:
        self._workers = workers
        self._start_worker = start_worker

    def run(self, chains: Sequence[Chain], progress: Progress) -> Iterator[list[Outcome]]:
        """Yield the outcomes of each chain as it ends."""
        waiting = list(chains)
        lost: Counter[Chain] = Counter()
        while waiting:
            # After a loss one at a time: then the chain that is lost is the one that kills.
            workers = 1 if lost else min(self._workers, len(waiting))
            done: set[Chain] = set()
            for chain, outcomes in self._run_pool(waiting, workers, lost):
                done.add(chain)
                yield outcomes
            waiting = [chain for chain in waiting if chain not in done]
            given_up = [chain for chain in waiting if lost[chain] >= MAX_LOST]
            for chain in given_up:
                waiting.remove(chain)
                yield [_lost_outcome(chain)]

    def _run_pool(
        self, chains: Sequence[Chain], workers: int, lost: Counter[Chain]
    ) -> Iterator[tuple[Chain, list[Outcome]]]:
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(workers, context, self._start_worker)
        futures: dict[Future[list[Outcome]], Chain] = {}
        try:
            for chain in chains[: 1 if lost else None]:
                futures[pool.submit(run_chain, chain)] = chain
            for future in as_completed(futures):
                chain = futures[future]
                try:
                    outcomes = future.result()
                except BrokenProcessPool:
                    lost[chain] += 1
                    log.warning("a worker died; %s %s is run again", chain.symbol, chain.date)
                    continue
                yield chain, outcomes
        except BaseException:
            for worker in multiprocessing.active_children():
                worker.terminate()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _lost_outcome(chain: Chain) -> Outcome:
    key = chain_stages(chain)[0].output.key
    reason = "its worker process died twice (killed, or out of memory); try --workers 1"
    return Outcome(key, chain.symbol, chain.date, Status.FAILED, reason)


def make_executor(name: str, workers: int, start_worker: Callable[[], None]) -> Executor:
    """Return the executor of a name; ``local`` is serial for one worker."""
    if name == "local" and workers == 1:
        return SerialExecutor()
    if name == "local":
        return ProcessExecutor(workers, start_worker)
    raise ValueError(f"no executor {name!r}")


EXECUTORS: Final = ("local",)
