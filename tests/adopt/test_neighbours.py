"""Rows that are alike where they are near in time are split by it; others are dealt at random, and so is who asks."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import proposals
import pytest
import small

from stages.adopt.neighbours import doubt_order, find_clock
from stages.adopt.proposal import Options, propose

START = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


def hours(alike: float, rows: int = 900, shuffled: bool = False) -> dict[str, Sequence[object]]:
    """Hourly amounts by the hour and the weather, around a level that each hour keeps so much of."""
    draw = np.random.default_rng(7)
    level = np.zeros(rows)
    for at in range(1, rows):
        level[at] = alike * level[at - 1] + draw.normal()
    hour, warm = np.arange(rows) % 24, draw.normal(size=rows)
    table = {
        "at": [f"{START + datetime.timedelta(hours=at):%Y-%m-%d %H:%M}" for at in range(rows)],
        "hour": hour.tolist(),
        "warm": warm.round(3).tolist(),
        "sold": (20 + 5 * np.sin(hour / 4) + warm + 2 * level).round(2).tolist(),
    }
    order = draw.permutation(rows) if shuffled else np.arange(rows)
    return {name: [values[at] for at in order] for name, values in table.items()}


@pytest.mark.parametrize("shuffled", [False, True])
def test_rows_alike_in_time_are_split_by_it(shuffled: bool) -> None:
    # Given hours whose level drifts, in their order or in none
    profile = proposals.look(hours(0.98, shuffled=shuffled))

    # When a split is looked for
    found = find_clock(profile, propose("shop", profile, Options("sold")))

    # Then it is by time, and the reason says how alike neighbours are
    assert found is not None
    assert found[0] == "at"
    assert "correlation 0." in found[1]


@pytest.mark.parametrize("table", [hours(0.0), hours(0.98, rows=200)], ids=["independent", "few"])
def test_rows_that_are_not_or_too_few_to_say_are_not(table: dict[str, Sequence[object]]) -> None:
    profile = proposals.look(table)
    assert find_clock(profile, propose("shop", profile, Options("sold"))) is None


def test_a_split_by_time_that_nobody_asked_for_and_that_cannot_be_is_none(tmp_path: Path) -> None:
    # Given readings of one day, which drift
    table = hours(0.98)
    table["at"] = [f"{START + datetime.timedelta(seconds=10 * at):%Y-%m-%d %H:%M:%S}" for at in range(900)]
    folder = small.build(tmp_path / "repo")
    proposals.write(tmp_path / "day.csv", table)

    # When they are adopted
    done = small.run(folder, sys.executable, "-m", "stages.adopt", str(tmp_path / "day.csv"), "--target", "sold")

    # Then they are dealt at random
    assert done.returncode == 0, done.stderr
    assert "by: hash" in (folder / "params.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("alike", "said"), [(1.0, "rows next to each other in the file are alike"), (0.98, ""), (0.0, "")]
)
def test_a_table_without_a_date_has_no_clock_but_an_order_that_is_doubted(alike: float, said: str) -> None:
    # given hours whose level is kept so far that the last ones are like none before, or less, and no column of time
    profile = proposals.look({name: values for name, values in hours(alike).items() if name != "at"})
    proposal = propose("shop", profile, Options("sold"))
    assert find_clock(profile, proposal) is None
    assert doubt_order(profile, proposal).startswith(said)
    assert bool(doubt_order(profile, proposal)) == bool(said)


@pytest.mark.parametrize(("asked", "by"), [([], "by: time"), (["--time", "-"], "by: hash")], ids=["unasked", "asked"])
def test_adopt_splits_by_time_unless_asked_not_to(tmp_path: Path, asked: list[str], by: str) -> None:
    # Given a repository and hours that drift
    folder = small.build(tmp_path / "repo")
    proposals.write(tmp_path / "shop.csv", hours(0.98))

    # When the table is adopted
    done = small.run(
        folder, sys.executable, "-m", "stages.adopt", str(tmp_path / "shop.csv"), "--target", "sold", *asked
    )

    # Then it is split as is right, or as was asked, and what was decided unasked is said with the way back
    assert done.returncode == 0, done.stderr
    assert by in (folder / "params.yaml").read_text(encoding="utf-8")
    assert ("--time -" in done.stdout) == (not asked)
