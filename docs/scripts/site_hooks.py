"""What the site needs beside the Markdown in ``docs/``: the root's pages, and links to them.

Repository and site show the same files. On the site the root's pages lie beside the others, so the
links between both are written anew; a link to a file that the site has not goes to no page and is
shown as text in the form of code.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = {
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
    "benchmarks/README.md": "benchmarks.md",
}
"""Files of the repository outside of ``docs``, and their pages."""

LINK: Final = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
_FENCE: Final = re.compile(r"^(```.*?^```)$", re.MULTILINE | re.DOTALL)


def on_files(files: Any, config: Any) -> Any:
    """Add the root's pages, and the decision records to the menu."""
    from mkdocs.structure.files import File

    for source, page in PAGES.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text()))
    records = sorted(
        file.src_uri for file in files if re.fullmatch(r"adr/\d{4}-.*\.md", file.src_uri)
    )
    (entry,) = (item for item in config.nav if "Decisions" in item)
    entry["Decisions"] = ["adr/README.md", *records]
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Write the links of a page anew."""
    uri = page.file.src_uri
    source = next((path for path, name in PAGES.items() if name == uri), f"docs/{uri}")
    known = {file.src_uri for file in files}
    parts = _FENCE.split(markdown)  # what is between fences stays as it is
    parts[::2] = [relinked(part, source, uri, known) for part in parts[::2]]
    return "".join(parts)


def relinked(markdown: str, source: str, uri: str, known: set[str]) -> str:
    """Return Markdown whose links lead to pages of the site.

    Parameters
    ----------
    markdown : str
    source : str
        The file's path in the repository.
    uri : str
        The page's path on the site.
    known : set of str
        Every file of the site.
    """

    def link(match: re.Match[str]) -> str:
        image, text, target = match.groups()
        path, mark, anchor = target.partition("#")
        if not path or re.match(r"[a-z]+:", path):
            return match[0]
        in_repository = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        found = PAGES.get(in_repository, in_repository.removeprefix("docs/"))
        if in_repository.startswith("docs/") and found == "adr":
            found = "adr/README.md"
        if found in known:
            relative = posixpath.relpath(found, posixpath.dirname(uri) or ".")
            return f"{image}[{text}]({relative}{mark}{anchor})"
        if (ROOT / in_repository).exists():
            return f"{text} (`{in_repository}` in the repository)"
        return match[0]  # mkdocs tells that it leads nowhere

    return LINK.sub(link, markdown)
