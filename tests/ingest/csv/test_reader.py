"""Any file is read record by record: right cells, right lines, bounded memory, and an error that says where."""

from __future__ import annotations

import contextlib
import csv
import io
import random
import resource
import subprocess
import sys
from pathlib import Path

import corpus
import pytest
import small
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from stages.core.errors import SourceError
from stages.ingest.bounds import Bounds
from stages.ingest.csv import reader
from stages.table import csv_io


def written(path: Path, content: bytes | str) -> Path:
    """The file."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("case", corpus.CASES, ids=lambda case: case.name)
def test_each_file_of_the_corpus_is_read_cell_for_cell(tmp_path: Path, case: corpus.Case) -> None:
    path = written(tmp_path / "a.csv", case.content)

    with reader.open_table(path, case.names) as table:
        assert table.columns == case.columns
        assert dict(table) == case.rows
        assert dict(table) == case.rows  # as often as wanted


@pytest.mark.parametrize("case", corpus.CASES, ids=lambda case: case.name)
def test_the_normal_form_of_each_file_holds_the_same_on_the_same_lines(tmp_path: Path, case: corpus.Case) -> None:
    path, target = written(tmp_path / "a.csv", case.content), tmp_path / "normal.csv"

    table = reader.normalize(path, target, case.names)
    text, ragged = csv_io.read_text(target, table.header)

    assert (table.columns, table.rows) == (case.columns, len(case.rows))
    found = {row.pop(csv_io.LINE): list(row.values()) for row in text.to_pylist()}
    assert found == {line: cells for line, cells in case.rows.items() if len(cells) == len(case.columns)}
    assert {row.line: row.found for row in ragged} == {
        line: len(cells) for line, cells in case.rows.items() if len(cells) != len(case.columns)
    }
    again = tmp_path / "again.csv"
    if table.header and "stray" not in case.name:
        reader.normalize(target, again, delimiter=",", like=table.columns)
        assert again.read_bytes() == target.read_bytes()


@pytest.mark.parametrize("kind", ["gz", "zip", "zst", "bz2", "xz", ""])
@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a"])
def test_packed_files_are_told_by_what_they_hold(tmp_path: Path, kind: str, name: str) -> None:
    path = written(tmp_path / name, corpus.packed(kind, corpus.people(";").encode("utf-16")))

    with reader.open_table(path) as table:
        assert table.columns == corpus.NAMES
        assert dict(table) == corpus.ROWS


def test_of_a_zip_the_table_is_taken(tmp_path: Path) -> None:
    files = {"__MACOSX/._a.csv": b"\0", "readme.txt": b"hello", "folder/a.csv": b"a,b\n1,2\n"}
    path = written(tmp_path / "a.zip", corpus.zipped(files))

    with reader.open_table(path) as table:
        assert dict(table) == {2: ["1", "2"]}


PLAIN = b"a,b\n1,2\n3,4\n" * 100
RANDOM = random.Random(7)
HOSTILE = [
    ("empty", b"", "a.csv is empty: 0 bytes"),
    ("blank", b"\n\n  \n", "a.csv holds only blank lines"),
    ("garbage", RANDOM.randbytes(5000), "line 1: a NUL character|is no text"),
    ("garbage without NUL", RANDOM.randbytes(5000).replace(b"\0", b"\1"), "a.csv is no text"),
    ("NUL", b"a,b\n1,2\n3,\0\n", "a.csv, line 3: a NUL character, so this is no CSV text"),
    ("PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "a.csv is a PDF document"),
    ("workbook", corpus.zipped({"[Content_Types].xml": b"", "xl/workbook.xml": b""}), "is an Excel workbook.*as CSV"),
    ("sheet", corpus.zipped({"mimetype": b"", "content.xml": b""}), "is an OpenDocument sheet"),
    ("old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "is an old Excel workbook"),
    ("Parquet", b"PAR1\x15\x04\0\0" + bytes(600), "is a Parquet file"),
    ("web page", b"<!doctype html><title>404</title>", "a.csv is a web page"),
    ("several tables", corpus.zipped({"a.csv": PLAIN, "b.csv": PLAIN}), "holds several tables: a.csv, b.csv. Unpack"),
    ("empty zip", corpus.zipped({}), "a.csv is empty. Unpack"),
    ("packed twice", corpus.packed("gz", corpus.packed("zip", PLAIN)), "a.csv is packed twice"),
    *((f"cut {kind}", corpus.packed(kind, PLAIN)[:-9], "truncated or damaged") for kind in ("gz", "zip", "zst", "xz")),
    ("damaged gz", b"\x1f\x8b" + bytes(40), "truncated or damaged"),
    ("damaged zst", corpus.packed("zst", PLAIN)[:8] + b"\xff" * 30, "truncated or damaged"),
    ("header only", b"a,b\n", "a.csv has a header but no rows"),
    ("header and blank lines", b"a,b\n,\n\n", "a.csv has a header but no rows"),
    ("open quote", b'a,b\n1,2\n3,"x\n4,5\n', "line 3: a quote is opened here and not closed"),
    ("open quote in a wide record", b'a,b\n"x\ny","z\n4,5\n', "line 3: a quote is opened here"),
    ("UTF-16 cut", "a,b\n1,2\n".encode("utf-16")[:-1], "line 2: byte 0x0a is not utf-16"),
]


@pytest.mark.parametrize(("content", "message"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_what_is_no_table_is_an_error_that_says_what_and_where(tmp_path: Path, content: bytes, message: str) -> None:
    path = written(tmp_path / "a.csv", content)

    with pytest.raises(SourceError, match=message):
        reader.normalize(path, tmp_path / "normal.csv")


def test_a_damaged_file_of_any_kind_never_ends_in_an_error_of_someone_elses(tmp_path: Path) -> None:
    source = random.Random(11)
    for kind in ("", "gz", "zip", "zst", "xz", "bz2"):
        good = corpus.packed(kind, corpus.people(",").encode() * 50)
        for _ in range(40):
            content = bytearray(good)
            for _ in range(source.randint(1, 8)):
                content[source.randrange(len(content))] = source.randrange(256)
            with contextlib.suppress(SourceError):
                reader.normalize(written(tmp_path / "a.csv", bytes(content)), tmp_path / "normal.csv")


def test_names_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "1,2,3\n4,5,6\n")

    with pytest.raises(SourceError, match=r"a.csv has 3 columns, but 2 names are given \(ingest.names\)"):
        reader.normalize(path, tmp_path / "normal.csv", ["a", "b"])


def test_a_file_whose_first_line_is_known_has_a_header(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "p,x\ne,x\np,y\n")

    with reader.open_table(path) as table:
        assert table.columns == ["column_1", "column_2"]
    with reader.open_table(path, like=["x", "p"]) as table:
        assert table.columns == ["p", "x"]


def test_what_was_renamed_or_left_out_is_noted(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "# made by hand\n,a,a,,\n0,1,2,,\n1,3,4,,\n")

    table = reader.normalize(path, tmp_path / "normal.csv")

    assert table.columns == ["column_1", "a", "a_2"]
    assert table.notes == [
        "the table starts on line 2",
        "2 columns without a name and without values are left out",
        "column 1 has no name in the header and is called 'column_1'",
        "column 3 is a second 'a' and is called 'a_2'",
    ]


def test_a_column_without_name_is_kept_for_a_value_far_below(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "a,b,\n" + "1,2,\n" * 100_000 + "1,2,3\n")

    with reader.open_table(path) as table:
        assert table.columns == ["a", "b", "column_3"]


def test_a_byte_far_below_decides_the_encoding(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", b"a,b\n" + b"1,2\n" * 200_000 + b"3,K\xf6ln\n")

    with reader.open_table(path) as table:
        assert table.dialect.encoding == "cp1252"
        assert list(table)[-1] == (200_002, ["3", "Köln"])


def test_quotes_that_come_late_are_quotes(tmp_path: Path) -> None:
    path, target = tmp_path / "a.csv", tmp_path / "normal.csv"
    written(path, "a,b\n" + "1,2\n" * 600_000 + '"3,\n4",5\n6,7\n')

    with reader.open_table(path) as table:
        assert list(table)[-2:] == [(600_002, ["3,\n4", "5"]), (600_004, ["6", "7"])]
    assert reader.normalize(path, target).rows == 600_002
    assert target.read_bytes() == path.read_bytes()


def test_ten_thousand_columns(tmp_path: Path) -> None:
    header, row = (",".join(f"{name}{number}" for number in range(10_000)) for name in ("c", ""))
    path = written(tmp_path / "a.csv", f"{header}\n" + f"{row}\n" * 20)

    table = reader.normalize(path, tmp_path / "normal.csv")

    assert (len(table.columns), table.rows) == (10_000, 20)
    assert csv_io.read_text(tmp_path / "normal.csv")[0].num_columns == 10_001


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_cell_of_ten_megabytes(tmp_path: Path, quote: str) -> None:
    path = written(tmp_path / "a.csv", f"a,b\n1,2\n3,{quote}{'x y ' * 2_600_000}{quote}\n4,5\n")

    assert reader.normalize(path, tmp_path / "normal.csv", bounds=Bounds(cell=1 << 24)).rows == 3
    table, ragged = csv_io.read_text(tmp_path / "normal.csv")
    assert (table[csv_io.LINE].to_pylist(), ragged) == ([2, 3, 4], [])


def test_a_line_that_never_ends_is_no_table(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.write(b"a,b\n")
        for _ in range(70):
            file.write(b"x," * (1 << 19))

    with pytest.raises(SourceError, match=r"a.csv, line 2: more than 67,108,864 characters, so this is no table"):
        reader.normalize(path, tmp_path / "normal.csv")


LIMITED = """
import resource, sys
from pathlib import Path
from stages.ingest.csv import reader as records
from stages.core.errors import SourceError
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    print(records.normalize(Path(sys.argv[1]), Path(sys.argv[2])).rows)
except SourceError as error:
    print(error)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
