"""What changed between two reports is found, read with its intervals, and told as text and as a page."""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
import report_case
import report_tasks
import small

from stages.core.params import convert
from stages.lint_report.__main__ import describe, lint
from stages.report.findings.inputs import read
from stages.report.findings.report import report
from stages.report_diff.__main__ import summarize, write_markdown
from stages.report_diff.changes import Change, compare
from stages.report_diff.page import write
from stages.wording.params import Report

PARAMS = {"train": {"rounds": 10, "folds": 0}, "clean": {"drop": ["a"]}}


def facts(root: Path, task: str = "binary", **options: Any) -> dict[str, Any]:
    case = {"binary": report_case.write, "multiclass": report_tasks.multiclass, "regression": report_tasks.regression}
    case[task](root, **options)
    words = report_case.PARAMS if task == "binary" else report_tasks.PARAMS
    return json.loads(json.dumps(msgspec.to_builtins(report(read(convert(words, Report, "report"), root)))))


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return facts(tmp_path_factory.mktemp("usual"), champion="compared")


def changed(
    before: dict[str, Any], now: dict[str, Any], differences: dict[str, dict[str, float]] | None = None
) -> list[Change]:
    return compare(before, now, PARAMS, PARAMS, differences or {})


def moved(found: dict[str, Any], by: float, half: float) -> dict[str, Any]:
    """The same report, its first key number moved, with an interval of that half width."""
    other = copy.deepcopy(found)
    number = other["decision"]["key_numbers"][0]
    number["value"] += by
    number["low"], number["high"] = number["value"] - half, number["value"] + half
    return other


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_report_does_not_differ_from_itself(tmp_path: Path, task: str) -> None:
    found = facts(tmp_path, task)
    assert changed(found, copy.deepcopy(found)) == []
    assert summarize([]) == "Nothing changed in the report"


def test_layout_and_order_are_no_change(usual: dict[str, Any]) -> None:
    other = copy.deepcopy(usual)
    other["outline"].reverse()
    other["decision"]["gates"].reverse()
    other["decision"]["lead"] = "said otherwise"
    assert changed(usual, other) == []


@pytest.mark.parametrize(
    ("by", "half", "reading"),
    [
        (0.2, 0.01, "up, +0.200: clear"),
        (-0.2, 0.01, "down, −0.200: clear"),
        (0.002, 0.03, "up, +0.002: no paired comparison"),
    ],
)
def test_a_number_is_read_with_its_interval(usual: dict[str, Any], by: float, half: float, reading: str) -> None:
    (change,) = changed(moved(usual, 0, half), moved(usual, by, half))
    assert (change.section, change.reading) == ("Numbers", reading)


@pytest.mark.parametrize(("low", "reading"), [(0.001, "clear"), (-0.02, "may be chance")])
def test_models_that_met_on_the_same_rows_are_read_by_their_paired_interval(
    usual: dict[str, Any], low: float, reading: str
) -> None:
    # given two reports whose models predicted the same rows
    now = moved(usual, 0.002, 0.03)
    metric = now["decision"]["key_numbers"][0]["metric"]
    less = {metric: {"value": 0.002, "low": low, "high": 0.06}}
    # then the interval of their difference decides, though their own ones meet
    found = {change.what: change.reading for change in changed(moved(usual, 0, 0.03), now, less)}
    (said,) = [text for what, text in found.items() if "Ranking quality" in what]
    assert said == f"up, +0.002: {reading} (paired interval)"
    # but not where it is of another difference: the reports are of other rows
    less = {metric: {"value": 0.03, "low": 0.01, "high": 0.06}}
    found = {change.what: change.reading for change in changed(moved(usual, 0, 0.03), now, less)}
    assert "up, +0.002: no paired comparison" in found.values()


def everywhere(found: Any, triple: tuple[float, ...], by: float) -> None:
    """Move a number with its interval on all pages that have it."""
    if isinstance(found, dict):
        if tuple(found.get(key) for key in ("value", "low", "high")) == triple:
            found.update({key: value + by for key, value in zip(("value", "low", "high"), triple, strict=True)})
        found = list(found.values())
    if isinstance(found, list):
        for item in found:
            everywhere(item, triple, by)


def test_the_paired_interval_decides_on_every_page_and_in_the_gates(usual: dict[str, Any]) -> None:
    # given a number that stands on page 1, on a later page and in a gate, whose own intervals meet
    before = copy.deepcopy(usual)
    number = before["decision"]["key_numbers"][0]
    triple = tuple(number[key] for key in ("value", "low", "high"))
    floor = {"name": "Floor", "measured": "70", **dict(zip(("value", "low", "high"), triple, strict=True))}
    before["decision"]["gates"].append(floor)
    now = copy.deepcopy(before)
    now["decision"]["gates"][-1]["measured"] = "71"
    everywhere(now, triple, 0.002)
    less = {number["metric"]: {"value": 0.002, "low": 0.001, "high": 0.004}}
    # then each is read by the interval of their difference
    readings = [change.reading for change in changed(before, now, less) if change.reading]
    assert sorted(readings) == ["up, +0.002: clear (paired interval)", "up: clear (paired interval)"]


