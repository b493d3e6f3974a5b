"""Pages 1 and 5 of groups: who is affected, what a search over all came to, what changed between the periods."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
import report_case

from stages.core.files import read_json, write_json
from stages.core.params import convert
from stages.report.findings.inputs import read
from stages.report.findings.report import report
from stages.wording.params import Report


def again(root: Path, **said: Any) -> dict[str, Any]:
    """Return the report's facts of what lies there."""
    params = convert({**report_case.PARAMS, **said}, Report, "report")
    return msgspec.to_builtins(report(read(params, root)))


@pytest.mark.parametrize(
    ("train", "test", "psi", "said"),
    [
        ("2013-01 2013-08", "2013-11 2013-12", 0.4, "Jan 2013 to Aug 2013, and is tested on Nov 2013 to Dec 2013. "
         "Since then temperature has shifted strongly; it has seen no November or December."),
        ("2012-01 2012-02", "2013-01 2013-02", 0.4, "Jan 2012 to Feb 2012, and is tested on Jan 2013 to Feb 2013. "
         "Since then temperature has shifted strongly, though it has seen these months."),
        ("2012-01", "2013-01 2013-02 2013-03 2013-04 2013-05 2013-06", 0.4, "Jan 2012, and is tested on Jan 2013 to "
         "Jun 2013. Since then temperature has shifted strongly; it has seen no February or March or April or two "
         "further months."),
        ("2013-01", "2013-02", 0.1, "Jan 2013, and is tested on Feb 2013. No input has shifted strongly since."),
        ("2013-01 2013-02", "2013-01 2013-02", 0.4, ""),
    ],
)  # fmt: skip
def test_the_periods_and_what_changed_between_them_are_told_on_page_1(
    tmp_path: Path, train: str, test: str, psi: float, said: str
) -> None:
    report_case.write(tmp_path)
    plots = tmp_path / "metrics/plots"
    periods = [
        (period, part, 900, 0.2) for part, months in (("train", train), ("test", test)) for period in months.split()
    ]
    report_case.table(plots / "outcome.csv", report_case.HEADS["outcome"], periods)
    report_case.table(plots / "shift.csv", report_case.HEADS["shift"], [("temp", psi, 0.01, 0, 0)])
    period = report_case.points(again(tmp_path)).get("Period", "")
    assert ("It was trained" in period) == bool(said)
    assert not said or f"It was trained and tuned on {said}" in period


WOMEN = ("sex", "f", 400, 0.04, 0.11, 0.08, 0.15, -0.83, -0.88, -0.79)
MEN = ("sex", "m", 300, 0.85, 0.94, 0.91, 0.97, 0.83, 0.79, 0.88)
YOUNG = ("age", "below 22", 200, 0.2, 0.5, 0.4, 0.6, -0.05, -0.2, 0.1)


@pytest.mark.parametrize(
    ("rows", "title"),
    [
        ([YOUNG, WOMEN, MEN], "Where sex is f it catches 11% of the late flights, elsewhere 94%"),
        ([YOUNG], "No group by age is clearly caught less often than the others"),
    ],
)
def test_who_is_affected_is_told_by_the_clearest_disadvantage(
    tmp_path: Path, rows: list[tuple[Any, ...]], title: str
) -> None:
    report_case.write(tmp_path)
    report_case.table(tmp_path / "metrics/plots/sensitive.csv", report_case.HEADS["sensitive"], rows)
    facts = again(tmp_path, personal_data="")
    # then section 5 has a line for each group, page 1 says what is clear, and section 2 that nobody has said it
    assert facts["fails"]["affected"]["title"] == title
    assert [line[0] for line in facts["fails"]["affected"]["rows"]] == [f"{row[0].title()}: {row[1]}" for row in rows]
    assert (report_case.points(facts).get("Groups") == f"{title}.") == title.startswith("Where")
    sheet = {line["item"]: line["value"] for line in facts["data"]["sheet"]}
    assert sheet["Personal data"].startswith("Nobody has said; age")
    report_case.write(tmp_path)
    assert again(tmp_path)["fails"]["affected"] is None


def test_a_difference_that_rounds_to_nothing_is_written_with_more_decimals(tmp_path: Path) -> None:
    report_case.write(tmp_path)
    rows = [("sex", "f" * 300, 9000, 0.5, 0.628, 0.62, 0.63, -0.004, -0.006, -0.002)]
    report_case.table(tmp_path / "metrics/plots/sensitive.csv", report_case.HEADS["sensitive"], rows)
    title = again(tmp_path)["fails"]["affected"]["title"]
    assert title == f"Where sex is {'f' * 27}… it catches 62.8% of the late flights, elsewhere 63.2%"


def test_where_only_groups_of_persons_or_a_search_are_there_page_5_is_about_them(tmp_path: Path) -> None:
    # given neither slices nor weeks
    report_case.write(tmp_path, slices=0, bare=True)
    path = tmp_path / "metrics/evaluation.json"
    group = {"columns": ["origin"], "values": ["LGA"], "searched": 9, "rows": 559, "gap": -0.16, "low": -0.2,
             "high": -0.1, "confirmed": True}  # fmt: skip
    write_json(path, {**read_json(path), "worst_group": group})
    assert again(tmp_path)["fails"]["title"] == "One group is off by more than chance, predicted 16 points too low"
    report_case.table(tmp_path / "metrics/plots/sensitive.csv", report_case.HEADS["sensitive"], [WOMEN, MEN])
    assert again(tmp_path)["fails"]["title"].startswith("Where sex is f it catches 11%")


@pytest.mark.parametrize(
    ("confirmed", "said"),
    [
        (True, "found those where origin is LGA and airline is WN furthest off: on the other half, too, 559 flights "
               "are predicted 16 points too low."),
        (False, "found none that is off more than all are on the other half as well."),
    ],
)  # fmt: skip
def test_what_a_search_over_all_groups_came_to_is_told(tmp_path: Path, confirmed: bool, said: str) -> None:
    report_case.write(tmp_path)
    path = tmp_path / "metrics/evaluation.json"
    group = {"columns": ["origin", "carrier"], "values": ["LGA", "WN"], "searched": 2510, "rows": 559, "gap": -0.1617,
             "low": -0.248, "high": -0.073, "confirmed": confirmed}  # fmt: skip
    write_json(path, {**read_json(path), "worst_group": group})
    lead = again(tmp_path)["fails"]["lead"]
    assert f"A search over 2,510 groups by one or two inputs, on half of the flights, {said}" in lead
