"""How a file is written is found from its beginning, and what is doubtful is said."""

from __future__ import annotations

import codecs

import corpus
import pytest

from stages.core.errors import SourceError
from stages.ingest.csv import dialect, encodings, headers


@pytest.mark.parametrize("case", corpus.CASES, ids=lambda case: case.name)
def test_the_dialect_of_each_file_of_the_corpus_is_found(case: corpus.Case) -> None:
    found = dialect.find_dialect(case.name, case.content, names=case.names)

    assert (found.delimiter, found.header, found.encoding) == (case.delimiter, case.header, case.encoding)


@pytest.mark.parametrize("text", [";".join("abcdefgh"), "\t".join("abcdefgh")])
def test_a_file_cut_anywhere_is_judged_as_the_whole_one(text: str) -> None:
    lines = [text, *(text.replace("a", f"{n},5").replace("h", f'"x{text[1]}y\nz"') for n in range(10))]
    content = "\n".join(lines).encode()

    found = {dialect.find_dialect("a.csv", content[:end]).delimiter for end in range(60, len(content), 7)}

    assert found == {text[1]}


@pytest.mark.parametrize(
    ("content", "end"),
    [
        (b"a,b\n1,2\n", "lf"),
        (b"a,b\r\n1,2\r\n", "crlf"),
        (b"a,b\r\n1,2\r", "crlf"),  # the sample ends there
        (b"a,b\r1,2\r", "cr"),
        (b"a,b\r\n1,2\n", "mixed"),
    ],
)
def test_how_lines_end_is_told(content: bytes, end: str) -> None:
    assert dialect.find_dialect("a.csv", content).line_end == end


def test_what_is_told_is_not_found_anew() -> None:
    text = "a;b,c\n1;2,3\n"

    assert dialect.find_dialect("a.csv", text.encode(), delimiter=",").delimiter == ","
    assert dialect.find_dialect("a.csv", text.encode(), delimiter=";").delimiter == ";"
    assert dialect.find_dialect("a.csv", text.encode(), delimiter="tab").delimiter == "\t"
    assert dialect.find_dialect("a.csv", "a,b\nä,1\n".encode("cp1250"), encoding="cp1250").encoding == "cp1250"
    assert dialect.find_dialect("a.csv", codecs.BOM_UTF8 + b"a,b\n1,2\n", encoding="cp1252").encoding == "utf-8-sig"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"encoding": "utf9"}, r"ingest.encoding: Python knows no encoding 'utf9'. Did you mean 'utf-8'\?"),
        ({"encoding": "hex"}, "ingest.encoding: Python knows no encoding 'hex'"),
        ({"delimiter": "::"}, "ingest.delimiter: '::' is no delimiter. Write auto, whitespace or one character"),
        ({"delimiter": '"'}, "ingest.delimiter: '\"' is no delimiter"),
        ({"delimiter": ""}, "ingest.delimiter: '' is no delimiter"),
    ],
)
def test_what_is_told_wrongly_is_refused(settings: dict[str, str], message: str) -> None:
    with pytest.raises(SourceError, match=message):
        dialect.find_dialect("a.csv", b"a,b\n1,2\n", **settings)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("<!DOCTYPE html>\n<html><body>404</body></html>\n", "a web page"),
        ("\n\n<html>\n<head>", "a web page"),
        ('<?xml version="1.0"?>\n<a/>\n', "an XML document"),
        ('{"a": 1, "b": 2}\n', "JSON"),
        ('[{"a": 1}, {"a": 2}]\n', "JSON"),
        ("% a comment\n@RELATION iris\n@ATTRIBUTE a NUMERIC\n@DATA\n1\n", "an ARFF file"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 5\n", "a pointer of Git LFS"),
    ],
)
def test_text_that_is_no_csv_is_named(text: str, what: str) -> None:
    with pytest.raises(SourceError, match=f"a.csv is {what}"):
        dialect.find_dialect("a.csv", text.encode())


@pytest.mark.parametrize(("content", "what"), [(b"\n \n\t\n", "only blank lines"), (b"# a\n#b\n", "only comments")])
def test_text_without_a_table_is_named(content: bytes, what: str) -> None:
    with pytest.raises(SourceError, match=f"a.csv holds {what}"):
        dialect.find_dialect("a.csv", content)


