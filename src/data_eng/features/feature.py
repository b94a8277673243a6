"""A feature as it is declared: once, beside the function that computes it.

A module of formulas has one `FeatureList` and puts its functions there with a decorator::

    FEATURES: Final = FeatureList()

    @FEATURES.add(
        Feature(
            "volume_{seconds}s",
            doc="Traded volume: sum v.",
            unit="contracts",
            window="{seconds} s",
            null_rule="0 is a true zero; null while the window reaches before the first record.",
            mirror=EVEN,
            minimum=0,
            each={"seconds": (10, 60, 300)},
        )
    )
    def volume(day: DaySeconds, seconds: int) -> F64: ...

A table is the features of its modules in order. Its columns, contract and page follow, and the
calls of the functions: a parameter that the declaration does not give is an input of the table, by
its name (`compute`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from typing import Any, Final, TypeVar, overload

F = TypeVar("F", bound=Callable[..., Any])

AS_OF: Final = "as of ts"
NONE: Final = "-"
"""Of a window or a source: there is none."""
ODD: Final = "odd"
EVEN: Final = "even"
ONE_MINUS: Final = "one_minus"
RECIPROCAL: Final = "reciprocal"


def _undeclared() -> Any:
    raise TypeError("a feature without its function: declare it with FeatureList.add")


@dataclass(frozen=True)
class Feature:
    """A column of a feature table, or a family of columns that differ in an argument.

    Attributes
    ----------
    name : str
        Of the column; in a table of a level without the level's prefix.
    doc : str
        Meaning. ``{level}`` stands for the level in words.
    unit, window, null_rule : str
        Unit; what of the past it looks at, `NONE` where nothing; when it is null.
    mirror : str
        How it changes in the mirrored market: ``odd``, ``even``, ``one_minus``, ``reciprocal``,
        ``swap:NAME`` or ``minus_swap:NAME``.
    source : str
        Paper or practice that it is from; `NONE` where it is ours.
    minimum, maximum : int or float or None
        Range that the contract checks, inclusive.
    nullable : bool
        Whether a value may be missing.
    kinds : tuple of str
        Kinds of level that have it, or names of the windows that form them; empty for all.
    each : mapping of str to sequence
        Arguments of the function: a column for each of their combinations, and ``{argument}`` in
        the name and the texts stands for what it has.
    function : callable
        The formula; `FeatureList.add` puts it here.
    arguments : mapping
        What the function gets besides the inputs of the table.
    """

    name: str
    doc: str
    unit: str
    window: str
    null_rule: str
    mirror: str
    source: str = NONE
    minimum: float | None = None
    maximum: float | None = None
    nullable: bool = True
    kinds: tuple[str, ...] = ()
    each: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    function: Callable[..., Any] = _undeclared
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs that the function takes of its table."""
        parameters = inspect.signature(self.function).parameters
        return tuple(name for name in parameters if name not in self.arguments)

    def compute(self, inputs: object) -> Any:
        """Return the values, from the attributes of ``inputs`` that `inputs` names."""
        taken = {name: getattr(inputs, name) for name in self.inputs}
        return self.function(**taken, **self.arguments)

    def columns(self, function: Callable[..., Any]) -> list[Feature]:
        """Return a column for each combination of arguments, with the function."""
        return [
            replace(
                self,
                name=_filled(self.name, given),
                doc=_filled(self.doc, given),
                window=_filled(self.window, given),
                null_rule=_filled(self.null_rule, given),
                mirror=_filled(self.mirror, given),
                kinds=tuple(_filled(kind, given) for kind in self.kinds),
                each={},
                function=function,
                arguments=given,
            )
            for values in product(*self.each.values())
            for given in [dict(zip(self.each, values, strict=True))]
        ]


class FeatureList(Sequence[Feature]):
    """The features of one module, in the order in which they are declared."""

    def __init__(self) -> None:
        self._features: list[Feature] = []

    def add(self, feature: Feature) -> Callable[[F], F]:
        """Return a decorator that declares its function, and leaves it as it is.

        Of decorators that are stacked the lowest is first.
        """

        def declare(function: F) -> F:
            self._features += feature.columns(function)
            return function

        return declare

    def __len__(self) -> int:
        return len(self._features)

    @overload
    def __getitem__(self, index: int) -> Feature: ...

    @overload
    def __getitem__(self, index: slice) -> list[Feature]: ...

    def __getitem__(self, index: int | slice) -> Feature | list[Feature]:
        return self._features[index]


def compute(features: Iterable[Feature], inputs: object) -> dict[str, Any]:
    """Return the columns of a table by name, in order.

    Parameters
    ----------
    features : iterable of Feature
    inputs : object
        Has an attribute for each input that a feature takes.
    """
    return {feature.name: feature.compute(inputs) for feature in features}


def _filled(text: str, given: Mapping[str, Any]) -> str:
    # Not str.format: formulas have braces of their own.
    for name, value in given.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text
