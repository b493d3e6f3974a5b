"""`dvc plots diff` and the report draw the same numbers, from the same files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small
import yaml

from stages.core import params
from stages.pdf.charts import Chart
from stages.report.findings.inputs import COMMON, NOT_ALWAYS, OWN, read
from stages.report.findings.report import report
from stages.report.pages import document
from stages.wording.params import Report

DECLARED = yaml.safe_load((small.ROOT / "dvc.yaml").read_text(encoding="utf-8"))["plots"]
NOT_REPORTED = {"metrics/learning_curve.csv"}
"""For who trains, not for who decides."""
SHARE = 0.6
"""Of a curve's points that the report draws at least: it cuts off ends where nothing happens."""


def test_every_plot_of_dvc_is_of_a_table_that_the_report_reads() -> None:
    declared = {path for plot in DECLARED for settings in plot.values() for path in settings["y"]}
    names = {*COMMON, *(name for task in (OWN, NOT_ALWAYS) for own in task.values() for name in own)}
    assert declared - NOT_REPORTED <= {f"metrics/plots/{name}.csv" for name in names}


def drawn(root: Path, monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray[Any, Any]]:
    """The points of every line that the report of the repository draws."""
    figures = []
    real = Chart.draw

    def draw(chart: Chart) -> None:
        figures.append(chart.figure)
        real(chart)

    monkeypatch.setattr(Chart, "draw", draw)
    inputs = read(params.load("report", Report))
    document.write(root / "report.pdf", report(inputs), inputs.plots)
    return [np.asarray(line.get_xydata()) for figure in figures for axes in figure.axes for line in axes.lines]


def same(line: np.ndarray[Any, Any], points: np.ndarray[Any, Any]) -> bool:
    """Whether the line is those points, but for its ends."""
    if not SHARE * len(points) <= len(line) <= len(points):
        return False
    return any(np.allclose(line, points[start : start + len(line)]) for start in range(len(points) - len(line) + 1))


@pytest.mark.slow
def test_the_curves_of_dvc_plots_diff_are_those_of_the_report(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given what dvc compares with the last commit
    done = small.run(repo, "dvc", "plots", "diff", "HEAD", "--json")
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)["data"]
    # when the report draws its charts
    lines = drawn(tmp_path, monkeypatch)
    # then each curve of the candidate that dvc shows is a line of the report, number by number
    for plot, x, y in (
        ("curve", "fpr", "tpr"),
        ("precision recall", "recall", "precision"),
        ("cost", "threshold", "cost"),
    ):
        values = shown[plot][0]["content"]["data"]["values"]
        points = np.array(
            [
                (float(row[x]), float(row[y]))
                for row in values
                if row["rev"] == "workspace" and row["model"] == "candidate" and row[x] != "" and row[y] != ""
            ]
        )
        assert len(points) > 5
        assert any(same(line, points) for line in lines), plot
