"""The verdict and the titles follow from the numbers, in every case there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
import report_case

from stages.core.errors import DataError, ModelError
from stages.core.files import read_json, round_floats, write_json
from stages.core.params import convert
from stages.evaluate.gates import Gate
from stages.report.findings import comparison
from stages.report.findings.inputs import read
from stages.report.findings.report import report
from stages.wording.params import Report

BETTER, UNCLEAR, WORSE = (0.064, 0.026, 0.098), (0.004, -0.01, 0.02), (-0.03, -0.05, -0.01)


def found(root: Path, params: dict[str, Any] | None = None, rejected: bool = False, **options: Any) -> dict[str, Any]:
    report_case.write(root, **options)
    given = convert(report_case.PARAMS if params is None else params, Report, "report")
    return msgspec.to_builtins(report(read(given, root, rejected)))


@pytest.mark.parametrize(
    ("difference", "case", "title", "advice"),
    [
        (BETTER, "better", "Approve: it ranks better than the model in use", "approve"),
        (UNCLEAR, "unclear", "Your call: no clear difference from the model in use", "your call"),
        (WORSE, "worse", "Do not approve: it ranks worse than the model in use", "do not approve"),
    ],
)
def test_against_a_model_in_use_only_a_difference_without_0_counts(
    tmp_path: Path, difference: tuple[float, float, float], case: str, title: str, advice: str
) -> None:
    # given a model in use, when the paired interval of the difference is as it is, then so is the verdict
    decision = found(tmp_path, champion="compared", auc_difference=difference)["decision"]
    assert (decision["case"], decision["title"], decision["advice"]) == (case, title, advice)
    assert decision["reference"] == "champion"


@pytest.mark.parametrize(
    ("champion", "title"),
    [
        ("none", "Approve as the first model"),
        ("same", "Nothing to decide: this is the model in use"),
        ("incomparable", "Your call: it cannot be compared with the model in use"),
    ],
)
def test_without_a_comparison_the_baseline_stands_in(tmp_path: Path, champion: str, title: str) -> None:
    facts = found(tmp_path, champion=champion)
    assert facts["decision"]["title"] == title
    assert facts["decision"]["reference"] == "baseline"
    assert "the baseline: AUC" in facts["accuracy"]["title"]


@pytest.mark.parametrize(("difference", "others"), [(UNCLEAR, "the baseline or one answer for all"), (BETTER, "")])
def test_a_first_model_must_be_clearly_better_than_what_needs_none(
    tmp_path: Path, difference: tuple[float, float, float], others: str
) -> None:
    # given no model in use, when the differences to the baseline and to one answer for all are as they are
    facts = found(tmp_path, auc_difference=difference)
    decision = facts["decision"]
    # then only clear ones are evidence
    assert (decision["case"], decision["advice"]) == (
        ("unproven", "do not approve") if others else ("first", "approve")
    )
    assert decision["title"].startswith("No evidence yet: do not approve") == bool(others)
    assert f"not clearly better than {others}" in report_case.points(facts)["Gates"] or not others


def test_a_first_model_refused_for_want_of_evidence_is_said_to_be_so(tmp_path: Path) -> None:
    # given a required gate that is undecided
    facts = found(tmp_path, rejected=True, auc_difference=UNCLEAR, gates={"beats_baseline": "undecided"})
    # then the title says what is missing, and there is nothing to sign
    assert facts["decision"]["title"] == "No evidence yet: do not approve"
    assert facts["decision"]["options"] == []


WORDS = {
    "harm": {"risk", "alarm", "caught", "missed case", "false alarm"},
    "benefit": {"chance", "pick", "found", "missed case", "wrong pick"},
    "neutral": {"probability", "flag", "found", "missed case", "wrong flag"},
}
"""What goes with an outcome of each kind."""


def said(value: Any) -> list[str]:
    """Every text of a nested value, but for the keys."""
    if isinstance(value, dict):
        return said(list(value.values()))
    return [text for one in value for text in said(one)] if isinstance(value, list) else [str(value)]


@pytest.mark.parametrize("kind", WORDS)
def test_the_words_are_those_of_the_outcomes_kind(tmp_path: Path, kind: str) -> None:
    # given a report whose outcome is of a kind, and that has no words of its own for what is raised
    params = {**report_case.PARAMS, "outcome": {"kind": kind}, "warning": {}}
    facts = found(tmp_path, params)
    text = " ".join(said([facts[key] for key in facts if key != "about"])).lower()
    # then it is spoken of in its own words, and in none of those of another kind
    assert {word for word in WORDS[kind] if word not in text} == set()
    strange = (
        ("risk", "alarm", "caught", "catch", "pick") if kind == "neutral" else ("alarm", "caught", "catch", "flag")
    )
    assert kind == "harm" or [word for word in strange if word in text] == []
    assert not re.search(r"\b(a alarm|an pick|an flag)\b", text)


def test_costs_that_nobody_set_decide_nothing(tmp_path: Path) -> None:
    # given an evaluation whose costs were assumed
    report_case.write(tmp_path)
    evaluation = read_json(tmp_path / "metrics/evaluation.json")
    write_json(
        tmp_path / "metrics/evaluation.json",
        {**evaluation, "costs": {"miss": 1.0, "false_alarm": 1.0, "assumed": True}},
    )
    facts = msgspec.to_builtins(report(read(convert(report_case.PARAMS, Report, "report"), tmp_path)))
    # then no number of page 1 and no measure of section 3 is a cost
    decision, rule = facts["decision"], facts["rule"]
    assert "cost" not in [number["metric"] for number in decision["key_numbers"] + decision["compared"]]
    assert "cost" not in [row["metric"] for row in facts["accuracy"]["measures"]]
    assert "Nobody has set what wrong calls cost" in decision["note"]
    # and section 4 shows what would be saved at every ratio: of equal costs at 50%, and never more than all
    equal = [row for row in rule["savings"] if row["threshold"] == 0.5]
    assert [(row["model"], row["ratio"]) for row in equal] == [("candidate", 1.0), ("baseline", 1.0)]
    assert max(row["saved"] for row in rule["savings"]) < 1
    assert rule["title"].startswith("Nobody has set what a wrong call costs")


def test_what_wrong_calls_cost_stands_beside_what_needs_no_model(tmp_path: Path) -> None:
    # given costs of 4 and 1, and an outcome that a quarter of the flights has
    lead = found(tmp_path)["decision"]["lead"]
    # then the lead says by how much less it costs than no warning, one for every flight, and the baseline's
    assert "than no warning at all (999)" in lead
    assert "than one for every flight (750)" in lead
    assert "than the baseline" in lead


def test_an_incomparable_model_in_use_is_named_with_the_reason(tmp_path: Path) -> None:
    assert "visib and temp" in report_case.points(found(tmp_path, champion="incomparable"))["Model in use"]


def test_a_model_in_use_that_has_learnt_from_some_rows_is_compared_on_the_others_and_their_number_said(
    tmp_path: Path,
) -> None:
    # given a model in use that has learnt from part of the hold-out
    report_case.write(tmp_path, champion="compared")
    path = tmp_path / "metrics/evaluation.json"
    evaluation = read_json(path)
    evaluation["champion_state"] |= {"rows": 20_000, "candidate": {**evaluation["candidate"], "auc": 0.7}}
    write_json(path, evaluation)
    # when the report is made
    facts = msgspec.to_builtins(report(read(convert(report_case.PARAMS, Report, "report"), tmp_path, rejected=False)))
    # then page 1, the title and the table of section 3 say on which rows, and what is drawn on all has the baseline
    rows = "20,000 of the 53,991 flights held out"
    assert report_case.points(facts)["Model in use"] == f"Compared on {rows}; it may have learnt from the others."
    assert facts["accuracy"]["title"].endswith(f"AUC 0.700 against 0.625 on {rows}")
    assert facts["accuracy"]["measures_note"] == f"In use: on {rows}. "
    assert facts["rule"]["thousand"]["models"][1]["model"] == "baseline"


def test_a_first_model_is_said_to_have_nothing_to_be_compared_with(tmp_path: Path) -> None:
    assert report_case.points(found(tmp_path))["Model in use"] == "There is none yet to compare it with."


@pytest.mark.parametrize("result", ["not met", "undecided"])
def test_a_gate_that_should_be_met_becomes_a_condition(tmp_path: Path, result: str) -> None:
    decision = found(tmp_path, champion="compared", gates={"calibrated": result})["decision"]
    assert decision["title"] == "Approve with one condition: it ranks better than the model in use"
    assert decision["conditions"] == [f"Calibrated ({result}): Calibration error, upper end of the interval below 10%"]


@pytest.mark.parametrize(
    ("metric", "bound", "told"),
    [
        ("auc", 0.123456789, "above 0.123456789"),
        ("auc", -1e-7, "above \N{MINUS SIGN}0.0000001"),
        ("recall", 0.99995, "above 99.995%"),
        ("cost", 12345.67, "above 12,345.67"),
    ],
)
def test_a_bound_is_told_to_all_its_figures(tmp_path: Path, metric: str, bound: float, told: str) -> None:
    # given a gate as evaluate writes it, numbers rounded to six decimals
    report_case.write(tmp_path)
    path = tmp_path / "metrics/evaluation.json"
    gate = report_case.judged(Gate(level="must", metric=metric, low_above=bound), 1.0, 0.0, "binary")
    write_json(path, round_floats({**read_json(path), "gates": {"one": gate}}))
    # then
    given = convert(report_case.PARAMS, Report, "report")
    [found] = report(read(given, tmp_path)).decision.gates
    assert found.rule.endswith(told)


@pytest.mark.parametrize("result", ["not met", "undecided"])
def test_a_gate_that_must_be_met_forbids_approval(tmp_path: Path, result: str) -> None:
    # given the refused candidate's files, when it would even be better, then the gate decides all the same
    facts = found(tmp_path, champion="compared", gates={"ranking_floor": result}, manifest=False, rejected=True)
    assert facts["decision"]["title"] == "Do not approve: one required gate is not met"
    assert facts["about"]["status"] == "Refused"
    assert facts["about"]["model"] is None
    assert facts["served"] is None


def test_all_gates_failed_are_all_counted(tmp_path: Path) -> None:
    names = ("beats_baseline", "ranking_floor", "no_worse_than_champion", "cheaper_than_baseline", "calibrated")
    gates = dict.fromkeys(names, "not met")
    facts = found(tmp_path, champion="compared", gates=gates, manifest=False, rejected=True)
    assert facts["decision"]["title"] == "Do not approve: three required gates are not met"


def test_a_refused_candidate_gets_no_report_of_the_model_saved_before(tmp_path: Path) -> None:
    report_case.write(tmp_path, gates={"ranking_floor": "not met"})
    with pytest.raises(ModelError, match="--rejected"):
        read(Report(), tmp_path)


def test_predictions_of_another_model_are_refused(tmp_path: Path) -> None:
    report_case.write(tmp_path)
    served = tmp_path / "reports/predictions.json"
    served.write_text(served.read_text().replace("0123456789ab", "ffffffffffff"))
    with pytest.raises(ModelError, match="ffffffffffff"):
        read(Report(), tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    report_case.write(tmp_path)
    (tmp_path / "metrics/plots/roc.csv").unlink()
    with pytest.raises(DataError, match=r"roc\.csv is missing"):
        read(Report(), tmp_path)


@pytest.mark.parametrize(
    ("low", "high", "better", "word"),
    [
        (0.1, 0.2, "more", "better"),
        (0.1, 0.2, "less", "worse"),
        (-0.2, -0.1, "more", "worse"),
        (-0.2, -0.1, "less", "better"),
        (-0.1, 0.2, "more", "no clear difference"),
        (0.0, 0.2, "more", "no clear difference"),
        (0.1, 0.2, "near", "not compared"),
        (None, None, "more", "not compared"),
    ],
)
def test_words_for_a_difference(low: float | None, high: float | None, better: str, word: str) -> None:
    assert comparison.word(low, high, better) == word


def test_without_any_words_given_the_target_names_itself(tmp_path: Path) -> None:
    # given a section `report` with nothing in it, as after adopting a table of one's own
    facts = found(tmp_path, params={})
    assert facts["about"]["outcome"]["cases"] == "rows with late = yes"
    assert facts["served"]["limits"] == []
    assert {row["item"] for row in facts["data"]["sheet"]}.isdisjoint({"Source", "Licence", "Personal data"})


def test_inputs_of_no_use_and_the_worst_group_are_told(tmp_path: Path) -> None:
    drivers = found(tmp_path)["drivers"]
    assert drivers["title"] == "Scheduled departure matters most: without it AUC falls by 0.075"
    assert "Plane age" in drivers["unused"]
    assert "airline is United" in found(tmp_path)["fails"]["lead"]


def test_a_sample_of_every_kind_and_a_fifth_are_shown_with_the_reasons_that_count(tmp_path: Path) -> None:
    # given six rows the service answered, two of them caught, and reasons from 25% to 69%, the last of which rounds to
    # nothing
    # when
    samples = found(tmp_path)["served"]["samples"]
    # then five are shown, kind by kind
    kinds = ["Caught", "Caught", "Missed flight", "Needless warning", "Left alone"]
    assert [sample["kind"] for sample in samples] == kinds
    first = samples[0]["reasons"]
    assert (first["usual"], first["rest"]) == ("25", "+18")
    assert [(reason["label"], reason["value"], reason["told"]) for reason in first["main"]] == [
        ("Scheduled departure", "18:30", "+17"),
        ("Airline", "EV", "+9"),
    ]
    assert samples[2]["reasons"]["main"][0]["told"] == "−17"
    assert [sample["right"] for sample in samples] == [True, True, False, False, True]


def test_what_nobody_has_confirmed_is_counted_on_page_1_and_is_a_condition(tmp_path: Path) -> None:
    # given a first model that meets its gates, and two choices that were made for the table
    assumed = {"split": "rows are dealt out at random", "column year": "kept as numbers"}
    facts = found(tmp_path, params=report_case.PARAMS | {"assumed": assumed})
    # then page 1 says so, the title carries a condition, and both are listed
    told = report_case.points(facts)["Assumed"]
    assert told.startswith("Two choices were made for this table that nobody has confirmed")
    assert facts["decision"]["title"] == "Approve as the first model, with one condition"
    assert facts["decision"]["conditions"][0].startswith("Two choices that nobody has confirmed")
    assert [line["item"] for line in facts["sign"]["assumed"]] == ["Split", "Column year"]


def test_a_last_line_that_was_taken_out_leaves_nothing_to_confirm(tmp_path: Path) -> None:
    # given the section as YAML reads it when no line is left below `assumed:`
    facts = found(tmp_path, params=report_case.PARAMS | {"assumed": None})
    assert facts["decision"]["title"] == "Approve as the first model"


def test_without_such_choices_nothing_is_said_of_them(tmp_path: Path) -> None:
    facts = found(tmp_path)
    assert "Assumed" not in report_case.points(facts)
    assert facts["sign"]["assumed"] == []


def test_what_happens_next_is_as_it_was_said_and_else_left_to_be_filled_in(tmp_path: Path) -> None:
    params = report_case.PARAMS | {"next": {"served_by": "The operations desk", "review": "In May"}}
    lines = {line["item"]: line["value"] for line in found(tmp_path, params=params)["sign"]["next"]}
    assert lines == {
        "Who serves it": "The operations desk", "From when": "", "Looked at again": "In May", "If it fails": ""
    }  # fmt: skip


def test_a_small_share_of_rows_acted_on_is_none_of_0(tmp_path: Path) -> None:
    # given a candidate that warns of 90 in 54,000 rows
    report_case.write(tmp_path)
    path = tmp_path / "metrics/evaluation.json"
    calls = {"tp": 60, "fp": 30, "fn": 13_000, "tn": 40_910}
    write_json(path, {**read_json(path), "confusion": calls})
    given = convert(report_case.PARAMS, Report, "report")
    assert "(0.2% of all flights)" in report(read(given, tmp_path)).decision.lead
