"""The frame of a page: one HTML file that loads nothing, and may not."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

ASSETS: Final = Path(__file__).parent / "assets"
_SWITCH: Final = (
    '<button id="theme" type="button" aria-label="Theme: as the system">Theme: auto</button>'
)


@cache
def asset(path: Path) -> str:
    """Return the text of a style or script that lies beside its module."""
    return path.read_text(encoding="utf-8")


def document(
    title: str, body: str, *, nav: str = "", styles: Sequence[str] = (), scripts: Sequence[str] = ()
) -> str:
    """Return a page.

    Its Content-Security-Policy allows the page's own styles and scripts by their SHA-256 and
    nothing else: a text that became markup by mistake would still load and run nothing.

    Parameters
    ----------
    title : str
        Text; escaped here.
    body : str
        HTML of the main part.
    nav : str
        HTML before the switch of the theme.
    styles, scripts : sequence of str
        Besides those that every page has; the scripts share one scope.
    """
    style = "\n".join([asset(ASSETS / "base.css"), *styles])
    parts = [asset(ASSETS / "theme.js"), *scripts]
    script = '"use strict";\n(() => {\n' + "\n".join(parts) + "\n})();\n"
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">'
        f"<title>{html.escape(title)}</title><style>{style}</style></head><body>"
        f'<header class="bar">{nav}{_SWITCH}</header><main>{body}</main>'
        f"<script>{script}</script></body></html>\n"
    )


def section(title: str, text: str, body: str, name: str = "") -> str:
    """Return a part of a page with its heading; ``body`` is HTML, the rest text."""
    words = f"<p>{html.escape(text)}</p>" if text else ""
    at = f' id="{html.escape(name)}"' if name else ""
    return f"<section{at}><h2>{html.escape(title)}</h2>{words}{body}</section>"


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
