"""The frame of a page: it allows its own style and script and nothing else."""

from __future__ import annotations

import base64
import hashlib
import html
import re

from src.data_eng.research.web.document import document, section
from src.data_eng.research.web.tables import html_table


def test_the_policy_allows_the_pages_own_script_and_style_alone() -> None:
    text = document("a & b", "<p>x</p>", styles=["p { color: red }"], scripts=["let a = 1;"])
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    rules = html.unescape(policy[1])
    assert rules.startswith("default-src 'none'; ")
    assert "unsafe" not in rules
    for name in ("style", "script"):
        found = re.search(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)
        assert found is not None
        digest = base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in rules
    assert "<title>a &amp; b</title>" in text
    assert not re.search(r"(?:src|href)=\"(?!data:)", text)


def test_texts_are_escaped() -> None:
    table = html_table(["<b>"], [["a & <script>"]], [0], "<i>")
    assert table.count("&lt;") == 4
    assert table.count('class="number"') == 2
    assert section("<h>", "<p>", "<em>", "<x>") == (
        '<section id="&lt;x&gt;"><h2>&lt;h&gt;</h2><p>&lt;p&gt;</p><em></section>'
    )
