"""Verdict, numbers and words of a report on several classes or on a number, and of cross-validated scores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
import report_tasks

from stages.core.errors import DataError, ParamsError
from stages.core.files import read_json, write_json
from stages.core.params import convert
from stages.report.findings import amounts
from stages.report.findings.inputs import read
from stages.report.findings.report import report
from stages.wording.params import Report

SMALL = {"train": 120, "validation": 30, "test": 30}


def found(root: Path, task: str, params: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    {"multiclass": report_tasks.multiclass, "regression": report_tasks.regression}[task](root, **options)
    return again(root, params)


def again(root: Path, params: dict[str, Any] | None = None) -> dict[str, Any]:
    words = report_tasks.PARAMS if params is None else params
    return msgspec.to_builtins(report(read(convert(words, Report, "report"), root)))


@pytest.mark.parametrize(
    ("task", "title"),
    [
        ("multiclass", "Approve: it is right more often than the model in use"),
        ("regression", "Approve: it has smaller errors than the model in use"),
    ],
)
def test_the_verdict_follows_the_measure_that_decides(tmp_path: Path, task: str, title: str) -> None:
    decision = found(tmp_path, task, champion="compared")["decision"]
    assert decision["title"] == title
    assert decision["case"] == "better"


def test_less_is_better_for_an_error(tmp_path: Path) -> None:
    # given a candidate whose errors are clearly larger than those of the model in use
    report_tasks.regression(tmp_path, champion="compared")
    path = tmp_path / "metrics/plots/differences.csv"
    lines = [
        "champion,mae,900,300,1500" if line.startswith("champion,mae,") else line
        for line in path.read_text().splitlines()
    ]
    path.write_text("\n".join(lines) + "\n")
    # when the report is made
    decision = again(tmp_path)["decision"]
    # then it advises against it
    assert decision["title"] == "Do not approve: it has larger errors than the model in use"


@pytest.mark.parametrize(
    ("task", "keys"),
    [
        ("multiclass", ["accuracy", "top2_accuracy", "macro_f1", "log_loss"]),
        ("regression", ["mae", "median_ae", "r2", "coverage"]),
    ],
)
def test_each_task_has_its_key_numbers(tmp_path: Path, task: str, keys: list[str]) -> None:
    numbers = found(tmp_path, task)["decision"]["key_numbers"]
    assert [number["metric"] for number in numbers] == keys


def test_two_classes_have_no_second_guess(tmp_path: Path) -> None:
    facts = found(tmp_path, "multiclass", classes=("a", "b"))
    assert "top2_accuracy" not in [number["metric"] for number in facts["decision"]["key_numbers"]]
    assert [part["cell"] for part in facts["rule"]["thousand"]["models"][0]["parts"]] == ["first", "wrong"]
    assert "second" not in facts["accuracy"]["lead"]


def test_without_intervals_nothing_is_said_of_them(tmp_path: Path) -> None:
    facts = found(tmp_path, "regression", interval=False)
    assert [number["metric"] for number in facts["decision"]["key_numbers"]] == ["mae", "median_ae", "r2", "rmse"]
    assert "interval" not in facts["decision"]["lead"]
    assert facts["accuracy"]["calibration"] == []
    assert facts["rule"]["thousand"] is None


@pytest.mark.parametrize(("coverage", "word"), [(0.78, "too narrow"), (0.8, "as promised"), (0.83, "too wide")])
def test_an_interval_is_held_against_what_it_promises(tmp_path: Path, coverage: float, word: str) -> None:
    # given intervals made to hold 80% of the rows, when they hold so many, then that is the finding
    report_tasks.regression(tmp_path)
    path = tmp_path / "metrics/plots/scores.csv"
    lines = [
        f"candidate,coverage,{coverage},{coverage - 0.01},{coverage + 0.01}"
        if line.startswith("candidate,coverage,")
        else line
        for line in path.read_text().splitlines()
    ]
    path.write_text("\n".join(lines) + "\n")
    assert again(tmp_path)["decision"]["key_numbers"][3]["against"]["word"] == word


def test_intervals_that_hold_too_few_somewhere_do_not_hold_what_they_promise(tmp_path: Path) -> None:
    # given intervals that hold their share over all rows, but clearly not in one tenth of the predictions
    found(tmp_path, "regression")
    path = tmp_path / "metrics/plots/calibration.csv"
    head, *lines = path.read_text().splitlines()
    group, predicted, *_, rows = lines[9].split(",")
    path.write_text("\n".join([head, *lines[:9], f"{group},{predicted},0.38,0.3,0.46,{rows}"]) + "\n")
    # when the report is made, then tile, title and lead say so
    facts = again(tmp_path)
    assert facts["decision"]["key_numbers"][3]["against"]["word"] == "not everywhere"
    assert "hold only 38% where it predicts about" in facts["accuracy"]["calibration_title"]
    assert "where they hold least" in facts["decision"]["lead"]


def test_a_group_whose_intervals_hold_too_few_is_named(tmp_path: Path) -> None:
    # given slices with the share inside their intervals, one of them clearly too low
    found(tmp_path, "regression")
    path = tmp_path / "metrics/plots/slices.csv"
    head, *lines = path.read_text().splitlines()
    ends = ["0.5,0.45,0.55", *["0.8,0.75,0.85"] * (len(lines) - 1)]
    held = [f"{line},{end}" for line, end in zip(lines, ends, strict=True)]
    path.write_text("\n".join([f"{head},held,held_low,held_high", *held]) + "\n")
    # then section 5 names it
    assert "Its 80% intervals hold only 50% where" in again(tmp_path)["fails"]["lead"]


def test_errors_are_told_as_shares_of_values_above_0_and_the_level_as_one_of_the_mean(tmp_path: Path) -> None:
    lead = found(tmp_path, "regression")["decision"]["lead"]
    assert "Of the value, half of its predictions are at most 9.3% off, and 55% are within 10%." in lead
    assert "Of the value" not in found(tmp_path / "below", "regression", negative=True)["decision"]["lead"]


@pytest.mark.parametrize(
    ("task", "values"), [("multiclass", "70.0% against 62.7%"), ("regression", "MAE €30,600 against €34,500")]
)
def test_cross_validation_is_said_with_rows_folds_and_repeats(tmp_path: Path, task: str, values: str) -> None:
    facts = found(tmp_path, task, rows=SMALL, crossed=True, champion="compared")
    decision, performance = facts["decision"], facts["accuracy"]
    assert decision["lead"].startswith("Over 180 houses, each predicted by models that had not seen it")
    table = {row["item"]: row["value"] for row in decision["estimate"]["table"]}
    assert decision["estimate"]["title"] == "Estimated by 5-fold cross-validation"
    assert table["Houses"] == "180, each scored 10 times, cut anew each time"
    assert table["Why"] == "The hold-out of 30 houses alone would tell too little"
    assert table["Model in use"] == "Compared on the hold-out alone, 30 houses"
    assert performance["title"].endswith(f"{values} on the hold-out")
    assert "cross-validation" in performance["measures_title"]


def test_a_hold_out_is_not_explained(tmp_path: Path) -> None:
    facts = found(tmp_path, "regression")
    assert facts["decision"]["estimate"] is None
    assert facts["decision"]["lead"].startswith("Tested on 4,000 houses that played no part in its training")


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_no_other_task_s_words_are_used(tmp_path: Path, task: str) -> None:
    # given words that belong to two classes
    words = {**report_tasks.PARAMS, "warning": {"one": "siren", "many": "sirens"}, "outcome": {"cases": "sirenians"}}
    facts = found(tmp_path, task, words)
    # then a report on anything else has no use for them
    del facts["about"]
    assert "siren" not in str(facts)


def test_an_unknown_word_is_refused() -> None:
    with pytest.raises(ParamsError, match="Did you mean 'licence'"):
        convert({"licens": "CC0"}, Report, "report")


def test_a_task_nobody_knows_is_refused(tmp_path: Path) -> None:
    report_tasks.regression(tmp_path)
    path = tmp_path / "metrics/evaluation.json"
    write_json(path, {**read_json(path), "task": "regresion"})
    with pytest.raises(DataError, match=r"evaluation\.json: Invalid value 'regresion'"):
        again(tmp_path)


def test_without_a_title_the_target_and_the_table_make_one(tmp_path: Path) -> None:
    assert found(tmp_path, "regression", {})["about"]["title"] == "Price, predicted from houses"


def test_classes_beyond_twelve_are_pooled(tmp_path: Path) -> None:
    # given forty classes
    performance = found(tmp_path, "multiclass", classes=[f"c{number}" for number in range(40)])["accuracy"]
    # then the ten most frequent, the one told apart least well and the rest as one are shown, with all rows in the
    # matrix
    assert [row["name"] for row in performance["classes"]][-3:] == ["c9", "c39", "29 others, mean"]
    assert performance["classes_title"].startswith("Told apart least well: c39")
    assert performance["classes_shown"] == "The 10 largest and the worst."
    assert performance["confusion"]["names"][-1] == "29 others"
    assert len(performance["confusion"]["shares"]) == 12
    for line in performance["confusion"]["shares"][:-1]:
        assert sum(line) == pytest.approx(1, abs=0.01)


def test_names_that_begin_alike_are_cut_where_they_differ(tmp_path: Path) -> None:
    names = [f"a class with quite a long name {number}" for number in range(3)]
    samples = found(tmp_path, "multiclass", classes=names)["served"]["samples"]
    assert samples[0]["actual"] == "a class…ng name 0"


@pytest.mark.parametrize(
    ("task", "kinds", "right"),
    [
        ("multiclass", ["Right", "Right", "Right", "Wrong", "Wrong"], [True, True, True, False, False]),
        ("regression", ["Close", "Close", "Close", "Far", "Far"], [True, True, True, False, False]),
    ],
)
def test_mistakes_are_shown_as_plainly_as_successes(
    tmp_path: Path, task: str, kinds: list[str], right: list[bool]
) -> None:
    samples = found(tmp_path, task)["served"]["samples"]
    assert [sample["kind"] for sample in samples] == kinds
    assert [sample["right"] for sample in samples] == right
    told = {"multiclass": ["+30", "−18", "−7"], "regression": ["+38,889", "−22,876", "−8,838"]}[task]
    assert [reason["told"] for reason in samples[0]["reasons"]["main"]] == told
    assert samples[0]["reasons"]["main"][0]["value"] == "92.5 m²"


def test_columns_that_are_no_inputs_are_counted_by_reason(tmp_path: Path) -> None:
    # given columns dropped for reasons that differ in a value alone, and an identifier without a reason
    report_tasks.regression(tmp_path)
    schema = read_json(tmp_path / "data/schema.json")
    schema["left_out"] = [{"name": name, "reason": f"the only value is '{name}'"} for name in ("x", "y")]
    write_json(tmp_path / "data/schema.json", schema)
    # then they count as one, and the identifier's use is said
    assert again(tmp_path)["data"]["left_out"] == [
        {"reason": "The only value is …", "columns": 2, "names": "x and y"},
        {"reason": "Kept to find a row again", "columns": 1, "names": "house"},
    ]


def test_what_to_look_at_is_told(tmp_path: Path) -> None:
    notes = found(tmp_path, "regression", drift=["b.csv: 100 times as large"], leaks={"rooms": 0.9996})["data"]["notes"]
    assert [note["about"] for note in notes] == ["May leak", "Files differ"]
    assert notes[0]["note"].startswith("Rooms alone")


def test_the_data_page_tells_the_outcome_of_each_part(tmp_path: Path) -> None:
    several = found(tmp_path / "a", "multiclass", classes=[f"c{number}" for number in range(9)])["data"]
    assert [row["name"] for row in several["classes"]["rows"]][-2:] == ["c6", "Other (2)"]
    assert several["distribution"] is None
    number = found(tmp_path / "b", "regression")["data"]
    assert [row["name"] for row in number["distribution"]["rows"]] == ["Train", "Validate", "Hold-out"]
    assert number["distribution"]["title"] == "Four in five houses of the hold-out lie between €131,250 and €420,000"
    assert number["outcome"] == []


@pytest.mark.parametrize(
    ("size", "error", "unit", "said"),
    [
        (420_000.0, 35_012.3, "€", "€35,012"),
        (60.0, 3.214, "mg/dl", "3.21 mg/dl"),
        (60.0, 3.214, "%", "3.21%"),
        (9e8, 12_345_678.0, "$", "$12.3 million"),
        (9e8, 12_345_678.0, "m³", "12.3 million m³"),
        (4e-5, 3.61e-6, "", "3.61 millionths"),
        (0.5, 0.0123, "", "0.0123"),
        (0.0, 0.0, "", "0"),
    ],
)
def test_amounts_have_the_decimals_they_need(size: float, error: float, unit: str, said: str) -> None:
    assert amounts.choose_amounts(size, size, error, unit).write(error) == said


def test_a_loss_has_its_sign_before_the_currency() -> None:
    assert amounts.choose_amounts(500.0, 500.0, 20.0, "£").write(-20.0) == "−£20.0"
