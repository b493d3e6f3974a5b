"""The PDF says what report.json says, in the same bytes every time, on pages that nothing spills over."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import report_case
import report_pdf
import report_tasks
import yaml
from examples import shortly
from pypdf import PdfReader
from report_build import CASES, build

from stages.core.files import read_json
from stages.lint_report.__main__ import lint, list_data_names
from stages.pdf.style import PAGE_HEIGHT, TICK_SIZE
from stages.report import __main__ as stage

HERE = Path(__file__).resolve().parents[2]
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
KEPT = os.environ.get("KEEP_REPORTS", "")
SECTIONS = yaml.safe_dump({"report": report_case.PARAMS, "serve": {"port": 3000, "alert": {"share": 0.02}}})


SHORT = ("usual", "several classes of a small table", "a number", "hostile names", "refused")
"""The reports that are always looked at: one of each task, one of odd names, one of a candidate that failed."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The report of a case, set once for all tests that look at it."""
    return cache(lambda case: build(tmp_path_factory.mktemp("report"), **CASES[case]))


@pytest.fixture(scope="module", params=shortly(CASES, *SHORT), ids=str)
def pdf(request: pytest.FixtureRequest, made: Callable[[str], Path]) -> Path:
    """The report of one case; CI keeps them all, so that a person can look at them."""
    found = made(request.param)
    if KEPT:
        Path(KEPT).mkdir(parents=True, exist_ok=True)
        shutil.copy(found, Path(KEPT, f"{re.sub('[^a-z]+', '-', str(request.param))}.pdf"))
    return found


@pytest.fixture(scope="module")
def usual(made: Callable[[str], Path]) -> Path:
    return made("usual")


def test_every_section_begins_and_ends_on_one_page(pdf: Path) -> None:
    outline = json.loads((pdf.parent / "report.json").read_text())["outline"]
    paper = PdfReader(pdf)
    # then each page begins one, and no page is what another one had no room for
    begun = begin_pages(paper)
    assert len(begun) == len(outline)
    assert begun == sorted(begun)
    assert set(begun) == set(range(len(paper.pages)))
    assert 6 <= len(outline) <= 8


def test_sections_that_leave_half_a_page_stand_on_one_together(made: Callable[[str], Path]) -> None:
    begun = begin_pages(PdfReader(made("numbers predicted exactly")))
    assert len(set(begun)) < len(begun)


def begin_pages(paper: PdfReader) -> list[int]:
    """The page on which each section begins, by its bookmark."""
    entries = [entry for entry in paper.outline if not isinstance(entry, list)]
    return [paper.get_destination_page_number(entry) for entry in entries]


def test_the_lint_finds_nothing(pdf: Path) -> None:
    found = lint(pdf, list_data_names(read_json(pdf.parent.parent / "data/schema.json")))
    assert list(map(str, found)) == []


@pytest.mark.parametrize(
    "case",
    shortly(["usual", "several classes", "several classes of a small table", "forty classes", "a number",
             "a number of a small table", "huge numbers", "numbers without an interval"], *SHORT),
)  # fmt: skip
def test_every_number_stands_in_report_json(made: Callable[[str], Path], case: str) -> None:
    # given the numbers of report.json in all roundings, and those inside its sentences
    pdf = made(case)
    facts = json.loads((pdf.parent / "report.json").read_text())
    scale = facts["about"]["forms"]["value"]["scale"] if facts["about"]["forms"] else 1
    known = set(_told(facts, {1, 100, scale}))
    # when the PDF is read, but for the running head and foot, the numbers along axes and those of the exhibits
    said = {
        number
        for word in report_pdf.words(pdf)
        if report_pdf.HEAD < word.top < report_pdf.FOOT
        and abs(word.size - TICK_SIZE) > 0.01
        and not re.fullmatch(r"\d\.\d|SHA-256", word.text)
        for number in NUMBER.findall(word.text)
    }
    # then none is new
    assert len(said) > 100
    assert said - known == set()


@pytest.mark.parametrize(("case", "least"), [("usual", 0.75), ("several classes", 0.7), ("a number", 0.7)])
def test_pages_are_filled(made: Callable[[str], Path], case: str, least: float) -> None:
    found = report_pdf.words(made(case))
    for page in range(1, 9):
        lowest = max(word.bottom for word in found if word.page == page and word.bottom < 800)
        assert least <= lowest / PAGE_HEIGHT <= 0.95, f"page {page} is filled to {lowest / PAGE_HEIGHT:.0%}"


def test_it_can_be_navigated_and_heard(usual: Path) -> None:
    reader = PdfReader(usual)
    root = reader.trailer["/Root"]
    assert [entry["/Title"] for entry in reader.outline if not isinstance(entry, list)] == [
        "1  Decision", "2  Data", "3  Accuracy", "4  Alert rule", "5  Where it fails", "6  What drives it",
        "7  As served, and limits", "8  Rebuild and sign",
    ]  # fmt: skip
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert reader.metadata is not None
    assert reader.metadata.title == report_case.PARAMS["title"]
    assert str(reader.metadata.subject).startswith("Approve")
    elements = report_pdf.structure(usual)
    figures = [element for element in elements if element["/S"] == "/Figure"]
    assert len(figures) > 10
    assert all(figure["/Alt"] for figure in figures)
    assert {"/H1", "/H2", "/H3", "/P", "/Table", "/TR", "/TH", "/TD"} <= {element["/S"] for element in elements}


