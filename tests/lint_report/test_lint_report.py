"""Every check of the lint finds the fault it is for, and nothing where there is none."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, TextStringObject
from reportlab.lib.pagesizes import A4

from stages.lint_report.__main__ import describe, lint, list_data_names
from stages.lint_report.wording import name_placeholder
from stages.pdf.canvas import TaggedCanvas
from stages.pdf.fonts import MONO, SANS

Pen = Any
ROOT = Path(__file__).resolve().parents[2]


def made(path: Path, spoil: Callable[[Pen], None] = lambda pen: None) -> Path:
    """A page without fault: two headings, a figure, text, code, a link and a bookmark. `spoil` draws on it besides."""
    about = {"language": "en-GB", "title": "A page", "subject": "Nothing", "author": "Nobody"}
    pen = TaggedCanvas(str(path), about=about, pagesize=A4, invariant=1, lang="en-GB", initialFontName=SANS)
    pen.setTitle("A page")
    pen.setViewerPreference("DisplayDocTitle", "true")
    pen.bookmarkPage("here")
    pen.addOutlineEntry("Here", "here")
    write(pen, 780, "The finding stands above", "H1", 18)
    write(pen, 758, "and is well said", "H1", 18)
    write(pen, 700, "What was found in data/clean.csv: 0.688, −130 (−180 to −80), 2013-11-01 at 09:00.")
    write(pen, 680, "What it was found by", "H2", 12)
    with pen.tags.leaf("Figure", alt="A line that rises from 0 to 100"):
        pen.line(60, 600, 200, 640)
    write(pen, 560, "make approve DECISION=conditions x_y", "Code", font=MONO)
    pen.linkRect("", "here", (48, 698, 100, 712), Border="[0 0 0]")
    spoil(pen)
    pen.showPage()
    pen.save()
    return path


def write(
    pen: Pen, y: float, text: str, tag: str = "P", size: float = 9.0, x: float = 60.0, font: str = SANS, grey: float = 0
) -> None:
    with pen.tags.leaf(tag):
        pen.setFillGray(grey)
        pen.setFont(font, size)
        pen.drawString(x, y, text)


def clipped(pen: Pen) -> None:
    """Text in a frame that ends half-way through it."""
    pen.saveState()
    frame = pen.beginPath()
    frame.rect(60, 490, 40, 20)
    with pen.tags.artifact():
        pen.clipPath(frame, stroke=0, fill=0)
    write(pen, 500, "wider than its frame")
    pen.restoreState()


def covered(pen: Pen) -> None:
    write(pen, 500, "behind a box")
    with pen.tags.artifact():
        pen.setFillGray(0.9)
        pen.rect(58, 495, 100, 20, stroke=0, fill=1)


def shrunk(pen: Pen) -> None:
    """Text of a good size on a drawing that is made smaller as a whole."""
    pen.saveState()
    pen.scale(0.5, 0.5)
    write(pen, 1000, "in the small print", x=120)
    pen.restoreState()


def loose(pen: Pen) -> None:
    pen.drawString(60, 500, "said to nobody")


def unheard(pen: Pen) -> None:
    with pen.tags.leaf("Figure"):
        pen.line(60, 500, 90, 520)


def lonely(pen: Pen) -> None:
    write(pen, 400, "A second title that runs over", "H2", 14)
    write(pen, 380, "alone", "H2", 14)


def cell_without_row(pen: Pen) -> None:
    pen.tags.start("Table")
    write(pen, 500, "a cell", "TD")
    pen.tags.stop()


DRAWN: dict[str, tuple[Callable[[Pen], None], str]] = {
    "two texts in one place": (lambda pen: write(pen, 702, "written over it"), "text over text"),
    "beyond the right edge": (lambda pen: write(pen, 500, "unbreakable", x=560), "cut by the page's edge"),
    "a line beyond the edge": (lambda pen: _artifact_line(pen, 500, 700), "cut by the page's edge"),
    "in the left margin": (lambda pen: write(pen, 500, "too far left", x=20), "in the margin"),
    "at the foot": (lambda pen: write(pen, 8, "too far down"), "in the margin"),
    "cut by a frame": (clipped, "text not to be seen"),
    "behind a box": (covered, "text not to be seen"),
    "white on white": (lambda pen: write(pen, 500, "snow", grey=1), "text not to be seen"),
    "no glyph": (lambda pen: write(pen, 500, "東京"), "letters without a meaning"),
    "small print": (lambda pen: write(pen, 500, "unless we say so", size=5), "text too small"),
    "made smaller as a whole": (shrunk, "text too small"),
    "a font of the reader's": (lambda pen: write(pen, 500, "borrowed", font="Helvetica"), "font not embedded"),
    "neither content nor decoration": (loose, "untagged content"),
    "a figure without words": (unheard, "no alternative text"),
    "a cell outside a row": (cell_without_row, "structure"),
    "no address": (lambda pen: pen.linkURL("ftp//x y", (60, 500, 90, 510)), "dead link"),
    "a link of no size": (lambda pen: pen.linkURL("https://example.org/", (60, 500, 60, 510)), "dead link"),
    "nan": (lambda pen: write(pen, 500, "AUC nan (nan–nan)"), "placeholder"),
    "None": (lambda pen: write(pen, 500, "against None."), "placeholder"),
    "inf": (lambda pen: write(pen, 500, "a loss of inf"), "placeholder"),
    "an exponent": (lambda pen: write(pen, 500, "2.48e+03 flights"), "placeholder"),
    "a column's name": (lambda pen: write(pen, 500, "by dep_minutes"), "placeholder"),
    "a template": (lambda pen: write(pen, 500, "the {unit} is"), "placeholder"),
    "more decimals than anybody knows": (lambda pen: write(pen, 500, "0.30000000000000004"), "placeholder"),
    "nan in what is heard": (lambda pen: _figure(pen, "A line that rises to nan"), "placeholder"),
    "a title's last word": (lonely, "last word alone"),
    "a curve through a name": (lambda pen: _line_through(pen, "perfect", (50, 490, 120, 515)), "line through text"),
    "a dashed line through a name": (
        lambda pen: _line_through(pen, "threshold", (75, 480, 75, 530)),
        "line through text",
    ),
    "an empty page": (lambda pen: pen.showPage(), "empty page"),
}


def _artifact_line(pen: Pen, start: float, end: float) -> None:
    with pen.tags.artifact():
        pen.line(start, 500, end, 500)


def _line_through(pen: Pen, text: str, ends: tuple[float, float, float, float]) -> None:
    write(pen, 500, text)
    with pen.tags.artifact():
        pen.setStrokeColorRGB(0.6, 0.65, 0.69)
        pen.line(*ends)


def _figure(pen: Pen, words: str) -> None:
    with pen.tags.leaf("Figure", alt=words):
        pen.line(60, 500, 90, 520)


@pytest.mark.parametrize("fault", DRAWN)
def test_what_is_drawn_wrong_is_found(tmp_path: Path, fault: str) -> None:
    # given a page with one fault; when it is checked
    spoil, check = DRAWN[fault]
    found = lint(made(tmp_path / "broken.pdf", spoil))
    # then that fault is found, and nothing that is not there
    assert {finding.check for finding in found} - {check, "text not to be seen"} == set(), list(describe(found))
    assert check in {finding.check for finding in found}


def test_a_page_without_fault_has_none(tmp_path: Path) -> None:
    assert lint(made(tmp_path / "good.pdf")) == []


def test_a_grid_behind_a_word_and_a_line_below_it_are_no_fault(tmp_path: Path) -> None:
    def draw(pen: Pen) -> None:
        write(pen, 500, "left alone")
        with pen.tags.artifact():
            pen.setStrokeColorRGB(0.827, 0.855, 0.878)
            pen.line(50, 503, 150, 503)
            pen.setStrokeColorRGB(0, 0, 0)
            pen.line(50, 496, 150, 496)

    assert lint(made(tmp_path / "good.pdf", draw)) == []


def no_language(root: Any, _page: Any) -> None:
    del root["/Lang"]


def no_tree(root: Any, _page: Any) -> None:
    del root["/StructTreeRoot"]


def not_marked(root: Any, _page: Any) -> None:
    root[NameObject("/MarkInfo")] = DictionaryObject()


def file_name(root: Any, _page: Any) -> None:
    del root["/ViewerPreferences"]


def no_outline(root: Any, _page: Any) -> None:
    del root["/Outlines"]


def dead_bookmark(root: Any, _page: Any) -> None:
    root["/Outlines"]["/First"][NameObject("/Dest")] = TextStringObject("nowhere")


def dead_link(_root: Any, page: Any) -> None:
    page["/Annots"][0].get_object()[NameObject("/Dest")] = TextStringObject("nowhere")


def link_to_a_lost_page(_root: Any, page: Any) -> None:
    page["/Annots"][0].get_object()[NameObject("/Dest")] = ArrayObject([NumberObject(7), NameObject("/Fit")])


def level_left_out(root: Any, _page: Any) -> None:
    for part in root["/StructTreeRoot"]["/K"][0]["/K"]:
        if part["/S"] == "/H2":
            part.get_object()[NameObject("/S")] = NameObject("/H3")


def out_of_the_tree(root: Any, _page: Any) -> None:
    del root["/StructTreeRoot"]["/K"][0]["/K"][2]


def font_left_out(_root: Any, page: Any) -> None:
    for font in page["/Resources"]["/Font"].values():
        del font["/FontDescriptor"]["/FontFile2"]


CHANGED: dict[str, tuple[Callable[[Any, Any], None], set[str]]] = {
    "no language": (no_language, {"no language"}),
    "no structure": (no_tree, {"not tagged"}),
    "not marked as tagged": (not_marked, {"not tagged"}),
    "the file's name as its title": (file_name, {"no title"}),
    "no bookmarks": (no_outline, {"no bookmarks"}),
    "a dead bookmark": (dead_bookmark, {"dead bookmark"}),
    "a dead link": (dead_link, {"dead link"}),
    "a link to a page that is gone": (link_to_a_lost_page, {"dead link"}),
    "a level of headings left out": (level_left_out, {"headings"}),
    "content that the structure leaves out": (out_of_the_tree, {"not in the structure"}),
    "a font that was taken out": (font_left_out, {"font not embedded"}),
}


@pytest.mark.parametrize("fault", CHANGED)
def test_what_is_missing_from_the_document_is_found(tmp_path: Path, fault: str) -> None:
    # given a document without fault, from which one thing is taken
    spoil, checks = CHANGED[fault]
    writer = PdfWriter(clone_from=PdfReader(made(tmp_path / "good.pdf")))
    spoil(writer.root_object, writer.pages[0])
    writer.write(tmp_path / "broken.pdf")
    # when it is checked, then that is found
    found = lint(tmp_path / "broken.pdf")
    assert {finding.check for finding in found} == checks, list(describe(found))


def test_a_title_is_asked_for(tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=PdfReader(made(tmp_path / "good.pdf")))
    writer.metadata = {"/Author": "Nobody"}
    writer.write(tmp_path / "broken.pdf")
    assert {finding.check for finding in lint(tmp_path / "broken.pdf")} == {"no title"}


def test_a_file_too_large_to_pass_on_is_found(tmp_path: Path) -> None:
    pdf = made(tmp_path / "large.pdf")
    writer = PdfWriter(clone_from=PdfReader(pdf))
    writer.add_attachment("noise", bytes(range(256)) * 4000)
    writer.write(pdf)
    assert [finding.check for finding in lint(pdf)] == ["too large"]


@pytest.mark.parametrize(
    ("word", "fine"),
    [
        ("nan", False), ("NaN", False), ("None", False), ("null", False), ("1e-05", False), ("{name}", False),
        ("[]", False), ("%s", False), ("floor_area", False), ("0x7f3a12bc", False), ("TODO", False),
        ("none", True), ("banana", True), ("info", True), ("2013-11-01", True), ("0.00000355", True), ("95%", True),
        ("2.48e+03", False), ("−1e5", False), ("1.5e3", False), ("23675807c3e3", True), ("12345e678901", True),
        ("a7e-12", True), ("9e0012ab34cd", True),
        ("data/clean.csv", True), ("report.json", True), ("−0.005", True), ("1,234,567", True), ("e-mail", True),
    ],
)  # fmt: skip
def test_placeholders_are_told_from_words(word: str, fine: bool) -> None:
    assert (name_placeholder(word) == "") == fine


def test_what_the_data_calls_things_is_no_placeholder(tmp_path: Path) -> None:
    # given a table with a class called None and a column that shows its own name
    schema = {"inputs": [{"name": "floor_area"}], "target": {"classes": ["None", "Vitamin nan"]}}
    spoiled = made(tmp_path / "data.pdf", lambda pen: write(pen, 500, "None or nan, by floor_area"))
    # then those are its names, and without them they are faults
    assert lint(spoiled, list_data_names(schema)) == []
    assert len(lint(spoiled)) == 3


def test_of_one_kind_a_few_are_listed_and_the_rest_counted(tmp_path: Path) -> None:
    found = lint(made(tmp_path / "many.pdf", lambda pen: write(pen, 500, "nan " * 12)))
    lines = list(describe(found))
    assert len(found) == 12
    assert lines[-1] == "page 1: placeholder: and 7 more"
    assert len(lines) == 6


def command(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "stages.lint_report", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_the_command_says_what_it_found_and_exits_with_it(tmp_path: Path) -> None:
    good = made(tmp_path / "good.pdf")
    broken = made(tmp_path / "broken.pdf", lambda pen: write(pen, 500, "nan"))
    (tmp_path / "cut.pdf").write_bytes(good.read_bytes()[:3000])
    assert command(str(good)) == (0, f"{good}: nothing found\n")
    code, said = command(str(good), str(broken))
    assert code == 1
    assert "page 1: placeholder: 'nan'" in said
    code, said = command(str(tmp_path / "cut.pdf"), str(tmp_path / "gone.pdf"))
    assert code == 2
    assert "cut.pdf is not a whole PDF" in said
    assert "gone.pdf is missing" in said
    assert "Traceback" not in said
