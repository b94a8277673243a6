"""How a run gets at a cluster, and that Dask tells nothing by itself."""

from __future__ import annotations

import logging
import socket
import threading

import pytest

pytest.importorskip("distributed", reason="the extra dask is not installed")

from src.data_eng.errors import UsageError
from src.data_eng.pipeline.executors.own_cluster import connected, silence_dask


def test_what_answers_and_is_no_scheduler_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            # As its dashboard does: read as a length it is more memory than there is.
            with server.accept()[0] as one:
                one.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(UsageError, match=rf"{address}: no Dask scheduler answers; give its"):
            connected(address)
    assert "Traceback" not in capfd.readouterr().err


def test_nothing_of_dasks_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, "distributed.worker")  # puts the level back afterwards
    silence_dask()
    logging.getLogger("distributed.worker").error("Failed to communicate with scheduler")
    assert not caplog.records
