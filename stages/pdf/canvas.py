"""The canvas of the report: tagged, with a fixed date, and described by its metadata."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from xml.sax.saxutils import escape

from reportlab import rl_config
from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

from stages.pdf.tags import Tags

rl_config.useA85 = 0  # binary streams: a fifth smaller

for _kind, _key in ((pdfdoc.PDFPage, "StructParents"), (pdfdoc.PDFPage, "Tabs")):
    if _key not in _kind.__NoDefault__:
        _kind.__NoDefault__.append(_key)  # ReportLab writes only the keys it knows

EPOCH = "2000-01-01T00:00:00Z"
"""The date in every report, ReportLab's for invariant documents: a real one would make each build another file."""

XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<dc:format>application/pdf</dc:format>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<xmp:CreateDate>{epoch}</xmp:CreateDate><xmp:ModifyDate>{epoch}</xmp:ModifyDate>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


@contextmanager
def _fixed_date() -> Iterator[None]:
    """Hide SOURCE_DATE_EPOCH, which ReportLab would prefer to the date of an invariant document."""
    given = os.environ.pop("SOURCE_DATE_EPOCH", None)
    try:
        yield
    finally:
        if given is not None:
            os.environ["SOURCE_DATE_EPOCH"] = given


class TaggedCanvas(Canvas):  # type: ignore[misc]
    """A canvas whose `tags` take down what each drawing is; `about` holds language, title, subject and author."""

    def __init__(self, *args: Any, about: dict[str, str], **settings: Any) -> None:
        with _fixed_date():
            super().__init__(*args, **settings)
        self.about = about
        self.tags = Tags(self)
        self._append = self._doc.addPage
        self._doc.addPage = self._add_page

    def save(self) -> None:
        """Write metadata and structure, then the file."""
        packet = XMP.format(epoch=EPOCH, **{key: escape(value) for key, value in self.about.items()})
        latin = packet.encode().decode("latin-1")  # ReportLab writes the string's code points as bytes
        self._doc.Catalog.Metadata = pdfdoc.XMP(creator=lambda _document: latin)
        self.tags.write()
        super().save()

    def _add_page(self, page: Any) -> Any:
        page.StructParents = self._doc.pageCounter - 1
        page.Tabs = pdfdoc.PDFName("S")
        return self._append(page)
