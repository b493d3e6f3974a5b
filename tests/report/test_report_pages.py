"""Pages 4 to 8: their sentences, flags and tables follow from the numbers, for every task."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import report_case
import report_tasks

from stages.core.files import read_json, write_json
from stages.core.params import convert
from stages.report.findings import inputs
from stages.report.findings.inputs import read
from stages.report.findings.report import PAGES, RULES, report
from stages.wording.params import Alert, Report

HERE = Path(__file__).resolve().parents[2]


def found(root: Path, task: str = "binary", rejected: bool = False, **options: Any) -> dict[str, Any]:
    if task == "binary":
        report_case.write(root, **options)
    else:
        {"multiclass": report_tasks.multiclass, "regression": report_tasks.regression}[task](root, **options)
    return again(root, task, rejected)


def again(root: Path, task: str = "binary", rejected: bool = False, **said: Any) -> dict[str, Any]:
    words = report_case.PARAMS if task == "binary" else report_tasks.PARAMS
    return msgspec.to_builtins(report(read(convert({**words, **said}, Report, "report"), root, rejected)))


def change(path: Path, edit: Callable[[dict[str, str]], None]) -> None:
    """Every line of the table, changed."""
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        head, rows = list(reader.fieldnames or []), list(reader)
    for row in rows:
        edit(row)
    report_case.table(path, ",".join(head), [[row[name] for name in head] for row in rows])


def test_a_section_with_nothing_to_show_is_left_out_and_the_others_close_up(tmp_path: Path) -> None:
    # Given no groups, no weeks, and inputs that matter nothing
    outline = found(tmp_path, slices=0, importance=0.0, bare=True)["outline"]

    # Then six sections are left, numbered without a gap
    assert [section["key"] for section in outline] == ["decision", "data", "accuracy", "rule", "served", "sign"]
    assert [section["number"] for section in outline] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("task", "name"), [("binary", "Alert rule"), ("multiclass", "When to abstain"), ("regression", "Tolerance")]
)
def test_page_four_is_named_for_its_task(tmp_path: Path, task: str, name: str) -> None:
    facts = found(tmp_path, task)
    assert next(page["name"] for page in facts["outline"] if page["key"] == "rule") == name


@pytest.mark.parametrize(
    ("low", "high", "title"),
    [
        (-150, -50, "Warnings from 20% risk on save 99 per 1,000 flights against the model in use"),
        (-150, 50, "Warnings from 20% risk on cost about as much as the model in use"),
        (50, 150, "Warnings from 20% risk on cost 99 per 1,000 flights more than the model in use"),
    ],
)
def test_what_the_rule_saves_is_said_only_where_it_is_sure(tmp_path: Path, low: float, high: float, title: str) -> None:
    # Given a paired difference in cost to the model in use, and its interval
    report_case.write(tmp_path, champion="compared")

    def edit(row: dict[str, str]) -> None:
        if (row["against"], row["metric"]) == ("champion", "cost"):
            row.update(value="-99" if high < 50 or low < 0 else "99", low=str(low), high=str(high))

    change(tmp_path / "metrics/plots/differences.csv", edit)

    # When the page is titled, then a doubt is no saving
    assert again(tmp_path)["rule"]["title"] == title


def test_the_line_in_hindsight_and_the_two_ends_are_told(tmp_path: Path) -> None:
    rule = found(tmp_path)["rule"]
    costs = {row["what"]: row["cost"] for row in rule["thresholds"] if row["what"]}
    assert costs["lowest"] == rule["lowest"]["cost"] < costs["rule"] == pytest.approx(rule["cost"])
    assert rule["never"] == pytest.approx(1000 * 4 * report_case.RATES["test"])
    assert rule["always"] == pytest.approx(1000 * (1 - report_case.RATES["test"]))
    assert "would have cost 617 instead of 677" in rule["lead"]


def test_a_thousand_rows_are_a_thousand_for_both_models(tmp_path: Path) -> None:
    models = found(tmp_path, champion="compared")["rule"]["thousand"]["models"]
    assert [model["name"] for model in models] == ["Candidate", "Model in use"]
    for model in models:
        assert sum(part["rows"] for part in model["parts"]) == pytest.approx(1000, abs=0.01)


def test_leaving_unsure_rows_to_a_person_is_told_by_what_it_brings(tmp_path: Path) -> None:
    rule = found(tmp_path, "multiclass")["rule"]
    assert rule["title"] == "Leaving the least sure 50% to a person lifts accuracy from 72.0% to 84.5%"
    for row in rule["levels"]:
        assert row["wrong"] == pytest.approx(1000 * row["answered"] * (1 - row["accuracy"]), abs=0.01)


@pytest.mark.parametrize(
    ("accuracy", "title"),
    [
        ("1.0", "Every answer was right: there is nothing to leave to a person"),
        ("0.9", "90.0% of the answers are right; its confidence does not tell which"),
    ],
)
def test_where_abstaining_brings_nothing_that_is_said(tmp_path: Path, accuracy: str, title: str) -> None:
    report_tasks.multiclass(tmp_path)
    change(tmp_path / "metrics/plots/abstain.csv", lambda row: row.update(accuracy=accuracy))
    assert again(tmp_path, "multiclass")["rule"]["title"] == title


def test_the_rows_to_leave_end_at_the_knee_of_the_curve(tmp_path: Path) -> None:
    # given a model whose least sure tenth holds four in five of its mistakes
    report_tasks.multiclass(tmp_path)
    curve = [(0.5, 1.0, 0.9), (0.6, 0.9, 1 - 0.02 / 0.9), (0.7, 0.5, 1 - 0.01 / 0.5), (0.9, 0.1, 1.0)]
    rows = [("candidate", *point) for point in curve]
    report_case.table(tmp_path / "metrics/plots/abstain.csv", "model,confidence,answered,accuracy", rows)
    rule = again(tmp_path, "multiclass")["rule"]
    assert rule["some"]["answered"] == 0.9
    assert rule["title"] == "Leaving the least sure 10% to a person lifts accuracy from 90.0% to 97.8%"


def test_equal_confidences_leave_nothing_to_hand_over(tmp_path: Path) -> None:
    # Given a model that is equally sure of all rows
    report_tasks.multiclass(tmp_path)
    report_case.table(
        tmp_path / "metrics/plots/abstain.csv", "model,confidence,answered,accuracy", [("candidate", 0.6, 1.0, 0.6)]
    )
    rule = again(tmp_path, "multiclass")["rule"]
    assert rule["some"] is None
    assert rule["title"] == "60.0% of the answers are right; its confidence does not tell which"


def test_a_tolerance_is_compared_and_without_one_the_curve_is_read(tmp_path: Path) -> None:
    assert found(tmp_path / "a", "regression", tolerance=20_000.0)["rule"]["title"] == (
        "70% of its predictions are off by at most €20,000, and 70% of the baseline's"
    )
    rule = found(tmp_path / "b", "regression")["rule"]
    assert rule["title"].startswith("Nine in ten predictions are off by at most €69,")
    assert [row["share"] for row in rule["levels"]] == [0.5, 0.8, 0.9, 0.95]
    assert all(row["other"] < row["share"] for row in rule["levels"])


COSTS = {"over": 1.0, "under": 4.0}


def test_where_a_side_is_dearer_the_page_tells_what_errors_cost_and_what_would_have_cost_less(tmp_path: Path) -> None:
    # given a number predicted 55 times of 100 too high, and a unit too low that costs four times as much
    rule = found(tmp_path, "regression", champion="compared", costs=COSTS)["rule"]
    # then
    assert rule["title"] == "An error costs 81,750 on average, 12,262 less than the model in use's"
    assert "A unit too high costs 1, one too low 4; predictions that are too low make 73% of the whole." in rule["lead"]
    assert rule["correction"]["title"] == "€18,000 more in every prediction would have cost 75,000 an error"
    assert rule["correction"]["lowest"] == {"correction": 18_000.0, "cost": 75_000.0}
    # and where nothing else would have cost clearly less, it says that
    path = tmp_path / "metrics/plots/correction.csv"
    path.write_text("model,correction,cost\ncandidate,-1000,83000\ncandidate,0,81750\ncandidate,1000,81700\n")
    correction = again(tmp_path, "regression")["rule"]["correction"]
    assert correction["title"] == "No amount added to every prediction would have cost clearly less"
    assert correction["lowest"] is None


@pytest.mark.parametrize(
    ("costs", "title"),
    [
        ({"over": 2.0, "under": 50.0}, "An error costs 850,200 on average"),
        ({"over": 1e-7, "under": 5e-7}, "An error costs 0.00981 on average"),
    ],
)
def test_a_cost_is_told_in_no_unit_and_with_the_figures_it_has(
    tmp_path: Path, costs: dict[str, float], title: str
) -> None:
    # given costs far from one for a unit of a price in €
    facts = found(tmp_path, "regression", champion="compared", costs=costs)
    # then neither the currency nor the decimals of an error are theirs
    assert facts["rule"]["title"].startswith(title)
    [row] = [row for row in facts["accuracy"]["measures"] if row["metric"] == "cost"]
    assert row["label"] == "Cost of an error"
    assert row["form"] == facts["rule"]["correction"]["form"]


def test_of_cross_validation_errors_are_held_against_what_was_scored_on_the_same_rows(tmp_path: Path) -> None:
    facts = found(tmp_path, "regression", rows=report_tasks.ROWS, crossed=True, champion="compared", costs=COSTS)
    assert facts["rule"]["title"].endswith("than the baseline's")
    assert {row["model"] for row in facts["rule"]["sides"]} == {"candidate", "baseline"}


def test_predictions_that_are_exact_cost_nothing_on_either_side(tmp_path: Path) -> None:
    lead = found(tmp_path, "regression", error=0.0, costs=COSTS)["rule"]["lead"]
    assert "A unit too high costs 1, one too low 4." in lead


def test_the_confidence_told_of_has_its_line_in_the_table(tmp_path: Path) -> None:
    # given a curve with few confidences, of which a round one answers as much as the one told of
    report_tasks.multiclass(tmp_path)
    curve = [("candidate", 1.0, 0.3, 1.0), ("candidate", 0.93, 0.8, 0.9), ("candidate", 0.4, 1.0, 0.7)]
    report_case.table(tmp_path / "metrics/plots/abstain.csv", "model,confidence,answered,accuracy", curve)
    levels = again(tmp_path, "multiclass")["rule"]["levels"]
    assert [row["confidence"] for row in levels if row["told"]] == [0.93]
    assert len({row["answered"] for row in levels}) == len(levels)


def test_words_of_two_classes_are_told_of_no_other_task(tmp_path: Path) -> None:
    report_tasks.multiclass(tmp_path)
    facts = again(tmp_path, "multiclass", outcome={"positive": "late", "phrase": "arrives late"})
    assert "arrives late" not in json.dumps(facts["decision"]) + json.dumps(facts["data"])


def test_without_costs_the_page_says_how_to_set_them(tmp_path: Path) -> None:
    rule = found(tmp_path, "regression")["rule"]
    assert rule["correction"] is None
    assert "set both costs in params.yaml under evaluate" in rule["sides_note"]


def test_only_a_whole_interval_beside_the_whole_stands_out(tmp_path: Path) -> None:
    # Given three groups: one with a lower score for sure, one with a lower level for sure, one with wide intervals
    report_case.write(tmp_path, slices=3)
    sure = {
        "weak": ("0.5", "0.6", "-0.02", "0.02"),
        "off": ("0.6", "0.8", "-0.12", "-0.06"),
        "wide": ("0.5", "0.9", "-0.3", "0.1"),
    }
    names = iter(sure)

    def edit(row: dict[str, str]) -> None:
        row["value"] = next(names)
        row.update(zip(("low", "high", "gap_low", "gap_high"), sure[row["value"]], strict=True), gap="-0.09")

    change(tmp_path / "metrics/plots/slices.csv", edit)

    # When they are looked at
    page = again(tmp_path)["fails"]

    # Then each flag is on the one it belongs to
    assert [(row["value"], row["weak"], row["off"]) for row in page["groups"]] == [
        ("weak", True, False), ("off", False, True), ("wide", False, False),
    ]  # fmt: skip
    assert page["title"] == "1 of 3 groups is off by more than chance: airline off, predicted 9 points too low"
    assert "three groups is judged twice at 99%" in page["groups_note"]


def test_a_group_without_a_score_is_shown_with_what_is_known(tmp_path: Path) -> None:
    # Given a group whose target is constant: it has no AUC and no interval
    report_case.write(tmp_path, slices=2)
    change(tmp_path / "metrics/plots/slices.csv", lambda row: row.update(auc="", low="", high="", baseline_auc=""))
    page = again(tmp_path)["fails"]
    assert [row["score"]["value"] for row in page["groups"]] == [None, None]
    assert not any(row["weak"] for row in page["groups"])


def test_of_many_groups_those_that_stand_out_are_kept(tmp_path: Path) -> None:
    report_case.write(tmp_path, slices=60)
    change(
        tmp_path / "metrics/plots/slices.csv", lambda row: row.update(low="0.5", high="0.9", gap_low="-1", gap_high="1")
    )
    lines = (tmp_path / "metrics/plots/slices.csv").read_text().splitlines()
    lines[5] = re.sub(r",-1,1,", ",-1,-0.5,", lines[5])
    (tmp_path / "metrics/plots/slices.csv").write_text("\n".join(lines) + "\n")
    page = again(tmp_path)["fails"]
    assert (len(page["groups"]), page["all_groups"]) == (26, 60)
    assert [row["off"] for row in page["groups"]].count(True) == 1
    assert "Shown are the 26" in page["groups_note"]


def test_the_worst_group_is_shown_however_many_stand_out(tmp_path: Path) -> None:
    # given forty groups that are all off, and among the smallest of them the one that ranks worst
    report_case.write(tmp_path, slices=40)
    change(
        tmp_path / "metrics/plots/slices.csv",
        lambda row: row.update(
            gap="-0.1", gap_low="-0.2", gap_high="-0.05", auc="0.51" if row["value"] == "9" else row["auc"]
        ),
    )  # fmt: skip
    page = again(tmp_path)["fails"]
    # then it is among those shown, and the title counts them all
    assert "hour is 9: AUC 0.51" in page["lead"]
    assert "9" in [row["value"] for row in page["groups"]]
    assert page["title"].startswith("All 40 groups are off by more than chance")


def test_pages_that_are_not_there_are_named_with_the_reason(tmp_path: Path) -> None:
    # given a table without groups, without weeks and without an input that matters, and the usual one
    facts = found(tmp_path / "a", slices=0, importance=0.0, bare=True)
    assert [text.split(" (")[0] for text in facts["left_out"]] == ["where it fails", "what drives it"]
    assert found(tmp_path / "b")["left_out"] == []


def test_the_parts_of_a_thousand_rows_add_up(tmp_path: Path) -> None:
    thousand = found(tmp_path, champion="compared")["rule"]["thousand"]
    for model in thousand["models"]:
        parts = {part["cell"]: part["rows"] for part in model["parts"]}
        assert parts["tp"] + parts["fn"] == thousand["positive"]["rows"]
        assert parts["fp"] + parts["tn"] == thousand["negative"]["rows"]
        assert sum(parts.values()) == 1000


def test_doubts_about_the_data_are_told_where_the_decision_is_taken(tmp_path: Path) -> None:
    doubted = report_case.points(found(tmp_path / "a", "regression", leaks={"floor_area": 0.9995}))
    assert doubted["Data"] == "Before you decide, read one doubt about the data in section 2."
    assert "Data" not in report_case.points(found(tmp_path / "b", "regression"))


def test_gates_are_told_in_the_units_of_what_they_measure(tmp_path: Path) -> None:
    binary = {gate["name"]: gate for gate in found(tmp_path / "a")["decision"]["gates"]}
    assert binary["Calibrated"]["measured"] == "2.6% (1.1–4.1)"
    assert binary["Calibrated"]["rule"].endswith("below 10%")
    assert binary["Beats the baseline"]["measured"] == "+0.066 (0.036–0.096)"
    [gate, _] = found(tmp_path / "b", "regression")["decision"]["gates"]
    assert gate["rule"] == "Mean absolute error, upper end of the interval below €120,000"
    assert gate["measured"].startswith("€30,000 (29,")


def test_a_week_cut_off_at_an_end_is_not_the_worst(tmp_path: Path) -> None:
    # Given five weeks, the last with a seventh of the others' rows and the largest gap
    report_case.write(tmp_path, slices=0)
    change(
        tmp_path / "metrics/plots/weekly.csv",
        lambda row: row.update(gap="-0.4") if row["week"] == "2013-11-29" else None,
    )
    weeks = again(tmp_path)["fails"]["weekly"]
    assert (weeks["worst"]["week"], weeks["worst"]["said"], weeks["whole"]) == ("2013-11-01", "6 points too high", 4)


def test_what_moves_together_and_what_is_of_no_use_is_named(tmp_path: Path) -> None:
    page = found(tmp_path)["drivers"]
    assert any("scheduled departure and humidity (correlation 0.93)" in text for text in page["how_to_read"])
    assert any("No measurable use: origin, seats and plane age" in text for text in page["how_to_read"])


def test_tables_are_told_apart_where_there_is_more_than_one(tmp_path: Path) -> None:
    # Given half of the inputs from another table
    report_case.write(tmp_path)
    schema = read_json(tmp_path / "data/schema.json")
    for column in schema["columns"]:
        column["from"] = "weather" if column["name"] in ("humid", "precip", "pressure", "temp") else "flights"
    write_json(tmp_path / "data/schema.json", schema)

    # When importance is added up, then both have their share, and together they are all
    page = again(tmp_path)["drivers"]
    assert [row["table"] for row in page["tables"]] == ["flights", "weather"]
    assert sum(row["share"] for row in page["tables"]) == pytest.approx(1)
    assert page["title"] == "Scheduled departure matters most; weather makes up 36% of the importance"


@pytest.mark.parametrize(
    ("kind", "values", "texts"),
    [
        ("clock_minutes", (315, 1110), ("05:15", "18:30")),
        ("weekday", (0, 6), ("Mon", "Sun")),
        ("month", (1, 12), ("Jan", "Dec")),
        ("days", (0, 15706), ("Jan 1970", "Jan 2013")),
    ],
)
def test_a_derived_input_is_written_as_people_write_it(
    tmp_path: Path, kind: str, values: tuple[int, int], texts: tuple[str, str]
) -> None:
    report_case.write(tmp_path)
    manifest = read_json(tmp_path / "model/manifest.json")
    manifest["features"]["derive"][0]["kind"] = kind
    write_json(tmp_path / "model/manifest.json", manifest)
    rows = [("dep_minutes", value, (place + 1) / 2, 0.2) for place, value in enumerate(values)]
    report_case.table(tmp_path / "metrics/plots/dependence.csv", report_case.HEADS["dependence"], rows)
    (panel,) = again(tmp_path)["drivers"]["panels"]["columns"]
    assert tuple(point["text"] for point in panel["points"]) == texts


def test_a_random_split_is_told_only_where_it_claims_more(tmp_path: Path) -> None:
    boxes = found(tmp_path)["accuracy"]["honesty"]
    assert [box["title"] for box in boxes] == ["Why AUC 0.690 and not 0.806", "Why the interval is 0.660–0.720"]
    path = tmp_path / "metrics/evaluation.json"
    for claimed in ({"score": 0.5, "fitted": 10, "scored": 10}, None):
        write_json(path, {**read_json(path), "random_split": claimed})
        assert [box["title"] for box in again(tmp_path)["accuracy"]["honesty"]] == ["Why the interval is 0.660–0.720"]


def test_of_an_error_a_random_split_claims_more_where_it_is_smaller(tmp_path: Path) -> None:
    report_tasks.regression(tmp_path)
    path = tmp_path / "metrics/evaluation.json"
    write_json(path, {**read_json(path), "random_split": {"score": 20_000.0, "fitted": 100, "scored": 50}})
    boxes = again(tmp_path, "regression")["accuracy"]["honesty"]
    assert boxes[0]["title"] == "Why MAE €30,000 and not €20,000"


def test_shifts_are_read_by_custom_and_never_below_chance(tmp_path: Path) -> None:
    # Given shifts below chance, small, moderate and strong, some of inputs that are missing in places
    report_case.write(tmp_path)
    rows = [
        ("temp", 0.3, 0.4, 0.1, 0),
        ("humid", 0.05, 0.01, 0, 0.1),
        ("seats", 0.3, 0.4, 0, 0),
        ("distance", 0.05, 0.01, 0, 0),
        ("precip", 0.1, 0.01, 0, 0),
        ("visib", 0.25, 0.01, 0, 0),
    ]
    report_case.table(tmp_path / "metrics/plots/shift.csv", report_case.HEADS["shift"], rows)
    shift = again(tmp_path)["data"]["shift"]
    assert {row["label"]: row["reading"] for row in shift["rows"]} == {
        "Temperature": "chance", "Humidity": "small", "Precip": "moderate", "Visib": "strong",
    }  # fmt: skip
    assert shift["title"] == "Visib shifted strongly before the hold-out"
    # and those of which there is nothing to say are counted only
    assert (shift["notable"], shift["inputs"]) == (4, 6)


def test_the_services_own_alert_is_told_as_it_is_set(tmp_path: Path) -> None:
    report_case.write(tmp_path)
    alert = Alert(share=0.025, window_s=60, min_requests=7)
    served = report(read(Report(), tmp_path, alert=alert)).served
    assert served.watch[0].when.startswith("More than 2.5% of at least 7 requests fail within 60 seconds")


def test_the_commands_are_there_to_be_run(tmp_path: Path) -> None:
    # Given the targets of the Makefile
    targets = set(re.findall(r"^([a-z]+):", (HERE / "Makefile").read_text(), re.MULTILINE)) | {"publish"}

    # Then every `make` on the last page is one of them
    page = found(tmp_path)["sign"]
    commands = [row["command"] for row in [*page["commands"], *page["record"]]]
    assert {command.split()[1] for command in commands if command.startswith("make ")} <= targets
    assert [row["choice"] for row in page["record"]] == [
        row["choice"] for row in again(tmp_path)["decision"]["options"]
    ]


def test_open_gates_are_the_conditions_to_sign(tmp_path: Path) -> None:
    page = found(tmp_path, champion="compared", gates={"calibrated": "undecided"})["sign"]
    assert page["conditions"] == ["Calibrated (undecided): Calibration error, upper end of the interval below 10%"]
    assert again(tmp_path, signatures=["Head of operations"])["sign"]["signatures"] == ["Head of operations"]


def test_terms_that_are_not_used_are_not_explained(tmp_path: Path) -> None:
    binary = {row["word"] for row in found(tmp_path / "a")["sign"]["words"]}
    number = {row["word"] for row in found(tmp_path / "b", "regression", crossed=True)["sign"]["words"]}
    assert {"AUC", "Hold-out", "Block", "PSI"} <= binary
    assert {"MAE", "R²", "Cross-validation"} <= number
    assert not {"AUC", "Hold-out", "Block"} & number


def test_a_refused_candidate_was_not_served(tmp_path: Path) -> None:
    report_case.write(tmp_path, gates={"ranking_floor": "not met"}, manifest=False)
    facts = again(tmp_path, rejected=True)
    assert facts["served"] is None
    assert facts["sign"]["title"].endswith("there is nothing to sign")


def test_beside_few_groups_there_is_room_for_the_classes(tmp_path: Path) -> None:
    # given few groups and no weeks; then there is a line for each class, the one found least often first
    detail = found(tmp_path, "multiclass")["fails"]["in_detail"]
    assert len(detail["rows"]) == 5
    assert detail["rows"][0][0] == "bungalow"
    assert all(len(line) == len(detail["heads"]) for line in detail["rows"])
    # and none of two classes or of a number, whose section 3 has it as a chart
    assert found(tmp_path / "number", "regression")["fails"]["in_detail"] is None


def test_the_docs_name_pages_and_tables_that_there_are() -> None:
    # Given docs/report.md, when its tables and pages are looked for, then the report reads them and has them
    text = (HERE / "docs/report.md").read_text(encoding="utf-8")
    read_by_it = {name for names in (inputs.COMMON, inputs.DATED, *inputs.OWN.values()) for name in names}
    assert set(re.findall(r"`(\w+)\.csv`", text)) <= read_by_it
    pages = re.findall(r"^\| \d ([^|]+?) \|", text, re.MULTILINE)
    assert pages == [name or RULES["binary"][0] for name in PAGES.values()]
