"""A process in front of the S3 server that can be killed: connections break, the objects stay.

``python -m tests.faults.backfills.forwarder PORT SERVER_PORT``. The server keeps objects in memory;
to its clients an end of this process is the end of a server whose disk survives.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import Final

_STEP: Final = 1 << 16


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await source.read(_STEP):
            sink.write(data)
            await sink.drain()
    with contextlib.suppress(ConnectionError, OSError):
        sink.write_eof()


async def _serve(port: int, server_port: int) -> None:
    running = set()  # the loop itself keeps no task alive

    async def forward(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        running.add(asyncio.current_task())
        back, there = await asyncio.open_connection("127.0.0.1", server_port)
        try:
            await asyncio.gather(_copy(source, there), _copy(back, sink))
        finally:
            there.close()
            sink.close()
            running.discard(asyncio.current_task())

    server = await asyncio.start_server(forward, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2])))
