"""Lines of a file that are no rows of its table are set aside with a reason; whatever may be a row stays one."""

from __future__ import annotations

from pathlib import Path

import pytest

from stages.ingest.csv import reader
from stages.ingest.csv.nonrows import AGAIN, NOTE, TOTAL, UNITS
from stages.table import csv_io

HEADER = "amount,visits,churn\n"
ROWS = ["50.34,7,yes", "63.6,7,yes", "62.25,2,no", "44.9,1,no", "47.02,4,no", "44.73,4,yes"]
BODY = "".join(f"{row}\n" for row in ROWS)


def read(tmp_path: Path, text: str, **told: object) -> tuple[list[str], list[str], dict[int, str], list[str]]:
    """Columns, rows, lines set aside with the reason, and doubts; streamed, and written, which must be the same."""
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    with reader.open_table(path, **told) as opened:  # type: ignore[arg-type]
        judged = list(opened.judged())
    table = reader.normalize(path, tmp_path / "normal.csv", **told)  # type: ignore[arg-type]
    written, ragged = csv_io.read_text(tmp_path / "normal.csv", table.header)

    aside = {record.line: record.aside for record in judged if record.aside}
    assert {record.line: record.aside for record in table.aside} == aside
    lines = [record.line for record in judged if not record.aside]
    assert sorted([*written[csv_io.LINE].to_pylist(), *(row.line for row in ragged)]) == lines
    assert table.rows == len(lines)
    assert table.doubts == opened.doubts
    return table.columns, [",".join(record.cells) for record in judged if not record.aside], aside, table.doubts


@pytest.mark.parametrize(
    "above",
    [
        "Quarterly churn export,,\nGenerated 2024-05-01,,\n\n",
        "Quarterly churn export\nGenerated 2024-05-01\n\n",
        "Quarterly churn export\n",
        ",Quarterly churn export,\n,,\n",
        "Report,churn\nDate,2024-05-01\n\n",
        "Report,Churn,\nDate,2024-05-01,\n,,\n",
        '"Export, of all",,\n\n\n',
        "2024-05-01,,\n",
        "a\nb\nc\nd\ne\nf\ng\n",
    ],
)
def test_lines_above_the_header_are_skipped(tmp_path: Path, above: str) -> None:
    columns, rows, aside, _ = read(tmp_path, above + HEADER + BODY, expected=["churn"])

    assert (columns, rows, aside) == (["amount", "visits", "churn"], ROWS, {})


@pytest.mark.parametrize("above", ["Quarterly churn export,,\nGenerated 2024-05-01,,\n\n", "Made by hand\n"])
def test_they_are_found_without_a_name_to_expect(tmp_path: Path, above: str) -> None:
    columns, rows, *_ = read(tmp_path, above + HEADER + BODY)

    assert (columns, rows) == (["amount", "visits", "churn"], ROWS)


def test_a_name_that_is_expected_shows_the_header_below_lines_as_full_as_rows(tmp_path: Path) -> None:
    text = "Report,of,Churn\nby,the,team\n" + HEADER + BODY

    assert read(tmp_path, text, expected=["churn"])[0] == ["amount", "visits", "churn"]


@pytest.mark.parametrize(
    "text",
    [
        HEADER + "50,7,yes\n60\n70,8\n80,9,no\n90,1,yes\n",
        HEADER + "churn,,\n" + BODY,
        "amount,,churn\n" + BODY,
        "amount,visits,\n" + BODY,
        "amount,,capital\nAfghanistan,AFG,Kabul\nAlbania,ALB,Tirana\nAustria,AUT,Vienna\nBhutan,BTN,Thimphu\n",
    ],
)
def test_a_header_on_the_first_line_stays_the_header(tmp_path: Path, text: str) -> None:
    columns, *_ = read(tmp_path, text)

    assert columns[0] == "amount"


@pytest.mark.parametrize(
    "text",
    ["a,,1,2\nb,3,1,5\nc,4,5,1\n", "1,,\n2,5,a\n3,6,b\n", "x\ny\nx\nz\nx\n"],
)
def test_a_table_without_header_loses_no_row(tmp_path: Path, text: str) -> None:
    _, rows, aside, _ = read(tmp_path, text)

    assert len(rows) == text.count("\n")
    assert not aside


