from __future__ import annotations

from pathlib import Path

import pytest

from src.data_eng.catalogue.datasets import registry
from src.data_eng.catalogue.feature_tables import feature_datasets, feature_table
from src.data_eng.catalogue.finding import Finding, Severity
from src.data_eng.errors import UsageError
from src.data_eng.research.checks.allowed import read_allowed, unknown_findings, with_allowed

ENTRY = '[[pair]]\nfeatures = ["a", "b"]\nreason = "they part when the book is thin"\n'
PAIR = frozenset({"a", "b"})


def written(folder: Path, text: str) -> Path:
    file = folder / "near.toml"
    file.write_text(text)
    return file


def test_the_shipped_pairs_are_features_and_have_reasons() -> None:
    tables = [feature_table(found) for found in feature_datasets(registry().values())]
    allowed = read_allowed()
    assert not unknown_findings(allowed, {name for t in tables for name in t.columns})
    assert all(len(reason.split()) > 3 for reason in allowed.values())


def test_a_pair_has_its_reason(tmp_path: Path) -> None:
    assert read_allowed(written(tmp_path, ENTRY)) == {PAIR: "they part when the book is thin"}
    assert read_allowed(written(tmp_path, "# none\n")) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[pair]]\nfeatures = ["a"]\nreason = "r"', "is no entry"),
        ('[[pair]]\nfeatures = ["a", "a"]\nreason = "r"', "is no entry"),
        ('[[pair]]\nfeatures = ["a", "b", "c"]\nreason = "r"', "is no entry"),
        ('[[pair]]\nfeatures = ["a", 1]\nreason = "r"', "is no entry"),
        ('[[pair]]\nfeatures = "ab"\nreason = "r"', "is no entry"),
        ('[[pair]]\nfeatures = ["a", "b"]\n', "is no entry"),
        ('[[pair]]\nfeatures = ["a", "b"]\nreason = " "', "is no entry"),
        ('[[pair]]\nfeatures = ["a", "b"]\nreason = 5', "is no entry"),
        ('[[pair]]\nfeatures = ["a", "b"]\nreason = "r"\nby = "me"', "is no entry"),
        ('[pair]\na = "b"', "holds only"),
        ('a = "b"', "holds only"),
        ("pair = [", "cannot be read"),
        (ENTRY + ENTRY.replace('["a", "b"]', '["b", "a"]'), "a and b stand twice"),
    ],
)
def test_what_is_no_list_of_pairs_with_reasons_is_refused(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        read_allowed(written(tmp_path, text))
    assert str(caught.value).startswith(str(tmp_path))
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_allowed(tmp_path / "none.toml")


def test_a_pair_of_no_feature_fails() -> None:
    (found,) = unknown_findings({PAIR: "r", frozenset({"a", "c"}): "r"}, ["a", "c"])
    assert (found.severity, found.columns) == (Severity.FAIL, ("a", "b"))
    assert "but b is no feature" in found.text


def test_only_a_warning_about_the_pair_is_allowed() -> None:
    warned = Finding(Severity.WARN, "affine", ("b", "a"), "near")
    other = Finding(Severity.WARN, "affine", ("a", "c"), "near")
    copy = Finding(Severity.FAIL, "affine", ("a", "b"), "identical")
    found = with_allowed([warned, other, copy], {PAIR: "because"})
    assert found[1:] == [other, copy]
    assert found[0].severity is Severity.ALLOWED
    assert found[0].text == "near; allowed: because"
