"""Lines of a file that are no rows of its table are set aside with a reason; whatever may be a row stays one."""

from __future__ import annotations

from pathlib import Path

import pytest

from stages import tables
from stages.source import records
from stages.source.nonrows import AGAIN, NOTE, TOTAL, UNITS

HEADER = "amount,visits,churn\n"
ROWS = ["50.34,7,yes", "63.6,7,yes", "62.25,2,no", "44.9,1,no", "47.02,4,no", "44.73,4,yes"]
BODY = "".join(f"{row}\n" for row in ROWS)


def read(tmp_path: Path, text: str, **told: object) -> tuple[list[str], list[str], dict[int, str], list[str]]:
    """Columns, rows, lines set aside with the reason, and doubts; streamed, and written, which must be the same."""
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    with records.opened(path, **told) as opened:  # type: ignore[arg-type]
        judged = list(opened.judged())
    table = records.normal(path, tmp_path / "normal.csv", **told)  # type: ignore[arg-type]
    written, ragged = tables.read_text(tmp_path / "normal.csv", table.header)

    aside = {record.line: record.aside for record in judged if record.aside}
    assert {record.line: record.aside for record in table.aside} == aside
    lines = [record.line for record in judged if not record.aside]
    assert sorted([*written[tables.LINE].to_pylist(), *(row.line for row in ragged)]) == lines
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
    assert doubts == ["line 6 says 'Total' and adds up no column, so it is kept as a row: is it one?"]
    assert not read(tmp_path, FUELS + "BP,5,1.4\n")[3]


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
    text = HEADER + many + HEADER + middle + "short\n" + many + "\nSource: books\n" + "\n" * 3_000

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
