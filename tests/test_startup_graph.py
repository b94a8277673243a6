"""Planning starts without compiled code: --help, the registry, the graph, a dry run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RUN = """
import sys
from src.data_eng.cli.run import main
try:
    main([*sys.argv[1:]])
except SystemExit:
    pass
"""
PLAN = """
import datetime as dt, sys
from pathlib import Path
from src.data_eng.pipeline.plan import Request, build_graph
from src.data_eng.settings import Settings
request = Request("all", "all", "ES", (dt.date(2025, 6, 5),), Settings(lake_root=Path(sys.argv[1])))
graph = build_graph(request)
list(map(graph.waits_for, graph.nodes))
"""
REGISTRY = """
import sys
from src.data_eng.stages.registry import registered_stages
registered_stages()
"""
LOADED = "\nprint([one for one in ('numba', 'llvmlite') if one in sys.modules])\n"
DRY = "--product-type all --layer all --symbol ES --dt 2025-06-05 --dry-run --lake-root"


@pytest.mark.parametrize(
    ("code", "arguments"),
    [(RUN, ["--help"]), (REGISTRY, []), (PLAN, ["{lake}"]), (RUN, [*DRY.split(), "{lake}"])],
    ids=["help", "registry", "plan", "dry run"],
)
def test_no_compiled_code_is_loaded(tmp_path: Path, code: str, arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code + LOADED, *(one.format(lake=tmp_path) for one in arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
