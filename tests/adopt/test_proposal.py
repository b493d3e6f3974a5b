"""What is decided beside the columns' roles: the task, missing values, the split, the limits; doubts are told."""

from __future__ import annotations

import datetime
import random
from collections.abc import Sequence

import pytest
from proposals import propose

from stages.adopt import defaults
from stages.adopt.proposal import Doubt
from stages.core.errors import DataError, ParamsError

DRAW = random.Random(5)
ROWS = 240


def draw(*texts: str) -> list[str]:
    return [DRAW.choice(texts) for _ in range(ROWS)]


def numbers() -> list[str]:
    return [f"{DRAW.gauss(50, 9):.3f}" for _ in range(ROWS)]


@pytest.mark.parametrize(
    ("target", "task", "positive"),
    [
        (draw("yes", "no"), "binary", "yes"),
        (draw("0", "1"), "binary", "1"),
        (draw("2", "2", "2", "4"), "binary", "4"),
        (draw("1", "1", "2"), "binary", "2"),
        (draw("good", "good", "bad"), "binary", "bad"),
        (draw("a", "b", "c"), "multiclass", None),
        (draw("3", "4", "5", "6", "7"), "multiclass", None),
        (numbers(), "regression", None),
        ([str(DRAW.randrange(500)) for _ in range(ROWS)], "regression", None),
        ([f"{DRAW.randrange(9_999):,}".replace(",", ".") + ",50" for _ in range(ROWS)], "regression", None),
    ],
)
def test_the_task_and_the_positive_class_are_those_a_person_would_name(
    target: Sequence[str], task: str, positive: str | None
) -> None:
    goal = propose({"x": numbers(), "answer": target}, "answer").target

    assert (goal.task, goal.positive) == (task, positive)
    assert goal.reason


def test_scores_are_classes_with_a_doubt_and_numbers_when_asked() -> None:
    table = {"x": numbers(), "quality": draw("3", "4", "5", "6", "7", "8")}

    found = propose(table, "quality")

    assert found.target.task == "multiclass"
    assert any("--task regression" in doubt.text for doubt in found.doubts)
    assert propose(table, "quality", task="regression").target.task == "regression"


def test_a_spelling_that_is_missing_everywhere_and_one_that_is_so_in_one_column() -> None:
    hurt = ["?" if number % 9 == 0 else text for number, text in enumerate(numbers())]
    late = ["-999" if number % 7 == 0 else text for number, text in enumerate(numbers())]

    found = propose({"hurt": hurt, "late": late, "answer": draw("yes", "no")}, "answer")

    assert found.missing == ["", "?"]
    assert found.missing_in == {"late": ["-999"]}


def test_what_is_missing_in_one_column_and_a_value_in_another_is_missing_in_the_one_only() -> None:
    hurt = ["None" if number % 9 == 0 else text for number, text in enumerate(numbers())]

    found = propose({"hurt": hurt, "pool": draw("None", "Small", "Big"), "answer": draw("yes", "no")}, "answer")

    assert "None" not in found.missing
    assert found.missing_in["hurt"] == ["None"]


def test_stray_words_in_a_number_are_named_and_missing() -> None:
    values = [*numbers()[:-2], "n.d.", "see note"]

    found = propose({"x": values, "answer": draw("yes", "no")}, "answer")

    assert {"n.d.", "see note"} <= {*found.missing, *found.missing_in.get("x", [])}


def test_rows_without_the_target_are_no_case_of_the_question() -> None:
    target = ["" if number % 5 == 0 else text for number, text in enumerate(numbers())]

    found = propose({"x": numbers(), "the price": target}, "the price")

    assert found.set_aside == {"the price is not known": "missing(`the price`)"}
    assert found.target.missing == ROWS / 5


