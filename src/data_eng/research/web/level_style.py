"""The colours that levels declare, as a style."""

from __future__ import annotations

from ...features.level.levels import levels


def level_colours() -> str:
    """Return the class of each level, ``level-`` and its place: its lines and swatches."""
    return "\n".join(
        f".level-{n} {{ --level: {level.colour}; }}" for n, level in enumerate(levels())
    )
