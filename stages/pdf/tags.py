"""A tagged PDF: headings, tables, figures and reading order for screen readers.

ReportLab writes no structure tree, but lets everything through that one needs: operators in the page's stream and keys
in the catalogue. The tree is written as ISO 32000-1, section 14.7, has it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFObjectReference, PDFString

ROOT = "StructureRoot"


@dataclass
class Element:
    """A node of the tree: other nodes, or the number of one marked piece of a page."""

    kind: str
    name: str
    alt: str = ""
    actual: str = ""
    parts: list[Element] = field(default_factory=list)
    mark: tuple[int, int] | None = None  # page (from 0) and number on it


class Tags:
    """The structure of one document, built while its pages are drawn."""

    def __init__(self, canvas: Any) -> None:
        self.canvas = canvas
        self.count = 0
        self.root = self._element("Document")
        self.open = [self.root]
        self.pages: list[list[Element]] = []
        self.inside = False
        self.level = 0

    def start(self, kind: str) -> None:
        """Open a node: all that is drawn until `stop` stands under it. Tables call back at both ends of each part."""
        node = self._element(kind)
        self.open[-1].parts.append(node)
        self.open.append(node)

    def stop(self) -> None:
        """Close the node opened last."""
        self.open.pop()

    @contextmanager
    def leaf(self, kind: str, alt: str = "", actual: str = "") -> Iterator[None]:
        """What the block draws is the content of one node. Inside another leaf it is part of that one."""
        if self.inside:
            yield
            return
        page, kind = self._page(), self._heading(kind)
        node = self._element(kind)
        node.alt, node.actual, node.mark = alt, actual, (page, len(self.pages[page]))
        self.pages[page].append(node)
        self.open[-1].parts.append(node)
        with self._marked(f"/{kind} <</MCID {node.mark[1]}>> BDC"):
            yield

    @contextmanager
    def artifact(self) -> Iterator[None]:
        """What the block draws is decoration: rules, backgrounds, running heads."""
        if self.inside:
            yield
            return
        with self._marked("/Artifact BMC"):
            yield

    def write(self) -> None:
        """Put the tree into the document. Call it once, before the canvas is saved."""
        document = self.canvas._doc
        self._put(self.root, ROOT)
        numbers: list[Any] = []
        for page, nodes in enumerate(self.pages):
            numbers += [page, PDFArray([PDFObjectReference(node.name) for node in nodes])]
        tree = {
            "Type": PDFName("StructTreeRoot"),
            "K": PDFArray([PDFObjectReference(self.root.name)]),
            "ParentTree": PDFDictionary({"Nums": PDFArray(numbers)}),
            "ParentTreeNextKey": len(self.pages),
        }
        document.Reference(PDFDictionary(tree), ROOT)
        document.Catalog.StructTreeRoot = PDFObjectReference(ROOT)
        document.Catalog.MarkInfo = PDFDictionary({"Marked": "true"})

    @contextmanager
    def _marked(self, operator: str) -> Iterator[None]:
        self.canvas._code.append(operator)
        self.inside = True
        yield
        self.inside = False
        self.canvas._code.append("EMC")

    def _heading(self, kind: str) -> str:
        """No heading is more than one level below the one before it: whoever moves by level would miss it."""
        if kind in ("H1", "H2", "H3"):
            self.level = min(int(kind[1]), self.level + 1)
            return f"H{self.level}"
        return kind

    def _element(self, kind: str) -> Element:
        self.count += 1
        return Element(kind, f"Structure{self.count}")

    def _page(self) -> int:
        page = int(self.canvas.getPageNumber()) - 1
        while len(self.pages) <= page:
            self.pages.append([])
        return page

    def _put(self, node: Element, parent: str) -> None:
        entry: dict[str, Any] = {
            "Type": PDFName("StructElem"),
            "S": PDFName(node.kind),
            "P": PDFObjectReference(parent),
        }
        if node.mark:
            entry["Pg"] = PDFObjectReference(f"Page{node.mark[0] + 1}")
            entry["K"] = node.mark[1]
        else:
            kept = [part for part in node.parts if part.mark or part.parts]
            entry["K"] = PDFArray([PDFObjectReference(part.name) for part in kept])
            for part in kept:
                self._put(part, node.name)
        if node.alt:
            entry["Alt"] = PDFString(node.alt)
        if node.actual:
            entry["ActualText"] = PDFString(node.actual)
        if node.kind == "TH":
            entry["A"] = PDFDictionary({"O": PDFName("Table"), "Scope": PDFName("Column")})
        self.canvas._doc.Reference(PDFDictionary(entry), node.name)
