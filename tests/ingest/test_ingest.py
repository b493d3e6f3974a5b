"""A snapshot is whole or not there; errors that can pass are tried again, bad data never."""

from __future__ import annotations

import gzip
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import corpus
import pytest
import small
import web
import yaml

from stages.core.errors import DataError, ParamsError, SourceError
from stages.core.files import read_json, sha256
from stages.ingest import __main__ as ingest

JANUARY = "day,distance\n1,200\n2,300\n"
FEBRUARY = "day,distance\n1,250\n"
RAW = Path("data/raw")


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The source folder of an empty repository, which is the current folder."""
    monkeypatch.chdir(tmp_path)
    folder = Path("data/source")
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def site() -> Iterator[web.Web]:
    with web.served() as server:
        yield server


def take(*entries: Any, **settings: Any) -> dict[str, dict[str, Any]]:
    """Ingest the entries as one table; the manifest's entries by name."""
    section = {"tables": {"trips": list(entries)}, "wait_seconds": 0.01, **settings}
    Path("params.yaml").write_text(yaml.safe_dump({"ingest": section}), encoding="utf-8")
    ingest.work()
    return {entry["name"]: entry for entry in read_json(RAW / "manifest.json")["files"]}


def state() -> dict[str, str]:
    """Every file below data/, with its content's hash."""
    return {str(path): sha256(path) for path in sorted(Path("data").rglob("*")) if path.is_file()}


def test_a_snapshot_holds_each_file_and_a_manifest_of_what_it_holds(source: Path) -> None:
    (source / "trips-1.csv").write_text(JANUARY)
    (source / "trips-2.csv.gz").write_bytes(gzip.compress(FEBRUARY.encode()))

    manifest = take("trips-*.csv*")

    assert (RAW / "trips-1.csv").read_text() == JANUARY
    assert (RAW / "trips-2.csv").read_text() == FEBRUARY
    assert sorted(path.name for path in RAW.iterdir()) == ["manifest.json", "trips-1.csv", "trips-2.csv"]
    assert manifest["trips-2.csv"] == {
        "name": "trips-2.csv",
        "table": "trips",
        "source": "trips-2.csv.gz",
        "source_sha256": sha256(source / "trips-2.csv.gz"),
        "sha256": sha256(RAW / "trips-2.csv"),
        "bytes": len(FEBRUARY),
        "rows": 1,
        "columns": ["day", "distance"],
        "dialect": {
            "encoding": "utf-8",
            "errors": "strict",
            "delimiter": ",",
            "line_end": "lf",
            "quote": '"',
            "escape": "",
            "spaces": False,
            "comment": "",
            "header": True,
            "start": 1,
            "doubt": "",
        },
        "notes": [],
    }


def test_the_same_sources_give_the_same_bytes_however_often(source: Path) -> None:
    (source / "b.csv").write_text(FEBRUARY)
    (source / "a.csv").write_text(JANUARY)

    take("*.csv")
    first = state()
    take("*.csv")

    assert state() == first


def test_a_new_snapshot_holds_nothing_of_the_old_one(source: Path) -> None:
    (source / "a.csv").write_text(JANUARY)
    take("*.csv")

    (source / "a.csv").rename(source / "b.csv")
    take("*.csv")

    assert sorted(path.name for path in RAW.iterdir()) == ["b.csv", "manifest.json"]
    assert not list(Path("data").glob(".*"))


@pytest.mark.usefixtures("source")
def test_a_server_that_fails_twice_is_asked_a_third_time_after_growing_waits(site: web.Web) -> None:
    body = JANUARY.encode()
    site.answers = [web.Answer(503), web.Answer(503), web.Answer(200, body)]

    manifest = take(site.source("trips.csv", body), wait_seconds=0.1)

    assert manifest["trips.csv"]["rows"] == 2
    first, second = site.asked[1] - site.asked[0], site.asked[2] - site.asked[1]
    assert first >= 0.1
    assert second >= 0.2


def test_a_server_that_fails_three_times_ends_the_stage_and_the_old_snapshot_stays(
    site: web.Web, tmp_path: Path
) -> None:
    folder = small.build(tmp_path)
    assert small.stage(folder, "ingest").returncode == 0
    old = sha256(folder / "data/raw/manifest.json")
    site.answers = [web.Answer(503)]
    small.edit(folder / "params.yaml", "planes: [planes.csv.gz]", f"planes: [{site.source('planes.csv', b'')}]")

    done = small.stage(folder, "ingest")

    assert done.returncode == 1
    assert f"{site.address}/planes.csv answered 503. Gave up after 3 tries" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(site.asked) == 3
    assert sha256(folder / "data/raw/manifest.json") == old
    assert not list((folder / "data").glob(".raw-*"))
    assert "Try 3 of 3" in (folder / "logs/ingest.log").read_text(encoding="utf-8")


