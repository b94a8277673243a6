"""Every feature of the lake, once: what the levels share has ``{level}`` for a level's name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ..features.level.levels import Level, level_named
from .datasets import Dataset
from .distributions import LEVEL
from .feature_tables import KEYS, feature_datasets, feature_table
from .field import Field

LEVELS: Final = "level"
FAMILIES: Final = ("market", LEVELS, "options")
"""What a feature is of: the futures' market, a price level, the options' market."""

_SEARCHED: Final = ("unit", "window", "null_rule", "source")


@dataclass(frozen=True)
class ListedFeature:
    """A feature as a list shows it.

    Attributes
    ----------
    field : Field
        Of its contract; of the levels as every level could have it, see `of_any_level`.
    family : str
        One of `FAMILIES`.
    datasets : tuple of str
        Tables that have it.
    levels : tuple of str
        Levels that have it; empty for MARKET.
    """

    field: Field
    family: str
    datasets: tuple[str, ...]
    levels: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of its columns in the tables: of the levels one each."""
        return tuple(self.field.name.replace(LEVEL, one) for one in self.levels or ("",))

    def has(self, word: str) -> bool:
        """Return whether a word, in lower case, is in its name or in what is said of it."""
        one = self.field
        said = [*self.columns, one.name, one.doc, *(getattr(one, name) for name in _SEARCHED)]
        return word in "\n".join(said).lower()


def listed_features(
    datasets: Iterable[Dataset], level: str | None = None
) -> tuple[ListedFeature, ...]:
    """Return the features of the feature tables among datasets, in the tables' order.

    Parameters
    ----------
    datasets : iterable of Dataset
    level : str, optional
        The features of this level alone, in its own words; otherwise those of all families.

    Raises
    ------
    ContractError
        A contract is missing or not valid.
    """
    tables: dict[str, list[Dataset]] = {}
    levels: dict[str, list[Dataset]] = {}
    for one in feature_datasets(datasets):
        table = feature_table(one)
        name = table.prefix.removesuffix("_")
        group, key = (levels, name) if name else (tables, table.base_key)
        group.setdefault(key, []).append(one)
    if level is not None:
        own = levels[level]
        return tuple(ListedFeature(one, LEVELS, _keys(own), (level,)) for one in features(own))
    found = [one for group in tables.values() for one in _of_market(group)]
    found += [
        ListedFeature(field, LEVELS, _keys(key for n in names for key in levels[n]), tuple(names))
        for field, names in shared_fields(levels).items()
    ]
    return tuple(sorted(found, key=lambda one: FAMILIES.index(one.family)))


def shared_fields(levels: dict[str, list[Dataset]]) -> dict[Field, list[str]]:
    """Return the features of level tables as any level could have them, and the levels that do.

    Parameters
    ----------
    levels : dict of str to list of Dataset
        Tables by the level's name, those of one level alike.
    """
    shared: dict[Field, list[str]] = {}
    for name, group in levels.items():
        level = level_named(name)
        for field in features(group):
            shared.setdefault(of_any_level(field, level), []).append(name)
    return shared


def features(group: Sequence[Dataset]) -> list[Field]:
    """Return the features of tables that are alike."""
    return [field for field in group[0].contract().fields if field.name not in KEYS]


def of_any_level(field: Field, level: Level) -> Field:
    """Return a level's field as every level could have it, `LEVEL` for the level's name."""
    own, name = f"{level.name}_", field.name.removeprefix(f"{level.name}_")
    return replace(
        field,
        name=f"{LEVEL}_{name}",
        doc=field.doc.replace(level.words, "level"),
        null_rule=field.null_rule.replace(level.words, "level"),
        mirror=field.mirror.replace(f":{own}", f":{LEVEL}_"),
    )


def type_words(field: Field) -> str:
    """Return type and range in words: ``double, nullable, ≥ 0``."""
    kind = "/".join(field.symbols) if field.symbols else str(field.type)
    null = ", nullable" if field.nullable else ""
    return f"{kind}{null}{_range(field)}"


def _range(field: Field) -> str:
    if field.minimum is None and field.maximum is None:
        return ""
    if field.maximum is None:
        return f", ≥ {field.minimum}"
    if field.minimum is None:
        return f", ≤ {field.maximum}"
    return f", {field.minimum} to {field.maximum}"


def _of_market(group: Sequence[Dataset]) -> list[ListedFeature]:
    family = "options" if group[0].product_type == "future_option" else "market"
    return [ListedFeature(field, family, _keys(group)) for field in features(group)]


def _keys(group: Iterable[Dataset]) -> tuple[str, ...]:
    return tuple(one.key for one in group)
