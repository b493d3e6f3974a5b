"""Where a label may stand in a chart: beside its lines, not on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

Point = tuple[float, float]


class Box(NamedTuple):
    """A rectangle, its first corner the one of the smaller numbers."""

    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: Box) -> bool:
        """Return whether they share room."""
        return (
            self.left < other.right and other.left < self.right and self.bottom < other.top and other.bottom < self.top
        )

    def count_crossings(self, line: Iterable[Point]) -> int:
        """Return how many segments of a line pass through the box."""
        return sum(_passes(start, end, self) for start, end in pairwise(line))


def pick_free(boxes: Sequence[Box], lines: Sequence[Sequence[Point]], taken: Sequence[Box] = ()) -> int:
    """Return the place of the first of the boxes that no line passes through and nothing else takes, or of the one
    that fewest do.
    """

    def count_met(place: int) -> int:
        box = boxes[place]
        return sum(box.count_crossings(line) for line in lines) + 1000 * sum(map(box.meets, taken))

    return min(range(len(boxes)), key=count_met)


def _passes(start: Point, end: Point, box: Box) -> bool:
    """Return whether a segment passes through a box (Liang and Barsky 1984)."""
    first, last = 0.0, 1.0
    for at, to, low, high in ((start[0], end[0], box.left, box.right), (start[1], end[1], box.bottom, box.top)):
        if at == to:
            if not low <= at <= high:
                return False
            continue
        near, far = sorted(((low - at) / (to - at), (high - at) / (to - at)))
        first, last = max(first, near), min(last, far)
    return first <= last