@pytest.mark.usefixtures("source")
def test_a_body_cut_short_is_fetched_again(site: web.Web) -> None:
    body = JANUARY.encode()
    site.answers = [web.Answer(200, body[:9], missing_bytes=len(body) - 9), web.Answer(200, body)]

    manifest = take(site.source("trips.csv", body))

    assert manifest["trips.csv"]["rows"] == 2
    assert len(site.asked) == 2


@pytest.mark.usefixtures("source")
def test_a_body_cut_short_three_times_is_an_error(site: web.Web) -> None:
    body = JANUARY.encode()
    site.answers = [web.Answer(200, body[:9], missing_bytes=len(body) - 9)]

    with pytest.raises(SourceError, match=r"trips.csv could not be fetched \(ChunkedEncodingError\). Gave up after 3"):
        take(site.source("trips.csv", body))

    assert len(site.asked) == 3


@pytest.mark.usefixtures("source")
@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (web.Answer(404), "answered 404 Not Found. Check the address"),
        (web.Answer(200, b"day,distance\n9,9\n"), "holds other content than declared: sha256"),
    ],
)
def test_what_cannot_pass_is_asked_for_once(site: web.Web, answer: web.Answer, message: str) -> None:
    site.answers = [answer]

    with pytest.raises(SourceError, match=message):
        take(site.source("trips.csv", JANUARY.encode()))

    assert len(site.asked) == 1
    assert not RAW.exists()


@pytest.mark.usefixtures("source")
def test_a_server_nobody_started_is_tried_three_times(caplog: pytest.LogCaptureFixture) -> None:
    with web.served() as gone:
        entry = gone.source("trips.csv", b"")

    with pytest.raises(SourceError, match=r"could not be fetched \(ConnectionError\). Gave up after 3 tries"):
        take(entry)

    assert [record.message.partition("Try ")[2][:6] for record in caplog.records] == ["2 of 3", "3 of 3"]


@pytest.mark.usefixtures("source")
def test_a_packed_file_from_a_server_is_unpacked(site: web.Web) -> None:
    body = gzip.compress(JANUARY.encode())
    site.answers = [web.Answer(200, body)]

    manifest = take(site.source("trips.csv.gz?version=2", body))

    assert manifest["trips.csv"]["rows"] == 2


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs Linux's /proc for a file that cannot be read")
def test_a_file_with_a_read_error_is_tried_three_times(source: Path, caplog: pytest.LogCaptureFixture) -> None:
    (source / "a.csv").symlink_to("/proc/self/mem")

    with pytest.raises(SourceError, match=r"data/source/a.csv: .*Input/output error.* Gave up after 3 tries"):
        take("a.csv")

    assert len(caplog.records) == 2


