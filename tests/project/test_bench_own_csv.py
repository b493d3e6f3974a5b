"""`python -m bench.own_csv`, piece by piece, and for real on one table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import small

from bench import own_csv
from bench.own_csv import SHIPPED, TABLES, Outcome
from bench.pipeline import Cost


@pytest.mark.parametrize("table", SHIPPED, ids=lambda table: table.task)
def test_each_line_is_in_one_half_and_the_header_in_both(table: own_csv.Table) -> None:
    # given
    content = (TABLES / table.file).read_bytes()
    header, *lines = content.splitlines()
    # when
    learn, rest = own_csv.halves(content, seed=3)
    # then
    assert learn.splitlines()[0] == rest.splitlines()[0] == header
    assert sorted(learn.splitlines()[1:] + rest.splitlines()[1:]) == sorted(lines)
    assert len(rest.splitlines()) - 1 == pytest.approx(len(lines) / 5, abs=1)
    assert own_csv.halves(content, seed=3) == (learn, rest) != own_csv.halves(content, seed=4)


@pytest.mark.parametrize("table", SHIPPED, ids=lambda table: table.task)
def test_what_is_prepared_by_hand_has_each_row_and_no_date_or_identifier(table: own_csv.Table) -> None:
    # when
    frame = own_csv.prepared(table, TABLES / table.file)
    # then
    assert len(frame) == len((TABLES / table.file).read_bytes().splitlines()) - 1
    assert not {*table.drop, *table.dates} & set(frame.columns)
    assert all(frame[f"{name} month"].between(1, 12).all() for name in table.dates)


def test_scores_are_those_of_the_rows_with_a_target() -> None:
    # given
    truth = pd.Series(["a", "b", "b", None])
    said = pd.DataFrame({"a": [0.9, 0.2, 0.6, 0.5], "b": [0.1, 0.8, 0.4, 0.5]})
    amounts = pd.Series([1.0, 2.0, 3.0, None])
    # then
    assert own_csv.score("multiclass", truth, said) == pytest.approx(2 / 3)
    assert own_csv.score("binary", truth, said) == 1
    assert own_csv.score("regression", amounts, pd.DataFrame({"prediction": [1.0, 2.0, 3.0, 9.0]})) == 1


def test_ours_is_printed_over_the_best_of_the_defaults() -> None:
    # given
    outcomes = [Outcome(ours, {"linear": 0.5, "forest": 0.8}) for ours in (0.1, 0.88, 0.9)]
    # when
    line = own_csv.line(SHIPPED[2], outcomes)
    # then
    assert "R²" in line
    assert line.endswith("ours / best default 1.100")


def test_a_row_that_was_not_scored_ends_the_bench() -> None:
    # given
    said = pd.DataFrame({"prediction": ["1", ""], "reason": ["", "Weight: 'x' is no number"]})
    # then
    with pytest.raises(SystemExit, match="'x' is no number"):
        own_csv.ours(said, SHIPPED[2])


def test_the_large_file_has_its_size_and_one_header(tmp_path: Path) -> None:
    # when
    own_csv.large(tmp_path / "large.csv", 5)
    # then
    assert 5e6 <= (tmp_path / "large.csv").stat().st_size < 8e6
    frame = pd.read_csv(tmp_path / "large.csv")
    assert frame["customer_id"].is_unique
    assert set(frame["left"]) == {"yes", "no"}


def test_the_time_of_adopt_is_printed_beside_ten_seconds_for_a_hundred_megabytes() -> None:
    # when
    lines = [str(aim) for aim in own_csv.speed(Cost(4.0, 10**9), 50)]
    # then
    assert lines[0].endswith("aim 5 s      met")
    assert lines[1].split()[3] == "0.80"
    assert lines[2].split()[3:5] == ["1.00", "GB"]


@pytest.mark.slow
def test_a_table_that_is_only_pointed_at_does_about_as_well_as_the_defaults(tmp_path: Path) -> None:
    # given
    repository = small.build(tmp_path / "source")
    (tmp_path / "run").mkdir()
    # when
    outcome = own_csv.compared(SHIPPED[2], 0, tmp_path / "run", repository)
    # then
    assert set(outcome.defaults) == {"linear", "boosting", "forest"}
    assert outcome.ours > 0.9 * max(outcome.defaults.values()) > 0.5