@pytest.mark.parametrize("where", [0, 1, 2])
def test_of_several_files_only_some_have_lines_above(tmp_path: Path, where: int) -> None:
    title = ["", "Title,,\n\n", "one\ntwo\n"][where]

    columns, rows, *_ = read(tmp_path, title + HEADER + BODY, like=["visits", "churn", "amount"])

    assert (columns, rows) == (["amount", "visits", "churn"], ROWS)


@pytest.mark.parametrize(
    ("units", "count"),
    [
        ("EUR,count,", 1),
        ("[EUR],[-],", 1),
        ("double,int,text", 1),
        ("what was paid,how often they came,did they leave?", 1),
        ("amount of money,number of visits,churn\nEUR,count,", 2),
        ("EUR,EUR,", 1),
    ],
)
def test_units_below_the_header_are_set_aside(tmp_path: Path, units: str, count: int) -> None:
    columns, rows, aside, _ = read(tmp_path, f"{HEADER}{units}\n{BODY * 2}")

    assert (columns, rows) == (["amount", "visits", "churn"], ROWS * 2)
    assert aside == dict.fromkeys(range(2, 2 + count), UNITS)


@pytest.mark.parametrize("first", ["unknown,,no", "refused,3,no", "50,none given,no", ",,no", "?,?,yes"])
def test_a_first_row_with_a_stray_text_is_a_row(tmp_path: Path, first: str) -> None:
    _, rows, aside, _ = read(tmp_path, f"{HEADER}{first}\n{BODY}")

    assert (rows, aside) == ([first, *ROWS], {})


@pytest.mark.parametrize(
    ("text", "doubted"),
    [
        ("country,code,gdp,pop,life\nAfghanistan,AFG,..,..,..\nAlbania,ALB,1,2,3\nChad,TCD,4,5,6\n", False),
        ("name,a,b,c\nx1,n.a.,no data,(blank)\nx2,1,2,3\nx3,1,2,4\n", False),
        ("runner,time,place,points\nBo,DNS,DNS,DNS\nCy,98,1,10\nDi,99,2,9\n", True),
        ("name,height,weight,bp,ill\nSmith,not measured,not measured,refused,yes\nLee,1,2,3,yes\nKim,2,3,1,no\n", True),
        ("name,height,weight\nSmith,not measured,refused\nLee,1,2\nKim,2,3\n", True),
        ("site,lead,arsenic\nS0,<0.5,<0.1\nS1,5,5\nS2,4,5\n", False),
        ("site,lead,arsenic\nS0,less than <0.5,about or < 0.1\nS1,5,5\nS2,4,5\n", False),
        ("sex,score\nm,count\nf,3\nm,4\n", True),
        ("name,price,member\nBo,free,no\nCy,3,no\nDi,4,yes\n", False),
    ],
)
def test_a_first_row_of_texts_that_may_be_one_is_kept(tmp_path: Path, text: str, doubted: bool) -> None:
    _, rows, aside, doubts = read(tmp_path, text)

    assert (len(rows), aside) == (text.count("\n") - 1, {})
    said = ["line 2 has only texts where others have numbers, and is kept as a row: is it one?"]
    assert doubts == (said if doubted else [])


def test_texts_below_a_header_of_texts_are_rows(tmp_path: Path) -> None:
    text = "name,town,kind\nm,kg,text\n" + "Ann,Rome,a\nBob,Bonn,b\n" * 5

    assert not read(tmp_path, text)[2]


@pytest.mark.parametrize(
    "notes",
    [
        "Source: the shop's own books,,\n",
        "Source: the shop's own books\n",
        "\nNotes\n* of all shops\n* without returns\n",
        ",,\nExported by Ann,,\n,,\n,,\n",
        "All amounts in EUR,,\n",
    ],
)
def test_notes_at_the_end_are_set_aside(tmp_path: Path, notes: str) -> None:
    _, rows, aside, _ = read(tmp_path, HEADER + BODY + notes)

    assert rows == ROWS
    assert set(aside.values()) == {NOTE}
    assert len(aside) == sum(1 for line in notes.split("\n") if line.strip(","))


