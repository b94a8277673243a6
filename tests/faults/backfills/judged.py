"""What must hold of a lake once its backfill has ended with 0."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping

from .places import ROOT, Place


def broken(place: Place, whole: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with a lake.

    Parameters
    ----------
    place : Place
    whole : mapping of str to str
        Hash of each file of one that was built without a fault.
    """
    code, _, errors = _command(place, "clean", "--older-than", "0s", "--yes")
    if code or errors:
        yield f"clean: {code}: {errors}"
    found = place.contents()
    for name in sorted(found.keys() | whole.keys()):
        if found.get(name) != whole.get(name):
            here, there = (name in one for one in (found, whole))
            yield f"{name}: {'other bytes' if here and there else 'missing' if there else 'left'}"
    yield from (f"{name}: left" for name in place.left())
    code, out, errors = _command(place, "verify")
    if code or errors:
        yield f"verify: {code}: {out}{errors}"
    code, out, errors = _command(place, "status", "--output", "json")
    if code or errors:
        yield f"status: {code}: {errors}"
        return
    # What was not asked for may be missing.
    partitions = [one for one in json.loads(out)["partitions"] if one["state"] != "missing"]
    if 3 * len(partitions) != len(whole):
        yield f"status: {len(partitions)} partitions, and {len(whole)} files"
    for one in partitions:
        if one["state"] != "complete":
            yield f"status: {one['dataset']} {one['dt']}: {one['state']}: {one['reason']}"


def _command(place: Place, *words: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "src.data_eng", *words, "--lake-root", place.name],
        cwd=ROOT,
        env={**os.environ, **place.environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    return done.returncode, done.stdout, done.stderr
