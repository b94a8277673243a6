from __future__ import annotations

from pathlib import Path

import pytest

from src.data_eng.catalogue.finding import Finding, Severity
from src.data_eng.errors import UsageError
from src.data_eng.research.checks.allowed import read_allowed, unknown_findings, with_allowed

ENTRY = '[[allowed]]\nfeatures = ["a", "b"]\nreason = "they part when the book is thin"\n'
PAIR = frozenset({"a", "b"})


def written(folder: Path, text: str) -> Path:
    file = folder / "near.toml"
    file.write_text(text)
    return file


def test_the_shipped_lines_have_reasons() -> None:
    allowed = read_allowed()
    assert allowed
    assert all(len(reason.split()) > 3 for reason in allowed.values())


def test_a_pair_has_its_reason(tmp_path: Path) -> None:
    assert read_allowed(written(tmp_path, ENTRY)) == {PAIR: "they part when the book is thin"}
    assert read_allowed(written(tmp_path, "# none\n")) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[allowed]]\nfeatures = ["a"]\nreason = "r"', "is no entry"),
        ('[[allowed]]\nfeatures = ["a", "a"]\nreason = "r"', "is no entry"),
        ('[[allowed]]\nfeatures = ["a", "b", "c", "d"]\nreason = "r"', "is no entry"),
        ('[[allowed]]\nfeatures = ["a", "b"]\nreason = "r"\n[[other]]', "holds only"),
        ('[[allowed]]\nfeatures = ["a", 1]\nreason = "r"', "is no entry"),
        ('[[allowed]]\nfeatures = "ab"\nreason = "r"', "is no entry"),
        ('[[allowed]]\nfeatures = ["a", "b"]\n', "is no entry"),
        ('[[allowed]]\nfeatures = ["a", "b"]\nreason = " "', "is no entry"),
        ('[[allowed]]\nfeatures = ["a", "b"]\nreason = 5', "is no entry"),
        ('[[allowed]]\nfeatures = ["a", "b"]\nreason = "r"\nby = "me"', "is no entry"),
        ('[allowed]\na = "b"', "holds only"),
        ('a = "b"', "holds only"),
        ("allowed = [", "cannot be read"),
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


def test_a_line_of_no_feature_is_told() -> None:
    allowed = {PAIR: "one", frozenset({"d", "c"}): "one", frozenset({"a", "c"}): "other"}
    (found,) = unknown_findings(allowed, ["a", "c"])
    assert (found.severity, found.columns) == (Severity.WARN, ("b", "d"))
    assert "allows what is no feature" in found.text


def test_a_line_stands_for_every_level(tmp_path: Path) -> None:
    text = ENTRY.replace('["a", "b"]', '["{level}_a", "{level}_b", "c"]')
    assert set(read_allowed(written(tmp_path, text))) == {
        frozenset({f"{level}_a", f"{level}_b", "c"})
        for level in ("pm_high", "pm_low", "or_high", "or_low", "sma_90")
    }


def test_a_line_stands_for_every_two_fixed_levels(tmp_path: Path) -> None:
    text = ENTRY.replace('["a", "b"]', '["{fixed}_a", "{other}_a"]')
    pairs = {tuple(sorted(pair)) for pair in read_allowed(written(tmp_path, text))}
    assert len(pairs) == 6
    assert ("or_high_a", "pm_low_a") in pairs
    assert not [pair for pair in pairs if "sma_90_a" in pair]


def test_three_features_of_an_identity_may_be_allowed(tmp_path: Path) -> None:
    text = ENTRY.replace('["a", "b"]', '["a", "b", "c"]')
    assert set(read_allowed(written(tmp_path, text))) == {frozenset("abc")}


@pytest.mark.parametrize("check", ["coverage", "dependence", "log dependence"])
def test_features_that_are_left_out_together_are_no_pair(check: str) -> None:
    found = Finding(Severity.WARN, check, ("a", "b"), "left out")
    assert with_allowed([found], {PAIR: "because"}) == [found]


def test_only_a_warning_about_the_pair_is_allowed() -> None:
    warned = Finding(Severity.WARN, "affine", ("b", "a"), "near")
    other = Finding(Severity.WARN, "affine", ("a", "c"), "near")
    copy = Finding(Severity.FAIL, "affine", ("a", "b"), "identical")
    found = with_allowed([warned, other, copy], {PAIR: "because"})
    assert found[1:] == [other, copy]
    assert found[0].severity is Severity.ALLOWED
    assert found[0].text == "near; allowed: because"


@pytest.mark.parametrize(
    ("check", "is_allowed"),
    [("session offset", True), ("session factor", True), ("affine", False), ("sum", False)],
)
def test_of_the_failures_those_within_a_session_may_be_allowed(
    check: str, is_allowed: bool
) -> None:
    failed = Finding(Severity.FAIL, check, ("a", "b"), "the same")
    (found,) = with_allowed([failed], {PAIR: "because"})
    assert (found.severity is Severity.ALLOWED) is is_allowed
