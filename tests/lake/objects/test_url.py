from __future__ import annotations

from pathlib import Path

import pytest

from src.data_eng.errors import UsageError
from src.data_eng.lake.objects.url import LakeUrl, is_url, parse_url


@pytest.mark.parametrize(
    ("text", "bucket", "prefix"),
    [
        ("s3://lake", "lake", ""),
        ("s3://lake/", "lake", ""),
        ("s3://my.lake-1/a/b c/dt=x/", "my.lake-1", "a/b c/dt=x"),
    ],
)
def test_bucket_and_prefix_also_of_what_pathlib_makes_of_them(
    text: str, bucket: str, prefix: str
) -> None:
    assert parse_url(text) == parse_url(Path(text)) == LakeUrl(bucket, prefix)
    assert str(parse_url(Path(text))) == text.rstrip("/")


@pytest.mark.parametrize(
    "text", ["s3://", "s3:///", "s3://-x", "s3://-lake", "s3://a", "s3://b_c/x"]
)
def test_a_name_without_a_bucket_is_told(text: str) -> None:
    for name in (text, Path(text)):
        assert is_url(name)
        with pytest.raises(UsageError, match="use s3://BUCKET/PREFIX"):
            parse_url(name)


@pytest.mark.parametrize("text", ["s3://lake/a/../b", "s3://lake/./b", "s3://lake/a//b"])
def test_a_prefix_that_leads_elsewhere_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="no names of folders"):
        parse_url(text)


@pytest.mark.parametrize("text", ["lake", "/lake", "./s3:/lake", "s3", "s3:x", "gs://lake/x"])
def test_any_other_name_is_a_folder(text: str) -> None:
    assert not is_url(text)


def test_each_endpoint_has_a_mirror_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    url, names = LakeUrl("lake", "a"), set()
    for endpoint in ("http://one", "http://two"):
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        names.add(url.folder_name)
    names.add(LakeUrl("lake", "b").folder_name)
    assert len(names) == 3