@pytest.mark.parametrize(("codec", "text"), [(name.strip(), text) for name, text in corpus.TEXTS.items()])
def test_the_encoding_of_a_few_words_is_found(codec: str, text: str) -> None:
    found = encodings.find_encoding("a.csv", [text.encode(codec)])

    assert text.encode(codec).decode(found.name) == text


def test_names_that_are_given_over_other_names_are_flagged() -> None:
    assert not dialect.find_dialect("a.csv", b"1,x\n2,y\n", names=["n", "kind"]).doubt
    assert "looks like a header" in dialect.find_dialect("a.csv", b"number,sort\n1,x\n2,y\n", names=["n", "kind"]).doubt
    assert dialect.find_dialect("a.csv", b"kind,n\nx,1\ny,2\n", names=["n", "kind"]).header


def test_an_encoding_that_is_not_western_is_flagged() -> None:
    assert not dialect.find_dialect("a.csv", corpus.TEXTS["cp1252"].encode("cp1252")).doubt
    assert "cp1251" in dialect.find_dialect("a.csv", corpus.TEXTS["cp1251"].encode("cp1251")).doubt


def test_a_few_bytes_that_are_no_utf8_do_not_spoil_the_rest() -> None:
    content = ("name,n\n" + "Köln,1\n" * 20).encode() + b"K\xf6ln,2\n"

    found = dialect.find_dialect("a.csv", content)

    assert content.decode(found.encoding, found.errors) == "name,n\n" + "Köln,1\n" * 20 + "Köln,2\n"
    assert "some bytes are not UTF-8" in found.doubt


HEADERS = [
    (["id,age", "1,20", "2,30"], True),
    (["5.1,3.5,setosa", "4.9,3.0,setosa", "6.3,3.3,virginica"], False),
    (["a,b", "c,d", "a,d", "c,b", "a,b"], False),
    (["kind,size", "red,big", "red,small", "blue,big", "red,big"], True),
    (["2019,2020,2021", "5,6,7.5", "8,3,1"], True),
    (["0,1,2,3", "5.1,3.5,1.4,x", "4.9,3.0,1.3,y"], True),
    (["1,2,3", "2,3,4", "3,4,5"], False),
    ([",x,y", "0,1,2", "1,3,4"], True),
    (["2020-01-01,5", "2020-01-02,6"], False),
    (["date,n", "2020-01-01,5", "2020-01-02,6"], True),
    (["?,3,a", "2,4,b", "3,5,a"], False),
    (["name,city", "Ann,Paris"], True),
]


@pytest.mark.parametrize(("lines", "header"), HEADERS)
def test_a_header_is_told_from_values(lines: list[str], header: bool) -> None:
    assert headers.judge_header([line.split(",") for line in lines]).header is header


@pytest.mark.parametrize(
    ("lines", "doubtful"),
    [
        (["id,age", "1,20", "2,30"], False),
        (["name,city", "Ann,Paris", "Bob,Rome"], True),
        (["2019,2020,2021", "5,6,7.5", "8,3,1"], True),
        (["p,x", "e,x", "p,y", "e,y"], True),
    ],
)
def test_a_header_that_is_not_clear_is_flagged(lines: list[str], doubtful: bool) -> None:
    assert bool(headers.judge_header([line.split(",") for line in lines]).doubt) is doubtful


@pytest.mark.parametrize(
    ("cells", "names", "changed"),
    [
        (["a", "b"], ["a", "b"], 0),
        ([" a ", "\ufeffb", "c\n d"], ["a", "b", "c d"], 0),
        (["", "a", ""], ["column_1", "a", "column_3"], 2),
        (["a", "a", "a"], ["a", "a_2", "a_3"], 2),
        (["a", "a_2", "a"], ["a", "a_2", "a_3"], 1),
        (["column_2", ""], ["column_2", "column_2_2"], 1),
    ],
)
def test_each_column_gets_a_name_of_its_own(cells: list[str], names: list[str], changed: int) -> None:
    found, said = headers.name_columns(cells)

    assert found == names
    assert len(said) == changed
