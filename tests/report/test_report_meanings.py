"""One number has one value: whatever names a metric, wherever it stands, gives the value that `evaluate` wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import report_case
import report_tasks

from stages.core.files import read_json
from stages.core.params import convert
from stages.report.findings.inputs import read
from stages.report.findings.report import report
from stages.wording.numbers import fixed, percent
from stages.wording.params import Report

TASKS = ("binary", "multiclass", "regression")


def found(root: Path, task: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the report's facts, and evaluation.json."""
    if task == "binary":
        report_case.write(root, champion="compared")
        params = convert(report_case.PARAMS, Report, "report")
    else:
        getattr(report_tasks, task)(root)
        params = Report()
    facts = msgspec.to_builtins(report(read(params, root)))
    return facts, read_json(root / "metrics/evaluation.json")


def texts(part: Any) -> Iterator[str]:
    """Yield every text of the facts."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict | list):
        for one in part.values() if isinstance(part, dict) else part:
            yield from texts(one)


@pytest.mark.parametrize("task", TASKS)
def test_a_metric_has_one_value_and_one_interval_on_every_page(tmp_path: Path, task: str) -> None:
    # given each place that gives the candidate's value of a metric: tiles, comparison, table of measures, gates
    facts, evaluation = found(tmp_path, task)
    decision, told = facts["decision"], []
    told += [(one["metric"], one) for one in decision["key_numbers"]]
    told += [(one["metric"], model) for one in decision["compared"] for model in one["models"]
             if model["model"] == "candidate"]  # fmt: skip
    told += [(one["metric"], one["candidate"]) for one in facts["accuracy"]["measures"]]
    assert len(told) > len({metric for metric, _ in told}) >= 4
    # then it is the one of evaluation.json, and its interval is the same everywhere
    intervals: dict[str, set[tuple[float, float]]] = {}
    for metric, one in told:
        assert one["value"] == pytest.approx(evaluation["candidate"][metric], abs=5e-7), metric
        if one["low"] is not None:
            intervals.setdefault(metric, set()).add((one["low"], one["high"]))
    assert all(len(ends) == 1 for ends in intervals.values()), intervals


def test_an_auc_in_a_sentence_is_one_that_was_measured(tmp_path: Path) -> None:
    # given every AUC that a text names, beside all there are
    facts, _ = found(tmp_path, "binary")
    measured = [one["auc"] for one in facts["accuracy"]["curves"]]
    measured += [
        group[which]["value"] for group in facts["fails"]["groups"] for which in ("score", "other") if group[which]
    ]
    measured += [one["score"] for one in facts["accuracy"]["honesty"] if one.get("score") is not None]
    named = [number for text in texts(facts) for number in re.findall(r"AUC (\d\.\d+)", text)]
    # then each is one of them, to three digits; and in the title the first is the candidate's
    assert named
    assert set(named) <= {fixed(value, 3) for value in measured}
    assert re.search(r"AUC (\d\.\d+) against", facts["accuracy"]["title"])[1] == fixed(measured[0], 3)  # type: ignore[index]


def test_the_usual_share_is_one_number(tmp_path: Path) -> None:
    # given the tick beside a risk, and the number that its reasons start from
    facts, _ = found(tmp_path, "binary")
    usual = percent(facts["served"]["usual"])
    assert {f"{sample['reasons']['usual']}%" for sample in facts["served"]["samples"]} == {usual}


def test_the_threshold_is_one_number(tmp_path: Path) -> None:
    facts, evaluation = found(tmp_path, "binary")
    line = percent(evaluation["threshold"])
    assert facts["accuracy"]["threshold"] == facts["rule"]["threshold"] == evaluation["threshold"]
    for text in (facts["rule"]["title"], facts["rule"]["lead"], facts["decision"]["lead"]):
        assert line in text
    assert [row["threshold"] for row in facts["rule"]["thresholds"] if row["what"] == "rule"] == [
        evaluation["threshold"]
    ]