def test_notes_below_names_are_told_by_their_words_or_a_blank_line(tmp_path: Path) -> None:
    people = "name,age,town\n" + "Ann,30,Rome\nBob,41,Bonn\nCem,25,Oslo\n" * 3

    assert not read(tmp_path, people + "Dora,,\n")[2]  # she may be a row
    assert read(tmp_path, people + "Source: a survey,,\n")[2] == {11: NOTE}
    assert read(tmp_path, people + "\nThose asked in May\n")[2] == {12: NOTE}
    assert not read(tmp_path, people.replace("\nAnn", "\n\nAnn") + "\nDora,,\n")[2]  # blank lines part groups of rows


LIST = "name,price,stock\n" + "".join(f"P{number},{number + 4},{number % 7}\n" for number in range(9))


@pytest.mark.parametrize(
    "name",
    ["Records cabinet", "Stand lamp", "Filter jug", "Source Code", "Report from Rome", "End of Watch", "Note 20 Ultra",
     "Legend", "Created Equal", "*NSYNC"],
)  # fmt: skip
def test_a_thing_that_is_called_as_notes_begin_is_a_row(tmp_path: Path, name: str) -> None:
    _, rows, aside, doubts = read(tmp_path, f"{LIST}{name},,\n")

    assert (rows[-1], aside) == (f"{name},,", {})
    assert doubts == ["line 11 has a text and little else, and is kept as a row: is it one?"]


@pytest.mark.parametrize(
    "note",
    ["Source: a survey", "Notes:", "Generated 2024-05-01", "Exported by Ann", "Page 1 of 3", "Rows: 9", "* est."],
)
def test_notes_are_told_by_how_they_begin(tmp_path: Path, note: str) -> None:
    assert read(tmp_path, f"{LIST}{note},,\n")[2] == {11: NOTE}


@pytest.mark.parametrize("stray", ["error,,,", ",overflow,,", ",,<400,", "< 400 or so,,,", ",sensor was off,,"])
@pytest.mark.parametrize("last", [False, True])
def test_a_text_alone_among_numbers_may_be_a_value(tmp_path: Path, stray: str, last: bool) -> None:
    body = "12.9,47,454,0\n16.2,76,678,0\n20.1,40,500,1\n"

    _, rows, aside, _ = read(tmp_path, f"temp,hum,co2,alarm\n{body * 2}{stray}\n{'' if last else body}")

    assert stray in rows
    assert not aside


def test_in_a_table_of_few_values_a_text_alone_is_one(tmp_path: Path) -> None:
    text = "temp,hum,msg\n" + "21,,\n,40,\n,41,\n22,,\n" * 5 + "not in use,,\n\nsensor was off,,\n"

    assert not read(tmp_path, text)[2]


@pytest.mark.parametrize("total", ["Total,25,", "total:,25,", "Grand Total,25,", "Average,4.1666667,"])
def test_a_word_in_a_column_of_numbers_is_a_total(tmp_path: Path, total: str) -> None:
    assert read(tmp_path, HEADER + BODY + f"{total}\n")[2] == {8: TOTAL}


FUELS = "brand,litres,price\nShell,10,1.5\nTotal,20,1.6\nAral,30,1.7\n"


def test_a_total_is_one_if_it_adds_up(tmp_path: Path) -> None:
    assert read(tmp_path, FUELS + "Total,60,\n")[2] == {5: TOTAL}
    assert read(tmp_path, FUELS.replace("Total,20", "BP,20") + "Mean,20,1.6\nSum,60,4.8\n")[2] == {5: TOTAL, 6: TOTAL}


def test_a_row_named_total_is_kept_and_doubted(tmp_path: Path) -> None:
    _, rows, aside, doubts = read(tmp_path, FUELS + "BP,5,1.4\nTotal,22,1.5\n")

    assert (rows[-1], aside) == ("Total,22,1.5", {})
    assert doubts == ["line 6 says 'Total', but may not add up those above, and is kept as a row: is it one?"]
    assert not read(tmp_path, FUELS + "BP,5,1.4\n")[3]


