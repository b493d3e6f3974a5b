"""Where the source of a clone comes from: the cache, its place, never from what is damaged; and its client."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import small

from stages.core.errors import PipelineError
from stages.storage import address, clients, sources

ROWS = b"a,b\n1,2\n"
MD5 = hashlib.md5(ROWS, usedforsecurity=False).hexdigest()


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose source large.csv git has the pointer of, and a folder as its clone."""
    folder = small.build(tmp_path / "repo")
    (folder / "data/large.csv.dvc").write_text(f"outs:\n- md5: {MD5}\n  size: {len(ROWS)}\n  path: source/large.csv\n")
    for place in ("data/source", "data"):
        (tmp_path / "clone" / place).mkdir(parents=True, exist_ok=True)
    (tmp_path / "clone/data/large.csv.dvc").write_bytes((folder / "data/large.csv.dvc").read_bytes())
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", small.ENVIRONMENT["PATH"])
    return folder


@pytest.mark.parametrize(("cached", "placed"), [(ROWS, b""), (ROWS, b"other"), (b"flipped", ROWS), (b"", ROWS)])
def test_a_source_is_taken_from_where_it_is_whole(repo: Path, tmp_path: Path, cached: bytes, placed: bytes) -> None:
    put(repo / ".dvc/cache/files/md5" / MD5[:2] / MD5[2:], cached)
    put(repo / "data/source/large.csv", placed)
    sources.bring(tmp_path / "clone")
    assert (tmp_path / "clone/data/source/large.csv").read_bytes() == ROWS


def test_one_that_is_whole_nowhere_is_named(repo: Path, tmp_path: Path) -> None:
    put(repo / ".dvc/cache/files/md5" / MD5[:2] / MD5[2:], b"flipped")
    with pytest.raises(PipelineError, match=r"data/source/large.csv \(8 bytes\) .*no remote is set to pull it from"):
        sources.bring(tmp_path / "clone")


@pytest.mark.parametrize(
    ("url", "kind"), [("s3://a/b", "s3"), ("SSH://h/x", "ssh"), ("/mnt/team", "file"), ("../team", "file")]
)
def test_an_address_tells_its_kind(url: str, kind: str) -> None:
    assert address.find_kind(url) == kind


def test_a_client_that_cannot_be_installed_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # given pins of a package that there is none of
    pins = tmp_path / "requirements-gs.txt"
    pins.write_text(f"no-such-client-at-all==1.0 \\\n    --hash=sha256:{'0' * 64}\n")
    monkeypatch.setattr(clients, "__file__", str(tmp_path / "clients.py"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(PipelineError, match="the client of gs could not be installed"):
        clients.install("gs")


def put(path: Path, content: bytes) -> None:
    if content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
