"""Touches from above as the touches from below that they are in the mirrored market.

In the mirrored market prices p are 2c - p, bid and ask, buy and sell, high and low change places.
The table contract says of each feature how it changes (`mirror`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..catalogue.datasets import dataset
from ..catalogue.feature_tables import KEYS
from ..catalogue.field import Field
from ..errors import ContractError, UsageError
from ..features.feature import EVEN, ODD, ONE_MINUS, RECIPROCAL
from ..features.level.levels import level_names

if TYPE_CHECKING:
    import polars as pl

_HIGH_AND_LOW: Final = ("_high", "_low")


def mirror_images(
    features: pl.DataFrame, vector: str, rows: pl.Expr, *, exchange_levels: bool
) -> pl.DataFrame:
    """Return features with some rows replaced by their image in the mirrored market.

    Parameters
    ----------
    features : polars.DataFrame, n rows
        Features of the vector; its keys and other columns stay.
    vector : str
        Dataset whose table contract says how a feature changes.
    rows : polars.Expr, boolean
        The rows to be replaced.
    exchange_levels : bool
        The features of a high and of its low change places, as they do in the mirrored market.
        Without it each stays with its level: what the touched level is to the touch.

    Raises
    ------
    UsageError
        A high or low is there without the other, and they are to change places.
    ContractError
        The contract does not say how a feature changes.
    """
    import polars as pl  # noqa: PLC0415 - not needed by the pipeline

    fields = {field.name: field for field in dataset(vector).contract().fields}
    names = [name for name in features.columns if name in fields and name not in KEYS]
    images = []
    for name in names:
        image = _image(pl, fields[name], names, exchange_levels=exchange_levels)
        images.append(pl.when(rows).then(image).otherwise(pl.col(name)).alias(name))
    return features.with_columns(images)


def _image(pl: Any, field: Field, names: list[str], *, exchange_levels: bool) -> Any:
    source = field.mirror_column or field.name
    if exchange_levels:
        source = _exchanged(source)
    if source not in names:
        raise UsageError(
            f"{field.name}: its mirror image is {source}, which is not there; ask for both levels, "
            "or for one without other_levels"
        )
    value, how = pl.col(source), field.mirror.partition(":")[0]
    if how == RECIPROCAL:
        return pl.when(value != 0).then(1 / value)
    images = {
        EVEN: value,
        "swap": value,
        ODD: -value,
        "minus_swap": -value,
        ONE_MINUS: 1 - value,
    }
    if how not in images:
        raise ContractError(f"{field.name}: the table contract does not say its mirror image")
    # Of zero the image is zero, never -0.0.
    return images[how] + 0.0 if how in (ODD, "minus_swap") else images[how]


def _exchanged(name: str) -> str:
    # The same feature of the low for one of a high, and the other way round.
    for level in level_names():
        for one, other in (_HIGH_AND_LOW, _HIGH_AND_LOW[::-1]):
            if name.startswith(f"{level}_") and level.endswith(one):
                return f"{level.removesuffix(one)}{other}{name.removeprefix(level)}"
    return name
