"""Links of the repository's pages as the site has them."""

from __future__ import annotations

import pytest

from docs.scripts.site_hooks import relinked

KNOWN = {"features.md", "operations.md", "contributing.md", "benchmarks.md", "adr/README.md"}


@pytest.mark.parametrize(
    ("source", "uri", "link", "expected"),
    [
        ("docs/faq.md", "faq.md", "[a](operations.md#x)", "[a](operations.md#x)"),
        ("docs/faq.md", "faq.md", "[a](../CONTRIBUTING.md#b)", "[a](contributing.md#b)"),
        ("docs/faq.md", "faq.md", "[a](../benchmarks/README.md)", "[a](benchmarks.md)"),
        ("docs/adr/1.md", "adr/1.md", "[a](../../CONTRIBUTING.md)", "[a](../contributing.md)"),
        ("docs/adr/1.md", "adr/1.md", "[a](../features.md)", "[a](../features.md)"),
        ("CONTRIBUTING.md", "contributing.md", "[a](docs/features.md)", "[a](features.md)"),
        ("SECURITY.md", "security.md", "[a](docs/adr)", "[a](adr/README.md)"),
        ("SECURITY.md", "security.md", "[a](CONTRIBUTING.md)", "[a](contributing.md)"),
        # A file that has no page is named; one that is not there is left for mkdocs to tell.
        ("docs/faq.md", "faq.md", "[a](../LICENSE)", "a (`LICENSE` in the repository)"),
        ("docs/faq.md", "faq.md", "[a](nowhere.md)", "[a](nowhere.md)"),
        (
            "docs/faq.md",
            "faq.md",
            "[a](https://x.org/y.md) [b](#c)",
            "[a](https://x.org/y.md) [b](#c)",
        ),
    ],
)
def test_links(source: str, uri: str, link: str, expected: str) -> None:
    assert relinked(f"see {link}.", source, uri, KNOWN) == f"see {expected}."
