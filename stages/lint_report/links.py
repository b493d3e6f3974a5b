"""Links and bookmarks: each leads somewhere and can be hit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from stages.lint_report.document import Finding, Paper

ADDRESS = re.compile(r"(https?://[^\s/?#]+\S*|mailto:[^\s@]+@[^\s@]+)", re.ASCII)


def check(paper: Paper) -> Iterator[Finding]:
    """Every link and bookmark that leads nowhere, and a document without bookmarks."""
    pages = {page.indirect_reference.idnum for page in paper.reader.pages if page.indirect_reference}
    named = set(paper.reader.named_destinations)
    for number, page in enumerate(paper.reader.pages, 1):
        for entry in page.get("/Annots") or []:
            link = entry.get_object()
            if link.get("/Subtype") != "/Link":
                continue
            left, bottom, right, top = (float(value) for value in link["/Rect"])
            if right - left < 1 or top - bottom < 1:
                yield Finding(number, "dead link", "it has no area to click on")
            wrong = _wrong(link, pages, named)
            if wrong:
                yield Finding(number, "dead link", wrong)
    entries = list(_outline(paper.root.get("/Outlines")))
    if not entries:
        yield Finding(0, "no bookmarks", "the outline is empty")
    for entry in entries:
        wrong = _wrong(entry, pages, named)
        if wrong:
            yield Finding(0, "dead bookmark", f"'{entry.get('/Title', '')}': {wrong}")


def _wrong(link: Any, pages: set[int], named: set[str]) -> str:
    """What is wrong with the target of a link or bookmark; empty where nothing is."""
    action = link.get("/A", {})
    action = action.get_object() if hasattr(action, "get_object") else action
    if "/URI" in action:
        address = str(action["/URI"])
        return "" if ADDRESS.fullmatch(address) else f"'{address}' is no address"
    target = link.get("/Dest", action.get("/D"))
    target = target.get_object() if hasattr(target, "get_object") else target
    if target is None:
        return "it has no target"
    if isinstance(target, list):
        page = target.raw_get(0) if hasattr(target, "raw_get") else target[0]
        return "" if getattr(page, "idnum", None) in pages else "its page is not in the document"
    name = str(target)
    return "" if {name, name.lstrip("/"), f"/{name}"} & named else f"there is no place '{name}'"


def _outline(node: Any) -> Iterator[Any]:
    """All entries of the outline."""
    if node is None:
        return
    entry = node.get_object().get("/First")
    while entry is not None:
        yield entry.get_object()
        yield from _outline(entry)
        entry = entry.get_object().get("/Next")
