"""Worker processes of this host, of which one is lost."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pytest

from src.data_eng.errors import LostWorkerError
from src.data_eng.pipeline.executors.local import LocalExecutor
from src.data_eng.pipeline.task import Task
from tests import trap_settings

pytestmark = pytest.mark.faults


def test_the_pool_of_a_lost_worker_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its thread, still at work while Python ended, left a traceback now and then."""
    waited: list[bool] = []
    shutdown = ProcessPoolExecutor.shutdown

    def noted(pool: ProcessPoolExecutor, *, wait: bool, **more: Any) -> None:
        waited.append(wait)
        shutdown(pool, wait=wait, **more)

    monkeypatch.setattr(ProcessPoolExecutor, "shutdown", noted)
    executor = LocalExecutor(1)
    settings: Any = trap_settings.KILLED
    task = Task("silver.future.trades", "ESM5", dt.date(2025, 6, 5), settings)
    with pytest.raises(LostWorkerError):
        executor.submit(task, executor.slots()[0]).result(60)
    executor.close(now=False)
    assert waited
    assert all(waited)
