"""The cache of compiled kernels, on a small package with the same two modules."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from src.data_eng import kernel_cache

SOURCE = Path(__file__).parents[1] / "src/data_eng"

TINY = """
from typing import NamedTuple
import json, sys
import numpy as np
from .compiled import kernel, part
from .constant import FACTOR

class State(NamedTuple):
    values: np.ndarray

@part
def twice(x):
    return 2 * x

@kernel
def scaled(state):
    return FACTOR * twice(state.values.sum())

@kernel
def total(state):
    return scaled(state) + 1.0

print(json.dumps({
    "total": total(State(np.ones(3))),
    "hits": sum(total.stats.cache_hits.values()),
    "misses": sum(total.stats.cache_misses.values()),
    "folder": total.stats.cache_path,
}))
"""


def laid(root: Path) -> Path:
    """Lay the package below a folder."""
    folder = root / "tree/src/data_eng"
    folder.mkdir(parents=True)
    for name in ("compiled.py", "kernel_cache.py"):
        shutil.copy(SOURCE / name, folder)
    (folder / "__init__.py").touch()
    (folder / "version.py").write_text('__version__ = "1.2.3"\n')
    (folder / "constant.py").write_text("FACTOR = 10.0\n")
    (folder / "tiny.py").write_text(TINY)
    return folder


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return laid(tmp_path)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the root of a package that has run."""
    root = tmp_path_factory.mktemp("compiled")
    ran(laid(root))
    return root


def started(package: Path, name: str = "data_eng", **variables: str) -> subprocess.Popen[str]:
    root = package.parents[name.count(".")]
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("NUMBA_", "XDG_", "PYTHON"))}
    return subprocess.Popen(
        [sys.executable, "-c", f"import {name}.tiny"],
        env=keep | {"PYTHONPATH": str(root)} | variables,
        cwd=package.parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ran(package: Path, name: str = "data_eng", **variables: str) -> Any:
    process = started(package, name, **variables)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert err == ""
    return json.loads(out)


def test_checkout_and_installed_package_keep_apart(package: Path) -> None:
    found = [ran(package, name) for name in ("src.data_eng", "data_eng") * 2]
    assert [one["total"] for one in found] == [61.0] * 4
    assert [one["misses"] for one in found] == [1, 1, 0, 0]
    assert [one["hits"] for one in found] == [0, 0, 1, 1]
    folders = [Path(one["folder"]).relative_to(package / "__pycache__") for one in found[:2]]
    assert [folder.parts[0] for folder in folders] == ["src_data_eng-1.2.3", "data_eng-1.2.3"]


def test_what_a_kernel_imports_is_compiled_anew(package: Path) -> None:
    assert ran(package)["total"] == 61.0
    (package / "constant.py").write_text("FACTOR = 100.0\n")
    assert ran(package)["total"] == 601.0


def test_a_read_only_installation_has_a_temporary_cache(package: Path, tmp_path: Path) -> None:
    # Files in place of folders: root may write everywhere.
    for place in ("no_home", "tree/src/data_eng/__pycache__"):
        (tmp_path / place).write_text("")
    (tmp_path / "temporary").mkdir()
    variables = {"HOME": str(tmp_path / "no_home"), "TMPDIR": str(tmp_path / "temporary")}
    found = [ran(package, **variables) for _ in range(2)]
    assert [one["total"] for one in found] == [61.0, 61.0]
    assert [one["hits"] for one in found] == [0, 1]
    own = Path(found[0]["folder"]).parents[1]
    assert own.parent == tmp_path / "temporary"
    assert own.stat().st_mode & 0o777 == 0o700
    # One that others may write to is not believed.
    own.chmod(0o777)
    third = ran(package, **variables)
    assert third["hits"] == 0
    assert not Path(third["folder"]).is_relative_to(own)


def test_a_cache_folder_that_is_told_is_taken(package: Path, tmp_path: Path) -> None:
    found = ran(package, NUMBA_CACHE_DIR=str(tmp_path / "told"))
    assert Path(found["folder"]).is_relative_to(tmp_path / "told")


@pytest.mark.parametrize("kind", ["nbi", "nbc"])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.98])
def test_cut_files_are_compiled_again(
    compiled: Path, tmp_path: Path, kind: str, share: float
) -> None:
    shutil.copytree(compiled, tmp_path, dirs_exist_ok=True)
    package = tmp_path / "tree/src/data_eng"
    files = list(package.rglob(f"*.{kind}"))
    assert len(files) == 2
    for file in files:
        file.write_bytes(file.read_bytes()[: int(share * file.stat().st_size)])
    found = [ran(package) for _ in range(2)]
    assert [(one["total"], one["hits"]) for one in found] == [(61.0, 0), (61.0, 1)]


def test_one_process_compiles_and_the_others_wait(package: Path) -> None:
    processes = [started(package) for _ in range(3)]
    found = [json.loads(process.communicate(timeout=120)[0]) for process in processes]
    assert [one["total"] for one in found] == [61.0] * 3
    assert sorted(one["misses"] for one in found) == [0, 0, 1]


@pytest.mark.parametrize("fault", ["", "another user", "others may write", "a link"])
def test_a_temporary_folder_of_another_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """Anyone may make a folder there, and what lies in it is run."""
    own = tmp_path / f"kernels-of-user-{os.getuid()}"
    if fault == "a link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        own.symlink_to(tmp_path / "elsewhere")
    else:
        own.mkdir()
        own.chmod(0o777 if fault == "others may write" else 0o700)
    if fault == "another user":
        user = os.getuid() + 1
        own = own.rename(own.with_name(f"kernels-of-user-{user}"))
        monkeypatch.setattr(os, "getuid", lambda: user)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert (own in kernel_cache._parents()) == (not fault)
    assert len([one for one in kernel_cache._parents() if tmp_path in one.parents]) == (not fault)