def test_a_link_to_nowhere_is_named(source: Path) -> None:
    (source / "a.csv").symlink_to("gone.csv")

    with pytest.raises(SourceError, match=r"data/source/a.csv cannot be read: No such file"):
        take("a.csv")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "a.csv is empty: 0 bytes"),
        ("a.csv", b"day,distance\n", "a.csv has a header but no rows"),
        ("a.csv", b"day,distance\n\n\n", "a.csv has a header but no rows"),
        ("a.csv.gz", gzip.compress(JANUARY.encode(), mtime=0)[:-9], "a.csv.gz is truncated or damaged"),
        ("a.csv.gz", b"\x1f\x8b" + bytes(40), "a.csv.gz is truncated or damaged"),
        ("a.csv", b"day,distance\n1,\x00\n", "a.csv, line 2: a NUL character"),
        ("a.csv", b'day,city\n1,"Paris\n2,Rome\n', "a.csv, line 2: .*Close each quote"),
        ("a.csv", b"%PDF-1.7\n", "a.csv is a PDF document"),
    ],
)
def test_a_bad_file_is_named_and_never_tried_again(
    source: Path, name: str, content: bytes, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    (source / name).write_bytes(content)

    with pytest.raises(SourceError, match=message):
        take(name)

    assert "Try" not in caplog.text
    assert not RAW.exists()
    assert not list(Path("data").glob(".raw-*"))


def test_a_missing_or_renamed_file_is_named_with_what_is_there(source: Path) -> None:
    (source / "trip-2013-01.csv").write_text(JANUARY)

    with pytest.raises(SourceError, match=r"no file matches data/source/trips-\*.csv.*The folder holds: trip-2013-01"):
        take("trips-*.csv")
    with pytest.raises(SourceError, match=r"Did you mean 'trip-2013-01.csv'\?"):
        take("trips-2013-01.csv")


def test_a_missing_source_folder_is_named(source: Path) -> None:
    source.rmdir()

    with pytest.raises(SourceError, match="the folder data/source is missing"):
        take("*.csv")


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("day", r"b.csv \(table trips, 3 files\) has other columns than most: 'distance' is missing. Make"),
        ("day,distance,city", "b.csv .*'city' is not in the other files"),
        ("day,distanse", r"b.csv .*'distance' is missing. Did you mean 'distanse'\? 'distanse' is not in the other"),
        ("Day,distance", r"b.csv .*: 'Day' is 'day' in the other files \(only case, blanks or signs differ\). Make"),
        ("day,distance (km)", r"b.csv .*'distance' is missing. Did you mean 'distance \(km\)'\?"),
    ],
)
def test_a_month_with_other_columns_is_named(source: Path, header: str, message: str) -> None:
    (source / "a.csv").write_text(JANUARY)
    (source / "b.csv").write_text(header + "\n" + ",".join("1" for _ in header.split(",")) + "\n")
    (source / "c.csv").write_text(FEBRUARY)

    with pytest.raises(DataError, match=message):
        take("*.csv")

    assert not RAW.exists()


def test_of_two_files_that_differ_both_are_named(source: Path) -> None:
    (source / "a.csv").write_text(JANUARY)
    (source / "b.csv").write_text("day,Dis_tance,city\n1,2,x\n")

    with pytest.raises(
        DataError,
        match=r"b.csv \(table trips, 2 files\) has other columns than a.csv: 'Dis_tance' is 'distance' in a.csv .*"
        r"'city' is not in a.csv",
    ):
        take("*.csv")


def test_a_file_without_the_header_of_the_others_is_named(source: Path) -> None:
    (source / "a.csv").write_text(JANUARY)
    (source / "b.csv").write_text("3,250\n4,260\n")

    with pytest.raises(
        DataError,
        match=r"b.csv \(table trips, 2 files\) has no header line, but a.csv has one. Add the header, or give the "
        r"names in ingest.names.trips: \[day, distance\]",
    ):
        take("*.csv")

    manifest = take("*.csv", names={"trips": ["day", "distance"]})
    assert [entry["rows"] for entry in manifest.values()] == [2, 2]
    assert [entry["dialect"]["header"] for entry in manifest.values()] == [True, False]


def test_files_of_one_table_may_be_written_in_different_ways(source: Path) -> None:
    (source / "a.csv").write_text("town;n\nParis;1\nRome;2\n")
    (source / "b.csv").write_bytes("n\ttown\r\n3\tKöln\r\n".encode("utf-16"))
    (source / "c.csv").write_bytes("town,n\nKöln,4\n".encode("cp1252"))
    (source / "d.csv.zip").write_bytes(corpus.packed("zip", b"town|n\nOslo|5\n"))
    (source / "e.csv.zst").write_bytes(corpus.packed("zst", b"town n\nOslo 6\n"))

    manifest = take("*")

    assert list(manifest) == ["a.csv", "b.csv", "c.csv", "d.csv", "e.csv"]
    assert [entry["dialect"]["delimiter"] for entry in manifest.values()] == [";", "\t", ",", "|", "whitespace"]
    assert (RAW / "b.csv").read_text(encoding="utf-8") == "n,town\n3,Köln\n"
    assert (RAW / "c.csv").read_text(encoding="utf-8") == "town,n\nKöln,4\n"


def test_what_was_changed_is_said(source: Path, caplog: pytest.LogCaptureFixture) -> None:
    (source / "a.csv").write_text(",day,day\n0,1,2\n1,3,4\n")

    with caplog.at_level("INFO"):
        manifest = take("a.csv")

    assert manifest["a.csv"]["columns"] == ["column_1", "day", "day_2"]
    assert manifest["a.csv"]["notes"] == [
        "column 1 has no name in the header and is called 'column_1'",
        "column 3 is a second 'day' and is called 'day_2'",
    ]
    assert "ingest: a.csv: column 3 is a second 'day'" in caplog.text


