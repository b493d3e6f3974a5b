"""Where a label may stand: no line passes through it."""

from __future__ import annotations

import pytest

from stages.pdf.placing import Box, pick_free

BOX = Box(2.0, 2.0, 4.0, 3.0)


@pytest.mark.parametrize(
    ("line", "crossings"),
    [
        ([(0.0, 0.0), (6.0, 6.0)], 1),  # from corner to corner
        ([(3.0, 0.0), (3.0, 9.0)], 1),  # upright, as an interval is
        ([(2.5, 2.5), (3.0, 2.6)], 1),  # within it
        ([(0.0, 0.0), (1.0, 5.0), (5.0, 5.0), (5.0, 0.0)], 0),  # around it
        ([(0.0, 3.5), (9.0, 3.5)], 0),  # above it
        ([(0.0, 1.0), (1.9, 2.9)], 0),  # ends before it
        ([(0.0, 2.5), (9.0, 2.5), (0.0, 2.5)], 2),
        ([(3.0, 2.5)], 0),  # a point is no line
    ],
)
def test_a_segment_crosses_a_box_or_does_not(line: list[tuple[float, float]], crossings: int) -> None:
    assert BOX.count_crossings(line) == crossings


def test_the_first_free_place_is_taken_and_of_none_the_least_crossed() -> None:
    boxes = [Box(0, 0, 1, 1), Box(2, 0, 3, 1), Box(4, 0, 5, 1)]
    rising, level = [(0.0, -1.0), (1.0, 2.0)], [(0.0, 0.5), (9.0, 0.5)]
    assert pick_free(boxes, [rising]) == 1
    assert pick_free(boxes, [rising], taken=[Box(2.5, 0.5, 9, 9)]) == 1 - 1  # what is taken weighs more than a line
    assert pick_free(boxes, [rising, level]) == 1
    assert pick_free(boxes, []) == 0
