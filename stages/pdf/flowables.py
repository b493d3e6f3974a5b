"""The report's own small drawings, each tagged for what it is."""

from __future__ import annotations

from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, Paragraph

from stages.pdf.fonts import BOLD
from stages.pdf.style import BLUE, BLUE_MID, GREY, INK, MUTED, PANEL, RULE, RUST, TEAL
from stages.pdf.text import NO_BREAK


class Text(Paragraph):  # type: ignore[misc]
    """A paragraph that says what it is (heading, text, code) and keeps its words apart where it wraps."""

    def draw(self) -> None:
        wrapped = len(getattr(self.blPara, "lines", ())) > 1
        spoken = self.getPlainText(identify=False).replace(NO_BREAK, " ") if wrapped else ""
        with self.canv.tags.leaf(self.style.tag, actual=spoken):
            super().draw()


class Heading(Text):
    """A heading set as narrow as its number of lines allows: the lines come out about equally long."""

    def __init__(self, markup: str, style: ParagraphStyle) -> None:
        super().__init__(markup, style)
        self.markup = markup

    def wrap(self, available: float, height: float) -> tuple[float, float]:
        lines = self._lines(available)
        narrow, wide = available * 0.45, available
        while lines > 1 and wide - narrow > 1:
            middle = (narrow + wide) / 2
            narrow, wide = (middle, wide) if self._lines(middle) > lines else (narrow, middle)
        _, needed = super().wrap(wide, height)
        return available, needed

    def _lines(self, width: float) -> int:
        return len(Paragraph(self.markup, self.style).breakLines(width).lines)


class Mark(Flowable):  # type: ignore[misc]
    """A result as a sign and a word, never as a colour alone: `met`, `open` or `failed`."""

    def __init__(self, kind: str, word: str) -> None:
        super().__init__()
        self.kind, self.word = kind, word
        self.width, self.height = 72.0, 10.4

    def draw(self) -> None:
        pen = self.canv
        color = HexColor({"met": TEAL, "open": RUST, "failed": RUST}.get(self.kind, MUTED))
        with pen.tags.leaf("P"):
            pen.setFillColor(color)
            pen.setStrokeColor(color)
            pen.setLineWidth(1.3)
            pen.setLineCap(1)
            pen.setLineJoin(1)
            if self.kind == "met":
                pen.lines([(1, 5.6, 3.6, 3), (3.6, 3, 8.2, 8.6)])
            elif self.kind == "open":
                pen.setLineWidth(0.9)
                pen.lines([(0.4, 2.2, 8.8, 2.2), (8.8, 2.2, 4.6, 9.4), (4.6, 9.4, 0.4, 2.2), (4.6, 4.6, 4.6, 6.6)])
                pen.circle(4.6, 3.5, 0.25, fill=1)
            elif self.kind == "failed":
                pen.lines([(1.4, 2.8, 7.4, 8.6), (1.4, 8.6, 7.4, 2.8)])
            else:
                pen.line(1.4, 5.7, 7.4, 5.7)
            pen.setFont(BOLD, 8.3)
            pen.drawString(12.5, 2.9, self.word)


class Box(Flowable):  # type: ignore[misc]
    """An empty box to tick."""

    def __init__(self, size: float = 8.5) -> None:
        super().__init__()
        self.width = self.height = size

    def draw(self) -> None:
        with self.canv.tags.artifact():
            self.canv.setStrokeColor(HexColor(INK))
            self.canv.setLineWidth(0.8)
            self.canv.rect(0.5, -1.2, self.width - 1, self.height - 1)


class Line(Flowable):  # type: ignore[misc]
    """A rule as wide as its column, or `width` points."""

    def __init__(self, color: str = RULE, thickness: float = 0.6, width: float | None = None) -> None:
        super().__init__()
        self.color, self.thickness, self.fixed = color, thickness, width

    def wrap(self, available: float, _height: float) -> tuple[float, float]:
        self.width = self.fixed or available
        return self.width, self.thickness

    def draw(self) -> None:
        with self.canv.tags.artifact():
            self.canv.setStrokeColor(HexColor(self.color))
            self.canv.setLineWidth(self.thickness)
            self.canv.line(0, 0, self.width, 0)


