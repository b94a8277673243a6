"""What README and docs say of themselves: links, pictures, counts, the list of decisions."""

from __future__ import annotations

import re

from docs.scripts.site_hooks import LINK
from src import data_eng
from src.data_eng.catalogue.datasets import registry
from src.data_eng.catalogue.feature_tables import feature_datasets, feature_table
from tests.docs_pages import PAGES, ROOT, snippets


def test_links_of_the_root_pages_lead_somewhere() -> None:
    for page in PAGES:
        if page.is_relative_to(ROOT / "docs"):
            continue  # mkdocs looks at these
        for match in LINK.finditer(page.read_text()):
            target = match[3].partition("#")[0]
            if target and ":" not in target:
                assert (page.parent / target).exists(), f"{page}: {target}"


def test_a_page_stands_once_in_the_menu() -> None:
    text = (ROOT / "mkdocs.yml").read_text().partition("\nnav:\n")[2]
    pages = re.findall(r"[\w/.-]+\.md$", text, re.MULTILINE)
    assert len(pages) > 10
    assert sorted(pages) == sorted(set(pages))


def test_every_public_name_is_on_the_page_of_python() -> None:
    page = (ROOT / "docs" / "api.md").read_text()
    shown = {name.rpartition(".")[2] for name in re.findall(r"^::: (\S+)$", page, re.MULTILINE)}
    assert shown >= set(data_eng.__all__) - {"__version__"}


def test_the_entry_of_a_product_is_the_one_of_the_source() -> None:
    (shown,) = [one.text for one in snippets("python") if one.text.startswith('"CL": ')]
    source = (ROOT / "src" / "data_eng" / "exchange" / "products.py").read_text()
    assert "".join(shown.split()) in "".join(source.split())


def test_pictures_are_small() -> None:
    for picture in (ROOT / "docs" / "images").iterdir():
        assert picture.stat().st_size < 200_000, picture


def test_the_readme_has_the_number_of_features() -> None:
    silver = [one for one in feature_datasets(registry().values()) if one.layer == "silver"]
    count = sum(len(feature_table(one).columns) for one in silver)
    assert f"{count} features" in (ROOT / "README.md").read_text()


def test_the_readme_has_the_number_of_faults() -> None:
    table = (ROOT / "docs" / "reliability.md").read_text()
    (count,) = re.findall(r"^\| all faults \| ([\d,]+) \|", table, re.M)
    assert f"| {count} faults " in (ROOT / "README.md").read_text()


def test_every_decision_is_listed_under_its_own_words() -> None:
    listed = re.findall(
        r"^\| \[(\d+)\]\((.+?)\) \| (.+) \|$", (ROOT / "docs/adr/README.md").read_text(), re.M
    )
    found = sorted((ROOT / "docs" / "adr").glob("0*.md"))
    assert [name for _, name, _ in listed] == [path.name for path in found]
    for (number, _, words), path in zip(listed, found, strict=True):
        assert path.read_text().splitlines()[0] == f"# {number}. {words}"
        assert path.name.startswith(f"{int(number):04}-")
