"""Numbers are written as people write them, and text from data is shown as it is."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from reportlab.platypus import Spacer

from stages.pdf import charts, text
from stages.pdf.canvas import TaggedCanvas
from stages.pdf.flowables import Gap
from stages.pdf.fonts import SANS, width
from stages.pdf.layout import spread
from stages.wording import numbers, vocabulary
from stages.wording.numbers import Form
from stages.wording.params import Column, Report
from stages.wording.vocabulary import Words


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (numbers.count(336776), "336,776"),
        (numbers.fixed(-0.0004, 3), "0.000"),
        (numbers.fixed(-130.2, 0), "−130"),
        (numbers.fixed(None, 2), "–"),
        (numbers.percent(0.4983), "50%"),
        (numbers.percent(0.0284, 1), "2.8%"),
        (numbers.signed(0.064, 3), "+0.064"),
        (numbers.signed(0.2, 0), "0"),
        (numbers.signed(-8.1, 1), "−8.1"),
        (numbers.span(0.654, 0.717, 3), "0.654–0.717"),
        (numbers.span(-0.01, 0.02, 2), "−0.01 to 0.02"),
        (numbers.span(None, 1.0, 2), "–"),
        (numbers.measured(-130.0, -180.4, -80.0), "−130 (−180 to −80)"),
        (numbers.measured(0.688, 0.654, 0.717), "0.688 (0.654–0.717)"),
        (numbers.measured(None, None, None), "–"),
        (numbers.measured(0.000012, 0.00001, 0.000014), "0.0000120 (0.0000100–0.0000140)"),
        (numbers.measured(3.84e10, 3.78e10, 3.89e10), "38.4 (37.8–38.9) billion"),
        (numbers.plain(1234567.0), "1,234,567"),
        (numbers.plain(0.00001234), "0.00001234"),
        (numbers.plain(-2.5), "−2.5"),
        (numbers.shown(0.784, Form(1, 100, "%")), "78.4%"),
        (numbers.shown(None, Form(1, 100, "%")), "–"),
        (numbers.shown_span(0.7, 0.8, Form(0, 100, "%")), "70–80%"),
        (numbers.plural(1, "row", "rows"), "one row"),
        (numbers.plural(12, "row", "rows"), "12 rows"),
        (numbers.listed(["a", "b", "c"]), "a, b and c"),
        (numbers.month("2013-11"), "Nov 2013"),
        (numbers.month("winter"), "winter"),
    ],
)
def test_numbers(written: str, expected: str) -> None:
    assert written == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(515, "05:15"), (None, "missing"), ("<b>", "<b>")],
)
def test_clock_times(value: Any, expected: str) -> None:
    words = Words(Report(columns={"dep": Column(clock=True)}), "late", "yes")
    assert words.value("dep", value) == expected


def test_markup_in_data_stays_text() -> None:
    assert text.safe("<b>&") == "&lt;b&gt;&amp;"


def test_a_glyph_the_font_lacks_comes_from_another_or_shows_its_code_point() -> None:
    assert text.safe("a✈") == 'a<font face="DejaVuSans">✈</font>'
    assert text.safe("京") == "\\u4EAC"


def test_what_cannot_be_printed_becomes_a_space() -> None:
    assert text.safe("a\x00\n\u2028b") == "a b"


def test_long_names_end_in_an_ellipsis() -> None:
    assert vocabulary.shorten("x" * 28) == "x" * 28
    assert vocabulary.shorten("x" * 29) == "x" * 27 + "…"


def test_the_last_words_stay_together() -> None:
    assert text.no_widow("one two three four") == "one two\u00a0three\u00a0four"


def test_gaps_share_what_a_page_leaves_over_and_no_more() -> None:
    # given 60 points of content and two gaps of 10 to 30 points
    parts = [Spacer(0, 60), Gap(10, 30), Gap(10, 30)]
    spread(parts, 100, 100)
    assert [gap.height for gap in parts[1:]] == [20, 20]
    spread(parts, 100, 1000)
    assert [gap.height for gap in parts[1:]] == [30, 30]


def test_a_chart_is_vectors_and_text_with_its_description() -> None:
    # given a figure with a dollar sign, a curve of second degree and a letter the font lacks
    on = charts.figure(100, 50)
    part = charts.axes(on, 10, 10, 10, 10)
    part.plot([0, 1], [0, 1], "o-")
    charts.write(part, 0.5, 0.5, "cost $5 → ✈", bold=True)
    # when it is drawn
    file = io.BytesIO()
    canvas = TaggedCanvas(file, about=dict.fromkeys(("language", "title", "subject", "author"), "x & y"), invariant=1)
    charts.Chart(on, "a line").drawOn(canvas, 20, 20)
    canvas.showPage()
    canvas.save()
    # then its text can be read, and there is no picture
    page = PdfReader(file).pages[0]
    assert "cost $5 → ✈" in page.extract_text()
    assert not page.images
    assert b"/Alt (a line)" in file.getvalue()


@given(st.floats(min_value=-1e15, max_value=1e15).filter(lambda value: value == 0 or abs(value) > 1e-8))
def test_a_plain_number_has_no_exponent_and_four_figures(value: float) -> None:
    # given a number of any size, when it is written for a reader
    written = numbers.plain(value)
    # then there is no exponent, and reading it gives the number again to three figures at least
    assert "e" not in written
    assert float(written.replace(",", "").replace(numbers.MINUS, "-")) == pytest.approx(value, rel=1e-3)


@pytest.mark.parametrize(
    ("label", "said"), [("Scheduled departure", "scheduled departure"), ("Delta 13 C", "Delta 13 C"), ("Bmi", "bmi")]
)
def test_a_label_inside_a_sentence_keeps_the_capitals_of_names(label: str, said: str) -> None:
    assert vocabulary.inside(label) == said


def test_names_that_are_too_long_are_abbreviated_alike_and_stay_apart() -> None:
    names = ["Overweight_Level_I", "Overweight_Level_II", "Insufficient_Weight", "Normal_Weight"]
    assert [*vocabulary.apart(names, 16).values()] == [
        "Overw. Level I", "Overw. Level II", "Insuf. Weight", "Normal_Weight"
    ]  # fmt: skip
    # of a single word the end goes, or the middle where the end tells it from another
    assert vocabulary.apart(["Unpronounceable", "short"], 8) == {"Unpronounceable": "Unprono…", "short": "short"}
    assert vocabulary.apart(["measurement1", "measurement2"], 8) == {
        "measurement1": "mea…ent1",
        "measurement2": "mea…ent2",
    }
    assert len(set(vocabulary.apart([f"alpha beta gamma {n}" for n in range(99)], 9).values())) == 99


def test_names_on_a_line_are_told_apart() -> None:
    assert text.names_fitting(["short", "longer"], 500, 8) == ["short", "longer"]
    cut = text.names_fitting([f"the same beginning {number}" for number in range(3)], 60, 8)
    assert len(set(cut)) == 3
    assert all(width(name, SANS, 8) <= 60 for name in cut)