assert not {"pandas", "sklearn", "numpy"} & set(sys.modules)
"""


def measured(path: Path) -> tuple[str, float]:
    """What a process of its own says of the file, and the megabytes it took."""
    command = [sys.executable, "-c", LIMITED, str(path), str(path.with_name("normal.csv"))]
    done = subprocess.run(command, cwd=small.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said, memory = done.stdout.rsplit("\n", 2)[:2]
    return said, int(memory) / 1024


@pytest.mark.slow
def test_a_large_file_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    row = b"2013-01-01,UA,1545,N14228,EWR,IAH,227,1400,5.5,0.25,red\n"
    with path.open("wb") as file:
        file.write(b"date,carrier,flight,tail,from,to,air,miles,x,y,colour\n")
        for _ in range(180):
            file.write(row * 10_000)

    said, memory = measured(path)

    assert said == "1800000"
    assert memory < 50


@pytest.mark.slow
@pytest.mark.parametrize(
    ("head", "line", "tail", "message"),
    [
        (b"", b"12345,123\n", b'3,"4\n', "line 10000002: a quote is opened here and not closed"),
        (b'3,"4\n', b"a,b , c\n\n", b"", "line 2: a quote is opened here and not closed"),
        (b'3,"4\n', b"12345,123\n", b"", "10000001"),  # the lines below are records, so the quote is a stray one
    ],
)
def test_an_open_quote_in_a_large_file_takes_little_memory(
    tmp_path: Path, head: bytes, line: bytes, tail: bytes, message: str
) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.write(b"a,b\n" + head)
        for _ in range(100):
            file.write(line * 100_000)
        file.write(tail)

    said, memory = measured(path)

    assert message in said
    assert memory < 400


@examples(300)
@given(
    st.one_of(
        st.binary(max_size=400),
        st.text(st.sampled_from("ab1, ;|\t:\n\r\"'\\#%?.é="), max_size=200).map(str.encode),
        st.text(max_size=60).map(lambda text: text.encode("utf-16")),
    ),
    st.sampled_from(["", "gz", "zip"]),
)
def test_whatever_the_bytes_are_a_table_comes_out_or_an_error_of_ours(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, kind: str
) -> None:
    folder = tmp_path_factory.getbasetemp()
    path = written(folder / "a.csv", corpus.packed(kind, content))

    try:
        table = reader.normalize(path, folder / "normal.csv")
    except SourceError:
        return

    text, ragged = csv_io.read_text(folder / "normal.csv", table.header)
    with reader.open_table(path) as found:
        rows = dict(found)
    assert len(rows) == table.rows == text.num_rows + len(ragged)
    assert sorted(rows) == sorted([*text[csv_io.LINE].to_pylist(), *(row.line for row in ragged)])
    assert len(set(table.columns)) == len(table.columns)
    assert all(table.columns)


cells = st.one_of(
    st.text(st.sampled_from("ab 1,;|\t\n\"'é.#%-"), max_size=6),
    st.integers(-999, 99999).map(str),
    st.sampled_from(["1,5", "2.5", "x", "", "NA", "2020-01-01", "a, b", "Müller"]),
)


@examples(300)
@given(
    rows=st.integers(2, 4).flatmap(
        lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=8)
    ),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    kind=st.sampled_from(["", "gz", "zip", "zst"]),
)
def test_any_table_that_is_written_is_read_back_cell_for_cell(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[list[str]],
    delimiter: str,
    encoding: str,
    end: str,
    quoting: int,
    kind: str,
) -> None:
    header = ["number", "first name", "city", "note"][: len(rows[0])]
    usual = [["1", "x", "Köln", "b"][: len(header)], ["2", "y", "Bonn", "c"][: len(header)]] * 5
    out = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if end == "\r" else quoting  # the writer leaves "\n" bare then
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerows([header, *usual, *rows, *usual])
    folder = tmp_path_factory.getbasetemp()
    path = written(folder / "a.csv", corpus.packed(kind, out.getvalue().encode(encoding)))
    expected = [row for row in [*usual, *rows, *usual] if any(cell.strip() for cell in row)]

    with reader.open_table(path, rows_only=False) as table:
        found = [cells for _, cells in table]
    normal = reader.normalize(path, folder / "normal.csv", rows_only=False)
    text, ragged = csv_io.read_text(folder / "normal.csv")

    assert table.columns == header
    assert found == expected
    assert normal.rows == len(expected)
    assert [list(row.values())[:-1] for row in text.to_pylist()] == expected
    assert not ragged


lines = st.lists(
    st.sampled_from(
        ["1,2,3", "", ",,", " ", "1,2,", "1,2,3,", "1,2", "a b,c,d ", "#1", "# a,b,c,d", "%x", "#1,2,3", ",2,"]
    ),
    max_size=12,
)


@given(lines, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_the_quick_way_and_the_careful_one_agree(
    tmp_path_factory: pytest.TempPathFactory, middle: list[str], end: str, last: bool
) -> None:
    folder = tmp_path_factory.getbasetemp()
    text = end.join(["a,b,c", "5,6,7", *middle, "8,9,1"]) + end * last
    quick, careful = (folder / f"{name}.csv" for name in ("quick", "careful"))
    written(quick, text)
    written(careful, text.replace("5,6,7", '"5",6,7', 1))  # a quote ends the quick way

    made = [
        reader.normalize(path, folder / f"{path.name}.normal", delimiter=",", like="abc") for path in (quick, careful)
    ]

    assert made[0].rows == made[1].rows
    assert (folder / "quick.csv.normal").read_bytes() == (folder / "careful.csv.normal").read_bytes()
    with reader.open_table(quick, delimiter=",", like="abc") as table:
        assert len(list(table)) == made[0].rows


def test_the_limit_of_memory_is_read_in_kilobytes() -> None:
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 10_000
