"""The fonts: each one in the file itself, and each letter of known meaning, so that it can be searched and copied."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from stages.lint_report.document import Finding, Paper

FILES = ("/FontFile", "/FontFile2", "/FontFile3")
UNKNOWN = ("\ufffd", "\x00", "(cid:")


def check(paper: Paper) -> Iterator[Finding]:
    """Every font that is not embedded and every letter without a meaning."""
    for number, page in enumerate(paper.reader.pages, 1):
        for name in sorted({name for name, embedded in list_fonts(page.get("/Resources")) if not embedded}):
            yield Finding(number, "font not embedded", name.lstrip("/"))
    for sheet in paper.sheets:
        lost = [letter["text"] for letter in sheet.letters if _lost(letter["text"])]
        if lost:
            yield Finding(sheet.number, "letters without a meaning", f"{len(lost)}, the first {lost[0]!r}")


def list_fonts(resources: Any) -> Iterator[tuple[str, bool]]:
    """The fonts of a page, and of the drawings it holds: each name, and whether the file holds the font."""
    resources = resources.get_object() if resources is not None else {}
    for entry in resources.get("/Font", {}).values():
        font = entry.get_object()
        described = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        descriptor = described.get("/FontDescriptor", {})
        held = font["/Subtype"] == "/Type3" or any(file in descriptor for file in FILES)
        yield str(font.get("/BaseFont", "no name")), held
    for entry in resources.get("/XObject", {}).values():
        yield from list_fonts(entry.get_object().get("/Resources"))


def _lost(text: str) -> bool:
    return text.startswith(UNKNOWN) or unicodedata.category(text[0]) == "Co"
