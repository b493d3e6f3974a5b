"""Charts: matplotlib figures with margins in points, so that the edges of all figures on a page align."""

from __future__ import annotations

from typing import Any, Literal, cast

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter
from reportlab.platypus import Flowable

from stages.pdf.renderer import CanvasRenderer
from stages.pdf.style import INK, MUTED, RULE, TICK_SIZE
from stages.wording.numbers import exact, fixed

SETTINGS: dict[str, Any] = {
    "font.size": 8,
    "text.parse_math": False,  # a `$` in a name is a dollar sign
    "text.color": INK,
    "axes.edgecolor": "#8794A0",
    "axes.linewidth": 0.6,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 8,
    "axes.labelpad": 3,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.5,
    "lines.linewidth": 1.6,
    "lines.solid_capstyle": "round",
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": TICK_SIZE,
    "ytick.labelsize": TICK_SIZE,
    "xtick.major.size": 2.5,
    "xtick.major.width": 0.6,
    "ytick.major.size": 0,
    "ytick.major.pad": 3,
}

Side = Literal["left", "center", "right"]
Level = Literal["center", "top", "bottom", "baseline"]


class Ticks(Formatter):
    """The numbers along an axis, all with as many decimals as the one that needs most."""

    def __init__(self, unit: str = "", scale: float = 1.0, year: bool = False) -> None:
        self.unit, self.scale, self.year = unit, scale, year

    def __call__(self, value: float, pos: Any = None) -> str:
        return self.format_ticks([value])[0]

    def format_ticks(self, values: Any) -> list[str]:
        """Their texts; with `year` four digits stand together, as they may be one."""
        numbers = [float(f"{float(value) * self.scale:.6g}") for value in values]
        digits = max((len(exact(number).partition(".")[2]) for number in numbers), default=0)
        texts = [fixed(number, digits) for number in numbers]
        if self.year:
            texts = [text.replace(",", "") if abs(number) < 10_000 else text
                     for text, number in zip(texts, numbers, strict=True)]  # fmt: skip
        return [f"{text}{self.unit}" for text in texts]


percent_axis = Ticks("%", 100)


class Chart(Flowable):  # type: ignore[misc]
    """A figure as a flowable. `words` says what it shows, for who cannot see it."""

    def __init__(self, figure: Figure, words: str) -> None:
        super().__init__()
        self.figure, self.words = figure, words
        self.width, self.height = (float(inches) * 72 for inches in figure.get_size_inches())

    def wrap(self, *_available: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        with self.canv.tags.leaf("Figure", alt=self.words):
            self.figure.draw(CanvasRenderer(self.canv, self.width, self.height))


def figure(width: float, height: float) -> Figure:
    """An empty figure of a size in points. Settings start from matplotlib's own, whatever this machine has set."""
    matplotlib.rcdefaults()
    matplotlib.rcParams.update(cast(Any, SETTINGS))
    return Figure(figsize=(width / 72, height / 72), dpi=72, facecolor="none")


def axes(on: Figure, left: float, bottom: float, right: float, top: float) -> Axes:
    """Axes whose frame keeps these distances, in points, from the figure's edges."""
    width, height = (float(inches) * 72 for inches in on.get_size_inches())
    box = (left / width, bottom / height, (width - left - right) / width, (height - bottom - top) / height)
    return on.add_axes(box, facecolor="none")


def write(
    on: Axes,
    x: float,
    y: float,
    text: str,
    color: str = INK,
    size: float = 8.0,
    bold: bool = False,
    side: Side = "left",
    level: Level = "center",
    outside: bool = False,
    ground: bool = False,
) -> None:
    """Write on a chart: the text's `side` and `level` at the point; `outside` takes x as a share of the axes' width,
    `ground` covers the lines behind.
    """
    on.text(
        x,
        y,
        text,
        color=color,
        fontsize=size,
        fontweight="bold" if bold else "normal",
        ha=side,
        va=level,
        transform=on.get_yaxis_transform() if outside else on.transData,
        bbox={"facecolor": "white", "linewidth": 0, "pad": 1.2} if ground else None,
    )


def bare(on: Axes) -> None:
    """Take away ticks, grid and frame."""
    on.set_xticks([])
    on.set_yticks([])
    on.grid(False)
    on.spines["bottom"].set_visible(False)