@pytest.mark.parametrize(
    "text",
    [
        "brand,litres,recalled,member\nShell,33,1,yes\nEsso,17,0,no\nBP,2,0,no\nTotal,33.3,1,yes\n",
        "brand,litres,recalled\nShell,33,1\nEsso,17,0\nBP,2,0\nTotal,33.3,1\n",
        "brand,recalled\nShell,1\nEsso,0\nBP,0\nTotal,1\n",
        "item,quality,year,price\n1,good,2023,9\n2,bad,2023,5\n3,average,2023,42.6\n",
        "quality,year,price\ngood,2023,5\nbad,2023,6\naverage,2023,7\n",
        "quality,year\ngood,2023\nbad,2023\naverage,2023\n",
        "quality,price\ngood,5\nbad,3\naverage,4\n",
        "sensor,stat,n,value\n1,max,60,3.3\n2,min,60,2.6\n3,mean,60,7.3\n",
        "brand,n,price\nShell,1,1.5\nEsso,0,1.6\nTotal,1,1.7\n",
        "site,lead\nA,0.001\nB,0.001\nTotal,0.004\n",
    ],
)
def test_a_row_that_adds_up_one_column_by_chance_is_a_row(tmp_path: Path, text: str) -> None:
    _, rows, aside, _ = read(tmp_path, text)

    assert (len(rows), aside) == (text.count("\n") - 1, {})


def test_each_column_of_a_total_adds_up(tmp_path: Path) -> None:
    text = "brand,litres,year,price\nShell,10,2023,1.25\nBP,20,2023,1.5\nAral,30,2023,1.75\n"

    assert read(tmp_path, text + "Total,60,,4.50\n")[2] == {5: TOTAL}
    assert read(tmp_path, text + "Average,20,2023,1.5\n")[2] == {5: TOTAL}
    assert not read(tmp_path, text + "Total,60,2023,1.5\n")[2]


def test_a_total_of_decimal_commas_adds_up(tmp_path: Path) -> None:
    text = "Artikel;Umsatz;Menge\nA;6.254,60;2\nB;1.000,5;3\nC;745;5\n"

    assert read(tmp_path, text + "Summe;8.000,10;\n")[2] == {5: TOTAL}
    assert not read(tmp_path, text + "Summe;8.000,20;\n")[2]


def test_the_header_again_is_set_aside_wherever_it_stands(tmp_path: Path) -> None:
    title = "Churn of May,,\n\n"
    text = title + HEADER + BODY + title + HEADER + BODY + HEADER

    _, rows, aside, _ = read(tmp_path, text)

    assert rows == [*ROWS, *ROWS]
    assert aside == {10: NOTE, 12: AGAIN, 19: AGAIN}


@pytest.mark.parametrize("quoted", [False, True])
def test_in_a_large_file_each_line_is_found_as_in_a_small_one(tmp_path: Path, quoted: bool) -> None:
    many = BODY * 40_000
    middle = 'a "quoted" note,,\n' if quoted else "a note,,\n"
    text = HEADER + many + HEADER + middle + "in short\n" + many + "\nSource: books\n" + "\n" * 3_000

    _, rows, aside, _ = read(tmp_path, text)

    size = len(ROWS) * 40_000
    assert len(rows) == 2 * size
    assert aside == {size + 2: AGAIN, size + 3: NOTE, size + 4: NOTE, 2 * size + 6: NOTE}


def test_a_column_alone_loses_no_row(tmp_path: Path) -> None:
    assert read(tmp_path, "word\nword\nTotal\nSource: x\n\nnote\n", expected=["word"])[1] == [
        "word",
        "Total",
        "Source: x",
        "note",
    ]


def test_they_are_rows_where_that_is_told(tmp_path: Path) -> None:
    text = HEADER + "EUR,count,\n" + BODY + HEADER + "Total,25,\nSource: books,,\n"

    _, rows, aside, _ = read(tmp_path, text, rows_only=False, expected=["churn"])

    assert (len(rows), aside) == (len(ROWS) + 4, {})
