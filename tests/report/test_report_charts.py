"""Numbers along axes: as many decimals as the one that needs most, never rounded into another number."""

from __future__ import annotations

import pytest

from stages.pdf.charts import Ticks, axes, figure
from stages.report.pages.figures import line_labels


@pytest.mark.parametrize(
    ("given", "ticks", "texts"),
    [
        ([0.55, 0.575, 0.6], Ticks("%", 100), ["55.0%", "57.5%", "60.0%"]),
        ([0.0, 0.25, 0.5], Ticks("%", 100), ["0%", "25%", "50%"]),
        ([262_500.0, 265_000.0], Ticks(), ["262,500", "265,000"]),
        ([-0.05, 0.0, 0.1], Ticks(), ["\N{MINUS SIGN}0.05", "0.00", "0.10"]),
        ([1990.0, 2000.0, 12_000.0], Ticks(year=True), ["1990", "2000", "12,000"]),
        ([1013.0, 1013.5, 1014.0], Ticks(), ["1,013.0", "1,013.5", "1,014.0"]),
        ([1.0, 1.0002, 1.0004], Ticks(), ["1.0000", "1.0002", "1.0004"]),
        ([], Ticks(), []),
    ],
)
def test_ticks_have_the_same_decimals(given: list[float], ticks: Ticks, texts: list[str]) -> None:
    assert ticks.format_ticks(given) == texts


def test_a_name_stands_beside_its_own_line_and_on_no_other() -> None:
    # given two lines far apart but at their end
    part = axes(figure(400, 200), 0, 0, 0, 0)
    part.set(xlim=(0, 1), ylim=(0, 1))
    xs = [step / 100 for step in range(101)]
    lines = {"baseline": (xs, [0.8] * 100 + [0.9]), "candidate": (xs, [0.1] * 100 + [0.9])}
    # when they are named
    assert line_labels(part, lines, (400, 200), []) == []
    # then each name is near its own
    places = {text.get_text(): text.get_position()[1] for text in part.texts}
    assert places == {"Candidate": pytest.approx(0.1, abs=0.08), "Baseline": pytest.approx(0.8, abs=0.08)}


def test_a_name_that_finds_no_place_is_given_back() -> None:
    part = axes(figure(400, 200), 0, 0, 0, 0)
    part.set(xlim=(0, 1), ylim=(0, 1))
    everything = (0.0, 0.0, 1.0, 1.0)
    assert line_labels(part, {"candidate": ([0.0, 1.0], [0.5, 0.5])}, (400, 200), [everything]) == ["candidate"]
    assert not part.texts