def test_encoding_and_delimiter_may_be_told(source: Path) -> None:
    (source / "a.csv").write_bytes("a;b,c\nż;2,3\n".encode("cp1250"))

    manifest = take("a.csv", encoding="cp1250", delimiter=",")

    assert manifest["a.csv"]["columns"] == ["a;b", "c"]
    assert (RAW / "a.csv").read_text(encoding="utf-8") == "a;b,c\nż;2,3\n"
    with pytest.raises(SourceError, match=r"a.csv, line 2: byte 0xbf is not utf-8. Set ingest.encoding to auto"):
        take("a.csv", encoding="utf-8")


def test_ingest_starts_without_the_heavy_libraries(source: Path) -> None:
    (source / "a.csv").write_text(JANUARY)
    take("a.csv")
    heavy = "{'pandas', 'sklearn', 'numpy', 'pyarrow', 'clevercsv', 'charset_normalizer', 'requests'}"

    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys; from stages.ingest.__main__ import work; work(); print({heavy} & set(sys.modules))",
        ],
        env={**os.environ, "PYTHONPATH": str(small.ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "set()\n"


def test_columns_in_another_order_are_no_other_columns(source: Path) -> None:
    (source / "a.csv").write_text(JANUARY)
    (source / "b.csv").write_text("distance,day\n250,1\n")

    assert len(take("*.csv")) == 2


def test_two_sources_of_one_name_are_refused(source: Path) -> None:
    (source / "a.csv").write_text(JANUARY)
    (source / "a.csv.gz").write_bytes(gzip.compress(FEBRUARY.encode()))

    with pytest.raises(SourceError, match=r"two sources would be kept as a.csv"):
        take("a.*")


@pytest.mark.usefixtures("source")
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"trys": 2}, r"params.yaml: ingest: unknown key 'trys'. Did you mean 'tries'\?"),
        ({"names": {"trip": ["a"]}}, r"ingest.names.trip: there is no such table. Did you mean 'trips'\?"),
        ({"names": {"trips": ["a", "a"]}}, "ingest.names.trips: 'a' is blank or stands there twice"),
        ({"names": {"trips": ["a", " "]}}, "ingest.names.trips: ' ' is blank or stands there twice"),
        ({"tries": 0}, "params.yaml: ingest.tries: Expected `int` >= 1"),
        ({"tables": {"trips": [{"url": "http://x/a.csv", "sha256": "12"}]}}, r"ingest.tables.*\.\*.*sha256"),
    ],
)
def test_wrong_params_are_named_before_anything_is_read(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ParamsError, match=message):
        take("*.csv", **settings)


@pytest.mark.usefixtures("source")
@pytest.mark.parametrize(
    "url", ["ftp://example.org/a.csv", "http://example.org/", "http://[oops/a.csv", "http:///a.csv"]
)
def test_what_is_no_address_of_a_file_is_refused(url: str) -> None:
    with pytest.raises(SourceError, match="is not an"):
        take({"url": url, "sha256": "0" * 64})


@pytest.mark.slow
def test_killed_at_any_moment_the_snapshot_is_the_old_or_the_new_one(tmp_path: Path) -> None:
    folder = small.build(tmp_path / "repo")
    started = time.monotonic()
    assert small.stage(folder, "ingest").returncode == 0
    duration = time.monotonic() - started
    old = snapshot(folder)
    small.edit(
        folder / "params.yaml", "    planes: [planes.csv.gz]", "    planes: [planes.csv.gz]\n    more: [more.csv]"
    )
    (folder / "data/source/more.csv").write_text(JANUARY)

    for moment in [random.Random(7).uniform(0.2, 1.0) for _ in range(12)]:
        process = subprocess.Popen(
            [sys.executable, "-m", "stages.ingest"], cwd=folder, env=small.ENVIRONMENT, stderr=subprocess.DEVNULL
        )
        time.sleep(moment * duration)
        process.send_signal(signal.SIGKILL)
        process.wait()
        found = snapshot(folder)
        assert found == old or "more.csv" in found
        assert len(found) == len(read_json(folder / "data/raw/manifest.json")["files"]) + 1

    assert small.stage(folder, "ingest").returncode == 0
    assert "more.csv" in snapshot(folder)
    assert not list((folder / "data").glob(".raw-*"))
    assert small.run(folder, "git", "status", "--porcelain", "data").stdout == "?? data/source/more.csv\n"


def snapshot(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path) for path in (folder / "data/raw").iterdir()}