def test_a_date_becomes_what_differs_between_rows() -> None:
    days = [str(datetime.date(2020, 1, 1) + datetime.timedelta(days=number)) for number in range(ROWS)]
    januaries = [f"{1990 + number % 9}-01-01" for number in range(ROWS)]

    found = propose({"day": days, "year": januaries, "answer": draw("yes", "no")}, "answer")

    made = {(step["of"][0], step["kind"]) for step in found.derive}
    assert made == {("day", "month"), ("day", "weekday"), ("day", "days"), ("year", "weekday"), ("year", "days")}
    assert found.derived_away == ["day", "year"]
    assert any("--time" in doubt.text for doubt in found.doubts)


def test_split_by_time_the_latest_days_are_held_out_and_days_resampled() -> None:
    days = [str(datetime.date(2020, 1, 1) + datetime.timedelta(days=number)) for number in range(ROWS)]

    found = propose({"day": days, "x": numbers(), "answer": draw("yes", "no")}, "answer", time="day")

    assert found.split == {"by": "time", "column": "day", "validation": 0.15, "test": 0.15}
    assert found.block == "day"
    assert "days" not in {step["kind"] for step in found.derive}


def test_rows_of_few_combinations_are_kept_apart() -> None:
    found = propose({"class": draw("1st", "2nd"), "sex": draw("m", "f"), "answer": draw("yes", "no")}, "answer")

    assert found.split["repeats"] == "apart"


def test_two_columns_that_tell_most_together_are_the_baseline() -> None:
    # Given classes that follow from a weight and a height together, and a column that tells nothing
    size = 3_000
    weight, height = ([f"{DRAW.uniform(*ends):.2f}" for _ in range(size)] for ends in ((45, 120), (1.5, 2.0)))
    index = [float(kilos) / float(metres) ** 2 for kilos, metres in zip(weight, height, strict=True)]
    table: dict[str, Sequence[object]] = {
        "weight": weight,
        "height": height,
        "city": [DRAW.choice("ABC") for _ in range(size)],
        "class": ["light" if value < 20 else "usual" if value < 28 else "heavy" for value in index],
    }

    # Then the rule to beat is made of both, by their tenths
    assert sorted(propose(table, "class").baseline) == ["height", "weight"]


def test_the_column_that_tells_most_is_the_baseline_and_the_first_of_the_slices() -> None:
    answer = draw("yes", "no")
    tells = [("left" if one == "yes" else "right") if DRAW.random() < 0.8 else "left" for one in answer]

    found = propose({"noise": draw("a", "b", "c"), "tells": tells, "x": numbers(), "answer": answer}, "answer")

    assert found.baseline == ["tells"]
    assert found.slices == ["tells", "noise"]


def test_of_numbers_those_that_tell_something_are_slices_by_quarters() -> None:
    answer = draw("yes", "no")
    age = [f"{DRAW.gauss(50 if one == 'yes' else 35, 9):.2f}" for one in answer]
    assert propose({"x": numbers(), "age": age, "answer": answer}, "answer").slices == ["age"]


def test_columns_that_may_be_traits_of_persons_are_compared_and_asked_about() -> None:
    table = {"Sex": draw("f", "m"), "ageYears": numbers(), "stage": draw("1", "2"), "marital_status": draw("a", "b"),
             "customer_age": numbers(), "plane_age": numbers(), "orientation": draw("north", "south"),
             "answer": draw("yes", "no")}  # fmt: skip
    found = propose(table, "answer")
    assert found.sensitive == ["Sex", "ageYears", "marital_status", "customer_age"]
    assert [doubt.about for doubt in found.doubts if "trait of persons" in doubt.text] == found.sensitive


