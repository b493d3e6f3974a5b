"""Two sets of predictions on the rows of both: differences, intervals by whole blocks, and what cannot be compared."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import mean_absolute_error, roc_auc_score

from stages.evaluate.params import Evaluate
from stages.review.paired import Paired, compare_predictions
from stages.table.schema import Column, Schema, Target

ROWS = 2_000
SECTION = Evaluate(baseline=[], gates={}, block="day", slices=["kind"], min_slice=100, draws=400)


def columns(task: str, classes: list[str], positive: str | None) -> Schema:
    inputs = [Column("kind", "category", "input", False, "t", ""), Column("day", "date", "id", False, "t", "")]
    return Schema("t", task, Target("late", classes, positive, ""), [], inputs)  # type: ignore[arg-type]


BINARY = columns("binary", ["no", "yes"], "yes")


def table(seed: int = 3) -> pd.DataFrame:
    """Clean rows of 40 days that differ from each other."""
    make = np.random.default_rng(seed)
    day = np.arange(ROWS) % 40
    return pd.DataFrame(
        {
            "kind": np.where(make.random(ROWS) < 0.3, "rare", "usual"),
            "day": day.astype(str),
            "level": make.normal(size=ROWS) + make.normal(size=40)[day],
        }
    )


CLEAN = table()


def predict(noise: float, seed: int, rows: Any = slice(None)) -> pd.DataFrame:
    """What a model of that noise predicts of rows."""
    make = np.random.default_rng(seed)
    late = CLEAN["level"] + np.random.default_rng(1).normal(size=ROWS) > 0.5
    score = CLEAN["level"] + noise * make.normal(size=ROWS)
    made = pd.DataFrame(
        {
            "row": np.arange(ROWS, dtype=float),
            "key": [f"k{number}" for number in range(ROWS)],
            "late": np.where(late, "yes", "no"),
            "probability": 1 / (1 + np.exp(-score)),
            "prediction": "no",
        }
    )
    return made.iloc[rows].reset_index(drop=True)


def compare(base: pd.DataFrame, candidate: pd.DataFrame, **changed: Any) -> Paired:
    section = msgspec.structs.replace(SECTION, **changed)
    found = compare_predictions(base, candidate, CLEAN, BINARY, section)
    assert isinstance(found, Paired), found
    return found


def test_the_difference_is_that_of_the_scores_and_its_interval_resamples_whole_days() -> None:
    base, candidate = predict(1.5, 5), predict(1.0, 6)

    found = compare(base, candidate)

    each = [roc_auc_score(one["late"] == "yes", one["probability"]) for one in (base, candidate)]
    less = found.differences["auc"]
    assert less["value"] == pytest.approx(each[1] - each[0], abs=1e-6)
    assert found.base["auc"]["value"] == pytest.approx(each[0], abs=1e-6)
    assert (found.rows, found.blocks, found.alike) == (ROWS, 40, False)
    # And the interval is the one that a bootstrap of days by hand gives, which rows alone would make narrower
    make, drawn = np.random.default_rng(0), []
    of_day = [np.flatnonzero(CLEAN["day"] == str(day)) for day in range(40)]
    for _ in range(400):
        some = np.concatenate([of_day[day] for day in make.integers(40, size=40)])
        late = (base["late"] == "yes").to_numpy()[some]
        drawn.append(roc_auc_score(late, candidate["probability"].to_numpy()[some])
                     - roc_auc_score(late, base["probability"].to_numpy()[some]))  # fmt: skip
    assert less["low"] == pytest.approx(np.quantile(drawn, 0.025), abs=0.004)
    assert less["high"] == pytest.approx(np.quantile(drawn, 0.975), abs=0.004)


def test_a_paired_interval_sees_what_two_intervals_side_by_side_do_not() -> None:
    found = compare(predict(1.2, 5), predict(1.0, 5))

    less, base, candidate = found.differences["auc"], found.base["auc"], found.candidate["auc"]
    assert less["low"] is not None
    assert less["low"] > 0
    assert candidate["low"] < base["high"]  # type: ignore[operator]  # their own intervals meet


def test_rows_meet_by_key_whatever_their_order_and_what_was_added() -> None:
    base = predict(1.5, 5, slice(0, 1_500)).sample(frac=1, random_state=1)
    candidate = predict(1.0, 6, slice(500, ROWS))

    found = compare(base, candidate)

    assert (found.base_rows, found.candidate_rows, found.rows) == (1_500, 1_500, 1_000)
    same = compare(predict(1.5, 5, slice(500, 1_500)), predict(1.0, 6, slice(500, 1_500)))
    assert found.differences == same.differences


def test_rows_of_which_another_thing_came_are_left_out_and_counted() -> None:
    base, candidate = predict(1.5, 5), predict(1.0, 6)
    base.loc[:9, "late"] = np.where(base["late"][:10] == "yes", "no", "yes")

    assert (compare(base, candidate).rows, compare(base, candidate).other_actual) == (ROWS - 10, 10)


def test_equal_predictions_are_called_so() -> None:
    found = compare(predict(1.0, 5), predict(1.0, 5))

    assert found.alike
    assert found.differences["auc"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    assert found.slices == []


def test_a_group_that_got_clearly_worse_is_found() -> None:
    candidate = predict(1.0, 5)
    rare = (CLEAN["kind"] == "rare").to_numpy()
    candidate.loc[rare, "probability"] = np.random.default_rng(2).random(rare.sum())

    [found] = compare(predict(1.0, 5), candidate).slices

    assert (found.column, found.value, found.rows) == ("kind", "rare", rare.sum())
    assert found.high < 0
    assert found.candidate < found.base


@pytest.mark.parametrize(
    ("base", "candidate", "why"),
    [
        (predict(1, 5).drop(columns="key"), predict(1, 6), "no column 'key'"),
        (predict(1, 5, slice(0, 100)), predict(1, 6, slice(100, 200)), "no row is in both"),
        (predict(1, 5, slice(0, 3)), predict(1, 6), "3 blocks, too few"),
        (predict(1, 5).drop(columns="probability"), predict(1, 6), "lack a column: probability"),
        (predict(1, 5).assign(late="maybe"), predict(1, 6), "all rows of both have another actual value in each"),
        (predict(1, 5).assign(probability_maybe=0.1), predict(1, 6), "other classes are predicted"),
        (predict(1, 5).assign(key="k1"), predict(1, 6), "rows of one of them have the same key"),
    ],
)
def test_what_cannot_be_compared_is_said(base: pd.DataFrame, candidate: pd.DataFrame, why: str) -> None:
    found = compare_predictions(base, candidate, CLEAN, BINARY, SECTION)

    assert isinstance(found, str)
    assert why in found


def test_without_the_table_rows_are_resampled_only_where_they_stand_alone_and_groups_are_not_looked_at() -> None:
    blocks = compare_predictions(predict(1.5, 5), predict(1, 6), None, BINARY, SECTION)
    alone = msgspec.structs.replace(SECTION, block="")
    found = compare_predictions(predict(1.5, 5), predict(1, 6), None, BINARY, alone)

    assert blocks == "without the table here nobody knows which rows belong together (day)"
    assert isinstance(found, Paired)
    assert (found.blocks, found.slices) == (ROWS, None)


def test_numbers_are_compared_by_their_errors() -> None:
    make = np.random.default_rng(4)
    value = CLEAN["level"] * 10
    each = [pd.DataFrame({"row": np.arange(ROWS), "key": np.arange(ROWS).astype(str), "late": value,
                          "prediction": value + scale * make.normal(size=ROWS), "low": np.nan, "high": np.nan})
            for scale in (2.0, 1.0)]  # fmt: skip

    found = compare_predictions(each[0], each[1], CLEAN, columns("regression", [], None), SECTION)

    assert isinstance(found, Paired)
    errors = [mean_absolute_error(value, one["prediction"]) for one in each]
    assert found.differences["mae"]["value"] == pytest.approx(errors[1] - errors[0], abs=1e-6)
    assert found.differences["mae"]["high"] < 0  # type: ignore[operator]
    assert "coverage" not in found.differences  # the models gave no intervals


def test_each_fold_of_cross_validation_is_held_against_the_same_and_the_interval_is_wider() -> None:
    def repeat(one: pd.DataFrame) -> pd.DataFrame:
        return pd.concat([one.assign(repeat=float(time), fold=np.arange(ROWS) % 5 + 1.0) for time in (1, 2)])

    crossed = compare(repeat(predict(1.5, 5)), repeat(predict(1.0, 6)))
    once = compare(predict(1.5, 5), predict(1.0, 6))

    less, single = crossed.differences["auc"], once.differences["auc"]
    assert (crossed.rows, crossed.blocks) == (ROWS, 40)
    assert less["value"] == pytest.approx(single["value"], abs=1e-6)
    assert less["high"] - less["low"] == pytest.approx(1.5 * (single["high"] - single["low"]), rel=1e-3)  # type: ignore[operator]


def test_several_classes_are_compared_by_accuracy() -> None:
    make = np.random.default_rng(8)
    names = ["a", "b", "c"]
    came = make.integers(3, size=ROWS)

    def guess(right: float) -> pd.DataFrame:
        chance = make.random((ROWS, 3)) + right * np.eye(3)[came]
        chance /= chance.sum(axis=1, keepdims=True)
        made = {"row": np.arange(ROWS), "key": np.arange(ROWS).astype(str), "late": np.array(names)[came]}
        return pd.DataFrame({**made, **{f"probability_{name}": chance[:, at] for at, name in enumerate(names)}})

    base, candidate = guess(0.2), guess(0.6)
    found = compare_predictions(base, candidate, CLEAN, columns("multiclass", names, None), SECTION)

    assert isinstance(found, Paired)
    share = [
        float((one.filter(like="probability_").to_numpy().argmax(axis=1) == came).mean()) for one in (base, candidate)
    ]
    assert found.differences["accuracy"]["value"] == pytest.approx(share[1] - share[0], abs=1e-6)
    assert found.differences["accuracy"]["low"] > 0  # type: ignore[operator]
