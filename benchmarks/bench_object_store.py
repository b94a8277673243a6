"""A day on object storage beside the same day in a folder: processor time of the client, requests.

``uv run python -m benchmarks.bench_object_store`` writes a day of futures (once) and builds all its
layers, in turn in a folder and on an S3 server on loopback (moto, a process of its own), each in an
empty lake and with an empty scratch folder. It prints medians, and the requests of one run.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measure import Usage, machine, median, user_environment
from benchmarks.raw_input import DEFAULT_RAW, new_lake, runner_command, write_sample
from src.data_eng.lake.objects.client import ObjectClient
from src.data_eng.lake.objects.url import LakeUrl

DATE = dt.date(2025, 6, 5)
BUCKET = "bench"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    home = DEFAULT_RAW.parent / f"object-store-{args.records}"
    raw = write_sample(home, [DATE], ["--records", str(args.records)])
    local, remote = [], []
    with s3_server() as environment, tempfile.TemporaryDirectory() as scratch:
        os.environ.update(environment)
        for run in range(args.runs + 1):  # the first one warms up
            lake = new_lake(raw, "object-store")
            local.append(measure(runner_command(sys.executable, lake, "future", [DATE], 1))[0])
            url = LakeUrl(BUCKET, f"run-{run}")
            put_raw(url, home)
            command = runner_command(sys.executable, lake, "future", [DATE], 1)
            command[command.index("--lake-root") + 1] = str(url)
            os.environ["DATA_ENG_SCRATCH"] = str(Path(scratch, str(run)))
            used, requests = measure(command)
            remote.append(used)
            shutil.rmtree(Path(scratch, str(run)))
    ours, theirs = median(remote[1:]), median(local[1:])
    print(f"{machine()}; {args.records:,} records")
    print(f"{'':<16}{'wall s':>9}{'cpu s':>9}{'peak MiB':>10}")
    for name, one in (("folder", theirs), ("object storage", ours)):
        print(f"{name:<16}{one.wall:>9.2f}{one.cpu:>9.2f}{one.peak_mib:>10.0f}")
    print(f"cpu {ours.cpu / theirs.cpu:.2f}, wall {ours.wall / theirs.wall:.2f} times the folder's")
    print("requests:", ", ".join(f"{count} {kind}" for kind, count in sorted(requests.items())))


def measure(command: list[str]) -> tuple[Usage, Mapping[str, int]]:
    """Run a command to its end; return what it used, and the requests that it told."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run(
        [*command, "--log-format", "json"],
        env=dict(user_environment()),
        stdout=subprocess.PIPE,
        check=True,
    )
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    told = json.loads(done.stdout.splitlines()[-1])
    return Usage(wall, cpu, told["peak_bytes"] / 2**20), told.get("requests", {})


def put_raw(url: LakeUrl, home: Path) -> None:
    """Put the raw files of a lake."""
    client = ObjectClient(url)
    for path in (home / "raw").rglob("*"):
        if path.is_file():
            client.put(path.relative_to(home).as_posix(), path)


@contextmanager
def s3_server() -> Iterator[Mapping[str, str]]:
    """Start a server with a bucket; yield the environment by which clients find it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as server:
        try:
            url = f"http://127.0.0.1:{port}"
            make_bucket(f"{url}/{BUCKET}")
            yield {
                "AWS_ACCESS_KEY_ID": "nobody",
                "AWS_SECRET_ACCESS_KEY": "nothing",
                "AWS_REGION": "us-east-1",
                "AWS_ENDPOINT_URL": url,
                "AWS_ALLOW_HTTP": "true",
            }
        finally:
            server.terminate()


def make_bucket(url: str) -> None:
    """Make a bucket, once the server answers."""
    for attempt in range(100):
        try:
            with urllib.request.urlopen(urllib.request.Request(url, method="PUT")):
                return
        except OSError:
            if attempt == 99:
                raise
            time.sleep(0.2)


if __name__ == "__main__":
    main()
