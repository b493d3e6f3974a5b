"""How the report looks: its measures, colours and text styles. One accent; rust only where attention is asked for."""

from __future__ import annotations

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle

from stages.pdf.fonts import BOLD, MONO, SANS, SERIF

PAGE_WIDTH, PAGE_HEIGHT = A4
MARGIN = 48.0
TOP = 52.0
"""Above the text of every page but the first."""
FOOT = 40.0
"""Below the text of every page."""
WIDTH = PAGE_WIDTH - 2 * MARGIN
GUTTER = 17.0
HALF = (WIDTH - GUTTER) / 2

INK = "#17212B"
MUTED = "#51606D"
RULE = "#D3DAE0"
PANEL = "#F2F5F8"
BLUE = "#0B5CAD"  # the candidate
BLUE_MID = "#5B93CB"
BLUE_PALE = "#CFE1F2"
SLATE = "#5A6672"  # the model in use
GREY = "#9AA5AF"  # the baseline's lines; its words are MUTED
RUST = "#B5451B"  # attention
RUST_PALE = "#F7E5DC"
TEAL = "#0F766E"  # met, better

LOOKS = {"candidate": (BLUE, BLUE, 2.2, 5.4), "champion": (SLATE, SLATE, 1.4, 4.6), "baseline": (GREY, MUTED, 1.4, 4.6)}
"""Each model's line colour, word colour, line width and dot size."""

SMALLEST = 6.6
"""The smallest text, in points: hashes and commands. Everything else is at least 7."""
TICK_SIZE = 7.3
"""The size of the numbers along a chart's axes, used for nothing else."""


def _style(
    name: str, font: str, size: float, leading: float, color: str = INK, tag: str = "P", right: bool = False
) -> ParagraphStyle:
    style = ParagraphStyle(
        name,
        fontName=font,
        fontSize=size,
        leading=leading,
        textColor=HexColor(color),
        alignment=2 if right else 0,
        splitLongWords=1,
        linkUnderline=0,
    )
    style.tag = tag
    return style


STYLES = {
    style.name: style
    for style in (
        _style("verdict", SERIF, 25, 29, tag="H1"),
        _style("title", SERIF, 18, 21.5, tag="H2"),
        _style("exhibit", BOLD, 9.6, 12, tag="H3"),
        _style("heading", BOLD, 9.6, 12.5, tag="H3"),
        _style("eyebrow", BOLD, 8, 10, BLUE),
        _style("stamp", BOLD, 8, 10, RUST, right=True),
        _style("lead", SANS, 10.4, 14.6),
        _style("body", SANS, 8.2, 11.2),
        _style("strong", BOLD, 8.2, 11.2),
        _style("muted", SANS, 8.2, 11.2, MUTED),
        _style("note", SANS, 7.4, 9.5, MUTED),
        _style("key label", BOLD, 8.2, 10.4, MUTED),
        _style("key value", SERIF, 23, 26),
        _style("key note", SANS, 7.8, 10, MUTED),
        _style("head", BOLD, 7.8, 9.8, MUTED),
        _style("head right", BOLD, 7.8, 9.8, MUTED, right=True),
        _style("cell", SANS, 8.3, 10.4),
        _style("cell right", SANS, 8.3, 10.4, right=True),
        _style("cell strong", BOLD, 8.3, 10.4),
        _style("cell muted", SANS, 7.4, 9.2, MUTED),
        _style("cell muted right", SANS, 7.4, 9.2, MUTED, right=True),
        _style("code", MONO, SMALLEST, 9.2, tag="Code"),
    )
}