def test_counts_are_told_as_counts_and_gates_as_the_report_has_them(usual: dict[str, Any]) -> None:
    # given other counts beside shares, and a gate's other share
    now = copy.deepcopy(usual)
    for number, row in enumerate(now["data"]["outcome"], 1):
        row["rows"] = 12_952 * number
    gate = next(gate for gate in now["decision"]["gates"] if gate["value"] is not None)
    gate.update(value=gate["value"] + 0.001, measured="4.3% (3.1–9.0)")
    # then no count is a share
    found = changed(usual, now)
    rows = [change for change in found if change.what.endswith("rows")]
    assert [change.now for change in rows] == [f"{12_952 * number:,}" for number in range(1, len(rows) + 1)]
    assert not any("%" in change.before + change.reading for change in rows)
    assert [change.now for change in found if change.section == "Gates"] == ["4.3% (3.1–9.0)"]


def test_verdict_gates_data_and_params_have_their_places(usual: dict[str, Any]) -> None:
    other = copy.deepcopy(usual)
    other["decision"]["title"] = "Do not approve"
    other["decision"]["gates"][0]["result"] = "not met"
    other["data"]["rows_in"] += 7
    del other["decision"]["gates"][1]
    params = {"train": {"rounds": 20}, "clean": {"drop": ["a"]}}
    found = compare(usual, other, PARAMS, params, {})
    lines = [(change.section, change.before, change.now) for change in found]
    assert ("Verdict", usual["decision"]["title"], "Do not approve") in lines
    assert ("Gates", usual["decision"]["gates"][0]["result"], "not met") in lines
    assert [change.reading for change in found if change.section == "Gates"] == ["", "gone"]
    assert ("Params", "10", "20") in lines
    assert ("Params", "0", "–") in lines
    assert [change.what for change in found if change.section == "Data"] == ["Rows in"]
    assert "the verdict is another" in summarize(found)


def test_points_of_figures_are_left_out_and_of_groups_those_within_chance(usual: dict[str, Any]) -> None:
    # given another curve, an input a little less important, and one far more so; when they are compared
    other = copy.deepcopy(usual)
    other["accuracy"]["histogram"][0]["rows"] += 1
    little, much = other["drivers"]["importance"][:2]
    little["value"] += (little["high"] - little["low"]) / 8
    for key in ("value", "low", "high"):
        much[key] += 1
    # then the last alone is told
    (change,) = changed(usual, other)
    assert (change.section, change.clear) == ("Numbers", True)
    assert summarize([change]) == "One change, 1 beyond chance; the verdict is the same"


def test_the_page_is_as_good_as_the_report(tmp_path: Path, usual: dict[str, Any]) -> None:
    # given two reports with much between them; when the page is set
    before = facts(tmp_path / "before", champion="none", gates={"calibrated": "undecided"}, names=("<b>|&$", "x" * 80))
    found = compare(before, usual, {"a": "<b>|" * 200}, {"b": "東京"}, {})
    write(tmp_path / "page.pdf", found, summarize(found), ("a-branch/" + "x" * 200, "now"), usual["about"])
    # then nothing is wrong with it, and the text holds a line for each change
    assert len(found) > 10
    assert list(describe(lint(tmp_path / "page.pdf", {"sold_for"}))) == []
    lines = [line for line in write_markdown(found, "a|b").splitlines() if line.startswith("| ")]
    assert len(lines) == len(found) + len({change.section for change in found})
    assert all(line.replace("\\|", "").count("|") == 5 for line in lines)


def diff(folder: Path, base: str) -> tuple[int, str]:
    done = small.run(folder, sys.executable, "-m", "stages.report_diff", "--", base)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
def test_the_command_compares_with_a_revision(ran: Path, repo: Path) -> None:
    # given a report, and params and numbers that changed since
    small.edit(repo / "params.yaml", "patience: 3", "patience: 4")
    path = repo / "reports/report.json"
    now = json.loads(path.read_text())
    now["decision"]["title"] = "Do not approve"
    path.write_text(json.dumps(now))
    # when it is compared with the last commit, then both are told, and the page is nothing that git sees
    code, said = diff(repo, "HEAD")
    assert code == 0, said
    assert "Do not approve" in said
    assert "| train.patience | 3 | 4 |" in said
    assert (repo / "reports/report_diff.pdf").read_bytes().startswith(b"%PDF")
    assert "report_diff" not in small.run(repo, "git", "status", "--porcelain").stdout
    # and what cannot be compared is said
    first = small.run(ran, "git", "rev-list", "--max-parents=0", "HEAD").stdout.strip()
    for base, why in (("nope", "there is no revision 'nope'"), ("--all", "there is no revision"),
                      (first, "nothing was reported there")):  # fmt: skip
        code, said = diff(repo, base)
        assert (code, why in said, "Traceback" in said) == (1, True, False), said
    path.unlink()
    code, said = diff(repo, "HEAD")
    assert code == 1
    assert "Run make repro" in said
