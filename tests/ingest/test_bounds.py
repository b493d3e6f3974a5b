"""A source that is larger than a table can be is refused where that shows, with what to do, and never runs on."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from pathlib import Path

import corpus
import pytest
import web

from stages.adopt import __main__ as adopt
from stages.adopt import fetch
from stages.core.errors import DataError, PipelineError, SourceError
from stages.ingest.bounds import Bounds
from stages.ingest.csv import dialect, reader
from stages.ingest.sources import fetch as fetch_source
from stages.ingest.sources import make_source

BODY = b"a,b\n" + b"1,2\n" * 5_000
SMALL = Bounds(size=10_000, columns=20, cell=100)


def read(path: Path, bounds: Bounds = SMALL) -> None:
    reader.normalize(path, path.with_name("normal.csv"), bounds=bounds)


@pytest.mark.parametrize("kind", ["", "gz", "zip", "zst", "bz2", "xz"])
def test_a_file_that_unpacks_to_too_much_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(corpus.packed(kind, BODY))

    with pytest.raises(SourceError, match=r"a.csv holds more than the 10,000 bytes that ingest.max_bytes allows"):
        read(path)
    read(path, Bounds(size=len(BODY)))


@pytest.mark.parametrize("kind", ["gz", "xz"])
def test_no_more_is_unpacked_than_is_allowed(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(corpus.packed(kind, b"a,b\n" + b"1,2\n" * 25_000_000))  # 100 MB of 100 kB
    code = """
import resource, sys
from pathlib import Path
from stages.ingest.csv import reader as records
from stages.ingest.bounds import Bounds
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    records.normalize(Path(sys.argv[1]), Path(sys.argv[2]), bounds=Bounds(size=3_000_000))
except Exception as error:
    print(type(error).__name__, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    command = [sys.executable, "-c", code, str(path), str(tmp_path / "normal.csv")]

    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    assert said[0] == "SourceError"
    assert int(said[1]) < 50


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("at", [3, 4_000])
def test_a_cell_that_is_too_long_is_named(tmp_path: Path, quote: str, at: int) -> None:
    lines = ["a,b", *["1,2"] * 5_000]
    lines[at - 1] = f"1,{quote}{'7' * 101}{quote}"
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    with pytest.raises(SourceError, match=rf"a.csv, line {at}, column 2: a cell of 101 characters, more than the 100"):
        read(path, Bounds(cell=100))
    read(path, Bounds(cell=101))


def test_too_many_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text((",".join("abcdefghijklmnopqrstu") + "\n") * 4, encoding="utf-8")

    with pytest.raises(SourceError, match=r"a.csv has 21 columns, more than the 20 that ingest.max_columns allows"):
        read(path)


def test_a_body_that_does_not_end_is_left(tmp_path: Path) -> None:
    with web.served() as site:
        site.answers = [web.Answer(200, BODY)]
        entry = site.source("a.csv", BODY)

        message = f"{entry['url']} holds more than the 10,000 bytes"
        with pytest.raises(SourceError, match=message), fetch_source(make_source(**entry), 5.0, tmp_path / "f", SMALL):
            pass
        with pytest.raises(SourceError, match=message):
            fetch.gather([entry["url"]], tmp_path, SMALL)

    assert not list((tmp_path / "f").iterdir())


def test_a_row_longer_than_adopt_reads_is_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    wide = ",".join(["x" * 900_000] * 20)
    path.write_text(f"{','.join('abcdefghijklmnopqrst')}\n{wide}\n{wide}\n", encoding="utf-8")

    with pytest.raises(DataError, match=r"a.csv has a row of more than 8,388,608 bytes"):
        adopt.profile_files([path], [], "", tmp_path)


def test_bounds_of_params_hold_for_adopt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert adopt.read_bounds() == Bounds()
    Path("params.yaml").write_text("ingest: {tables: {}, max_cell: 7}\n", encoding="utf-8")

    assert adopt.read_bounds() == Bounds(cell=7)


@pytest.mark.parametrize("text", ["\n" * 200_000 + "a,b\n1,2\n", "<a" * 100_000 + "\n1,2\n"])
def test_what_a_file_begins_with_takes_no_time_by_its_square(text: str) -> None:
    before = time.process_time()
    with contextlib.suppress(PipelineError):
        dialect.find_dialect("a.csv", text.encode())

    assert time.process_time() - before < 20  # by its square it would be an hour
