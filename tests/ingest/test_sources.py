"""A source is a file or an address; it is read once, and told apart by its hash."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import web

from stages.core.errors import SourceError
from stages.ingest.bounds import Bounds
from stages.ingest.retry import PassingError
from stages.ingest.sources import Source, fetch, find_matching, make_source

BOUNDS = Bounds()
BODY = b"day,distance\n1,200\n"


@pytest.fixture
def site() -> Iterator[web.Web]:
    with web.served() as server:
        yield server


def test_files_are_matched_by_name_in_order(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "c.txt"):
        (tmp_path / name).write_bytes(BODY)
    (tmp_path / "folder.csv").mkdir()

    assert [source.name for source in find_matching("*.csv", tmp_path)] == ["a.csv", "b.csv"]


def test_an_address_names_its_file() -> None:
    assert make_source("https://example.org/data/a.csv.gz?version=2", "A" * 64).name == "a.csv.gz"


def test_a_file_is_used_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(BODY)

    with fetch(Source("a.csv", path), 1.0, tmp_path / "fetched", BOUNDS) as (found, content):
        assert (found, content) == (path, hashlib.sha256(BODY).hexdigest())

    assert path.exists()
    assert not (tmp_path / "fetched").exists()


def test_a_download_lies_there_as_long_as_it_is_used(tmp_path: Path, site: web.Web) -> None:
    site.answers = [web.Answer(200, BODY)]
    entry = site.source("a.csv", BODY)

    with fetch(make_source(entry["url"], entry["sha256"]), 1.0, tmp_path / "fetched", BOUNDS) as (path, content):
        assert path.read_bytes() == BODY
        assert content == entry["sha256"]

    assert not path.exists()


def test_a_file_that_is_written_to_meanwhile_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(BODY)

    with (
        pytest.raises(PassingError, match="written to while it was read"),
        fetch(Source("a.csv", path), 1.0, tmp_path, BOUNDS),
    ):
        path.write_bytes(BODY * 2)


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(BODY)
    path.chmod(0)
    root = os.geteuid() == 0
    tmp_path.chmod(0o755)
    for parent in list(tmp_path.parents)[:3]:
        parent.chmod(parent.stat().st_mode | 0o055)
    if root:
        os.seteuid(65534)  # root may read all; nobody may not
    try:
        with (
            pytest.raises(SourceError, match=r"a.csv cannot be read: Permission denied. Check its permissions"),
            fetch(Source("a.csv", path), 1.0, tmp_path, BOUNDS),
        ):
            pass
    finally:
        if root:
            os.seteuid(0)
