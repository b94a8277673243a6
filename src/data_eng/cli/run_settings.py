"""The settings of a command: flags before the configuration file, before the defaults."""

from __future__ import annotations

import argparse
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from ..errors import UsageError
from ..exchange.roll import RULES
from ..lake.location import is_remote
from ..settings import Settings
from ..suggestion import did_you_mean
from .run_flags import CONFIG_KEYS

_MOST_BYTES: Final = 1 << 20
"""Of a configuration file: a device has no end."""

_TYPES: Final[dict[type, str]] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: 'a text in "quotes"',
}


def resolve_settings(args: argparse.Namespace) -> Settings:
    """Return the settings of a run; raises `UsageError`."""
    settings = Settings(
        **chosen(args),
        refresh_stale=args.refresh_stale,
        force=args.force,
        allow_missing=args.allow_missing,
    )
    if args.executor == "dask":
        # Workers have folders of their own.
        if not is_remote(settings.lake_root):
            settings = replace(settings, lake_root=settings.lake_root.absolute())
    elif args.scheduler is not None:
        raise UsageError("--scheduler is of --executor dask")
    return settings


def chosen(args: argparse.Namespace) -> dict[str, Any]:
    """Return what flags or the config file say of settings, flags first; raises `UsageError`."""
    values: dict[str, Any] = read_config(args.config) if args.config else {}
    for key in CONFIG_KEYS:
        given = getattr(args, key, None)
        if given is not None:
            values[key] = given
    if "lake_root" in values:
        values["lake_root"] = Path(values["lake_root"])
    if values.get("roll_rule", RULES[0]) not in RULES:
        rule = str(values["roll_rule"])
        hint = did_you_mean(rule, RULES) or f"use one of {', '.join(RULES)}"
        raise UsageError(f"roll_rule {rule!r}: {hint}")
    return values


def read_config(path: Path) -> dict[str, Any]:
    """Return the settings of a configuration file; raises `UsageError`."""
    try:
        with path.open("rb") as file:  # a pipe is taken too: --config <(...)
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise ValueError(f"more than {_MOST_BYTES:,} bytes")
        values = tomllib.loads(data.decode())  # TOML is UTF-8 in any locale
    except OSError as error:
        raise UsageError(f"--config {path}: cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"--config {path}: not TOML ({error})") from error
    for key, value in values.items():
        if key not in CONFIG_KEYS:
            hint = did_you_mean(key, CONFIG_KEYS) or f"use {', '.join(CONFIG_KEYS)}"
            raise UsageError(f"--config {path}: unknown key {key}; {hint}")
        wanted: Any = type(getattr(Settings, key)) if key != "lake_root" else str
        # By the type itself: true is an int to isinstance.
        if type(value) is not wanted and not (wanted is float and type(value) is int):
            raise UsageError(f"--config {path}: {key} must be {_TYPES[wanted]}, not {value!r}")
    return values
