"""Matplotlib figures drawn straight onto a ReportLab canvas.

Vectors, selectable text in the fonts of the page, and nothing that a second build could do otherwise. What it draws is
opaque: no transparency, no images and no mathematical text, as the report's charts need none.
"""

from __future__ import annotations

import math
from typing import Any, cast

from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.transforms import Transform
from reportlab.pdfbase import pdfmetrics

from stages.pdf.fonts import BOLD, SANS, runs, width

CAPS = {"butt": 0, "round": 1, "projecting": 2}
JOINS = {"miter": 0, "round": 1, "bevel": 2}
DESCENDERS = set("gjpqy,;()[]{}Q")


class CanvasRenderer(RendererBase):
    """Draws on `canvas`, one figure point as one PDF point, with the origin where the canvas has it."""

    def __init__(self, canvas: Any, width: float, height: float) -> None:
        super().__init__()
        self.canvas, self.width, self.height = canvas, width, height

    def get_canvas_width_height(self) -> tuple[float, float]:
        return self.width, self.height

    def flipy(self) -> bool:
        return False

    def points_to_pixels(self, points: Any) -> Any:
        return points

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> tuple[float, float, float]:
        """A box close to the ink, so that a label centred on a line looks centred: capitals' height, descent if any."""
        font, size = _font(prop), prop.get_size_in_points()
        descent = 0.21 * size if DESCENDERS & set(s) else 0.0
        return width(s, font, size), _cap_height(font) * size + descent, descent

    def draw_text(
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        ismath: Any = False,
        mtext: Any = None,
    ) -> None:
        font, size = _font(prop), prop.get_size_in_points()
        self.canvas.saveState()
        self.canvas.setFillColorRGB(*gc.get_rgb()[:3])
        text = self.canvas.beginText()
        turn = math.radians(angle)
        text.setTextTransform(math.cos(turn), math.sin(turn), -math.sin(turn), math.cos(turn), x, y)
        for name, piece in runs(s, font):
            text.setFont(name, size)
            text.textOut(piece)
        self.canvas.drawText(text)
        self.canvas.restoreState()

    def draw_path(self, gc: GraphicsContextBase, path: Path, transform: Transform, rgbFace: Any = None) -> None:
        """Markers and collections come here too: the base class draws them path by path."""
        stroke = gc.get_linewidth() > 0 and _visible(gc.get_rgb())
        fill = rgbFace is not None and _visible(rgbFace)
        if not stroke and not fill:
            return
        self.canvas.saveState()
        self._clip(gc)
        if stroke:
            self._pen(gc)
        if fill and rgbFace is not None:
            self.canvas.setFillColorRGB(*rgbFace[:3])
        self.canvas.drawPath(self._trace(path, transform), stroke=int(stroke), fill=int(fill))
        self.canvas.restoreState()

    def _clip(self, gc: GraphicsContextBase) -> None:
        box = gc.get_clip_rectangle()
        if box is not None:
            edge = self.canvas.beginPath()
            edge.rect(*(round(float(value), 2) for value in box.bounds))
            self.canvas.clipPath(edge, stroke=0, fill=0)

    def _pen(self, gc: GraphicsContextBase) -> None:
        self.canvas.setStrokeColorRGB(*gc.get_rgb()[:3])
        self.canvas.setLineWidth(gc.get_linewidth())
        self.canvas.setLineCap(CAPS[str(gc.get_capstyle())])
        self.canvas.setLineJoin(JOINS[str(gc.get_joinstyle())])
        offset, dashes = gc.get_dashes()
        if dashes is not None:
            self.canvas.setDash([float(dash) for dash in cast(Any, dashes)], float(offset or 0))

    def _trace(self, path: Path, transform: Transform) -> Any:
        """The path on the canvas. PDF has no quadratic curves: each is raised to the cubic that draws the same."""
        traced = self.canvas.beginPath()
        last = (0.0, 0.0)
        for points, code in path.iter_segments(transform, simplify=False):
            at = [round(float(value), 2) for value in points]
            if code == Path.MOVETO:
                traced.moveTo(*at)
            elif code == Path.LINETO:
                traced.lineTo(*at)
            elif code == Path.CURVE3:
                traced.curveTo(*_cubic(last, at))
            elif code == Path.CURVE4:
                traced.curveTo(*at)
            elif code == Path.CLOSEPOLY:
                traced.close()
            last = (at[-2], at[-1])
        return traced


def _cubic(start: tuple[float, float], curve: list[float]) -> tuple[float, ...]:
    (x0, y0), (x1, y1, x2, y2) = start, curve
    return (
        x0 + 2 / 3 * (x1 - x0),
        y0 + 2 / 3 * (y1 - y0),
        x2 + 2 / 3 * (x1 - x2),
        y2 + 2 / 3 * (y1 - y2),
        x2,
        y2,
    )


def _font(properties: FontProperties) -> str:
    """The page's own font, by weight alone: matplotlib would look among the fonts installed on this machine."""
    weight = properties.get_weight()
    return BOLD if weight in ("bold", "semibold") or (isinstance(weight, int) and weight >= 600) else SANS


def _cap_height(font: str) -> float:
    """The height of the capitals as a share of the font size."""
    return float(pdfmetrics.getFont(font).face.capHeight or 660) / 1000


def _visible(color: Any) -> bool:
    return len(color) < 4 or color[3] > 0