class Risk(Flowable):  # type: ignore[misc]
    """A probability as a bar and a number; the tick is the usual rate. Darker at or above the threshold."""

    BAR = 62.0

    def __init__(self, probability: float, usual: float, threshold: float) -> None:
        super().__init__()
        self.probability, self.usual, self.threshold = probability, usual, threshold
        self.width, self.height = 92.0, 10.4

    def draw(self) -> None:
        pen = self.canv
        with pen.tags.leaf("P"):
            pen.setFillColor(HexColor(PANEL))
            pen.rect(0, 1.5, self.BAR, 7, stroke=0, fill=1)
            pen.setFillColor(HexColor(BLUE if self.probability >= self.threshold else BLUE_MID))
            pen.rect(0, 1.5, self.BAR * self.probability, 7, stroke=0, fill=1)
            pen.setStrokeColor(HexColor(INK))
            pen.setLineWidth(0.9)
            pen.line(self.BAR * self.usual, 0, self.BAR * self.usual, 10)
            pen.setFillColor(HexColor(INK))
            pen.setFont(BOLD, 8.6)
            pen.drawString(self.BAR + 5, 2.2, f"{self.probability * 100:.0f}%")


class Interval(Flowable):  # type: ignore[misc]
    """A prediction as a dot in its interval, the actual value as a tick, the typical one as a grey tick; from
    `low` to `high`.
    """

    BAR = 52.0

    def __init__(self, sample: dict[str, Any], low: float, high: float, shown: str) -> None:
        super().__init__()
        self.sample, self.low, self.room, self.shown = sample, low, (high - low) or 1.0, shown
        self.width, self.height = 94.0, 10.4

    def draw(self) -> None:
        pen, sample = self.canv, self.sample
        with pen.tags.leaf("P"):
            pen.setFillColor(HexColor(PANEL))
            pen.rect(0, 1.5, self.BAR, 7, stroke=0, fill=1)
            pen.setStrokeColor(HexColor(GREY))
            pen.setLineWidth(1.4)
            pen.line(self._at(sample["typical"]), 1.5, self._at(sample["typical"]), 8.5)
            if sample["low"] is not None:
                pen.setStrokeColor(HexColor(BLUE_MID))
                pen.setLineWidth(2.2)
                pen.line(self._at(sample["low"]), 5, self._at(sample["high"]), 5)
            pen.setStrokeColor(HexColor(INK))
            pen.setLineWidth(0.9)
            pen.line(self._at(sample["actual"]), 0, self._at(sample["actual"]), 10)
            pen.setFillColor(HexColor(BLUE))
            pen.circle(self._at(sample["predicted"]), 5, 2.2, stroke=0, fill=1)
            pen.setFillColor(HexColor(INK))
            pen.setFont(BOLD, 8.3)
            pen.drawString(self.BAR + 5, 2.2, self.shown)

    def _at(self, value: float) -> float:
        return 2 + (self.BAR - 4) * (value - self.low) / self.room


class Anchor(Flowable):  # type: ignore[misc]
    """A place links lead to and an entry of the bookmarks."""

    width = height = 0.0
    _ZEROSIZE = True  # drawn inside containers too, which leave out what has no height

    def __init__(self, key: str, title: str, level: int = 0) -> None:
        super().__init__()
        self.key, self.title, self.level = key, title, level

    def wrap(self, *_available: float) -> tuple[float, float]:
        return 0.0, 0.0

    def draw(self) -> None:
        self.canv.bookmarkHorizontal(self.key, 0, 24)
        self.canv.addOutlineEntry(self.title, self.key, self.level, closed=False)


class Gap(Flowable):  # type: ignore[misc]
    """White space that takes its share of what a page leaves over: `least` points, at most `most`."""

    def __init__(self, least: float, most: float) -> None:
        super().__init__()
        self.least, self.most = least, most
        self.width, self.height = 0.0, least

    def wrap(self, *_available: float) -> tuple[float, float]:
        return 0.0, self.height

    def draw(self) -> None:
        """Nothing to draw."""
