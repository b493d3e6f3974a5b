"""What a reader who does not see the page hears: language, title, tags, headings in order, and words for figures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from stages.lint_report.document import Finding, Paper

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
SHORTEST = 10
"""Letters an alternative text has at least."""
PARENTS = {"/TR": {"/Table", "/THead", "/TBody"}, "/TH": {"/TR"}, "/TD": {"/TR"}, "/LI": {"/L"}}
"""Elements that mean something inside certain others only."""


def check(paper: Paper) -> Iterator[Finding]:
    """Everything that is not said to who cannot see it."""
    yield from _document(paper)
    if not paper.elements:
        yield Finding(0, "not tagged", "there is no structure tree")
        return
    yield from _content(paper)
    yield from _figures(paper)
    yield from _order(paper)


def _document(paper: Paper) -> Iterator[Finding]:
    language = str(paper.root.get("/Lang", ""))
    if not LANGUAGE.fullmatch(language):
        yield Finding(0, "no language", f"'{language}'" if language else "none is set")
    if not (paper.reader.metadata and (paper.reader.metadata.title or "").strip()):
        yield Finding(0, "no title", "the metadata has none")
    if not paper.root.get("/ViewerPreferences", {}).get("/DisplayDocTitle"):
        yield Finding(0, "no title", "readers are told to show the file's name instead")
    if paper.elements and not paper.root.get("/MarkInfo", {}).get("/Marked"):
        yield Finding(0, "not tagged", "the document is not marked as tagged")


def _content(paper: Paper) -> Iterator[Finding]:
    """All that is drawn is content with a place in the tree, or decoration."""
    told = {
        (element["/Pg"].indirect_reference.idnum, mark)
        for element in paper.elements
        if "/Pg" in element
        for mark in _marks(element["/K"])
    }
    for sheet, page in zip(paper.sheets, paper.reader.pages, strict=True):
        loose: Counter[str] = Counter()
        for thing in [*sheet.letters, *sheet.drawn]:
            if not thing["tag"]:
                loose[thing["object_type"]] += 1
            elif thing["tag"] != "Artifact":
                reference = page.indirect_reference
                if reference is None or (reference.idnum, thing["mcid"]) not in told:
                    yield Finding(sheet.number, "not in the structure", f"what is marked as {thing['tag']}")
                    break
        for kind, count in loose.items():
            yield Finding(sheet.number, "untagged content", f"{count} of kind {kind}")


def _marks(kids: object) -> list[int]:
    return [kid for kid in (kids if isinstance(kids, list) else [kids]) if isinstance(kid, int)]


def _figures(paper: Paper) -> Iterator[Finding]:
    for number, figure in enumerate((part for part in paper.elements if part["/S"] == "/Figure"), 1):
        if len(str(figure.get("/Alt", "")).strip()) < SHORTEST:
            yield Finding(0, "no alternative text", f"figure {number} of the document")


def _order(paper: Paper) -> Iterator[Finding]:
    levels = [int(part["/S"][2:]) for part in paper.elements if re.fullmatch(r"/H[1-6]", part["/S"])]
    if levels[:1] != [1]:
        yield Finding(0, "headings", "the first is not of level 1")
    for above, below in pairwise(levels):
        if below > above + 1:
            yield Finding(0, "headings", f"level {below} follows level {above}")
    for part in paper.elements:
        parent = part["/P"].get_object().get("/S")
        if parent not in PARENTS.get(part["/S"], {parent}):
            yield Finding(0, "structure", f"{part['/S'][1:]} inside {str(parent)[1:]}")