@pytest.mark.parametrize(
    ("table", "target", "said", "error", "message"),
    [
        ({"x": numbers(), "answer": ["a"] * ROWS}, "answer", {}, DataError, "only the value 'a'"),
        ({"x": numbers(), "answer": [""] * ROWS}, "answer", {}, DataError, "no value"),
        ({"x": ["a"] * ROWS, "answer": draw("a", "b")}, "answer", {}, DataError, "is left as an input"),
        ({"x": numbers(), "answer": draw("a", "b")}, "Answer", {}, ParamsError, "Did you mean 'answer'"),
        ({"x": numbers(), "answer": draw("a", "b")}, "answer", {"drop": ("answer",)}, ParamsError, "is the target"),
        ({"x": numbers(), "answer": draw("a", "b")}, "answer", {"time": "x"}, ParamsError, "holds no dates"),
        ({"x": numbers(), "answer": draw("a", "b", "c")}, "answer", {"positive": "d"}, ParamsError, "no class 'd'"),
        ({"x": numbers(), "answer": [f"c{n}" for n in range(ROWS)]}, "answer", {}, DataError, "more than 100"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_learnt_from_is_refused_in_words(
    table: dict[str, Sequence[object]], target: str, said: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        propose(table, target, **said)


@pytest.mark.parametrize(
    ("strays", "said", "task", "positive"),
    [
        (["maybe"], {}, "binary", "yes"),
        (["maybe"], {"positive": "no"}, "binary", "no"),
        (["maybe"], {"task": "binary"}, "binary", "yes"),
        (["maybe", "y?", "xx", "xx"], {}, "binary", "yes"),
        (["maybe"] * 5, {}, "multiclass", None),
        (["maybe"], {"task": "multiclass"}, "multiclass", None),
        (["maybe"] * 5, {"positive": "maybe"}, None, None),
    ],
)
def test_a_class_too_rare_does_not_decide_the_task(
    strays: list[str], said: dict[str, str], task: str | None, positive: str | None
) -> None:
    columns = {"x": numbers(), "answer": [*strays, *draw("yes", "no", "no")[len(strays) :]]}

    if task is None:
        with pytest.raises(DataError, match="two are needed, one of them 'maybe'"):
            propose(columns, "answer", **said)
        return
    goal = propose(columns, "answer", **said).target

    assert (goal.task, goal.positive) == (task, positive)
    assert goal.rare == ({} if len(strays) == 5 else {one: strays.count(one) for one in strays})
    assert ("too rare to learn are set aside" in goal.doubt) == bool(goal.rare)


def test_of_two_classes_the_rare_one_stays_and_so_do_many_names() -> None:
    fraud = propose({"x": numbers(), "answer": ["yes"] * 3 + ["no"] * (ROWS - 3)}, "answer").target
    assert (fraud.task, fraud.positive, fraud.rare) == ("binary", "yes", {})

    names = ["a"] * 9 + ["b"] * 9 + [f"n{number}" for number in range(ROWS - 18)]
    with pytest.raises(DataError, match="more than 100"):
        propose({"x": numbers(), "answer": names}, "answer")


def test_a_stray_text_among_numbers_leaves_a_regression() -> None:
    target = ["broken", *numbers()[1:]]

    found = propose({"x": numbers(), "answer": target}, "answer")

    assert found.target.task == "regression"
    assert found.target.finding.stray == {"broken": 1}
    assert Doubt("answer", "1 of its values are no numbers ('broken'); their rows are set aside.") in found.doubts


def test_a_flag_of_numbers_keeps_its_positive_class() -> None:
    goal = propose({"x": numbers(), "answer": ["x", *draw("0", "1", "1")[1:]]}, "answer").target

    assert (goal.task, goal.positive, goal.classes) == ("binary", "1", ["0", "1"])


@pytest.mark.parametrize(
    ("rows", "inputs", "classes", "small"),
    [(999, 5000, 40, True), (4999, 20, 2, True), (4999, 101, 2, False), (1800, 64, 10, False), (5000, 2, 2, False)],
)
def test_small_tables_are_judged_by_cross_validation_where_it_does_not_take_long(
    rows: int, inputs: int, classes: int, small: bool
) -> None:
    assert defaults.is_small(rows, inputs, classes) == small