def test_links_lead_somewhere(usual: Path) -> None:
    reader = PdfReader(usual)
    links = [link.get_object() for page in reader.pages for link in page.get("/Annots") or []]
    pages = {page.indirect_reference.idnum: number for number, page in enumerate(reader.pages, 1)}
    assert [pages[link["/Dest"][0].idnum] for link in links] == [8, 2, 3, 4, 5, 6, 7, 8]


def test_names_are_shown_as_they_are(made: Callable[[str], Path]) -> None:
    # given names that are markup, too long, in other alphabets, or not printable at all
    text = " ".join(word.text for word in report_pdf.words(made("hostile names")))
    # then each is there, cut where it is too long, by code point where no font has it
    for shown in ("<b>&$_", "<i>&", "Москва", "✈", "\\u6771\\u4EAC", "a<br/>b", "bell", "x" * 18 + "…"):
        assert shown in text or shown.upper() in text


def test_a_refused_candidate_cannot_be_signed(made: Callable[[str], Path]) -> None:
    text = " ".join(word.text for word in report_pdf.words(made("refused")))
    assert "Do not approve: two required gates are not met" in text
    assert "REFUSED" in text
    assert "cannot be approved" in text
    assert "Signature" not in text


def test_the_sign_off_names_what_is_signed(usual: Path) -> None:
    text = "".join(word.text for word in report_pdf.words(usual) if word.page == 8)
    facts = json.loads((usual.parent / "report.json").read_text())["sign"]
    for digits in (facts["model"], facts["lock"], *(table["sha256"] for table in facts["tables"])):
        assert digits in text
    for part in ("Name", "Signature", "Date", "makeapproveBY="):
        assert part in text


@pytest.mark.parametrize(
    "write", shortly([report_case.write, report_tasks.multiclass, report_tasks.regression], report_case.write)
)
def test_same_inputs_same_bytes_wherever_and_whenever(tmp_path: Path, write: Callable[[Path], None]) -> None:
    # given the same files in two places, under other zones, locales, hash seeds and epochs
    settings: list[dict[str, str]] = [
        {"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": "1"},
        {"TZ": "America/New_York", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2", "MPLCONFIGDIR": str(tmp_path)},
    ]
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 9\nfont.size: 30\n")
    made = []
    for number, setting in enumerate(settings):
        root = tmp_path / f"copy {number}"
        write(root)
        (root / "params.yaml").write_text(SECTIONS)
        # when the stage runs there
        environment = {**os.environ, "PYTHONPATH": str(HERE), **setting}
        subprocess.run([sys.executable, "-m", "stages.report"], cwd=root, env=environment, check=True)
        made.append([(root / "reports" / name).read_bytes() for name in ("final_report.pdf", "report.json")])
    # then both reports are one
    assert made[0] == made[1]


def test_the_stage_writes_a_refused_candidate_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a candidate that failed a gate it must meet: nothing saved, nothing served
    report_case.write(tmp_path, gates={"ranking_floor": "undecided"}, manifest=False)
    (tmp_path / "params.yaml").write_text(SECTIONS)
    monkeypatch.chdir(tmp_path)
    # when its report is asked for
    stage.work(rejected=True)
    # then it stands beside the last good one, whose numbers stay as they were
    assert [path.name for path in (tmp_path / "reports").iterdir()] == ["rejected_report.pdf"]


def test_the_last_good_report_survives_a_failure(tmp_path: Path) -> None:
    # given a report of before and a plot that is gone
    report_case.write(tmp_path)
    (tmp_path / "params.yaml").write_text(SECTIONS)
    (tmp_path / "reports/final_report.pdf").write_bytes(b"the last good one")
    (tmp_path / "metrics/plots/slices.csv").unlink()
    # when the stage runs
    environment = {**os.environ, "PYTHONPATH": str(HERE)}
    done = subprocess.run(
        [sys.executable, "-m", "stages.report"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    # then it says what is missing and leaves what was there
    assert done.returncode == 1
    assert "slices.csv is missing" in done.stderr
    assert (tmp_path / "reports/final_report.pdf").read_bytes() == b"the last good one"


def _told(value: Any, scales: set[float]) -> Iterator[str]:
    """Every number of a nested value: as it is and in other units, in all roundings, and those inside texts."""
    if isinstance(value, dict | list):
        yield str(len(value))
        for item in value.values() if isinstance(value, dict) else value:
            yield from _told(item, scales)
    elif isinstance(value, str):
        yield from NUMBER.findall(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from (f"{abs(value) * scale:,.{digits}f}" for scale in scales for digits in range(7))
